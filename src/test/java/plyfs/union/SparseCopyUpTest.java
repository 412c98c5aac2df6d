package plyfs.union;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import plyfs.sys.Linux;
import plyfs.sys.Stat;

/** SEMANTICS 1.3b, 4.34, 5.27. */
final class SparseCopyUpTest extends UnionCase {
  @Test
  void holes_stayHoles_andDataStaysInPlace() throws Exception {
    UnionFixture fixture = layers(1);
    long far = 5L << 30;
    fixture.onLayer(
        1,
        layer -> {
          CopyUpTest.sparse(layer, "ends", 64 << 20, 0, (64 << 20) - 4);
          CopyUpTest.sparse(layer, "middle", 64 << 20, 32 << 20);
          long[] pieces = LongStream.range(0, 8).map(i -> i << 22).toArray();
          CopyUpTest.sparse(layer, "pieces", 32 << 20, pieces);
          CopyUpTest.sparse(layer, "empty", far);
          CopyUpTest.sparse(layer, "far", far, far - 8192);
        });
    UnionPaths union = fixture.mount();
    for (String name : new String[] {"ends", "middle", "pieces", "empty", "far"}) {
      Stat before = new Stat();
      before.set(union.stat(name));
      union.chmod(name, 0600);
      Stat after = union.stat(name);
      assertThat(after.size()).as(name).isEqualTo(before.size());
      assertThat(after.blocks()).as(name).isLessThanOrEqualTo(before.blocks() + 8);
    }
    long handle = union.open("far", Linux.O_RDONLY);
    assertThat(union.readAt(handle, far - 8192, 4)).isEqualTo("data");
    assertThat(fixture.fs().seek(handle, 0, Linux.SEEK_DATA)).isEqualTo(far - 8192);
    fixture.fs().release(handle);
    union.truncate("middle", 16 << 20);
    assertThat(union.stat("middle").blocks()).isLessThanOrEqualTo(16);
    assertAllForgotten(fixture);
  }

  /** SEMANTICS 4.93. */
  @Test
  void fourTebibytes_areCopiedUpByTheirData() throws Exception {
    UnionFixture fixture = layers(1);
    long size = 4L << 40;
    fixture.onLayer(1, layer -> CopyUpTest.sparse(layer, "f", size, size - 8192));
    UnionPaths union = fixture.mount();
    union.chmod("f", 0600);
    assertThat(union.stat("f").size()).isEqualTo(size);
    long handle = union.open("f", Linux.O_RDONLY);
    assertThat(fixture.fs().seek(handle, 0, Linux.SEEK_DATA)).isEqualTo(size - 8192);
    assertThat(union.readAt(handle, size - 8192, 4)).isEqualTo("data");
    fixture.fs().release(handle);
    assertAllForgotten(fixture);
  }
}
