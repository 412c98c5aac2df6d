package plyfs.jnrfuse;

import static org.assertj.core.api.Assertions.assertThat;
import static plyfs.jnrfuse.MountedPaths.errno;

import org.junit.jupiter.api.Test;
import plyfs.sys.Linux;

final class HiddenFilesTest {
  private static final String HIDDEN = ".fuse_hidden0000000100000001";
  private static final int CREATE = 35;

  @Test
  void renameInsideAnUnlink_isHiding_aUsersOwnIsNot() throws Exception {
    try (MountedPaths mounted = new MountedPaths()) {
      mounted.opcode = PendingRequest.UNLINK;
      assertThat(mounted.hidden.isHiding(HIDDEN)).isTrue();
      assertThat(mounted.hidden.isHiding("other")).isFalse();
      mounted.opcode = PendingRequest.RENAME;
      mounted.newNameOfRename = "target";
      assertThat(mounted.hidden.isHiding(HIDDEN)).isTrue();
      mounted.newNameOfRename = HIDDEN;
      assertThat(mounted.hidden.isHiding(HIDDEN)).isFalse();
      mounted.opcode = CREATE;
      assertThat(mounted.hidden.isHiding(HIDDEN)).isFalse();
    }
  }

  @Test
  void hiddenName_isForLibfuseAlone() throws Exception {
    try (MountedPaths mounted = new MountedPaths()) {
      mounted.hidden.keep(HIDDEN, 7);
      assertThat(mounted.hidden.find(HIDDEN)).isEqualTo(7);
      assertThat(mounted.hidden.find("other")).isZero();
      mounted.opcode = PendingRequest.LOOKUP;
      assertThat(errno(() -> mounted.hidden.find(HIDDEN))).isEqualTo("ENOENT");
      assertThat(mounted.hidden.drop(HIDDEN)).isEqualTo(7);
      assertThat(mounted.hidden.drop(HIDDEN)).isZero();
      assertThat(mounted.hidden.find(HIDDEN)).isZero();
    }
  }

  /** What libfuse does with an open file that a program unlinks, up to its last close. */
  @Test
  void unlinkedOpenFile_lives_andLeavesNoNameInTheUpper() throws Exception {
    try (MountedPaths mounted = new MountedPaths("d/f=text")) {
      long open = mounted.opens.openFile("/d/f", Linux.O_RDWR);
      mounted.opcode = PendingRequest.UNLINK;
      mounted.names.rename("/d/f", "/d/" + HIDDEN);
      mounted.opcode = CREATE;
      assertThat(errno(() -> mounted.attributes.of("/d/f"))).isEqualTo("ENOENT");
      assertThat(mounted.union.names("d")).isEmpty();
      assertThat(mounted.attributes.ofOpen(open).nlink()).isZero();
      mounted.attributes.setMode("/d/" + HIDDEN, 0600);
      assertThat(mounted.attributes.of("/d/" + HIDDEN).stat().mode() & 07777).isEqualTo(0600);
      mounted.opens.releaseFile(open);
      mounted.names.unlink("/d/" + HIDDEN);
      assertThat(errno(() -> mounted.attributes.of("/d/" + HIDDEN))).isEqualTo("ENOENT");
      mounted.assertAllForgotten();
      assertThat(mounted.fixture.raw(0)).noneMatch(line -> line.contains(HIDDEN));
    }
  }

  @Test
  void replacedOpenFile_lives_andTheRenameIsOne() throws Exception {
    try (MountedPaths mounted = new MountedPaths("new=2", "old=1")) {
      long open = mounted.opens.openFile("/old", Linux.O_RDONLY);
      mounted.opcode = PendingRequest.RENAME;
      mounted.newNameOfRename = "old";
      mounted.names.rename("/old", "/" + HIDDEN);
      assertThat(mounted.union.names("")).containsExactly("new", "old");
      mounted.names.rename("/new", "/old");
      assertThat(mounted.union.tree()).containsExactly("old=2");
      assertThat(mounted.attributes.ofOpen(open).nlink()).isZero();
      mounted.opens.releaseFile(open);
      mounted.names.unlink("/" + HIDDEN);
      mounted.assertAllForgotten();
    }
  }

  @Test
  void hidingThatFails_keepsNothing() throws Exception {
    try (MountedPaths mounted = new MountedPaths("d/f=1")) {
      mounted.opcode = PendingRequest.UNLINK;
      assertThat(errno(() -> mounted.names.rename("/d/missing", "/d/" + HIDDEN)))
          .isEqualTo("ENOENT");
      assertThat(errno(() -> mounted.names.rename("/d", "/" + HIDDEN))).isEqualTo("EISDIR");
      assertThat(mounted.hidden.drop(HIDDEN)).isZero();
      mounted.assertAllForgotten();
    }
  }
}
