package plyfs.daemon;

import org.jspecify.annotations.Nullable;
import plyfs.fuse.Notifier;
import plyfs.sys.Name;
import plyfs.union.api.UnionListener;

/** Has the kernel drop what it holds in its caches and what a call of the union made old. */
final class KernelCaches implements UnionListener {
  /** Null before the session begins: the kernel has asked nothing yet. */
  private volatile @Nullable Notifier notifier;

  /** The kernel is there. */
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

  /** The kernel hears of it once the failed call is over. */
  @Override
  public void nameCame(long directory, Name name) {
    Notifier to = notifier;
    if (to != null) {
      to.invalidateEntry(directory, name);
    }
  }
}
