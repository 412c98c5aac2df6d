package plyfs.union;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.sys.Syscalls;

/**
 * A FUSE kernel does not know that a file is append-only: it lets O_APPEND be taken away (F_SETFL),
 * or passed by (RWF_NOAPPEND), and copies ranges into it. SEMANTICS 4.104.
 */
class AppendOnlyTest extends UnionCase {
  private final ByteBuffer memory = ByteBuffer.allocateDirect(64);
  private final long address = Syscalls.addressOf(memory);
  private UnionFixture fixture;

  @BeforeEach
  void chattr() throws Exception {
    fixture = over("low=1234", "other=abcd");
    fixture.upper("up=1234");
    for (String file : List.of(path(1, "low"), path(0, "up"))) {
      assumeTrue(run("chattr", "+a", file), "needs chattr +a of the file system");
    }
  }

  @AfterEach
  void chattrBack() throws IOException {
    fixture.unmount();
    run("chattr", "-a", path(1, "low"), path(0, "up"));
  }

  private String path(int layer, String name) {
    return fixture.realPath(layer, name).toString();
  }

  private static boolean run(String... command) throws IOException {
    return new ProcessBuilder(command).start().onExit().join().exitValue() == 0;
  }

  private void write(UnionPaths union, long file, String text, long at, int flags)
      throws ErrnoException {
    memory.put(0, text.getBytes(US_ASCII));
    fixture.fs().write(file, address, text.length(), at, flags, false, union.caller);
  }

  @Test
  void writeThatSaysAppend_butIsNotAtTheEnd_isRefused() throws Exception {
    UnionPaths union = fixture.mount();
    for (String name : List.of("low", "up")) {
      long node = union.resolve(name);
      for (int at : new int[] {0, 3, 5}) {
        assertThat(errno(() -> write(union, node, "X", at, Linux.O_APPEND)))
            .as("%s at %d", name, at)
            .isEqualTo("EPERM");
      }
      write(union, node, "5", 4, Linux.O_APPEND);
      write(union, node, "6", 5, Linux.O_APPEND);
      assertThat(union.read(name)).isEqualTo("123456");
    }
  }

  @Test
  void handleWhoseAppendFlagWasTakenAway_writesNothingThatIsThere() throws Exception {
    UnionPaths union = fixture.mount();
    for (String name : List.of("low", "up")) {
      long handle = union.open(name, Linux.O_RDWR | Linux.O_APPEND);
      assertThat(errno(() -> write(union, handle, "X", 0, 0))).as(name).isEqualTo("EPERM");
      write(union, handle, "5", 4, Linux.O_APPEND);
      fixture.fs().release(handle);
      assertThat(union.read(name)).isEqualTo("12345");
    }
  }

  @Test
  void rangeCopiedIntoIt_isRefused() throws Exception {
    UnionPaths union = fixture.mount();
    UnionFs fs = fixture.fs();
    long from = union.resolve("other");
    for (String name : List.of("low", "up")) {
      long node = union.resolve(name);
      assertThat(errno(() -> fs.copyRange(from, 0, node, 0, 2, false, union.caller)))
          .as(name)
          .isEqualTo("EPERM");
      assertThat(union.read(name)).isEqualTo("1234");
    }
  }
}
