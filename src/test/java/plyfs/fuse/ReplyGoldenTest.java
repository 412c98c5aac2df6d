package plyfs.fuse;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plyfs.fuse.abi.Attr;
import plyfs.fuse.abi.AttrOut;
import plyfs.fuse.abi.CopyFileRangeOut;
import plyfs.fuse.abi.Dirent;
import plyfs.fuse.abi.EntryOut;
import plyfs.fuse.abi.GetxattrOut;
import plyfs.fuse.abi.IoctlOut;
import plyfs.fuse.abi.LseekOut;
import plyfs.fuse.abi.OpenOut;
import plyfs.fuse.abi.StatfsOut;
import plyfs.fuse.abi.StatxOut;
import plyfs.fuse.abi.WriteOut;
import plyfs.sys.Fd;
import plyfs.sys.FileSyscalls;
import plyfs.sys.Linux;
import plyfs.sys.Stat;
import plyfs.sys.StatFs;
import plyfs.sys.Syscalls;

/** Bytes of answers, little endian. The memory is full of old bytes, which must not leave. */
final class ReplyGoldenTest {
  private static final int AT = 8;
  private static final long OLD_WORD = 0xeeee_eeee_eeee_eeeeL;

  @TempDir Path directory;
  private final ByteBuffer b = ByteBuffer.allocateDirect(1024).order(ByteOrder.nativeOrder());

  private final long[] words = new long[24];

  ReplyGoldenTest() {
    Arrays.fill(words, OLD_WORD);
    for (int i = 0; i < b.capacity(); i++) {
      b.put(i, (byte) 0xee);
    }
  }

  /** Writes the words of a struct from 1 on, with what lies beside them, at {@link #AT}. */
  private void putWords(int count) {
    assertThat(words[0]).isEqualTo(OLD_WORD);
    assertThat(words[1 + count]).isEqualTo(OLD_WORD);
    b.asLongBuffer().put(AT / Long.BYTES, words, 1, count);
  }

  /** The bytes from {@link #AT}, and nothing around them. */
  private void assertBytes(String hex) {
    byte[] expected = RequestBytes.parseHex(hex);
    byte[] actual = new byte[expected.length];
    b.get(AT, actual);
    assertThat(actual).isEqualTo(expected);
    assertThat(b.get(AT - 1)).isEqualTo((byte) 0xee);
    assertThat(b.get(AT + expected.length)).isEqualTo((byte) 0xee);
  }

  private Stat stat() throws Exception {
    Path file = Files.writeString(directory.resolve("f"), "12345");
    Stat stat = new Stat();
    try (Fd fd = Fd.open(file.toString().getBytes(US_ASCII), Linux.O_RDONLY)) {
      assertThat(Syscalls.fchmod(fd, 0640)).isZero();
      assertThat(Syscalls.utimensat(fd, Syscalls.SELF, -2, 3, 1L << 33, 999_999_999)).isZero();
      assertThat(Syscalls.statx(fd, Syscalls.SELF, stat)).isZero();
    }
    stat.setOwner(1234, 5678);
    return stat;
  }

  /** What the test cannot choose: owner, blocks and the time of the change. */
  private static String attributes(Stat stat) {
    return """
    8800000000000000 # ino 136, as given
    0500000000000000 # size
    BLOCKS           # blocks
    feffffffffffffff # atime -2 s
    0000000002000000 # mtime 2^33 s
    CTIME            # ctime
    03000000         # atimensec
    ffc99a3b         # mtimensec 999999999
    CNANOS           # ctimensec
    a0810000         # mode 0100640
    04000000         # nlink, as given
    d2040000         # uid 1234
    2e160000         # gid 5678
    00000000         # rdev
    BLKSIZE          # blksize
    00000000         # flags
    """
        .replace("BLOCKS ", hex(stat.blocks()) + " ")
        .replace("CTIME ", hex(stat.ctimeSeconds()) + " ")
        .replace("CNANOS ", hex(stat.ctimeNanos()) + " ")
        .replace("BLKSIZE ", hex(stat.blksize()) + " ");
  }

