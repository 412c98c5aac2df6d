package plyfs.union.node;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** Reusable results of lookups: each holds native memory, which is expensive to allocate. */
public final class FoundPool {
  private static final int SLOTS = 64;

  private final AtomicReferenceArray<@Nullable Found> idle = new AtomicReferenceArray<>(SLOTS);

  private static int slot() {
    return (int) Thread.currentThread().getId() & SLOTS - 1;
  }

  /** One for the caller alone, to be given back. */
  public Found take() {
    Found found = idle.getAndSet(slot(), null);
    return found != null ? found : new Found();
  }

  public void giveBack(Found found) {
    idle.set(slot(), found);
  }
}
