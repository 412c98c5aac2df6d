package plyfs.fuse;

import static org.assertj.core.api.Assertions.assertThat;
import static plyfs.fuse.GoldenRequest.parse;
import static plyfs.fuse.GoldenRequest.string;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import plyfs.fuse.abi.ForgetIn;
import plyfs.fuse.abi.GetxattrIn;
import plyfs.fuse.abi.SetattrIn;
import plyfs.fuse.abi.UnreadIn;

/** Bytes of requests on attributes of an object, little endian, and what is read from them. */
@Timeout(60)
final class AttributeRequestGoldenTest {
  @Test
  void getattr() throws Exception {
    parse(
        Opcode.GETATTR,
        """
        01223344 # getattr_flags
        00000000 # dummy
        03020304 05060708 # fh
        """,
        r -> {
          assertThat(r.opSize()).isEqualTo(UnreadIn.GETATTR);
          assertThat(r.payloadSize()).isEqualTo(0);
        });
  }

  @Test
  void setattr() throws Exception {
    parse(
        Opcode.SETATTR,
        """
        01223344 # valid
        00000000 # padding
        03020304 05060708 # fh
        04020304 05060708 # size
        05020304 05060708 # lock_owner
        06020304 05060708 # atime
        07020304 05060708 # mtime
        08020304 05060708 # ctime
        09223344 # atimensec
        0a223344 # mtimensec
        0b223344 # ctimensec
        0c223344 # mode
        00000000 # unused4
        0e223344 # uid
        0f223344 # gid
        00000000 # unused5
        """,
        r -> {
          assertThat(SetattrIn.valid(r)).isEqualTo(0x44332201);
          assertThat(SetattrIn.fh(r)).isEqualTo(0x807060504030203L);
          assertThat(SetattrIn.size(r)).isEqualTo(0x807060504030204L);
          assertThat(SetattrIn.lockOwner(r)).isEqualTo(0x807060504030205L);
          assertThat(SetattrIn.atime(r)).isEqualTo(0x807060504030206L);
          assertThat(SetattrIn.mtime(r)).isEqualTo(0x807060504030207L);
          assertThat(SetattrIn.ctime(r)).isEqualTo(0x807060504030208L);
          assertThat(SetattrIn.atimensec(r)).isEqualTo(0x44332209);
          assertThat(SetattrIn.mtimensec(r)).isEqualTo(0x4433220a);
          assertThat(SetattrIn.ctimensec(r)).isEqualTo(0x4433220b);
          assertThat(SetattrIn.mode(r)).isEqualTo(0x4433220c);
          assertThat(SetattrIn.uid(r)).isEqualTo(0x4433220e);
          assertThat(SetattrIn.gid(r)).isEqualTo(0x4433220f);
          assertThat(r.opSize()).isEqualTo(SetattrIn.SIZEOF);
          assertThat(r.payloadSize()).isEqualTo(0);
        });
  }

  @Test
  void getxattr() throws Exception {
    parse(
        Opcode.GETXATTR,
        """
        01223344 # size
        00000000 # padding
        757365722e61 00 # "user.a"
        """,
        r -> {
          assertThat(GetxattrIn.size(r)).isEqualTo(0x44332201);
          assertThat(r.opSize()).isEqualTo(GetxattrIn.SIZEOF);
          assertThat(string(r, 0)).isEqualTo("user.a");
          assertThat(r.payloadSize()).isEqualTo(7);
        });
  }

  @Test
  void listxattr() throws Exception {
    parse(
        Opcode.LISTXATTR,
        """
        01223344 # size
        00000000 # padding
        """,
        r -> {
          assertThat(GetxattrIn.size(r)).isEqualTo(0x44332201);
          assertThat(r.opSize()).isEqualTo(GetxattrIn.SIZEOF);
          assertThat(r.payloadSize()).isEqualTo(0);
        });
  }

  @Test
  void access() throws Exception {
    parse(
        Opcode.ACCESS,
        """
        01223344 # mask
        00000000 # padding
        """,
        r -> {
          assertThat(r.opSize()).isEqualTo(UnreadIn.ACCESS);
          assertThat(r.payloadSize()).isEqualTo(0);
        });
  }

  @Test
  void forget() throws Exception {
    parse(
        Opcode.FORGET,
        """
        01020304 05060708 # nlookup
        """,
        r -> {
          assertThat(ForgetIn.nlookup(r)).isEqualTo(0x807060504030201L);
          assertThat(r.opSize()).isEqualTo(ForgetIn.SIZEOF);
          assertThat(r.payloadSize()).isEqualTo(0);
        });
  }

  @Test
  void statx() throws Exception {
    parse(
        Opcode.STATX,
        """
        01223344 # getattr_flags
        00000000 # reserved
        03020304 05060708 # fh
        04223344 # sx_flags
        05223344 # sx_mask
        """,
        r -> {
          assertThat(r.opSize()).isEqualTo(UnreadIn.STATX);
          assertThat(r.payloadSize()).isEqualTo(0);
        });
  }

  @Test
  void removexattr() throws Exception {
    parse(
        Opcode.REMOVEXATTR,
        """
        757365722e61 00 # "user.a"
        """,
        r -> {
          assertThat(string(r, 0)).isEqualTo("user.a");
          assertThat(r.payloadSize()).isEqualTo(7);
        });
  }

  @Test
  void readlink() throws Exception {
    parse(
        Opcode.READLINK,
        """
        """,
        r -> {
          assertThat(r.payloadSize()).isEqualTo(0);
        });
  }

  @Test
  void statfs() throws Exception {
    parse(
        Opcode.STATFS,
        """
        """,
        r -> {
          assertThat(r.payloadSize()).isEqualTo(0);
        });
  }
}
