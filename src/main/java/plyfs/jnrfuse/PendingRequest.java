package plyfs.jnrfuse;

import plyfs.daemon.ProcessGroups;
import plyfs.union.api.Caller;

/** The request that is being answered: what libfuse does not tell the operation that it calls. */
interface PendingRequest {
  /** Opcodes, of {@code <linux/fuse.h>}. */
  int LOOKUP = 1;

  int UNLINK = 10;
  int RENAME = 12;

  int opcode();

  int uid();

  int gid();

  /** Thread that asks; 0 for one that has no number here. */
  int pid();

  /** The new name in a RENAME request, one character for each byte. */
  String newNameOfRename();

  /** Who asks. The kernel has applied the umask. */
  default Caller caller() {
    int thread = pid();
    return new Caller(uid(), gid(), 0, new KilledCaller(thread), new ProcessGroups(thread));
  }

  /** Whether setuid and setgid go when a file's content changes. */
  default boolean killsSuidgid() {
    return !ProcessGroups.keepsSetuid(pid());
  }
}
