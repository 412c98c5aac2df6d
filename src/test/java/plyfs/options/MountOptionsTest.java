package plyfs.options;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import plyfs.layer.MountPlan;
import plyfs.layer.OverlayXattr;
import plyfs.layer.OverrideAttribute;
import plyfs.layer.WhiteoutForm;
import plyfs.sys.Linux;
import plyfs.union.api.IdMapping;
import plyfs.union.api.InodeNumbering;

final class MountOptionsTest {
  private static MountOptions parse(String... arguments) throws MountOptionException {
    return parseAs(Privilege.ROOT, arguments);
  }

  private static MountOptions parseAs(Privilege privilege, String... arguments)
      throws MountOptionException {
    List<byte[]> bytes = new ArrayList<>();
    for (String argument : arguments) {
      bytes.add(argument.getBytes(ISO_8859_1));
    }
    return MountOptions.parse(bytes, privilege);
  }

  private static List<String> lowers(MountOptions options) {
    List<String> texts = new ArrayList<>();
    options.lowers().forEach(l -> texts.add(new String(l, ISO_8859_1)));
    return texts;
  }

  @Test
  void noOptions_giveTheDefaultsOfRoot() throws Exception {
    MountOptions options = parse();
    assertThat(options.marks()).isSameAs(OverlayXattr.TRUSTED);
    assertThat(options.vfs().flags()).isZero();
    assertThat(options.vfs().allowOther()).isTrue();
    assertThat(options.engine())
        .isEqualTo(
            new EngineOptions(
                RedirectDir.ON,
                false,
                true,
                true,
                true,
                false,
                false,
                true,
                WhiteoutForm.AUTO,
                false,
                IdMapping.IDENTITY,
                OverrideAttribute.NONE,
                InodeNumbering.AUTO,
                EngineOptions.UNLIMITED));
    assertThat(options.session().threads()).isBetween(2, 16);
    assertThat(options.session().maxWrite()).isEqualTo(1 << 20);
    assertThat(options.isWritable()).isFalse();
    assertThat(options.notices()).isEmpty();
  }

  @Test
  void withoutPrivilege_marksAreOfTheUser_andSetuidIsOff() throws Exception {
    MountOptions options = parseAs(Privilege.USER, "lowerdir=/l");
    assertThat(options.marks()).isSameAs(OverlayXattr.USER);
    assertThat(options.vfs().flags()).isEqualTo(Linux.MS_NOSUID | Linux.MS_NODEV);
    assertThat(options.vfs().allowOther()).isFalse();
    assertThat(options.engine().redirectDir()).isEqualTo(RedirectDir.NOFOLLOW);
  }

  @Test
  void rootOfAUserNamespace_callsMount_butHasMarksOfTheUser() throws Exception {
    MountOptions options = parseAs(Privilege.NAMESPACE_ROOT, "lowerdir=/l");
    assertThat(options.marks()).isSameAs(OverlayXattr.USER);
    assertThat(options.vfs().flags()).isZero();
    assertThat(options.vfs().allowOther()).isTrue();
    assertThat(options.vfs().byFusermount()).isFalse();
    assertThat(parseAs(Privilege.USER, "lowerdir=/l").vfs().byFusermount()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"suid", "dev", "relatime", "nosymfollow", "lazytime", "context=a"})
  void whatFusermountDoesNotGrant_isRefusedToUsers(String option) {
    assertThatThrownBy(() -> parseAs(Privilege.USER, "lowerdir=/l", option))
        .isInstanceOf(MountOptionException.class)
        .hasMessageContaining("option '" + option.replaceAll("=.*", "=") + "' needs root");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {
        "lowerdir=/a:/b:/c /a|/b|/c",
        "lowerdir=/a\\:b:/c /a:b|/c",
        "lowerdir=/a\\,b:/c /a,b|/c",
        "lowerdir=/a\\\\:/c /a\\|/c",
        "lowerdir=/a\\\\\\:b /a\\:b",
        "lowerdir=/a\\xb /axb",
        "lowerdir=\u00e9\u00ff:r \u00e9\u00ff|r",
        "lowerdir=/a=b,ro /a=b",
      })
  void lowerdir_isSplitAtColonsWithoutBackslash(String argument, String expected) throws Exception {
    assertThat(String.join("|", lowers(parse(argument)))).isEqualTo(expected);
  }