  private static String hex(long value) {
    return "%016x".formatted(Long.reverseBytes(value));
  }

  private static String hex(int value) {
    return "%08x".formatted(Integer.reverseBytes(value));
  }

  @Test
  void entry_withAttributes() throws Exception {
    Stat stat = stat();
    EntryOut.put(words, 1, (3L << 32) + 5, 1_500_000_000L, 2_000_000_001L);
    Attr.put(words, 1 + EntryOut.ATTR_WORD, stat, 136, 4);
    putWords(EntryOut.WORDS);
    assertBytes(
        """
        0500000003000000 # nodeid
        0000000000000000 # generation
        0100000000000000 # entry_valid, s
        0200000000000000 # attr_valid, s
        0065cd1d         # entry_valid_nsec 500000000
        01000000         # attr_valid_nsec
        """
            + attributes(stat));
  }

  @Test
  void entryThatIsMissing() {
    EntryOut.putMiss(words, 1, Long.MAX_VALUE);
    putWords(EntryOut.WORDS);
    assertBytes(
        "00".repeat(16)
            + hex(Long.MAX_VALUE / 1_000_000_000L)
            + "00".repeat(8)
            + hex((int) (Long.MAX_VALUE % 1_000_000_000L))
            + "00".repeat(4 + 88));
  }

  @Test
  void attributes() throws Exception {
    Stat stat = stat();
    AttrOut.put(words, 1, 1_000_000_007L);
    Attr.put(words, 1 + AttrOut.ATTR_WORD, stat, 136, 4);
    putWords(AttrOut.WORDS);
    assertBytes(
        """
        0100000000000000 # attr_valid, s
        07000000         # attr_valid_nsec
        00000000         # dummy
        """
            + attributes(stat));
  }

  @Test
  void open() {
    OpenOut.put(words, 1, 9, OpenOut.FOPEN_KEEP_CACHE | OpenOut.FOPEN_PASSTHROUGH, 3);
    putWords(OpenOut.WORDS);
    assertBytes("0900000000000000 82000000 03000000 # fh, open_flags, backing_id");
  }

  @Test
  void smallAnswers() {
    WriteOut.put(b, AT, 4096);
    assertBytes("00100000 00000000 # size, padding");
    fill();
    GetxattrOut.put(b, AT, 20);
    assertBytes("14000000 00000000 # size, padding");
    fill();
    LseekOut.put(b, AT, 1L << 40);
    assertBytes("0000000000010000 # offset");
    fill();
    CopyFileRangeOut.put(b, AT, 1L << 32);
    assertBytes("0000000001000000 # bytes_copied");
    fill();
    IoctlOut.put(b, AT, -1);
    assertBytes("ffffffff 00000000 00000000 00000000 # result, flags, in_iovs, out_iovs");
  }

  private void fill() {
    byte[] old = new byte[b.capacity()];
    Arrays.fill(old, (byte) 0xee);
    b.put(0, old);
  }

  @Test
  void statfs() throws Exception {
    StatFs stat = new StatFs();
    try (Fd fd = Fd.open(directory.toString().getBytes(US_ASCII), Linux.O_RDONLY)) {
      assertThat(FileSyscalls.fstatfs(fd, stat)).isZero();
    }
    StatfsOut.put(b, AT, stat);
    assertBytes(
        hex(stat.blocks())
            + hex(stat.blocksFree())
            + hex(stat.blocksAvailable())
            + hex(stat.files())
            + hex(stat.filesFree())
            + hex((int) stat.blockSize())
            + hex((int) stat.nameMax())
            + hex((int) stat.fragmentSize())
            + "00".repeat(28));
  }

