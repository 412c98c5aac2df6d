package plyfs.daemon;

import java.io.IOException;
import plyfs.layer.MountRefusedException;
import plyfs.options.MountOptions;
import plyfs.union.UnionFs;
import plyfs.union.api.UnionListener;

/**
 * How the kernel's requests reach a union: it mounts, serves until the mount is gone, and knows
 * nothing of layers. One object serves one mount.
 */
public interface Transport extends AutoCloseable {
  /**
   * Takes what the machine must have for it, before any layer is touched.
   *
   * @throws IOException the machine lacks something, with a sentence for people
   */
  void prepare(MountOptions options) throws IOException;

  /** What listens to the union that {@link #serve} is going to serve. */
  default UnionListener listener() {
    return UnionListener.NONE;
  }

  /**
   * Mounts; the mount can be used when this returns.
   *
   * @param union with {@link #listener}
   * @param flags {@code MS_*}, those of the options among them
   * @param mountpoint a directory
   * @throws MountRefusedException the mount point cannot be used
   * @throws IOException it could not be served; the mount is gone
   */
  Served serve(UnionFs union, MountOptions options, long flags, byte[] mountpoint)
      throws MountRefusedException, IOException;

  /** Gives back what {@link #prepare} took, unless {@link #serve} uses it. */
  @Override
  void close();

  /** A mount that is served. */
  interface Served {
    /** The mount point, absolute and without symbolic links. */
    byte[] path();

    /** Waits until the mount is gone, whoever unmounted it, and nobody uses the union any more. */
    void awaitEnd() throws InterruptedException;

    /**
     * Unmounts, as {@link OverlayMount#unmount} says.
     *
     * @return 0, or a negated error number
     */
    int unmount(boolean lazily);

    /** How many requests of each kind were served, for people. */
    String requestCounts();
  }
}
