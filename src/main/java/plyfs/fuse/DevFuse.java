package plyfs.fuse;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.atomic.AtomicInteger;
import plyfs.sys.CommandRing;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.FileSyscalls;
import plyfs.sys.FuseMount;
import plyfs.sys.IoUring;
import plyfs.sys.Loggers;
import plyfs.sys.MountSyscalls;

/** A mount served through /dev/fuse. */
final class DevFuse implements Connection {
  private static final Logger LOG = Loggers.named("plyfs.fuse");

  private final FuseMount mount;
  private final BusyPolling polling;
  private boolean hasServedInit;

  DevFuse(FuseMount ownedMount, BusyPolling polling) {
    this.mount = ownedMount;
    this.polling = polling;
  }

  /**
   * Opens a channel. The first channel, which serves INIT, uses the mounted descriptor; each
   * further channel gets its own clone if the kernel supports it.
   */
  @Override
  public Channel open(InitResult limits) {
    if (!hasServedInit) {
      hasServedInit = true;
      return shared(limits);
    }
    try {
      return new DevFuseChannel(mount.openQueue(), limits, true, polling);
    } catch (ErrnoException e) {
      LOG.log(Level.INFO, "workers share one /dev/fuse descriptor: {0}", e.getMessage());
      return shared(limits);
    }
  }

  private Channel shared(InitResult limits) {
    return new DevFuseChannel(mount.device(), limits, false, BusyPolling.NEVER);
  }

  @Override
  public Channel openRing(InitResult limits, int cpu, AtomicInteger ringsOfCpu) {
    return new RingChannel(mount.device(), cpu, limits, ringsOfCpu, () -> makeRing(cpu));
  }

  /** Creates a ring, on the CPU whose requests it receives. */
  private static CommandRing makeRing(int cpu) throws ErrnoException {
    MountSyscalls.pinThread(cpu);
    return new IoUring(RingChannel.ENTRIES);
  }

  @Override
  public long send(long address, int length) {
    return FileSyscalls.write(mount.device(), address, length);
  }

  @Override
  public int lendBacking(Fd file) {
    return mount.lendBacking(file);
  }

  @Override
  public int endBacking(int id) {
    return mount.endBacking(id);
  }

  @Override
  public void abort() {
    int result = mount.abort();
    if (result < 0) {
      LOG.log(Level.WARNING, "cannot end the mount: {0}", ErrnoException.of(-result).getMessage());
    }
  }

  @Override
  public void close() {
    mount.close();
  }
}