  @Test
  void statx_hasTheOffsetsOfStructStatx() throws Exception {
    Stat stat = stat();
    StatxOut.put(b, AT, stat, 136, 4, 1_000_000_000L);
    assertThat(b.getLong(AT)).isEqualTo(1);
    int sx = AT + StatxOut.STAT;
    assertThat(StatxOut.STAT).isEqualTo(32);
    assertThat(b.getInt(sx + 16)).as("nlink").isEqualTo(4);
    assertThat(b.getShort(sx + 28)).as("mode").isEqualTo((short) 0100640);
    assertThat(b.getLong(sx + 32)).as("ino").isEqualTo(136);
    assertThat(b.getLong(sx + 40)).as("size").isEqualTo(5);
    assertThat(b.getLong(sx + 64)).as("atime").isEqualTo(-2);
    assertThat(b.getLong(sx + 80)).as("btime").isEqualTo(stat.btimeSeconds());
    assertThat(b.getInt(sx + 120)).as("mtime ns").isEqualTo(999_999_999);
    assertThat(b.get(AT + StatxOut.SIZEOF - 1)).isZero();
    assertThat(b.get(AT + StatxOut.SIZEOF)).isEqualTo((byte) 0xee);
    assertThat(StatxOut.SIZEOF).isEqualTo(288);
  }

  @Test
  void dirent_isPaddedWithZeros() {
    byte[] name = {'a', (byte) 0xff, 'c'};
    Dirent.put(words, 1, name.length, 7, 9, Linux.DT_DIR);
    putWords(Dirent.WORDS);
    Dirent.putName(b, AT, name);
    assertThat(Dirent.recordBytes(name.length)).isEqualTo(32);
    assertBytes(
        """
        0700000000000000 # ino
        0900000000000000 # off
        03000000         # namelen
        04000000         # type
        61ff63 0000000000 # name, padding
        """);
  }

  @Test
  void listing_takesWhatFits_andSaysWhenItIsFull() {
    Reply reply = new Reply(b, Syscalls.addressOf(b));
    reply.withdraw();
    DirentWriter dirents = reply.dirents(63);
    assertThat(dirents.isEmpty()).isTrue();
    assertThat(dirents.add(new byte[] {'a'}, 2, 1, Linux.DT_REG)).isTrue();
    assertThat(dirents.add(new byte[] {'b'}, 3, 2, Linux.DT_REG)).isFalse();
    dirents.send();
    assertThat(reply.length()).isEqualTo(32);
    assertThat(reply.isError()).isFalse();
  }

  @Test
  void listingWithAttributes_hasNodeIdZero_withoutAnEntry() {
    Reply reply = new Reply(b, Syscalls.addressOf(b));
    reply.withdraw();
    DirentWriter dirents = reply.dirents(2 * 160);
    assertThat(dirents.fitsPlus(8)).isTrue();
    assertThat(dirents.addPlus(new byte[8], 2, 1, Linux.DT_REG)).isTrue();
    assertThat(b.getLong(EntryOut.NODEID)).isZero();
    assertThat(b.getLong(EntryOut.SIZEOF)).as("ino").isEqualTo(2);
    assertThat(dirents.fitsPlus(9)).isFalse();
    assertThat(dirents.addPlus(new byte[9], 3, 2, Linux.DT_REG)).isFalse();
    EntryOut.put(reply.words(), 0, 7, 0, 0);
    assertThat(dirents.addPlusWithEntry(new byte[9], 3, 2, Linux.DT_REG)).isFalse();
    assertThat(dirents.addPlusWithEntry(new byte[8], 3, 2, Linux.DT_REG)).isTrue();
    assertThat(b.getLong(160 + EntryOut.NODEID)).isEqualTo(7);
    assertThat(b.getLong(160 + EntryOut.SIZEOF)).as("ino").isEqualTo(3);
    dirents.send();
    assertThat(reply.length()).isEqualTo(320);
  }

  @Test
  void sizeBeyondTheMemory_isCutToIt() {
    Reply reply = new Reply(b, Syscalls.addressOf(b));
    reply.withdraw();
    DirentWriter dirents = reply.dirents(Integer.MAX_VALUE);
    int count = 0;
    while (dirents.add(new byte[] {'a'}, 2, count + 1L, Linux.DT_REG)) {
      count++;
    }
    assertThat(count).isEqualTo(1024 / 32);
  }
}
