package plyfs.fuse;

import static org.assertj.core.api.Assertions.assertThat;
import static plyfs.fuse.GoldenRequest.parse;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import plyfs.fuse.abi.CopyFileRangeIn;
import plyfs.fuse.abi.FallocateIn;
import plyfs.fuse.abi.FsyncIn;
import plyfs.fuse.abi.LseekIn;
import plyfs.fuse.abi.OpenIn;
import plyfs.fuse.abi.ReadIn;
import plyfs.fuse.abi.ReleaseIn;
import plyfs.fuse.abi.UnreadIn;

/** Bytes of requests on open files, little endian, and what is read from them. */
@Timeout(60)
final class FileRequestGoldenTest {
  @Test
  void open() throws Exception {
    parse(
        Opcode.OPEN,
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
  void read() throws Exception {
    parse(
        Opcode.READ,
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
  void release() throws Exception {
    parse(
        Opcode.RELEASE,
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
  void flush() throws Exception {
    parse(
        Opcode.FLUSH,
        """
        01020304 05060708 # fh
        00000000 # unused
        00000000 # padding
        04020304 05060708 # lock_owner
        """,
        r -> {
          assertThat(r.opSize()).isEqualTo(UnreadIn.FLUSH);
          assertThat(r.payloadSize()).isEqualTo(0);
        });
  }

  @Test
  void fsync() throws Exception {
    parse(
        Opcode.FSYNC,
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

  @Test
  void fallocate() throws Exception {
    parse(
        Opcode.FALLOCATE,
        """
        01020304 05060708 # fh
        02020304 05060708 # offset
        03020304 05060708 # length
        04223344 # mode
        00000000 # padding
        """,
        r -> {
          assertThat(FallocateIn.fh(r)).isEqualTo(0x807060504030201L);
          assertThat(FallocateIn.offset(r)).isEqualTo(0x807060504030202L);
          assertThat(FallocateIn.length(r)).isEqualTo(0x807060504030203L);
          assertThat(FallocateIn.mode(r)).isEqualTo(0x44332204);
          assertThat(r.opSize()).isEqualTo(FallocateIn.SIZEOF);
          assertThat(r.payloadSize()).isEqualTo(0);
        });
  }

  @Test
  void lseek() throws Exception {
    parse(
        Opcode.LSEEK,
        """
        01020304 05060708 # fh
        02020304 05060708 # offset
        03223344 # whence
        00000000 # padding
        """,
        r -> {
          assertThat(LseekIn.fh(r)).isEqualTo(0x807060504030201L);
          assertThat(LseekIn.offset(r)).isEqualTo(0x807060504030202L);
          assertThat(LseekIn.whence(r)).isEqualTo(0x44332203);
          assertThat(r.opSize()).isEqualTo(LseekIn.SIZEOF);
          assertThat(r.payloadSize()).isEqualTo(0);
        });
  }

  @Test
  void copyFileRange() throws Exception {
    parse(
        Opcode.COPY_FILE_RANGE,
        """
        01020304 05060708 # fh_in
        02020304 05060708 # off_in
        03020304 05060708 # nodeid_out
        04020304 05060708 # fh_out
        05020304 05060708 # off_out
        06020304 05060708 # len
        07020304 05060708 # flags
        """,
        r -> {
          assertThat(CopyFileRangeIn.fhIn(r)).isEqualTo(0x807060504030201L);
          assertThat(CopyFileRangeIn.offIn(r)).isEqualTo(0x807060504030202L);
          assertThat(CopyFileRangeIn.nodeidOut(r)).isEqualTo(0x807060504030203L);
          assertThat(CopyFileRangeIn.fhOut(r)).isEqualTo(0x807060504030204L);
          assertThat(CopyFileRangeIn.offOut(r)).isEqualTo(0x807060504030205L);
          assertThat(CopyFileRangeIn.len(r)).isEqualTo(0x807060504030206L);
          assertThat(CopyFileRangeIn.flags(r)).isEqualTo(0x807060504030207L);
          assertThat(r.opSize()).isEqualTo(CopyFileRangeIn.SIZEOF);
          assertThat(r.payloadSize()).isEqualTo(0);
        });
  }
}
