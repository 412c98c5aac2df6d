package plyfs.model;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.FileSyscalls;
import plyfs.sys.Getdents;
import plyfs.sys.Linux;
import plyfs.sys.MountSyscalls;
import plyfs.sys.Stat;
import plyfs.sys.Syscalls;
import plyfs.sys.XattrSyscalls;

/**
 * A directory tree as text, one line an object, sorted by the bytes of the path:
 *
 * <pre>{@code
 * PATH TYPE MODE UID:GID size=BYTES mtime=S.NS [rdev=MAJOR:MINOR] [-> TARGET] [nlink=N] [sha256=HEX] [NAME=HEX ...]
 * }</pre>
 *
 * Bytes outside printable ASCII, blanks and backslashes stand as {@code \xHH}, so equal lines are
 * equal bytes. A directory has no size and no link count, which belong to its file system. Never
 * follows a link, and reads each name relative to its directory, so depth has no limit.
 */
public final class TreeSnapshot {
  /** What is put into the lines beyond what every line holds. */
  public enum Option {
    /** Access and change times too: to prove that nothing touched a tree. Needs root. */
    ALL_TIMES,
    /** No content: much faster, when only metadata is in question. */
    NO_CONTENT,
    /** No modification times of directories, which a change below moves. */
    NO_DIRECTORY_TIMES,
    /** No modification times. */
    NO_TIMES
  }

  private static final int CHUNK_BYTES = 1 << 20;
  private static final byte[] DOT = {'.'};
  private static final HexFormat HEX = HexFormat.of();