  @Test
  void escapesInUpperdir_standForTheByte_andNewlinesStay() throws Exception {
    MountOptions options = parse("lowerdir=l,upperdir=a\\,b\\:c d\n,workdir=\\\\w");
    assertThat(options.upper()).asString(ISO_8859_1).isEqualTo("a,b:c d\n");
    assertThat(options.work()).asString(ISO_8859_1).isEqualTo("\\w");
  }

  @Test
  void repeatedArguments_addUp_andEmptyOptionsAreSkipped() throws Exception {
    MountOptions options = parse("lowerdir=/l,,ro", ",", "", "nosuid,,");
    assertThat(lowers(options)).containsExactly("/l");
    assertThat(options.vfs().flags()).isEqualTo(Linux.MS_RDONLY | Linux.MS_NOSUID);
  }

  @ParameterizedTest
  @CsvSource({
    "ro,1",
    "nosuid,2",
    "nodev,4",
    "noexec,8",
    "sync,16",
    "dirsync,128",
    "nosymfollow,256",
    "noatime,1024",
    "nodiratime,2048",
    "relatime,2097152",
    "strictatime,16777216",
    "lazytime,33554432",
    "ro rw,0",
    "nosuid suid,0",
    "nodev dev,0",
    "noexec exec,0",
    "sync async,0",
    "noatime atime,0",
    "noatime relatime,2097152",
    "strictatime noatime,1024",
    "relatime strictatime,16777216",
    "nodiratime diratime,0",
    "lazytime nolazytime,0"
  })
  void vfsWords_becomeFlags_andTheLastOneWins(String words, long flags) throws Exception {
    assertThat(parse(words.replace(' ', ',')).vfs().flags()).isEqualTo(flags);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "defaults",
        "auto",
        "noauto",
        "user",
        "users",
        "nouser",
        "owner",
        "group",
        "nofail",
        "_netdev",
        "comment=a",
        "x-systemd.automount",
        "X-mount.mkdir=0755"
      })
  void wordsForTheMountProgram_changeNothing_silently(String word) throws Exception {
    assertThat(parse(word)).usingRecursiveComparison().isEqualTo(parse());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "default_permissions",
        "kernel_cache",
        "auto_cache",
        "clone_fd",
        "max_idle_threads=3",
        "max_threads=4",
        "splice_read",
        "splice_write",
        "splice_move",
        "max_read=4096",
        "nonempty",
        "big_writes"
      })
  void wordsForLibfuse_giveANotice(String word) throws Exception {
    assertThat(parse(word).notices())
        .containsExactly("option '" + word + "' tunes libfuse and has no effect in Plyfs");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "xino=auto",
        "uuid=auto",
        "uuid=null",
        "uuid=off",
        "index=off",
        "metacopy=off",
        "verity=off",
        "nfs_export=off",
        "writeback=0",
        "open=none",
        "io_uring=0",
        "noxattrs=0",
        "xattr_permissions=0",
        "whiteout=auto",
        "fast_ino=0"
      })
  void valuesThatAskForWhatIsDoneAnyway_areTaken(String word) throws Exception {
    assertThat(parse(word)).usingRecursiveComparison().isEqualTo(parse());
  }

  @ParameterizedTest
  @CsvSource({"0,NONE,true", "1,SECURITY,false", "2,CONTAINERS,false"})
  void xattrPermissions_nameAnAttribute_andLeaveNoAcls(
      String value, OverrideAttribute override, boolean acls) throws Exception {
    MountOptions options = parse("lowerdir=/l,xattr_permissions=" + value);
    assertThat(options.engine().override()).isEqualTo(override);
    assertThat(options.plan().override()).isEqualTo(override);
    assertThat(options.engine().posixAcls()).isEqualTo(acls);
    MountOptions readOnly =
        parse("ro,lowerdir=/l,upperdir=/u,workdir=/w,xattr_permissions=" + value);
    assertThat(readOnly.plan().override()).isEqualTo(override);
  }

  @Test
  void openPolicy_andHowTheKernelWrites_areChosen() throws Exception {
    SessionOptions session = parse("open=cache,writeback=1,io_uring=1").session();
    assertThat(session.open()).isEqualTo(OpenPolicy.CACHE);
    assertThat(session.writeback()).isTrue();
    assertThat(session.rings()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "open=none,NONE",
    "open=cache,CACHE",
    "open=passthrough,PASSTHROUGH",
    "'open=passthrough,passthrough=upper',PASSTHROUGH",
    "'open=passthrough,passthrough=all',PASSTHROUGH_ALL"
  })
  void openPolicies(String words, OpenPolicy policy) throws Exception {
    assertThat(parse("lowerdir=/l," + words).session().open()).isEqualTo(policy);
  }

  @ParameterizedTest
  @CsvSource({"auto,AUTO", "on,ON", "off,OFF"})
  void xino_saysWhichInodeNumbersAreShown(String value, InodeNumbering numbering) throws Exception {
    assertThat(parse("xino=" + value).engine().numbering()).isEqualTo(numbering);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "verity=on",
        "verity=require",
        "nfs_export=on",
        "uuid=on",
        "fast_ino=1",
        "plugins=p",
        "ino32_t"
      })
  void whatIsNotImplemented_isAnError_neverIgnored(String word) {
    assertThatThrownBy(() -> parse("lowerdir=/l," + word))
        .isInstanceOf(MountOptionException.class)
        .hasMessage("option '" + word + "' is not implemented yet");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "foo=1|unknown option 'foo=1'",
        "passthrough=all|option 'passthrough=all' needs 'open=passthrough'",
        "open=passthrough,writeback=1|options 'open=passthrough' and 'writeback=1' contradict each other",
        "open=passthrough,xattr_permissions=1|options 'open=passthrough' and 'xattr_permissions' contradict each other",
        "foo|unknown option 'foo'",
        "=x|unknown option '=x'",
        "xino=maybe|option 'xino=maybe': the value must be one of auto, on, off",
        "xattr_permissions=3|option 'xattr_permissions=3': the value must be one of 0, 1, 2",
        "noacl=1|option 'noacl=1': noacl takes no value",
        "static_nlink=1|option 'static_nlink=1': static_nlink takes no value",
        "noxattrs=2|option 'noxattrs=2': the value must be one of 0, 1",
        "ro=1|unknown option 'ro=1'",
        "defaults=1|unknown option 'defaults=1'",
        "f\u00e9o|unknown option 'f\\xe9o'",
        "upperdir=/u|option 'upperdir' needs 'workdir': name an empty directory on the same file"
            + " system",
        "lowerdir=/a,lowerdir=/b|option 'lowerdir' is given twice",
        "timeout=1,timeout=1|option 'timeout' is given twice",
        "lowerdir|option 'lowerdir' needs a value: lowerdir=...",
        "lowerdir=|option 'lowerdir' needs a value: lowerdir=...",
        "lowerdir=a:|option 'lowerdir': a directory name is empty",
        "lowerdir=:a|option 'lowerdir': a directory name is empty",
        "lowerdir=a::|option 'lowerdir': a directory name is empty",
        "lowerdir=::a|option 'lowerdir': a directory name is empty",
        "lowerdir=a:::b|option 'lowerdir': a directory name is empty",
        "lowerdir=a::b:c|option 'lowerdir=': a lower layer follows a data-only layer ('::'): name"
            + " data-only layers last",
        "lowerdir+=|option 'lowerdir+' needs a value: lowerdir+=DIR",
        "datadir+|option 'datadir+' needs a value: datadir+=DIR",
        "lowerdir=a,lowerdir+=b|option 'lowerdir' contradicts 'lowerdir+' and 'datadir+': use one of the two"
            + " forms",
        "datadir+=a,lowerdir=b|option 'lowerdir' contradicts 'lowerdir+' and 'datadir+': use one of the two"
            + " forms",
        "lowerdir+=a,datadir+=b,lowerdir+=c|option 'lowerdir+=c' comes after a data-only layer: name data-only layers last",
        "metacopy=on,userxattr|options 'metacopy=on' and 'userxattr' contradict each other",
        "metacopy=on,redirect_dir=off|options 'metacopy=on' and 'redirect_dir=off' contradict each"
            + " other",
        "redirect_dir=nofollow,metacopy=on|options 'metacopy=on' and 'redirect_dir=nofollow'"
            + " contradict each other",
        "redirect_dir=follow,metacopy=on,upperdir=u,workdir=w|options 'metacopy=on' and"
            + " 'redirect_dir=follow' contradict each other",
        "metacopy=on,whiteout=file|options 'whiteout=file' and 'metacopy=on' contradict each other",
        "upperdir=a\\|the value of option 'upperdir' ends in a single backslash: write a backslash as two",
        "redirect_dir=yes|option 'redirect_dir=yes': the value must be one of on, follow, nofollow, off",
        "redirect_dir|option 'redirect_dir': the value must be one of on, follow, nofollow, off",
        "metacopy=maybe|option 'metacopy=maybe': the value must be one of on, off",
        "threads=0|option 'threads=0': the value must be a number from 1 to 256",
        "threads=257|option 'threads=257': the value must be a number from 1 to 256",
        "threads=-1|option 'threads=-1': the value must be a number from 1 to 256",
        "threads=99999999999|option 'threads=99999999999': the value must be a number from 1 to 256",
        "max_write=1|option 'max_write=1': the value must be a number from 4096 to 1048576",
        "threaded=0,threads=3|options 'threaded=0' and 'threads=3' contradict each other",
        "timeout=|option 'timeout=': the value must be a number of seconds, such as 1 or 0.5",
        "timeout=1e3|option 'timeout=1e3': the value must be a number of seconds, such as 1 or 0.5",
        "allow_other,allow_root|options 'allow_root' and 'allow_other' contradict each other",
        "subtype=|option 'subtype' needs a value: subtype=...",
        "volatile=1|option 'volatile=1': volatile takes no value",
        "userxattr,redirect_dir=on|option 'redirect_dir=on' cannot be used with 'userxattr'",
        "uidmapping=|option 'uidmapping=': each range needs three numbers, LAYER_ID:SHOWN_ID:COUNT",
        "gidmapping=1:2|option 'gidmapping=1:2': each range needs three numbers, LAYER_ID:SHOWN_ID:COUNT",
        "uidmapping=:|option 'uidmapping=:': each range needs three numbers, LAYER_ID:SHOWN_ID:COUNT",
        "uidmapping=0:1:2:|option 'uidmapping=0:1:2:': each range needs three numbers, LAYER_ID:SHOWN_ID:COUNT",
        "uidmapping=::0:1:2|option 'uidmapping=::0:1:2': each range needs three numbers, LAYER_ID:SHOWN_ID:COUNT",
        "uidmapping=0:x:1|option 'uidmapping=0:x:1': an id must be a number from 0 to 4294967294",
        "uidmapping=0:1:0|option 'uidmapping=0:1:0': a range must have at least one id, and no id above 4294967294",
        "gidmapping=9:4294967294:2|option 'gidmapping=9:4294967294:2': a range must have at least one id, and no id above 4294967294",
        "uidmapping=0:0:10:9:50:1|option 'uidmapping=0:0:10:9:50:1': two ranges overlap",
        "uidmapping=0:50:10:20:59:1|option 'uidmapping=0:50:10:20:59:1': two ranges overlap",
        "squash_to_uid=4294967295|option 'squash_to_uid=4294967295': an id must be a number from 0 to 4294967294",
        "squash_to_gid|option 'squash_to_gid': an id must be a number from 0 to 4294967294",
        "whiteout=none|option 'whiteout=none': the value must be one of auto, char, file",
        "whiteout=file,aufs=off|options 'whiteout=file' and 'aufs=off' contradict each other",
        "redirect_dir=on,whiteout=file|options 'whiteout=file' and 'redirect_dir=on' contradict"
            + " each other",
        "squash_to_root=1|option 'squash_to_root=1': squash_to_root takes no value",
        "context=|option 'context' needs a value: context=LABEL",
        "transport=jnr-fuse,writeback=1|option 'writeback=1' cannot be used with transport=jnr-fuse: FUSE protocol 7.19 does not have it",
        "io_uring=1,transport=jnr-fuse|option 'io_uring=1' cannot be used with transport=jnr-fuse: FUSE protocol 7.19 does not have it",
        "transport=jnr-fuse,context=u:r:t|option 'context=u:r:t' cannot be used with transport=jnr-fuse: libfuse does not accept security"
            + " labels",
      })
  void badOption_isNamedInOneSentence(String argument, String message) {
    assertThatThrownBy(() -> parse(argument))
        .isInstanceOf(MountOptionException.class)
        .hasMessage(message);
  }

  @Test
  void unknownOption_toleratedForMountS_givesANotice() throws Exception {
    MountOptions options =
        MountOptions.parseTolerantly(List.of("foo=1".getBytes(ISO_8859_1)), Privilege.ROOT);
    assertThat(options.notices()).containsExactly("unknown option 'foo=1'");
  }

  @ParameterizedTest
  @CsvSource({
    "redirect_dir=on,ON",
    "redirect_dir=follow,FOLLOW",
    "redirect_dir=off,FOLLOW",
    "redirect_dir=nofollow,NOFOLLOW"
  })
  void redirectDir_offStillFollows(String word, RedirectDir expected) throws Exception {
    assertThat(parse(word).engine().redirectDir()).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"timeout=1,1000", "timeout=0,0", "timeout=0.25,250", "timeout=1.5,1500"})
  void timeout_isInSecondsWithDecimals(String word, long milliseconds) throws Exception {
    assertThat(parse(word).engine().timeout()).isEqualTo(Duration.ofMillis(milliseconds));
  }

  @ParameterizedTest
  @CsvSource({"whiteout=auto,AUTO", "whiteout=char,CHAR", "whiteout=file,FILE"})
  void whiteouts_haveAForm(String word, WhiteoutForm expected) throws Exception {
    MountOptions options = parse("lowerdir=/l,upperdir=/u,workdir=/w," + word);
    assertThat(options.plan().whiteouts()).isEqualTo(expected);
  }

  @Test
  void withoutAufsMarks_noFileIsAWhiteout() throws Exception {
    assertThat(parse("aufs=off").engine().whiteouts()).isEqualTo(WhiteoutForm.CHAR);
  }

  @Test
  void settings_takeEffect() throws Exception {
    MountOptions options =
        parse(
            "aufs=off,noacl,index=on,noxattrs=1,static_nlink,fsync=0,threads=7,busy_poll=20,max_write=8192,debug,fsname=a\\,b");
    assertThat(options.engine())
        .isEqualTo(
            new EngineOptions(
                RedirectDir.ON,
                false,
                false,
                false,
                false,
                true,
                false,
                false,
                WhiteoutForm.CHAR,
                true,
                IdMapping.IDENTITY,
                OverrideAttribute.NONE,
                InodeNumbering.AUTO,
                EngineOptions.UNLIMITED));
    assertThat(options.session())
        .isEqualTo(
            new SessionOptions(
                TransportKind.NATIVE, OpenPolicy.NONE, false, false, 7, 20, 8192, true));
    assertThat(options.vfs().source()).asString(ISO_8859_1).isEqualTo("a,b");
    assertThat(options.withDefaultSource("image".getBytes(ISO_8859_1)).vfs().source())
        .asString(ISO_8859_1)
        .isEqualTo("a,b");
    assertThat(parse("threaded=0").session().threads()).isEqualTo(1);
  }

  @Test
  void othersMayUseMountsOfRoot_unlessAllowRoot() throws Exception {
    assertThat(parse("allow_other").vfs().allowOther()).isTrue();
    assertThat(parse("allow_root").vfs().allowOther()).isFalse();
    assertThat(
            MountOptions.parse(List.of("allow_other".getBytes(ISO_8859_1)), Privilege.USER)
                .vfs()
                .allowOther())
        .isTrue();
  }

  @Test
  void subtype_isThatOfTheMountTable() throws Exception {
    assertThat(parse().vfs().subtype()).isEqualTo("plyfs".getBytes(ISO_8859_1));
    assertThat(parse("subtype=a\\,b").vfs().subtype()).isEqualTo("a,b".getBytes(ISO_8859_1));
  }

  @Test
  void index_isOffUnlessAsked_andSaysWhenItCannotBeHad() throws Exception {
    assertThat(parse("lowerdir=l,upperdir=u,workdir=w").plan().index()).isFalse();
    assertThat(parse("lowerdir=l,upperdir=u,workdir=w,index=off").plan().index()).isFalse();
    assertThat(parse("lowerdir=l,upperdir=u,workdir=w,index=on").plan().index()).isTrue();
    MountOptions readOnly = parse("lowerdir=l,index=on");
    assertThat(readOnly.plan().index()).isFalse();
    assertThat(readOnly.noticesOfLayers())
        .containsExactly("option 'index=on' has no effect without 'upperdir'");
    assertThatThrownBy(() -> parse("index=on,userxattr"))
        .isInstanceOf(MountOptionException.class)
        .hasMessageContaining("'userxattr'");
  }

  @Test
  void volatileMount_doesNotSync_andSaysWhenItHasNoEffect() throws Exception {
    MountOptions options = parse("lowerdir=l,upperdir=u,workdir=w,volatile");
    assertThat(options.engine().isVolatile()).isTrue();
    assertThat(options.engine().fsync()).isFalse();
    assertThat(options.noticesOfLayers()).isEmpty();
    assertThat(parse("volatile").withUpper(new byte[1], new byte[1]).noticesOfLayers()).isEmpty();
    assertThat(parse("lowerdir=l,workdir=w,volatile").noticesOfLayers())
        .containsExactly(
            "option 'workdir=w' has no effect without 'upperdir'",
            "option 'volatile' has no effect without 'upperdir'");
  }

  @Test
  void labels_goToTheKernelUnchanged_alsoQuotedWithCommas() throws Exception {
    MountOptions options = parse("context=\"system_u:object_r:t:s0:c1,c2\",ro,fscontext=u:r:t");
    assertThat(options.vfs().labels())
        .extracting(l -> new String(l, ISO_8859_1))
        .containsExactly("context=\"system_u:object_r:t:s0:c1,c2\"", "fscontext=u:r:t");
    assertThat(options.vfs().isReadOnly()).isTrue();
  }

  @Test
  void readOnlyWithUpper_readsTheUpperAsTopmostLower() throws Exception {
    MountPlan plan = parse("lowerdir=l,upperdir=u,workdir=w,ro").plan();
    assertThat(plan.lowers()).extracting(l -> new String(l, ISO_8859_1)).containsExactly("u", "l");
    assertThat(plan.upper()).isNull();
    assertThat(plan.work()).isNull();
  }

  private static List<String> texts(List<byte[]> paths) {
    return paths.stream().map(path -> new String(path, ISO_8859_1)).toList();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "lowerdir=a:b::c::d",
        "lowerdir+=a,lowerdir+=b,datadir+=c,datadir+=d",
        "lowerdir+=a,lowerdir+=b,datadir+=c,datadir+=d,ro"
      })
  void layersInAList_orOneByOne_areTheSame(String words) throws Exception {
    MountPlan plan = parse(words).plan();
    assertThat(texts(plan.lowers())).containsExactly("a", "b");
    assertThat(texts(plan.dataOnly())).containsExactly("c", "d");
  }

  @Test
  void layersOneByOne_haveNoEscapes_butForACommaOfTheList() throws Exception {
    MountPlan plan = parse("lowerdir+=a:b\\\\c,datadir+=::d\\,e").plan();
    assertThat(texts(plan.lowers())).containsExactly("a:b\\\\c");
    assertThat(texts(plan.dataOnly())).containsExactly("::d,e");
  }

  @Test
  void dataOnlyLayersAlone_areRefused() throws Exception {
    MountOptions options = parse("datadir+=d");
    assertThatThrownBy(options::plan)
        .isInstanceOf(MountOptionException.class)
        .hasMessage(
            "option 'datadir+' needs 'lowerdir+': name at least one lower directory above"
                + " the data-only layers");
  }

  @Test
  void metacopy_isOnWithRedirects_orWithoutUpperWhereTheyAreFollowed() throws Exception {
    MountOptions options = parse("metacopy=on");
    assertThat(options.engine().metacopy()).isTrue();
    assertThat(options.engine().redirectDir()).isEqualTo(RedirectDir.ON);
    assertThat(parse("metacopy=on,redirect_dir=follow").engine().metacopy()).isTrue();
    assertThatThrownBy(() -> parseAs(Privilege.USER, "metacopy=on"))
        .hasMessage("option 'metacopy=on' cannot be used with an unprivileged mount");
  }

  @Test
  void planWithoutLowerdir_isRefused() throws Exception {
    MountOptions options = parse("ro");
    assertThatThrownBy(options::plan)
        .isInstanceOf(MountOptionException.class)
        .hasMessageContaining("lowerdir");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "userxattr",
        "redirect_dir=off",
        "redirect_dir=nofollow",
        "metacopy=on,index=on",
        "aufs=off",
        "fsync=0",
        "volatile",
        "xattr_permissions=1",
        "xattr_permissions=2,userxattr",
      })
  void standingOptions_areReadAsWhatWasGiven(String given) throws Exception {
    MountOptions first = parse("lowerdir=/l,upperdir=/u,workdir=/w", given);
    for (boolean fileWhiteouts : new boolean[] {false, true}) {
      if (fileWhiteouts && (!first.engine().aufs() || first.engine().metacopy())) {
        continue; // such a mount has none
      }
      MountOptions again = parse(String.join(",", first.standing(fileWhiteouts)));
      assertThat(again.marks()).isEqualTo(first.marks());
      assertThat(again.engine().aufs()).isEqualTo(first.engine().aufs());
      assertThat(again.engine().fsync()).isEqualTo(first.engine().fsync());
      assertThat(again.engine().index()).isEqualTo(first.engine().index());
      assertThat(again.engine().metacopy()).isEqualTo(first.engine().metacopy());
      assertThat(again.engine().override()).isEqualTo(first.engine().override());
      RedirectDir redirects = first.engine().redirectDir();
      assertThat(again.engine().redirectDir())
          .isEqualTo(fileWhiteouts && redirects == RedirectDir.ON ? RedirectDir.FOLLOW : redirects);
    }
  }
}
