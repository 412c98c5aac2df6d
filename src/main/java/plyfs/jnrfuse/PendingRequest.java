package plyfs.jnrfuse;

import plyfs.daemon.ProcessGroups;
import plyfs.union.api.Caller;

/** The current request: the information that libfuse does not pass to an operation. */
interface PendingRequest {
  /** Opcodes, of {@code <linux/fuse.h>}. */
  int LOOKUP = 1;

  int UNLINK = 10;
  int RENAME = 12;

  int opcode();

  int uid();

  int gid();

  /** Thread id of the caller; 0 if it has none in the daemon's PID namespace. */
  int pid();

  /** The new name in a RENAME request, one character for each byte. */
  String newNameOfRename();

  /** The caller. The kernel has already applied the umask. */
  default Caller caller() {
    int thread = pid();
    return new Caller(uid(), gid(), 0, new KilledCaller(thread), new ProcessGroups(thread));
  }

  /** Whether to clear setuid and setgid when the content of a file changes. */
  default boolean killsSuidgid() {
    return !ProcessGroups.keepsSetuid(pid());
  }
}
