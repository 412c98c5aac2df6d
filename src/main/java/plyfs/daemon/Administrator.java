package plyfs.daemon;

import java.util.function.BooleanSupplier;
import plyfs.sys.Capabilities;

/**
 * Whether the process, or thread, that a request comes from has CAP_SYS_ADMIN in the first user
 * namespace.
 *
 * @param pid of the request; for a process that is gone, or 0 for one that has no number here, the
 *     answer is no
 */
public record Administrator(int pid) implements BooleanSupplier {
  @Override
  public boolean getAsBoolean() {
    return ProcessGroups.isAdministrator(pid) && Capabilities.isInFirstUserNamespace(pid);
  }
}
