package plyfs.layer;

import java.util.ArrayList;
import java.util.List;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Linux;
import plyfs.sys.RankedLock;

/**
 * The open directories of one layer: a bounded number of {@code O_PATH} descriptors, so that a
 * system call on a name needs no path walk. When the table is full, a clock hand moves over it and
 * closes the first directory that was not used since its last visit.
 *
 * <p>A directory without a descriptor is opened from its nearest ancestor that has one, one
 * component at a time, without following symbolic links. No path is ever built, so the depth is
 * unlimited, and nothing outside the layer can be reached.
 */
final class DirDescriptors {
  private static final int RANK = 60;

  private final RankedLock lock = new RankedLock(RANK);
  private final List<LayerRef> open = new ArrayList<>();
  private final int limit;
  private final MoveCounter moves;
  private final Reach reach;
  private int hand;

  /**
   * A table.
   *
   * @param limit maximum number of open descriptors
   * @param moves counts the moves in this layer
   */
  DirDescriptors(int limit, MoveCounter moves, Reach reach) {
    this.limit = limit;
    this.moves = moves;
    this.reach = reach;
  }

  /** The descriptor of a directory. The caller must call {@link LayerRef#release}. */
  Fd acquire(LayerRef directory) throws ErrnoException {
    Fd fd = directory.tryAcquire();
    return fd != null ? fd : openAndInstall(directory);
  }

  private Fd openAndInstall(LayerRef directory) throws ErrnoException {
    Fd opened = openStably(directory);
    lock.lock();
    try {
      Fd other = directory.tryAcquire();
      if (other != null) {
        opened.close();
        return other;
      }
      makeRoom();
      directory.install(opened);
      enter(directory);
      return opened;
    } finally {
      lock.unlock();
    }
  }

  private void makeRoom() {
    for (int steps = 2 * open.size(); open.size() >= limit && steps > 0; steps--) {
      hand = hand >= open.size() ? 0 : hand;
      LayerRef candidate = open.get(hand);
      if (candidate.recentlyUsed) {
        candidate.recentlyUsed = false;
        hand++;
      } else if (candidate.closeIfUnused()) {
        removeAt(hand);
      } else {
        hand++;
      }
    }
  }

  private void enter(LayerRef directory) {
    directory.slot = open.size();
    open.add(directory);
  }

  private void removeAt(int index) {
    open.get(index).slot = -1;
    LayerRef last = open.remove(open.size() - 1);
    if (index < open.size()) {
      open.set(index, last);
      last.slot = index;
    }
  }

  /** Opens a directory correctly even if a directory on the way moves meanwhile. */
  private Fd openStably(LayerRef directory) throws ErrnoException {
    for (int attempt = 0; ; attempt++) {
      int before = moves.begin(attempt);
      try {
        Fd fd = walk(directory);
        if (moves.unchangedSince(before)) {
          return fd;
        }
        fd.close();
      } catch (ErrnoException e) {
        if (moves.unchangedSince(before)) {
          throw e;
        }
      } finally {
        moves.end(attempt);
      }
    }
  }

  private Fd walk(LayerRef directory) throws ErrnoException {
    List<LayerRef.Place> way = new ArrayList<>();
    LayerRef from = directory;
    Fd start = null;
    while (start == null) {
      LayerRef.Place place = from.place();
      if (place == null) {
        start = from.tryAcquire();
        if (start == null) {
          throw ErrnoException.of(Errno.ESTALE);
        }
        break;
      }
      way.add(place);
      from = place.directory();
      start = from.tryAcquire();
    }
    try {
      return descend(start, way);
    } finally {
      from.release();
    }
  }

  /** Opens the places from the last to the first, and closes the intermediate descriptors. */
  private Fd descend(Fd start, List<LayerRef.Place> way) throws ErrnoException {
    int flags = Linux.O_PATH | Linux.O_DIRECTORY;
    if (way.isEmpty()) {
      return Fd.openat(start, new byte[] {'.'}, flags, 0);
    }
    Fd at = start;
    for (int i = way.size() - 1; i >= 0; i--) {
      try {
        Fd next = reach.open(at, way.get(i).name().bytes(), flags);
        if (at != start) {
          at.close();
        }
        at = next;
      } catch (ErrnoException e) {
        if (at != start) {
          at.close();
        }
        throw e;
      }
    }
    return at;
  }

  /** Makes a reference keep its open descriptor instead of a name; false if it has none. */
  boolean keepOpen(LayerRef object) {
    lock.lock();
    try {
      return keepOpenLocked(object);
    } finally {
      lock.unlock();
    }
  }

  private static boolean keepOpenLocked(LayerRef object) {
    if (object.tryAcquire() == null) {
      return false;
    }
    object.relocate(null); // the reference uses the descriptor from now on and does not release it
    return true;
  }

  /** Makes a reference use an open descriptor instead of a name. */
  void keep(LayerRef object, Fd ownedDescriptor) {
    lock.lock();
    try {
      if (keepOpenLocked(object)) {
        ownedDescriptor.close();
      } else {
        object.keep(ownedDescriptor);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Makes a reference use a name, instead of another name or a descriptor. */
  void rename(LayerRef object, LayerRef.Place place) {
    lock.lock();
    try {
      boolean kept = object.place() == null;
      object.relocate(place);
      if (kept && object.slot >= 0) {
        object.release(); // it was open before
      } else if (kept) {
        noLongerKept(object);
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Makes a reference that now has a name work without its kept descriptor. Other users of the
   * descriptor keep it.
   */
  void named(LayerRef object, LayerRef.Place place) {
    lock.lock();
    try {
      object.relocate(place);
      object.release();
      object.closeIfUnused();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Shares the descriptor of a file that is open for reading and writing with its reference until
   * {@link #unshare}. Meanwhile the reference uses the descriptor instead of the name.
   *
   * @return false if the reference has another descriptor; then the caller still owns this one
   */
  boolean share(LayerRef file, Fd ownedDescriptor) {
    lock.lock();
    try {
      if (file.hasDescriptor()) {
        return false;
      }
      file.installWritable(ownedDescriptor);
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Ends a use that began with {@link #share} or {@link LayerRef#tryAcquireWritable}. */
  void unshare(LayerRef file) {
    lock.lock();
    try {
      boolean kept = file.place() == null; // by the same descriptor
      file.release();
      if (file.closeIfUnused()) {
        removeIfListed(file);
      } else if (!kept && file.slot < 0) {
        enter(file);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Closes the descriptor of an object that no request will use again. */
  void forget(LayerRef object) {
    if (!object.hasDescriptor()) {
      return; // and it will get none
    }
    lock.lock();
    try {
      if (object.place() == null && object.hasDescriptor()) {
        noLongerKept(object);
      } else if (object.closeIfUnused()) {
        removeIfListed(object);
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Ends what {@link #keep} began. A request that still uses the descriptor continues; afterwards
   * the clock may close it.
   */
  private void noLongerKept(LayerRef object) {
    object.release();
    if (object.closeIfUnused()) {
      removeIfListed(object);
    } else if (object.slot < 0) {
      enter(object);
    }
  }

  private void removeIfListed(LayerRef object) {
    if (object.slot >= 0) {
      removeAt(object.slot);
    }
  }

  /** Closes all descriptors, when no request is left. */
  void close() {
    lock.lock();
    try {
      open.forEach(LayerRef::closeKept);
      open.clear();
    } finally {
      lock.unlock();
    }
  }
}
