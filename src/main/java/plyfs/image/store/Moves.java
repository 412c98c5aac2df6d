package plyfs.image.store;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plyfs.image.disk.StoreDisk;

/**
 * The renamings that make a prepared change of a store visible, in their order. What fails midway
 * is undone, last first and no further than it can be: whatever a name leads to is there at any
 * time.
 */
final class Moves {
  private final StoreDisk disk;
  private final List<Move> moves = new ArrayList<>();

  Moves(StoreDisk disk) {
    this.disk = disk;
  }

  /**
   * One renaming.
   *
   * @param before copy of the file that it replaces; null where the name is free
   */
  private record Move(Path from, Path to, @Nullable Path before) {
    void redo(StoreDisk disk) throws IOException {
      if (before == null && disk.exists(to)) {
        throw new IOException(
            to + " is there already, and no load has made it: move it out of the way");
      }
      disk.move(from, to);
    }

    /** At no time is there neither the new file nor the one before. */
    void undo(StoreDisk disk) throws IOException {
      if (before == null) {
        disk.move(to, from);
      } else {
        disk.move(before, to);
      }
    }
  }

  /** Moves something to a name that is free. */
  void add(Path from, Path to) {
    moves.add(new Move(from, to, null));
  }

  /**
   * Moves a file over another.
   *
   * @param before copy of the one that is replaced; null where there is none
   */
  void replace(Path from, Path to, @Nullable Path before) {
    moves.add(new Move(from, to, before));
  }

  /**
   * Does all of it, and syncs the file system of a directory.
   *
   * @throws IOException if one fails; all is as before, or the message says what stays
   */
  void run(Path synced) throws IOException {
    Deque<Move> done = new ArrayDeque<>();
    try {
      for (Move move : moves) {
        move.redo(disk);
        done.push(move);
      }
      disk.sync(synced);
    } catch (IOException e) {
      throw undone(done, e);
    }
  }

  /** Undoes moves; the failure to tell. */
  private IOException undone(Deque<Move> done, IOException failure) {
    String sentence = failure.getMessage();
    try {
      while (!done.isEmpty()) {
        done.element().undo(disk);
        done.remove();
      }
    } catch (IOException e) {
      // What was made before this one may be needed by it, so it stays too.
      failure.addSuppressed(e);
      sentence += "; what was done could not be taken back (" + e.getMessage() + ")";
    }
    return new IOException(sentence, failure);
  }
}
