package plyfs.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static plyfs.contract.LayerAssertions.assertErrno;
import static plyfs.contract.LayerAssertions.statOf;
import static plyfs.contract.LayerTree.bytes;
import static plyfs.contract.LayerTree.content;
import static plyfs.contract.LayerTree.name;
import static plyfs.contract.LayerTree.read;
import static plyfs.contract.LayerTree.ref;
import static plyfs.contract.LayerTree.write;

import org.junit.jupiter.api.Test;
import plyfs.layer.Layer;
import plyfs.layer.LayerFile;
import plyfs.layer.LayerRef;
import plyfs.layer.UpperLayer;
import plyfs.sys.Errno;
import plyfs.sys.Linux;
import plyfs.sys.Stat;

/** Data of files: what every {@link LayerFile} does. */
interface LayerFileContract extends LayerFixture {
  @Test
  default void read_isShortOnlyAtTheEnd() throws Exception {
    LayerTree.make(upper(), "f=0123456789");
    for (Layer layer : views()) {
      try (LayerFile file = layer.open(ref(layer, "f"))) {
        assertThat(read(file, 4, 0)).isEqualTo(bytes("0123"));
        assertThat(read(file, 4, 3)).isEqualTo(bytes("3456"));
        assertThat(read(file, 100, 8)).isEqualTo(bytes("89"));
        assertThat(read(file, 100, 10)).isEmpty();
        assertThat(read(file, 100, 1000)).isEmpty();
        assertThat(read(file, 0, 0)).isEmpty();
      }
    }
  }

  @Test
  default void write_anywhere_leavesZeroesBetween() throws Exception {
    UpperLayer upper = upper();
    LayerTree.make(upper, "f=ab");
    try (LayerFile file = upper.openWritable(ref(upper, "f"))) {
      write(file, bytes("xy"), 4);
      write(file, bytes("B"), 1);
      assertThat(read(file, 10, 0)).isEqualTo(bytes("aB\0\0xy"));
      Stat stat = new Stat();
      file.stat(stat);
      assertThat(stat.size()).isEqualTo(6);
      assertThat(stat.ino()).isEqualTo(statOf(upper, ref(upper, "f")).ino());
    }
    assertThat(content(upper, ref(upper, "f"))).isEqualTo("aB\0\0xy");
  }

  @Test
  default void fileOpenForReading_isNotWritten() throws Exception {
    LayerTree.make(upper(), "f=ab");
    for (Layer layer : views()) {
      try (LayerFile file = layer.open(ref(layer, "f"))) {
        assertErrno(Errno.EBADF, () -> write(file, bytes("x"), 0));
      }
      assertThat(content(layer, ref(layer, "f"))).isEqualTo("ab");
    }
  }

  @Test
  default void setMtime_setsThatTimeAlone() throws Exception {
    UpperLayer upper = upper();
    LayerTree.make(upper, "f=0123456789");
    upper.setTimes(ref(upper, "f"), 11, 12, 13, 14);
    Stat stat = new Stat();
    try (LayerFile file = upper.openWritable(ref(upper, "f"))) {
      write(file, bytes("x"), 0);
      file.setMtime(-5, 999_999_999);
      file.stat(stat);
    }
    assertThat(stat.atimeSeconds()).isEqualTo(11);
    assertThat(stat.mtimeSeconds()).isEqualTo(-5);
    assertThat(stat.mtimeNanos()).isEqualTo(999_999_999);
  }

  @Test
  default void truncate_shortensAndLengthens() throws Exception {
    UpperLayer upper = upper();
    LayerTree.make(upper, "f=0123456789");
    try (LayerFile file = upper.openWritable(ref(upper, "f"))) {
      file.truncate(3);
      file.truncate(5);
      assertThat(read(file, 10, 0)).isEqualTo(bytes("012\0\0"));
      file.truncate(0);
      assertThat(read(file, 10, 0)).isEmpty();
    }
  }

  @Test
  default void allocate_extendsKeepsAndPunches() throws Exception {
    UpperLayer upper = upper();
    LayerTree.make(upper, "f=" + "x".repeat(20_000));
    try (LayerFile file = upper.openWritable(ref(upper, "f"))) {
      Stat stat = new Stat();
      file.allocate(Linux.FALLOC_FL_KEEP_SIZE, 0, 40_000);
      file.stat(stat);
      assertThat(stat.size()).isEqualTo(20_000);
      file.allocate(0, 0, 30_000);
      file.stat(stat);
      assertThat(stat.size()).isEqualTo(30_000);
      file.allocate(Linux.FALLOC_FL_PUNCH_HOLE | Linux.FALLOC_FL_KEEP_SIZE, 4096, 8192);
      assertThat(read(file, 3, 4094)).isEqualTo(bytes("xx\0"));
      assertThat(read(file, 3, 12286)).isEqualTo(bytes("\0\0x"));
      file.stat(stat);
      assertThat(stat.size()).isEqualTo(30_000);
    }
  }

