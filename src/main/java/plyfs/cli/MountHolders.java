package plyfs.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import plyfs.sys.Name;

/**
 * The mount namespaces that still contain a mount, as far as this user can read their mount tables.
 * A new mount namespace is a copy of its creator's, including all mounts.
 */
final class MountHolders {
  private static final Path PROCESSES = Path.of("/proc");

  /** An example process of each namespace, by the namespace. */
  private final Map<String, String> examples = new LinkedHashMap<>();

  private MountHolders() {}

  /**
   * Reads /proc/PID/mountinfo of all processes.
   *
   * @param device {@code MAJOR:MINOR}, as in the mount table
   */
  static MountHolders of(String device) throws IOException {
    MountHolders holders = new MountHolders();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(PROCESSES, "[0-9]*")) {
      for (Path process : all) {
        holders.look(process, device);
      }
    }
    return holders;
  }

  private void look(Path process, String device) {
    try {
      String point = pointIn(process, device);
      if (point != null) {
        String namespace = Files.readSymbolicLink(process.resolve("ns/mnt")).toString();
        if (!examples.containsKey(namespace)) {
          examples.put(namespace, sentence(process, point));
        }
      }
    } catch (IOException e) {
      // The process has ended, or belongs to another user.
    }
  }

  private static @Nullable String pointIn(Path process, String device) throws IOException {
    for (String line : Files.readAllLines(process.resolve("mountinfo"), ISO_8859_1)) {
      String[] fields = line.split(" ", 6);
      if (fields.length == 6 && fields[2].equals(device)) {
        return fields[4];
      }
    }
    return null;
  }

  private static String sentence(Path process, String point) throws IOException {
    String command = Files.readString(process.resolve("comm"), ISO_8859_1).strip();
    String pid = process.getFileName().toString();
    return "the mount namespace of process "
        + pid
        + " ("
        + Name.printable(command.getBytes(ISO_8859_1))
        + ") still has it mounted at "
        + point
        + ": end the processes in that namespace, or run 'nsenter -m -t "
        + pid
        + " umount "
        + point
        + "'";
  }

  /** A sentence for each namespace. */
  Iterable<String> sentences() {
    return examples.values();
  }

  boolean areNone() {
    return examples.isEmpty();
  }
}
