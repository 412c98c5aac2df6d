package plyfs.daemon;

import org.jspecify.annotations.Nullable;
import plyfs.fuse.Notifier;
import plyfs.sys.Name;
import plyfs.union.api.UnionListener;

/**
 * Invalidates the cached names, attributes and lists in the kernel that an operation of the union
 * made stale.
 */
final class KernelCaches implements UnionListener {
  /** Null before the session begins: the kernel has cached nothing yet. */
  private volatile @Nullable Notifier notifier;

  /** Sets the notifier once the session has begun. */
  void connect(Notifier toKernel) {
    notifier = toKernel;
  }

  @Override
  public void attributesChanged(long node) {
    Notifier to = notifier;
    if (to != null) {
      to.invalidateAttributes(node);
    }
  }

  @Override
  public void entriesChanged(long directory) {
    Notifier to = notifier;
    if (to != null) {
      to.dropList(directory);
    }
  }

  /** The kernel gets the notice after the failed call. */
  @Override
  public void nameCame(long directory, Name name) {
    Notifier to = notifier;
    if (to != null) {
      to.invalidateEntry(directory, name);
    }
  }
}
