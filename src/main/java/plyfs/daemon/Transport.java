package plyfs.daemon;

import java.io.IOException;
import plyfs.layer.MountRefusedException;
import plyfs.options.MountOptions;
import plyfs.union.UnionFs;
import plyfs.union.api.UnionListener;

/**
 * Delivers the kernel's requests to a union: it mounts, and serves until the mount ends. It knows
 * nothing of layers. One object serves one mount.
 */
public interface Transport extends AutoCloseable {
  /**
   * Acquires what the transport needs from the system, before any layer is opened.
   *
   * @throws IOException the system lacks something; the message is a sentence for a person
   */
  void prepare(MountOptions options) throws IOException;

  /** The listener for the union that {@link #serve} will serve. */
  default UnionListener listener() {
    return UnionListener.NONE;
  }

  /**
   * Mounts. The mount is ready when this method returns.
   *
   * @param union with {@link #listener}
   * @param flags {@code MS_*}, including those of the options
   * @param mountpoint a directory
   * @throws MountRefusedException the mount point cannot be used
   * @throws IOException the transport could not serve it; the mount has ended
   */
  Served serve(UnionFs union, MountOptions options, long flags, byte[] mountpoint)
      throws MountRefusedException, IOException;

  /** Releases what {@link #prepare} acquired, unless {@link #serve} uses it. */
  @Override
  void close();

  /** A running mount. */
  interface Served {
    /** The mount point, absolute and without symbolic links. */
    byte[] path();

    /** Waits until the mount has ended, no matter who unmounts it, and no thread uses the union. */
    void awaitEnd() throws InterruptedException;

    /**
     * Unmounts, as {@link OverlayMount#unmount}.
     *
     * @return 0, or a negated error number
     */
    int unmount(boolean lazily);

    /** Numbers of requests by kind, for a person. */
    String requestCounts();
  }
}