  private final Set<Option> options;
  private final List<String> leftOut;
  private final SortedMap<String, String> lines = new TreeMap<>();
  private final ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK_BYTES);
  private final long chunkAddress = Syscalls.addressOf(chunk);
  private final Stat stat = new Stat();
  private final MessageDigest sha256;

  private TreeSnapshot(Set<Option> options, List<String> leftOut) {
    this.options = options;
    this.leftOut = leftOut;
    try {
      this.sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Lines by path.
   *
   * @param root path of a directory
   * @param xattrPrefixes attributes whose names start so are left out
   * @throws ErrnoException what a system call gave; the tree must not change meanwhile
   */
  public static SortedMap<String, String> of(
      byte[] root, Set<Option> options, List<String> xattrPrefixes) throws ErrnoException {
    TreeSnapshot snapshot = new TreeSnapshot(options, xattrPrefixes);
    boolean untouched = options.contains(Option.ALL_TIMES);
    try (Fd directory = untouched ? openWithoutATrace(root) : openDirectory(Fd.CWD, root)) {
      snapshot.addObject(directory, Syscalls.SELF, ".");
      snapshot.walk(directory);
    }
    return snapshot.lines;
  }

  /** What is different, one line each, with {@code -} for the first tree and {@code +}. */
  public static List<String> diff(SortedMap<String, String> one, SortedMap<String, String> other) {
    List<String> out = new ArrayList<>();
    TreeMap<String, Boolean> paths = new TreeMap<>();
    one.keySet().forEach(path -> paths.put(path, true));
    other.keySet().forEach(path -> paths.put(path, true));
    for (String path : paths.keySet()) {
      String first = one.get(path);
      String second = other.get(path);
      if (first == null || !first.equals(second)) {
        if (first != null) {
          out.add("- " + path + first);
        }
        if (second != null) {
          out.add("+ " + path + second);
        }
      }
    }
    return out;
  }

  /** SHA-256 over all lines. */
  public static String digest(SortedMap<String, String> lines) {
    TreeSnapshot any = new TreeSnapshot(Set.of(), List.of());
    lines.forEach((path, line) -> any.sha256.update((path + line + "\n").getBytes(ISO_8859_1)));
    return HEX.formatHex(any.sha256.digest());
  }

  /** A directory whose entries are still to be added; its descriptor is opened from its parent. */
  private record Level(Fd directory, String path, Deque<byte[]> names) {}

  private void walk(Fd root) throws ErrnoException {
    Deque<Level> levels = new ArrayDeque<>();
    levels.push(new Level(root, "", namesIn(root)));
    try {
      while (!levels.isEmpty()) {
        Level level = levels.element();
        byte[] name = level.names().poll();
        if (name == null) {
          levels.pop();
          if (level.directory() != root) {
            level.directory().close();
          }
          continue;
        }
        String path = level.path() + escape(name);
        if (addObject(level.directory(), name, path)) {
          Fd inner = openDirectory(level.directory(), name);
          levels.push(new Level(inner, path + "/", namesIn(inner)));
        }
      }
    } finally {
      levels.stream().map(Level::directory).filter(fd -> fd != root).forEach(Fd::close);
    }
  }

  /** Through a mount of its own that keeps access times still, also those of symbolic links. */
  private static Fd openWithoutATrace(byte[] root) throws ErrnoException {
    try (Fd place = Fd.open(root, Linux.O_PATH | Linux.O_DIRECTORY);
        Fd clone = MountSyscalls.cloneMount(place, Syscalls.SELF)) {
      ErrnoException.check(
          MountSyscalls.setMountAttributes(
              clone, Linux.MOUNT_ATTR_RDONLY | Linux.MOUNT_ATTR_NOATIME, Linux.MOUNT_ATTR__ATIME));
      return Fd.openat(clone, DOT, Linux.O_RDONLY | Linux.O_DIRECTORY, 0);
    }
  }

  private static Fd openDirectory(Fd parent, byte[] name) throws ErrnoException {
    return Fd.openat(
        parent, name, Linux.O_RDONLY | Linux.O_DIRECTORY | Linux.O_NOFOLLOW | noatime(), 0);
  }

  private static int noatime() {
    return MountSyscalls.effectiveUser() == 0 ? Linux.O_NOATIME : 0;
  }

  private static Deque<byte[]> namesIn(Fd directory) throws ErrnoException {
    Getdents entries = new Getdents();
    Deque<byte[]> names = new ArrayDeque<>();
    while (entries.advance(directory)) {
      names.add(entries.name());
    }
    return names;
  }

  /** Adds one line; true for a directory. */
  private boolean addObject(Fd directory, byte[] name, String path) throws ErrnoException {
    ErrnoException.check(Syscalls.statx(directory, name, stat));
    boolean isDirectory = stat.isDirectory();
    boolean isRegular = stat.isRegular();
    StringBuilder line = new StringBuilder();
    line.append(' ')
        .append(typeName(stat.type()))
        .append(' ')
        .append(Integer.toOctalString(stat.mode() & 07777))
        .append(' ')
        .append(Integer.toUnsignedString(stat.uid()))
        .append(':')
        .append(Integer.toUnsignedString(stat.gid()));
    if (!isDirectory) {
      line.append(" size=").append(stat.size());
    }
    appendTimes(line, isDirectory);
    if (stat.type() == Linux.S_IFCHR || stat.type() == Linux.S_IFBLK) {
      int rdev = stat.rdev();
      line.append(" rdev=").append(rdev >>> 8 & 0xfff).append(':');
      line.append(rdev & 0xff | rdev >>> 12 & 0xfff00);
    }
    if (!isDirectory) {
      line.append(" nlink=").append(stat.nlink());
    }
    if (stat.isSymlink()) {
      line.append(" -> ").append(escape(Syscalls.readlink(directory, name)));
    }
    if (isRegular && !options.contains(Option.NO_CONTENT)) {
      line.append(" sha256=").append(content(directory, name));
    }
    appendXattrs(line, directory, name);
    lines.put(path, line.toString());
    return isDirectory && name.length > 0;
  }

  private static String typeName(int type) {
    return switch (type) {
      case Linux.S_IFREG -> "file";
      case Linux.S_IFDIR -> "dir";
      case Linux.S_IFLNK -> "link";
      case Linux.S_IFCHR -> "char";
      case Linux.S_IFBLK -> "block";
      case Linux.S_IFIFO -> "fifo";
      case Linux.S_IFSOCK -> "socket";
      default -> "type-" + Integer.toOctalString(type);
    };
  }

  private void appendTimes(StringBuilder line, boolean isDirectory) {
    boolean without =
        options.contains(Option.NO_TIMES)
            || isDirectory && options.contains(Option.NO_DIRECTORY_TIMES);
    if (!without) {
      appendTime(line, "mtime", stat.mtimeSeconds(), stat.mtimeNanos());
    }
    if (options.contains(Option.ALL_TIMES)) {
      appendTime(line, "atime", stat.atimeSeconds(), stat.atimeNanos());
      appendTime(line, "ctime", stat.ctimeSeconds(), stat.ctimeNanos());
    }
  }

  private static void appendTime(StringBuilder line, String what, long seconds, int nanos) {
    String digits = Integer.toString(1_000_000_000 + nanos).substring(1);
    line.append(' ').append(what).append('=').append(seconds).append('.').append(digits);
  }

  private String content(Fd directory, byte[] name) throws ErrnoException {
    sha256.reset();
    try (Fd file =
        Fd.openat(
            directory, name, Linux.O_RDONLY | Linux.O_NOFOLLOW | Linux.O_NONBLOCK | noatime(), 0)) {
      int read;
      while ((read = (int) ErrnoException.check(FileSyscalls.read(file, chunkAddress, CHUNK_BYTES)))
          > 0) {
        sha256.update(chunk.slice(0, read));
      }
    }
    return HEX.formatHex(sha256.digest());
  }

  private void appendXattrs(StringBuilder line, Fd directory, byte[] name) throws ErrnoException {
    List<String> attributes = new ArrayList<>();
    XattrSyscalls.forEachName(
        XattrSyscalls.list(directory, name),
        attribute -> {
          String text = new String(attribute, ISO_8859_1);
          if (leftOut.stream().noneMatch(text::startsWith)) {
            byte[] value = XattrSyscalls.get(directory, name, attribute);
            attributes.add(escape(attribute) + "=" + (value == null ? "?" : HEX.formatHex(value)));
          }
        });
    Collections.sort(attributes);
    attributes.forEach(attribute -> line.append(' ').append(attribute));
  }

  /** Bytes for a line. */
  static String escape(byte[] bytes) {
    StringBuilder out = new StringBuilder(bytes.length);
    for (byte b : bytes) {
      if (b <= ' ' || b == 0x7f || b == '\\') {
        out.append("\\x").append(HEX.toHexDigits(b));
      } else {
        out.append((char) b);
      }
    }
    return out.toString();
  }
}
