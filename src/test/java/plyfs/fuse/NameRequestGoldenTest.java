package plyfs.fuse;

import static org.assertj.core.api.Assertions.assertThat;
import static plyfs.fuse.GoldenRequest.parse;
import static plyfs.fuse.GoldenRequest.string;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import plyfs.fuse.abi.CreateIn;
import plyfs.fuse.abi.LinkIn;
import plyfs.fuse.abi.MkdirIn;
import plyfs.fuse.abi.MknodIn;
import plyfs.fuse.abi.Rename2In;
import plyfs.fuse.abi.RenameIn;

/** Bytes of requests on names, little endian, and what is read from them. */
@Timeout(60)
final class NameRequestGoldenTest {
  @Test
  void create() throws Exception {
    parse(
        Opcode.CREATE,
        """
        01223344 # flags
        02223344 # mode
        03223344 # umask
        04223344 # open_flags
        6e6577 00 # "new"
        """,
        r -> {
          assertThat(CreateIn.flags(r)).isEqualTo(0x44332201);
          assertThat(CreateIn.mode(r)).isEqualTo(0x44332202);
          assertThat(CreateIn.umask(r)).isEqualTo(0x44332203);
          assertThat(CreateIn.openFlags(r)).isEqualTo(0x44332204);
          assertThat(r.opSize()).isEqualTo(CreateIn.SIZEOF);
          assertThat(string(r, 0)).isEqualTo("new");
          assertThat(r.payloadSize()).isEqualTo(4);
        });
  }

  @Test
  void tmpfile() throws Exception {
    parse(
        Opcode.TMPFILE,
        """
        01223344 # flags
        02223344 # mode
        03223344 # umask
        04223344 # open_flags
        2f 00 # "/"
        """,
        r -> {
          assertThat(CreateIn.flags(r)).isEqualTo(0x44332201);
          assertThat(CreateIn.mode(r)).isEqualTo(0x44332202);
          assertThat(CreateIn.umask(r)).isEqualTo(0x44332203);
          assertThat(CreateIn.openFlags(r)).isEqualTo(0x44332204);
          assertThat(r.opSize()).isEqualTo(CreateIn.SIZEOF);
          assertThat(string(r, 0)).isEqualTo("/");
          assertThat(r.payloadSize()).isEqualTo(2);
        });
  }

  @Test
  void mknod() throws Exception {
    parse(
        Opcode.MKNOD,
        """
        01223344 # mode
        02223344 # rdev
        03223344 # umask
        00000000 # padding
        6e6577 00 # "new"
        """,
        r -> {
          assertThat(MknodIn.mode(r)).isEqualTo(0x44332201);
          assertThat(MknodIn.rdev(r)).isEqualTo(0x44332202);
          assertThat(MknodIn.umask(r)).isEqualTo(0x44332203);
          assertThat(r.opSize()).isEqualTo(MknodIn.SIZEOF);
          assertThat(string(r, 0)).isEqualTo("new");
          assertThat(r.payloadSize()).isEqualTo(4);
        });
  }

  @Test
  void mkdir() throws Exception {
    parse(
        Opcode.MKDIR,
        """
        01223344 # mode
        02223344 # umask
        6e6577 00 # "new"
        """,
        r -> {
          assertThat(MkdirIn.mode(r)).isEqualTo(0x44332201);
          assertThat(MkdirIn.umask(r)).isEqualTo(0x44332202);
          assertThat(r.opSize()).isEqualTo(MkdirIn.SIZEOF);
          assertThat(string(r, 0)).isEqualTo("new");
          assertThat(r.payloadSize()).isEqualTo(4);
        });
  }

  @Test
  void rename() throws Exception {
    parse(
        Opcode.RENAME,
        """
        01020304 05060708 # newdir
        6f6c64 00 # "old"
        6e6577 00 # "new"
        """,
        r -> {
          assertThat(RenameIn.newdir(r)).isEqualTo(0x807060504030201L);
          assertThat(r.opSize()).isEqualTo(RenameIn.SIZEOF);
          assertThat(string(r, 0)).isEqualTo("old");
          assertThat(string(r, 1)).isEqualTo("new");
          assertThat(r.payloadSize()).isEqualTo(8);
        });
  }

  @Test
  void rename2() throws Exception {
    parse(
        Opcode.RENAME2,
        """
        01020304 05060708 # newdir
        02223344 # flags
        00000000 # padding
        6f6c64 00 # "old"
        6e6577 00 # "new"
        """,
        r -> {
          assertThat(Rename2In.newdir(r)).isEqualTo(0x807060504030201L);
          assertThat(Rename2In.flags(r)).isEqualTo(0x44332202);
          assertThat(r.opSize()).isEqualTo(Rename2In.SIZEOF);
          assertThat(string(r, 0)).isEqualTo("old");
          assertThat(string(r, 1)).isEqualTo("new");
          assertThat(r.payloadSize()).isEqualTo(8);
        });
  }

  @Test
  void link() throws Exception {
    parse(
        Opcode.LINK,
        """
        01020304 05060708 # oldnodeid
        6e6577 00 # "new"
        """,
        r -> {
          assertThat(LinkIn.oldnodeid(r)).isEqualTo(0x807060504030201L);
          assertThat(r.opSize()).isEqualTo(LinkIn.SIZEOF);
          assertThat(string(r, 0)).isEqualTo("new");
          assertThat(r.payloadSize()).isEqualTo(4);
        });
  }

  @Test
  void lookup() throws Exception {
    parse(
        Opcode.LOOKUP,
        """
        6e616d65 00 # "name"
        """,
        r -> {
          assertThat(string(r, 0)).isEqualTo("name");
          assertThat(r.payloadSize()).isEqualTo(5);
        });
  }

  @Test
  void unlink() throws Exception {
    parse(
        Opcode.UNLINK,
        """
        6e616d65 00 # "name"
        """,
        r -> {
          assertThat(string(r, 0)).isEqualTo("name");
          assertThat(r.payloadSize()).isEqualTo(5);
        });
  }

  @Test
  void rmdir() throws Exception {
    parse(
        Opcode.RMDIR,
        """
        6e616d65 00 # "name"
        """,
        r -> {
          assertThat(string(r, 0)).isEqualTo("name");
          assertThat(r.payloadSize()).isEqualTo(5);
        });
  }

  @Test
  void symlink() throws Exception {
    parse(
        Opcode.SYMLINK,
        """
        6e616d65 00 # "name"
        612f746172676574 00 # "a/target"
        """,
        r -> {
          assertThat(string(r, 0)).isEqualTo("name");
          assertThat(string(r, 1)).isEqualTo("a/target");
          assertThat(r.payloadSize()).isEqualTo(14);
        });
  }
}
