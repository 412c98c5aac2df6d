package plyfs.differential;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import plyfs.contract.DiskTree;
import plyfs.sys.ErrnoException;

/**
 * Runs operations on a fresh pair of unions.
 *
 * @param seed decides the layers, and the operations that are made up
 */
record Sequence(PlyfsProcess process, Setting setting, long seed) {
  private static final int COMPARE_EVERY = 100;
  private static final int LOOK_EVERY = 20;
  private static final int LOOK_AT_MOVES_EVERY = 5;
  private static final int STACK_EVERY = 25;

  /**
   * How the engines differ.
   *
   * @param done the operations so far, the last one showed it
   * @param layers the lower layers, one line for an object
   */
  record Difference(String what, List<Op> done, List<String> layers) {
    /** What kind of difference it is, so that shrinking does not end at another one. */
    String kind() {
      Op last = done.get(done.size() - 1);
      return switch (last.kind()) {
        case COMPARE, REMOUNT, SWAP, STACK -> "tree";
        default -> last.kind() + what.replaceAll("[0-9a-f]+", "");
      };
    }
  }

  /**
   * Makes operations up and runs them: compared often, in between mounted again, swapped, and
   * mounted over what was changed so far, three times.
   */
  @Nullable Difference explore(int operations, Statistics statistics)
      throws IOException, ErrnoException {
    List<Op> done = new ArrayList<>();
    try (UnionPair pair = new UnionPair(process, setting, seed, statistics)) {
      Random random = new Random(seed);
      OpSource source = new OpSource(random);
      DiskTree kernel = new DiskTree(pair.mountPoint("kernel"));
      for (int i = 0; i <= operations; i++) {
        if (i % LOOK_EVERY == 0) {
          source.look(kernel);
        }
        Op next = source.next();
        if (i == operations) {
          next = Op.of(Op.Kind.SWAP);
        } else if (i % (operations / 4 + 1) == operations / 4) {
          next = new Op(Op.Kind.STACK, "", "", random.nextInt(2), 0);
        } else if (i % (operations / 3 + 1) == operations / 3) {
          next = Op.of(i < operations / 2 ? Op.Kind.REMOUNT : Op.Kind.SWAP);
        } else if (i % COMPARE_EVERY == 0) {
          next = Op.of(Op.Kind.COMPARE);
        }
        Difference difference = step(pair, next, done);
        if (difference != null) {
          return difference;
        }
      }
      return null;
    }
  }

  /** Runs given operations; compares at the end too. */
  @Nullable Difference replay(List<Op> operations) throws IOException, ErrnoException {
    List<Op> done = new ArrayList<>();
    try (UnionPair pair = new UnionPair(process, setting, seed, new Statistics())) {
      for (Op op : operations) {
        Difference difference = step(pair, op, done);
        if (difference != null) {
          return difference;
        }
      }
      return step(pair, Op.of(Op.Kind.COMPARE), done);
    }
  }

  /**
   * Moves files and directories about, and mounts over what came of it again and again: whatever
   * the marks of one generation say is found through those of the next ones.
   */
  @Nullable Difference exploreMoves(int operations, Statistics statistics)
      throws IOException, ErrnoException {
    List<Op> done = new ArrayList<>();
    try (UnionPair pair = new UnionPair(process, setting, seed, statistics)) {
      Random random = new Random(seed);
      OpSource source = new OpSource(random, OpSource.MOVES);
      DiskTree kernel = new DiskTree(pair.mountPoint("kernel"));
      for (int i = 1; i <= operations; i++) {
        if (i % LOOK_AT_MOVES_EVERY == 1) {
          source.look(kernel);
        }
        Op made = source.next();
        Op next = new Op(made.kind(), made.path(), made.other(), made.number(), 0);
        if (i % STACK_EVERY == 0) {
          next = new Op(Op.Kind.STACK, "", "", random.nextInt(2), 0);
        }
        Difference difference = step(pair, next, done);
        if (difference != null) {
          return difference;
        }
      }
      return null;
    }
  }

  private static @Nullable Difference step(UnionPair pair, Op op, List<Op> done)
      throws IOException, ErrnoException {
    done.add(op);
    String what;
    switch (op.kind()) {
      case COMPARE -> what = trees(pair.compare());
      case REMOUNT, SWAP, STACK -> {
        what = trees(pair.compare());
        if (what == null) {
          what = lost(remount(pair, op));
        }
        if (what == null) {
          what = trees(pair.compare());
        }
        if (what == null) {
          what = changed(pair.lowerChanges());
        }
      }
      case HELD_LOSES_NAME -> {
        what = pair.apply(new Op(Op.Kind.LINK, op.path(), op.other(), op.number(), op.user()));
        if (what == null) {
          what = lost(pair.remount(false));
        }
        if (what == null) {
          what = pair.apply(op);
        }
      }
      default -> what = pair.apply(op);
    }
    return what == null ? null : new Difference(what, List.copyOf(done), pair.describeLayers());
  }

  /** What Plyfs shows otherwise afterwards. */
  private static List<String> remount(UnionPair pair, Op op) throws IOException, ErrnoException {
    if (op.kind() == Op.Kind.STACK) {
      pair.stack(op.number() == 0);
      return List.of();
    }
    return pair.remount(op.kind() == Op.Kind.SWAP);
  }

  private static @Nullable String trees(List<String> lines) {
    return lines.isEmpty() ? null : "kernel (-) and plyfs (+):\n  " + String.join("\n  ", lines);
  }

  private static @Nullable String lost(List<String> lines) {
    return lines.isEmpty()
        ? null
        : "plyfs before (-) and after (+) a new mount:\n  " + String.join("\n  ", lines);
  }

  private static @Nullable String changed(List<String> lines) {
    return lines.isEmpty() ? null : "lower layers changed:\n  " + String.join("\n  ", lines);
  }
}
