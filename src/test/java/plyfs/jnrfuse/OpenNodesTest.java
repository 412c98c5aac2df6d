package plyfs.jnrfuse;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static plyfs.jnrfuse.MountedPaths.errno;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import plyfs.sys.Linux;
import plyfs.sys.Syscalls;
import plyfs.union.api.DirSink;
import plyfs.union.api.NodeView;

final class OpenNodesTest {
  private final ByteBuffer memory = ByteBuffer.allocateDirect(64);
  private final long address = Syscalls.addressOf(memory);

  private String text(int length) {
    byte[] bytes = new byte[length];
    memory.get(0, bytes);
    return new String(bytes, ISO_8859_1);
  }

  @Test
  void file_isReadAndWrittenByItsNumber() throws Exception {
    try (MountedPaths mounted = new MountedPaths("d/f=text")) {
      long open = mounted.opens.openFile("/d/f", Linux.O_RDWR);
      int length = mounted.opens.read(open, address, 64, 0);
      assertThat(text(length)).isEqualTo("text");
      memory.put(0, "TE".getBytes(ISO_8859_1));
      assertThat(mounted.opens.write(open, address, 2, 0, 0)).isEqualTo(2);
      mounted.attributes.setSizeOfOpen(open, 3);
      mounted.opens.sync(open, true);
      mounted.opens.releaseFile(open);
      assertThat(mounted.union.tree()).containsExactly("d/", "d/f=TEx");
      mounted.assertAllForgotten();
    }
  }

  @Test
  void madeFile_isOpenForWriting() throws Exception {
    try (MountedPaths mounted = new MountedPaths("d/")) {
      mounted.uid = 7;
      long open = mounted.opens.create("/d/new", Linux.S_IFREG | 0640);
      memory.put(0, "made".getBytes(ISO_8859_1));
      assertThat(mounted.opens.write(open, address, 4, 0, 0)).isEqualTo(4);
      assertThat(mounted.attributes.ofOpen(open).stat().uid()).isEqualTo(7);
      mounted.opens.releaseFile(open);
      assertThat(mounted.union.names("d")).containsExactly("new");
      mounted.assertAllForgotten();
    }
  }

  @Test
  void directory_isListedByItsNumber_fromAnyPosition() throws Exception {
    try (MountedPaths mounted = new MountedPaths("d/a=1", "d/b=2")) {
      long open = mounted.opens.openDirectory("/d");
      Names all = new Names();
      mounted.opens.list(open, 0, all);
      assertThat(all.names).containsExactlyInAnyOrder(".", "..", "a", "b");
      Names rest = new Names();
      mounted.opens.list(open, all.cookies.get(1), rest);
      assertThat(rest.names).isEqualTo(all.names.subList(2, 4));
      mounted.opens.releaseDirectory(open);
      mounted.assertAllForgotten();
    }
  }

  /** Takes entries down. */
  private static final class Names implements DirSink {
    final List<String> names = new ArrayList<>();
    final List<Long> cookies = new ArrayList<>();

    @Override
    public boolean hasRoom(int nameBytes) {
      return true;
    }

    @Override
    public void entry(byte[] name, long cookie, int type, long ino) {
      names.add(new String(name, ISO_8859_1));
      cookies.add(cookie);
    }

    @Override
    public void entryPlus(byte[] name, long cookie, int type, NodeView view) {
      throw new AssertionError("not asked for");
    }
  }

  @Test
  void numberThatIsNotOpen_isEbadf() throws Exception {
    try (MountedPaths mounted = new MountedPaths("f=1")) {
      long open = mounted.opens.openFile("/f", Linux.O_RDONLY);
      mounted.opens.releaseFile(open);
      mounted.opens.releaseFile(open); // a second time does nothing
      assertThat(errno(() -> mounted.opens.read(open, address, 1, 0))).isEqualTo("EBADF");
      assertThat(errno(() -> mounted.opens.node(0))).isEqualTo("EBADF");
    }
  }

  @Test
  void openThatFails_holdsNothing() throws Exception {
    try (MountedPaths mounted = new MountedPaths("d/", "f=1")) {
      assertThat(errno(() -> mounted.opens.openFile("/d", Linux.O_RDONLY))).isEqualTo("EISDIR");
      assertThat(errno(() -> mounted.opens.openFile("/x", Linux.O_RDONLY))).isEqualTo("ENOENT");
      assertThat(errno(() -> mounted.opens.create("/f", Linux.S_IFREG | 0644))).isEqualTo("EEXIST");
      mounted.assertAllForgotten();
    }
  }

  /** SEMANTICS 4.70: the kernel leaves this one to file systems at protocol 7.19. */
  @Test
  void setgidWithoutExecution_goesWithAStrangersWrite() throws Exception {
    try (MountedPaths mounted = new MountedPaths("f=1", "t=1")) {
      for (String path : List.of("/f", "/t")) {
        mounted.attributes.setOwner(path, -1, 7);
        mounted.attributes.setMode(path, 02767);
      }
      mounted.uid = 1;
      long open = mounted.opens.openFile("/f", Linux.O_WRONLY);
      assertThat(mounted.attributes.ofOpen(open).stat().mode() & 07777).isEqualTo(02767);
      mounted.opens.write(open, address, 1, 0, 0);
      assertThat(mounted.attributes.ofOpen(open).stat().mode() & 07777).isEqualTo(0767);
      mounted.attributes.setSize("/t", 0);
      assertThat(mounted.attributes.of("/t").stat().mode() & 07777).isEqualTo(0767);
      mounted.opens.releaseFile(open);
    }
  }
}
