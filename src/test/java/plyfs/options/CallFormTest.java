package plyfs.options;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableList;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import plyfs.sys.Linux;

/** What the three forms of the command do with the words of those who call them. */
final class CallFormTest {
  private static MountOptions parse(CallForm form, String words) throws MountOptionException {
    return parse(form, Privilege.ROOT, words);
  }

  private static MountOptions parse(CallForm form, Privilege privilege, String words)
      throws MountOptionException {
    return MountOptions.parse(List.of(words.getBytes(ISO_8859_1)), privilege, form);
  }

  /** As they were seen in calls of these programs; layers are added. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "podman run -v SRC:DST:O, --rootfs DIR:O, buildah run -v SRC:DST:O|private",
        "podman run --rm|,volatile",
        "podman create|,",
        "podman run --uidmap 0:200000:5000|,volatile,uidmapping=:0:200000:5000,gidmapping=:0:200000:5000",
        "podman run --userns=keep-id|,volatile,uidmapping=:0:1:1234:1234:0:1:1235:1235:64302,gidmapping=:0:1:1234:1234:0:1:1235:1235:64302",
        "podman run --uidmap 0:100:1|,volatile,squash_to_uid=100,squash_to_gid=100",
        "containers/storage with force_mask|nodev,fsync=0,xattr_permissions=2",
        "containers/storage with force_mask in mountopt, too|xattr_permissions=2,xattr_permissions=2",
        "containers/storage with SELinux|,context=\"system_u:object_r:container_file_t:s0:c1,c2\"",
        "containers/storage with composefs|metacopy=on,redirect_dir=on",
        "containers/storage with mountopt of the kernel's overlayfs|nodev,index=off,xino=on",
        "containerd's fuse-overlayfs-snapshotter by mount.fuse3|rw,dev,suid",
        "mount.fuse3 for fstab|rw,nosuid,nodev,noexec,noatime,nofail,_netdev,x-systemd.automount",
        "fuse-overlayfs in a user namespace|allow_other,noxattrs=0,static_nlink,threaded=0,timeout=1",
      })
  void optionsOfAMountProgram_areTaken_withoutAWord(String client, String words) throws Exception {
    MountOptions options =
        parse(CallForm.FUSE_OVERLAYFS, "lowerdir=/l,upperdir=/u,workdir=/w," + words);
    assertThat(options.notices()).as(client).isEmpty();
    assertThat(options.remarks()).as(client).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "rw,user=z,exec,suid,dev",
        "rw,noexec,nosuid,nodev,user",
        "auto_unmount,nofail,_netdev",
        "helper=x",
        "uhelper=udisks2",
        "mand,nomand,iversion,noiversion,silent,loud",
        "norelatime,nostrictatime,nosymfollow,symfollow,lazytime,nolazytime",
        "defaults,auto,noauto,users,nousers,owner,noowner,group,nogroup,comment=a",
        "x-systemd.requires=a,x-systemd.requires=b,x-initrd.mount,X-mount.mkdir=0755",
        "private,rprivate,shared,rshared,slave,rslave,unbindable,runbindable",
      })
  void wordsOfMount_areTaken_inEveryForm(String words) throws Exception {
    for (CallForm form : CallForm.values()) {
      MountOptions options = parse(form, "lowerdir=/l," + words);
      assertThat(options.notices()).as(form.name()).isEmpty();
      assertThat(options.remarks()).as(form.name()).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "private,262144",
    "rprivate,278528",
    "shared,1048576",
    "rshared,1064960",
    "slave,524288",
    "rslave,540672",
    "unbindable,131072",
    "runbindable,147456"
  })
  void propagation_isForTheMount_notForItsFlags(String word, long flags) throws Exception {
    VfsOptions vfs = parse(CallForm.FUSE_OVERLAYFS, word).vfs();
    assertThat(vfs.propagation()).containsExactly(flags);
    assertThat(vfs.flags()).isZero();
  }

  @Test
  void severalWordsOfPropagation_keepTheirOrder() throws Exception {
    ImmutableList<Long> flags = parse(CallForm.PLYFS, "shared,slave").vfs().propagation();
    assertThat(flags).containsExactly((long) Linux.MS_SHARED, (long) Linux.MS_SLAVE);
  }

  @Test
  void propagationForUsers_isRefused_orToldToWhoAsksForItByHabit() throws Exception {
    assertThatThrownBy(() -> parse(CallForm.PLYFS, Privilege.USER, "private"))
        .isInstanceOf(MountOptionException.class)
        .hasMessage("option 'private' needs root: fusermount3 does not grant it to users (EPERM)");
    MountOptions options = parse(CallForm.FUSE_OVERLAYFS, Privilege.USER, "private");
    assertThat(options.vfs().propagation()).isEmpty();
    assertThat(options.notices())
        .containsExactly(
            "option 'private' has no effect: it needs root, and fusermount3 does not grant it");
    assertThat(parse(CallForm.FUSE_OVERLAYFS, Privilege.NAMESPACE_ROOT, "private").notices())
        .isEmpty();
  }

  @Test
  void unknownWord_isAnError_butForAMountProgramALineInTheLog() throws Exception {
    for (CallForm form : List.of(CallForm.PLYFS, CallForm.MOUNT_HELPER)) {
      assertThatThrownBy(() -> parse(form, "lowerdir=/l,foo=1"))
          .as(form.name())
          .isInstanceOf(MountOptionException.class)
          .hasMessage("unknown option 'foo=1'");
    }
    MountOptions options = parse(CallForm.FUSE_OVERLAYFS, "lowerdir=/l,foo=1");
    assertThat(options.notices()).isEmpty();
    assertThat(options.remarks())
        .containsExactly("unknown option 'foo=1' is ignored, as in fuse-overlayfs");
  }

  @ParameterizedTest
  @ValueSource(strings = {"nfs_export=on", "verity=on", "verity=require", "uuid=on"})
  void whatTheKernelsOverlayHasAlone_isAnError_orALineInTheLog(String word) throws Exception {
    String sentence = "option '" + word + "' is not implemented yet";
    assertThatThrownBy(() -> parse(CallForm.PLYFS, word))
        .isInstanceOf(MountOptionException.class)
        .hasMessage(sentence);
    for (CallForm form : List.of(CallForm.FUSE_OVERLAYFS, CallForm.MOUNT_HELPER)) {
      assertThat(parse(form, word).remarks())
          .containsExactly(sentence + ", and is ignored, as in fuse-overlayfs");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"fast_ino=1", "plugins=p", "ino32_t"})
  void whatFuseOverlayfsWouldObey_isAnErrorInItsFormToo(String word) {
    assertThatThrownBy(() -> parse(CallForm.FUSE_OVERLAYFS, word))
        .isInstanceOf(MountOptionException.class)
        .hasMessage("option '" + word + "' is not implemented yet");
  }

  @Test
  void wordsForLibfuse_areLinesInTheLogOfOthers() throws Exception {
    for (CallForm form : List.of(CallForm.FUSE_OVERLAYFS, CallForm.MOUNT_HELPER)) {
      MountOptions options = parse(form, "nonempty");
      assertThat(options.notices()).isEmpty();
      assertThat(options.remarks())
          .containsExactly("option 'nonempty' tunes libfuse and has no effect in Plyfs");
    }
  }

  /** mount(8) appends the words of its command line to those of fstab. */
  @Test
  void lastValueWins_whereOtherProgramsAddWords() throws Exception {
    for (CallForm form : List.of(CallForm.FUSE_OVERLAYFS, CallForm.MOUNT_HELPER)) {
      MountOptions options = parse(form, "lowerdir=/a,timeout=1,timeout=2,lowerdir=/b:/c");
      assertThat(options.engine().timeout()).isEqualTo(Duration.ofSeconds(2));
      assertThat(options.lowers()).hasSize(2);
      assertThat(parse(form, "lowerdir+=/a,lowerdir+=/b").lowers()).hasSize(2);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "PLYFS,'',ON",
    "MOUNT_HELPER,'',ON",
    "FUSE_OVERLAYFS,'',FOLLOW",
    "FUSE_OVERLAYFS,redirect_dir=off,FOLLOW",
    "FUSE_OVERLAYFS,redirect_dir=on,ON",
    "FUSE_OVERLAYFS,redirect_dir=nofollow,NOFOLLOW",
    "FUSE_OVERLAYFS,metacopy=on,ON",
    "FUSE_OVERLAYFS,userxattr,NOFOLLOW"
  })
  void redirectsThatFuseOverlayfsCannotRead_areMadeInItsFormOnRequestOnly(
      CallForm form, String words, RedirectDir expected) throws Exception {
    assertThat(parse(form, words).engine().redirectDir()).isEqualTo(expected);
  }

  @ParameterizedTest
  @EnumSource(CallForm.class)
  void ownersOutsideTheMap_areStoredAsOverflow_asByFuseOverlayfs(CallForm form) throws Exception {
    boolean stores = parse(form, "uidmapping=0:5000:1000").engine().ids().asFuseOverlayfs();
    assertThat(stores).isEqualTo(form == CallForm.FUSE_OVERLAYFS);
  }
}
