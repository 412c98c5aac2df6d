package plyfs.union;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.sys.Syscalls;

/** Reading and writing by node, for a front that opens nothing: SEMANTICS 7.22. */
class FilesWithoutHandlesTest extends UnionCase {
  private final ByteBuffer memory = ByteBuffer.allocateDirect(64);
  private final long address = Syscalls.addressOf(memory);

  private String read(UnionFs fs, long node) throws Exception {
    byte[] content = new byte[fs.read(node, address, 64, 0)];
    memory.get(0, content);
    return new String(content, java.nio.charset.StandardCharsets.US_ASCII);
  }

  private void write(UnionPaths union, UnionFs fs, long node, String text, long at)
      throws ErrnoException {
    memory.put(0, text.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    assertThat(fs.write(node, address, text.length(), at, 0, false, union.caller))
        .isEqualTo(text.length());
  }

  @Test
  void firstWrite_copiesUp_andReadersSeeIt() throws Exception {
    UnionFixture fixture = over("f=lower");
    UnionPaths union = fixture.mount();
    UnionFs fs = fixture.fs();
    long node = union.resolve("f");
    assertThat(read(fs, node)).isEqualTo("lower");
    write(union, fs, node, "UP", 0);
    assertThat(read(fs, node)).isEqualTo("UPwer");
    assertThat(union.read("f")).isEqualTo("UPwer");
    fs.sync(node, true);
    assertThat(fs.seek(node, 0, Linux.SEEK_DATA)).isZero();
    fs.forget(node, 1);
    assertAllForgotten(fixture);
  }

  /** SEMANTICS 4.41, 4.97: nothing is copied up before, so that is where it fails. */
  @Test
  void copyUpThatFails_isTheErrorOfTheWrite_andTheLowerFileIsStillRead() throws Exception {
    for (boolean isBelow : new boolean[] {false, true}) {
      Faults faults = new Faults();
      UnionFixture fixture = UnionFixture.inMemory(1);
      fixture.lower(1, "d/f=lower");
      fixture.around = isBelow ? fixture.around : faults::around;
      fixture.lowerReads = isBelow ? faults::before : fixture.lowerReads;
      UnionPaths union = fixture.mount();
      UnionFs fs = fixture.fs();
      long node = union.resolve("d/f");
      int k = 1;
      for (boolean failed = true; failed; k++) {
        faults.fail(k, isBelow ? Errno.EIO : Errno.EDQUOT);
        String result = errno(() -> write(union, fs, node, "UP", 0));
        faults.heal();
        failed = !result.equals("ok");
        if (failed) {
          assertThat(result)
              .as("call %d: %s", k, faults.failed)
              .isEqualTo(isBelow ? "EIO" : "EDQUOT");
          assertThat(read(fs, node)).isEqualTo("lower");
          assertThat(fixture.workdir()).isEmpty();
        }
      }
      assertThat(k).as("calls that failed").isGreaterThan(4);
      assertThat(read(fs, node)).isEqualTo("UPwer");
      fs.forget(node, 1);
      assertAllForgotten(fixture);
      assertThat(fixture.mount().read("d/f")).isEqualTo("UPwer");
      fixture.close();
    }
  }

  @Test
  void unlinkedFile_staysReadableAndWritable_untilItIsForgotten() throws Exception {
    UnionFixture fixture = over("low=1");
    UnionPaths union = fixture.mount();
    union.create("up", "22");
    UnionFs fs = fixture.fs();
    for (String name : new String[] {"low", "up"}) {
      long node = union.resolve(name);
      String before = read(fs, node);
      union.unlink(name);
      assertThat(read(fs, node)).isEqualTo(before);
      write(union, fs, node, "x", before.length());
      assertThat(read(fs, node)).isEqualTo(before + "x");
      fs.forget(node, 1);
    }
    assertAllForgotten(fixture);
    assertThat(fixture.mount().tree()).isEmpty();
  }

  @Test
  void manyFiles_areReadInTurn_withABoundedNumberOfDescriptors() throws Exception {
    String[] files = new String[700];
    for (int i = 0; i < files.length; i++) {
      files[i] = "f" + i + "=" + i;
    }
    UnionFixture fixture = over(files);
    UnionPaths union = fixture.mount();
    UnionFs fs = fixture.fs();
    long[] nodes = new long[files.length];
    for (int i = 0; i < files.length; i++) {
      nodes[i] = union.resolve("f" + i);
      assertThat(read(fs, nodes[i])).isEqualTo("" + i);
    }
    for (int i = 0; i < files.length; i++) {
      assertThat(read(fs, nodes[i])).isEqualTo("" + i);
      fs.forget(nodes[i], 1);
    }
    assertAllForgotten(fixture);
  }

  @Test
  void whatIsNoRegularFile_isRefused() throws Exception {
    UnionFixture fixture = over("d/");
    UnionPaths union = fixture.mount();
    UnionFs fs = fixture.fs();
    long directory = union.resolve("d");
    assertThat(errno(() -> fs.read(directory, address, 1, 0))).isEqualTo("EISDIR");
    fs.forget(directory, 1);
    assertAllForgotten(fixture);
  }
}
