package plyfs.daemon;

import java.util.function.BooleanSupplier;
import plyfs.sys.Capabilities;

/**
 * Whether the process or thread that sent a request has CAP_SYS_ADMIN in the initial user
 * namespace.
 *
 * @param pid of the request; false for a process that has ended, and for 0, a process without a
 *     number in the daemon's PID namespace
 */
public record Administrator(int pid) implements BooleanSupplier {
  @Override
  public boolean getAsBoolean() {
    return ProcessGroups.isAdministrator(pid) && Capabilities.isInFirstUserNamespace(pid);
  }
}