  @Test
  default void seek_findsDataAndTheEnd() throws Exception {
    UpperLayer upper = upper();
    LayerTree.make(upper, "f=0123456789", "empty=");
    for (Layer layer : views()) {
      try (LayerFile file = layer.open(ref(layer, "f"));
          LayerFile empty = layer.open(ref(layer, "empty"))) {
        assertThat(file.seek(3, Linux.SEEK_DATA)).isEqualTo(3);
        assertThat(file.seek(3, Linux.SEEK_HOLE)).isEqualTo(10);
        assertThat(file.seek(10, Linux.SEEK_DATA)).isEqualTo(-1);
        assertThat(file.seek(10, Linux.SEEK_HOLE)).isEqualTo(-1);
        assertThat(empty.seek(0, Linux.SEEK_DATA)).isEqualTo(-1);
      }
    }
  }

  @Test
  default void seek_findsHoles_andHolesTakeNoSpace() throws Exception {
    assumeTrue(capabilities().contains(Capability.HOLES), "this layer has no holes");
    UpperLayer upper = upper();
    LayerTree.make(upper, "f=");
    try (LayerFile file = upper.openWritable(ref(upper, "f"))) {
      write(file, bytes("x"), 1 << 20);
      file.truncate(2 << 20);
      assertThat(file.seek(0, Linux.SEEK_DATA)).isEqualTo(1 << 20);
      assertThat(file.seek(0, Linux.SEEK_HOLE)).isZero();
      assertThat(file.seek((1 << 20) + 100_000, Linux.SEEK_DATA)).isEqualTo(-1);
      Stat stat = new Stat();
      file.stat(stat);
      assertThat(stat.blocks()).isLessThan(1000);
    }
  }

  @Test
  default void largeOffsets() throws Exception {
    assumeTrue(capabilities().contains(Capability.LARGE_FILES), "this layer is in memory");
    UpperLayer upper = upper();
    LayerTree.make(upper, "f=");
    long far = 5L << 30;
    try (LayerFile file = upper.openWritable(ref(upper, "f"))) {
      write(file, bytes("far"), far);
      assertThat(read(file, 10, far + 1)).isEqualTo(bytes("ar"));
      assertThat(file.seek(1, Linux.SEEK_DATA)).isEqualTo(far);
      file.truncate(far + 1);
      Stat stat = new Stat();
      file.stat(stat);
      assertThat(stat.size()).isEqualTo(far + 1);
    }
  }

  @Test
  default void copyRange_copies_orSaysThatItCannot() throws Exception {
    UpperLayer upper = upper();
    LayerTree.make(upper, "from=0123456789", "to=abcdefghij");
    for (Layer layer : views()) {
      try (LayerFile from = layer.open(ref(layer, "from"));
          LayerFile to = upper.openWritable(ref(upper, "to"))) {
        if (!capabilities().contains(Capability.COPY_RANGE)) {
          assertErrno(Errno.EOPNOTSUPP, () -> to.copyRange(from, 2, 1, 5));
          assertThat(to.shareExtents(from)).isFalse();
          continue;
        }
        // Below a lower layer's clone lies another mount of the same file system.
        assertThat(to.copyRange(from, 2, 1, 5)).isEqualTo(5);
        assertThat(read(to, 20, 0)).isEqualTo(bytes("a23456ghij"));
        assertThat(to.copyRange(from, 10, 0, 5)).isZero();
        if (to.shareExtents(from)) {
          assertThat(read(to, 20, 0)).isEqualTo(bytes("0123456789"));
        }
      }
    }
  }

  @Test
  default void sync_ofAnOpenFile() throws Exception {
    UpperLayer upper = upper();
    LayerTree.make(upper, "f=x");
    try (LayerFile file = upper.openWritable(ref(upper, "f"))) {
      write(file, bytes("y"), 0);
      file.sync(false);
      file.sync(true);
      assertThat(read(file, 1, 0)).isEqualTo(bytes("y"));
    }
  }

  @Test
  default void openFile_outlivesMoveReplacementAndUnlink() throws Exception {
    UpperLayer upper = upper();
    LayerTree.make(upper, "f=old", "g=new");
    try (LayerFile file = upper.openWritable(ref(upper, "f"))) {
      upper.move(ref(upper, "f"), upper.root(), name("h"), 0);
      write(file, bytes("O"), 0);
      upper.move(ref(upper, "g"), upper.root(), name("h"), 0);
      write(file, bytes("L"), 1);
      assertThat(read(file, 9, 0)).isEqualTo(bytes("OLd"));
      Stat stat = new Stat();
      file.stat(stat);
      assertThat(stat.nlink()).isZero();
    }
    assertThat(LayerTree.render(upper)).containsExactly("h=new");
  }

  @Test
  default void preparedFile_keepsItsOpenFile_whenPublished() throws Exception {
    UpperLayer upper = upper();
    LayerRef prepared = upper.prepareFile();
    try (LayerFile file = upper.openWritable(prepared)) {
      write(file, bytes("before"), 0);
      upper.publish(prepared, upper.root(), name("f"));
      write(file, bytes(" and after"), 6);
      assertThat(content(upper, prepared)).isEqualTo("before and after");
    }
    try (LayerFile file = upper.open(prepared)) {
      assertThat(read(file, 6, 0)).isEqualTo(bytes("before"));
    }
  }
}
