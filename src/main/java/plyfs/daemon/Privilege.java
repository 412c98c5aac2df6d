package plyfs.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import plyfs.sys.MountSyscalls;

/** What the process may do with mounts; some options have another default for each. */
public enum Privilege {
  /** Root of the machine: CAP_SYS_ADMIN in the first user namespace. */
  ROOT,
  /** Anyone else, root of a user namespace included. */
  USER;

  /** First line of uid_map in the first user namespace: all numbers, each as itself. */
  private static final String WHOLE_RANGE = "0 0 4294967295";

  /** That of this process. */
  public static Privilege current() {
    return MountSyscalls.effectiveUser() == 0 && isFirstUserNamespace() ? ROOT : USER;
  }

  private static boolean isFirstUserNamespace() {
    try {
      String map = Files.readString(Path.of("/proc/self/uid_map")).strip();
      return map.replaceAll("\\s+", " ").equals(WHOLE_RANGE);
    } catch (IOException e) {
      return true; // a kernel without user namespaces has no such file
    }
  }
}
