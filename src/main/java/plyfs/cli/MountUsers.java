package plyfs.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.MountSyscalls;
import plyfs.sys.Name;
import plyfs.sys.Syscalls;

/** The processes that use files below a mount point, as far as this user can see them. */
final class MountUsers {
  private static final Path PROCESSES = Path.of("/proc");
  private static final List<String> LINKS = List.of("cwd", "root", "exe");
  private static final int MOST = 5;

  private final byte[] point;

  private MountUsers(byte[] point) {
    this.point = point;
  }

  /**
   * A few words for each, such as {@code process 12 (bash) has its working directory there}.
   *
   * @param point absolute, without symbolic links
   */
  static List<String> below(byte[] point) throws IOException {
    MountUsers users = new MountUsers(point);
    List<String> sentences = new ArrayList<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(PROCESSES, "[0-9]*")) {
      for (Path process : all) {
        boolean isSelf = process.endsWith(Integer.toString(MountSyscalls.processId()));
        String how = isSelf ? null : users.look(process);
        if (how != null && sentences.size() < MOST) {
          sentences.add(who(process) + " " + how);
        }
      }
    }
    return sentences;
  }

  private @Nullable String look(Path process) {
    for (String link : LINKS) {
      if (leadsBelow(process.resolve(link))) {
        return switch (link) {
          case "cwd" -> "has its working directory there";
          case "root" -> "has its root there";
          default -> "runs a program there";
        };
      }
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(process.resolve("fd"))) {
      for (Path file : files) {
        if (leadsBelow(file)) {
          return "has a file open there";
        }
      }
    } catch (IOException e) {
      // The process has ended, or belongs to another user.
    }
    return null;
  }

  private boolean leadsBelow(Path link) {
    try {
      byte[] target = Syscalls.readlink(Fd.CWD, link.toString().getBytes(ISO_8859_1));
      return MountedPath.below(point, target) != null;
    } catch (ErrnoException e) {
      return false;
    }
  }

  private static String who(Path process) {
    String pid = String.valueOf(process.getFileName());
    try {
      String command = Files.readString(process.resolve("comm"), ISO_8859_1).strip();
      return "process " + pid + " (" + Name.printable(command.getBytes(ISO_8859_1)) + ")";
    } catch (IOException e) {
      return "process " + pid;
    }
  }
}
