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
 * system call on a name costs no path walk. When the table is full a clock hand passes over it and
 * closes the first directory that was not used since its last visit.
 *
 * <p>A directory without a descriptor is reached from the nearest ancestor that has one, one
 * component at a time, links not followed: no path is ever built, so depth has no limit and nothing
 * outside the layer can be reached.
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
   * @param limit descriptors that may be open at once
   * @param moves counts what moves in this layer
   */
  DirDescriptors(int limit, MoveCounter moves, Reach reach) {
    this.limit = limit;
    this.moves = moves;
    this.reach = reach;
  }

  /** The descriptor of a directory, to be given back by {@link LayerRef#release}. */
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

  /** Opens without being misled by a directory that moves while the way to it is walked. */
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

  /** Opens the places from the last to the first, closing what lies between. */
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

  /** Makes a reference stand for its open descriptor instead of a name; false if it has none. */
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
    object.relocate(null); // the descriptor is used from now on, and not given back
    return true;
  }

  /** Makes a reference stand for an open descriptor instead of a name. */
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

  /** Makes a reference stand for a name, whether it stood for another one or for a descriptor. */
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
   * Lets a reference go on without the descriptor by which it was kept, now that it has a name; who
   * shares that goes on with it.
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
   * {@link #unshare}, so that meanwhile the object is reached by it instead of by name.
   *
   * @return false if the reference has another one: then nothing is taken over
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

  /** Ends the use that {@link #share} or {@link LayerRef#tryAcquireWritable} began. */
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

  /** Closes the descriptor of an object that nobody will ask for again. */
  void forget(LayerRef object) {
    if (!object.hasDescriptor()) {
      return; // nor will it get one
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
   * Gives back what {@link #keep} took. A request that still uses the descriptor goes on with it;
   * then it is one of those that the clock closes.
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

  /** Closes all, when no request is left. */
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
