package plyfs.fuse;

import static org.assertj.core.api.Assertions.assertThat;
import static plyfs.fuse.GoldenRequest.parse;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import plyfs.fuse.abi.FsyncIn;
import plyfs.fuse.abi.OpenIn;
import plyfs.fuse.abi.ReadIn;
import plyfs.fuse.abi.ReleaseIn;

/** Bytes of requests on open directories, little endian, and what is read from them. */
@Timeout(60)
final class DirectoryRequestGoldenTest {
  @Test
  void opendir() throws Exception {
    parse(
        Opcode.OPENDIR,
        """
        01223344 # flags
        02223344 # open_flags
        """,
        r -> {
          assertThat(OpenIn.flags(r)).isEqualTo(0x44332201);
          assertThat(OpenIn.openFlags(r)).isEqualTo(0x44332202);
          assertThat(r.opSize()).isEqualTo(OpenIn.SIZEOF);
          assertThat(r.payloadSize()).isEqualTo(0);
        });
  }

  @Test
  void readdir() throws Exception {
    parse(
        Opcode.READDIR,
        """
        01020304 05060708 # fh
        02020304 05060708 # offset
        03223344 # size
        04223344 # read_flags
        05020304 05060708 # lock_owner
        06223344 # flags
        00000000 # padding
        """,
        r -> {
          assertThat(ReadIn.fh(r)).isEqualTo(0x807060504030201L);
          assertThat(ReadIn.offset(r)).isEqualTo(0x807060504030202L);
          assertThat(ReadIn.size(r)).isEqualTo(0x44332203);
          assertThat(ReadIn.readFlags(r)).isEqualTo(0x44332204);
          assertThat(ReadIn.lockOwner(r)).isEqualTo(0x807060504030205L);
          assertThat(ReadIn.flags(r)).isEqualTo(0x44332206);
          assertThat(r.opSize()).isEqualTo(ReadIn.SIZEOF);
          assertThat(r.payloadSize()).isEqualTo(0);
        });
  }

  @Test
  void readdirplus() throws Exception {
    parse(
        Opcode.READDIRPLUS,
        """
        01020304 05060708 # fh
        02020304 05060708 # offset
        03223344 # size
        04223344 # read_flags
        05020304 05060708 # lock_owner
        06223344 # flags
        00000000 # padding
        """,
        r -> {
          assertThat(ReadIn.fh(r)).isEqualTo(0x807060504030201L);
          assertThat(ReadIn.offset(r)).isEqualTo(0x807060504030202L);
          assertThat(ReadIn.size(r)).isEqualTo(0x44332203);
          assertThat(ReadIn.readFlags(r)).isEqualTo(0x44332204);
          assertThat(ReadIn.lockOwner(r)).isEqualTo(0x807060504030205L);
          assertThat(ReadIn.flags(r)).isEqualTo(0x44332206);
          assertThat(r.opSize()).isEqualTo(ReadIn.SIZEOF);
          assertThat(r.payloadSize()).isEqualTo(0);
        });
  }

  @Test
  void releasedir() throws Exception {
    parse(
        Opcode.RELEASEDIR,
        """
        01020304 05060708 # fh
        02223344 # flags
        03223344 # release_flags
        04020304 05060708 # lock_owner
        """,
        r -> {
          assertThat(ReleaseIn.fh(r)).isEqualTo(0x807060504030201L);
          assertThat(ReleaseIn.flags(r)).isEqualTo(0x44332202);
          assertThat(ReleaseIn.releaseFlags(r)).isEqualTo(0x44332203);
          assertThat(ReleaseIn.lockOwner(r)).isEqualTo(0x807060504030204L);
          assertThat(r.opSize()).isEqualTo(ReleaseIn.SIZEOF);
          assertThat(r.payloadSize()).isEqualTo(0);
        });
  }

  @Test
  void fsyncdir() throws Exception {
    parse(
        Opcode.FSYNCDIR,
        """
        01020304 05060708 # fh
        02223344 # fsync_flags
        00000000 # padding
        """,
        r -> {
          assertThat(FsyncIn.fh(r)).isEqualTo(0x807060504030201L);
          assertThat(FsyncIn.fsyncFlags(r)).isEqualTo(0x44332202);
          assertThat(r.opSize()).isEqualTo(FsyncIn.SIZEOF);
          assertThat(r.payloadSize()).isEqualTo(0);
        });
  }
}
