package plyfs.union.node;

import org.jspecify.annotations.Nullable;
import plyfs.sys.Name;

/**
 * A negative cache: the last names of one directory whose lookup found nothing. A program that
 * creates an object has usually just looked up its name, so the layers need not be asked again.
 * Caller holds dirLock of the directory.
 */
public final class Misses {
  private static final int SLOTS = 4;

  private final @Nullable Name[] names = new Name[SLOTS];
  private final Found.Outcome[] outcomes = new Found.Outcome[SLOTS];

  private static int slot(Name name) {
    return name.hashCode() & SLOTS - 1;
  }

  /**
   * Remembers an absence.
   *
   * @param outcome NONE or UPPER_WHITEOUT
   */
  public void add(Name name, Found.Outcome outcome) {
    names[slot(name)] = name;
    outcomes[slot(name)] = outcome;
  }

  /** What is known of a name; null if it is not known to be absent. */
  public Found.@Nullable Outcome of(Name name) {
    int slot = slot(name);
    return name.equals(names[slot]) ? outcomes[slot] : null;
  }

  /** A name has come or gone. */
  void forget(Name name) {
    int slot = slot(name);
    if (name.equals(names[slot])) {
      names[slot] = null;
    }
  }
}
