package plyfs.fuse;

import static org.assertj.core.api.Assertions.assertThat;
import static plyfs.fuse.GoldenRequest.parse;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import plyfs.fuse.abi.CopyFileRangeIn;
import plyfs.fuse.abi.UnreadIn;

/** Bytes of requests that are seldom sent, little endian, and what is read from them. */
@Timeout(60)
final class RareRequestGoldenTest {
  @Test
  void copyFileRange64() throws Exception {
    parse(
        Opcode.COPY_FILE_RANGE_64,
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

  @Test
  void poll() throws Exception {
    parse(
        Opcode.POLL,
        """
        01020304 05060708 # fh
        02020304 05060708 # kh
        03223344 # flags
        04223344 # events
        """,
        r -> {
          assertThat(r.opSize()).isEqualTo(UnreadIn.POLL);
          assertThat(r.payloadSize()).isEqualTo(0);
        });
  }

  @Test
  void bmap() throws Exception {
    parse(
        Opcode.BMAP,
        """
        01020304 05060708 # block
        02223344 # blocksize
        00000000 # padding
        """,
        r -> {
          assertThat(r.opSize()).isEqualTo(UnreadIn.BMAP);
          assertThat(r.payloadSize()).isEqualTo(0);
        });
  }

  @Test
  void getlk() throws Exception {
    parse(
        Opcode.GETLK,
        """
        01020304 05060708 # fh
        02020304 05060708 # owner
        03020304 05060708 # lk_start
        04020304 05060708 # lk_end
        05223344 # lk_type
        06223344 # lk_pid
        07223344 # lk_flags
        00000000 # padding
        """,
        r -> {
          assertThat(r.opSize()).isEqualTo(UnreadIn.LK);
          assertThat(r.payloadSize()).isEqualTo(0);
        });
  }

  @Test
  void setlk() throws Exception {
    parse(
        Opcode.SETLK,
        """
        01020304 05060708 # fh
        02020304 05060708 # owner
        03020304 05060708 # lk_start
        04020304 05060708 # lk_end
        05223344 # lk_type
        06223344 # lk_pid
        07223344 # lk_flags
        00000000 # padding
        """,
        r -> {
          assertThat(r.opSize()).isEqualTo(UnreadIn.LK);
          assertThat(r.payloadSize()).isEqualTo(0);
        });
  }

  @Test
  void setlkw() throws Exception {
    parse(
        Opcode.SETLKW,
        """
        01020304 05060708 # fh
        02020304 05060708 # owner
        03020304 05060708 # lk_start
        04020304 05060708 # lk_end
        05223344 # lk_type
        06223344 # lk_pid
        07223344 # lk_flags
        00000000 # padding
        """,
        r -> {
          assertThat(r.opSize()).isEqualTo(UnreadIn.LK);
          assertThat(r.payloadSize()).isEqualTo(0);
        });
  }
}
