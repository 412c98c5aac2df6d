package plyfs.sys;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One mount that this process sees: a line of /proc/self/mountinfo.
 *
 * @param id number of the mount, as {@link Stat#mountId}
 * @param device {@code MAJOR:MINOR} of the file system
 * @param root the mounted directory of the file system
 * @param mountpoint where it is mounted
 * @param type such as {@code ext4}
 * @param flags VFS options of this mount, such as {@code ro,nosuid}
 * @param options options of the file system, with the escapes of mountinfo
 * @implNote {@code ID PARENT MAJ:MIN ROOT MOUNTPOINT OPTIONS [FIELDS...] - TYPE SOURCE SUPER}:
 *     proc(5); blanks and commas in values are octal
 */
public record MountEntry(
    int id,
    String device,
    byte[] root,
    byte[] mountpoint,
    String flags,
    String type,
    String options) {
  private static final byte[] MOUNTINFO =
      "/proc/self/mountinfo".getBytes(StandardCharsets.US_ASCII);
  private static final int BUFFER_BYTES = 1 << 16;

  /** All mounts, each after the mounts that it covers. */
  public static List<MountEntry> all() throws ErrnoException {
    List<MountEntry> entries = new ArrayList<>();
    for (String line : new String(content(), ISO_8859_1).split("\n", -1)) {
      MountEntry entry = parse(line);
      if (entry != null) {
        entries.add(entry);
      }
    }
    return entries;
  }

  private static byte[] content() throws ErrnoException {
    ByteBuffer memory = ByteBuffer.allocateDirect(BUFFER_BYTES);
    ByteArrayOutputStream content = new ByteArrayOutputStream(BUFFER_BYTES);
    byte[] chunk = new byte[BUFFER_BYTES];
    try (Fd fd = Fd.open(MOUNTINFO, Linux.O_RDONLY)) {
      while (true) {
        long read = FileSyscalls.read(fd, Syscalls.addressOf(memory), BUFFER_BYTES);
        int count = (int) ErrnoException.check(read);
        if (count == 0) {
          return content.toByteArray();
        }
        memory.get(0, chunk, 0, count);
        content.write(chunk, 0, count);
      }
    }
  }

  /** Parses a line; null if it is malformed. */
  static @Nullable MountEntry parse(String line) {
    List<String> fields = Arrays.asList(line.split(" ", -1));
    int dash = fields.indexOf("-");
    if (dash < 6 || dash + 3 >= fields.size()) {
      return null;
    }
    return new MountEntry(
        Integer.parseInt(fields.get(0)),
        fields.get(2),
        OctalText.decode(fields.get(3)),
        OctalText.decode(fields.get(4)),
        fields.get(5),
        fields.get(dash + 1),
        fields.get(dash + 3));
  }

  /** Value of an option of the file system; null if it does not have the option. */
  public byte @Nullable [] option(String key) {
    for (String option : options.split(",", -1)) {
      if (option.startsWith(key + "=")) {
        return OctalText.decode(option.substring(key.length() + 1));
      }
    }
    return null;
  }
}
