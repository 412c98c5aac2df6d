package plyfs.contract;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static plyfs.contract.MountedUnion.errno;

import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.FileSyscalls;
import plyfs.sys.Linux;
import plyfs.sys.Syscalls;

/** SEMANTICS 4, FIFOs, sockets, devices and watches. */
final class SpecialFileScenarios {
  /** More than anything here takes: a watch that tells nothing must not hang the tests. */
  private static final long NEVER_SECONDS = 60;

  private SpecialFileScenarios() {}

  @Item("4.108")
  static void endsOfAFifo_meetOverCopyUp(MountedUnion union) throws Throwable {
    union.lower().mknod("p", Linux.S_IFIFO | 0600, 0);
    DiskTree at = union.mount();
    try (Fd reader = at.open("p", Linux.O_RDONLY | Linux.O_NONBLOCK)) {
      at.chmod("p", 0640);
      try (Fd writer = at.open("p", Linux.O_WRONLY)) {
        ByteBuffer memory = ByteBuffer.allocateDirect(8).put(0, "hello".getBytes(US_ASCII));
        long address = Syscalls.addressOf(memory);
        assertThat(FileSyscalls.write(writer, address, 5)).isEqualTo(5);
        memory.put(0, new byte[5]);
        assertThat(FileSyscalls.read(reader, address, 8)).isEqualTo(5);
        assertThat(memory.get(4)).isEqualTo((byte) 'o');
      }
    }
    assertThat(union.remount().stat("p").mode()).isEqualTo(Linux.S_IFIFO | 0640);
  }

  @Item("4.108")
  static void socket_isFoundUnderItsNewName(MountedUnion union) throws Throwable {
    union.lower("d/f=1");
    DiskTree at = union.mount();
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(at.root() + "/s"));
      talk(server, at.root() + "/s");
      at.chmod("s", 0700);
      at.rename("s", "d/t");
      talk(server, at.root() + "/d/t");
    }
    assertThat(at.stat("d/t").type()).isEqualTo(Linux.S_IFSOCK);
    at.unlink("d/t");
    assertThat(at.list("d")).containsExactly("f");
  }

  private static void talk(ServerSocketChannel server, String path) throws Exception {
    try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(path));
        SocketChannel accepted = server.accept()) {
      client.write(ByteBuffer.wrap(new byte[] {7}));
      ByteBuffer one = ByteBuffer.allocate(1);
      accepted.read(one);
      assertThat(one.get(0)).isEqualTo((byte) 7);
    }
  }

  @Item("4.108, 4.80")
  static void deviceNode_works_unlessNodev(MountedUnion union) throws Throwable {
    union.lower().mknod("zero", Linux.S_IFCHR | 0666, 0x0105);
    useDevice(union.mount());
    DiskTree refused = union.remount("nodev");
    assertThat(errno(() -> refused.open("zero", Linux.O_RDONLY).close())).isEqualTo("EACCES");
    DiskTree at = union.remount();
    at.chmod("zero", 0600);
    useDevice(at);
  }

  private static void useDevice(DiskTree at) throws ErrnoException {
    try (Fd zero = at.open("zero", Linux.O_RDWR)) {
      assertThat(DiskTree.pread(zero, 3, 0)).isEqualTo("\0\0\0");
      DiskTree.pwrite(zero, "gone", 0);
    }
  }

  @Item("4.109")
  static void watchSetBeforeCopyUp_tellsOfLaterChanges(MountedUnion union) throws Throwable {
    union.lower("d/low=1", "d/old=1", "d/gone=1");
    DiskTree at = union.mount();
    Path directory = Path.of(at.root(), "d");
    try (WatchService watches = directory.getFileSystem().newWatchService()) {
      directory.register(
          watches,
          StandardWatchEventKinds.ENTRY_CREATE,
          StandardWatchEventKinds.ENTRY_DELETE,
          StandardWatchEventKinds.ENTRY_MODIFY);
      at.append("d/low", "+");
      expect(watches, "ENTRY_MODIFY low");
      at.chmod("d/old", 0600);
      expect(watches, "ENTRY_MODIFY old");
      at.mkdir("d/new");
      expect(watches, "ENTRY_CREATE new");
      at.rename("d/old", "d/moved");
      expect(watches, "ENTRY_DELETE old", "ENTRY_CREATE moved");
      at.unlink("d/gone");
      expect(watches, "ENTRY_DELETE gone");
    }
  }

  /** Waits for events, in any order and among others. */
  private static void expect(WatchService watches, String... events) throws Exception {
    Set<String> missing = new HashSet<>(Set.of(events));
    while (!missing.isEmpty()) {
      WatchKey key = watches.poll(NEVER_SECONDS, TimeUnit.SECONDS);
      assertThat(key).as("events that never came: %s", missing).isNotNull();
      for (WatchEvent<?> event : key.pollEvents()) {
        missing.remove(event.kind().name() + " " + event.context());
      }
      assertThat(key.reset()).isTrue();
    }
  }
}
