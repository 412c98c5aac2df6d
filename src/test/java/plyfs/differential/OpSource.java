package plyfs.differential;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;

/** Makes operations up. Often takes paths that exist, which it has to be told. */
final class OpSource {
  private static final String[] NAMES = {"a", "b", "c", "d", "e\377", "f", "g"};
  private static final int DEEPEST = 6;
  private static final int ALL_WEIGHTS =
      Arrays.stream(Op.Kind.values()).mapToInt(kind -> kind.weight).sum();

  private final Random random;
  private final List<String> files = new ArrayList<>();
  private final List<String> directories = new ArrayList<>();

  OpSource(Random random) {
    this.random = random;
  }

  /**
   * Tells what exists now.
   *
   * @param tree lines by path, of {@link plyfs.model.TreeSnapshot}
   */
  void know(SortedMap<String, String> tree) {
    files.clear();
    directories.clear();
    tree.forEach(
        (path, line) -> {
          // The root, and names that a snapshot shows escaped.
          if (!path.equals(".") && !path.contains("\\")) {
            (line.startsWith(" dir ") ? directories : files).add(path);
          }
        });
  }

  static String name(Random random) {
    return NAMES[random.nextInt(NAMES.length)];
  }

  private String path(Op.Kind kind) {
    return switch (kind) {
      case MKDIR, SYMLINK, MKNOD, CREATE, LINK_NAMELESS -> fresh();
      case RMDIR, LIST, REMOVE_ALL, HOLD_DIRECTORY -> existing(directories);
      case RENAME, CHMOD, CHOWN, SET_TIMES, SET_XATTR, REMOVE_XATTR, GET_XATTR, SET_ACL, STAT ->
          existing(random.nextBoolean() ? files : directories);
      default -> existing(files);
    };
  }

  private String other(Op.Kind kind) {
    return switch (kind) {
      case RENAME -> random.nextBoolean() ? fresh() : existing(directories);
      case LINK, LINK_NAMELESS, HELD_LINK, SYMLINK -> fresh();
      case COPY_RANGE -> existing(files);
      default -> "";
    };
  }

  /** Most often a path that was there a while ago. */
  private String existing(List<String> known) {
    return known.isEmpty() || random.nextInt(6) == 0
        ? fresh()
        : known.get(random.nextInt(known.size()));
  }

  /** A name in a directory, which may be there or not. */
  private String fresh() {
    String parent = "";
    if (!directories.isEmpty() && random.nextInt(4) > 0) {
      parent = directories.get(random.nextInt(directories.size())) + "/";
      if (parent.split("/", -1).length > DEEPEST) {
        parent = "";
      }
    }
    String path = parent + name(random);
    return random.nextInt(8) > 0 ? path : path + "/" + name(random);
  }

  private Op.Kind kind() {
    int left = random.nextInt(ALL_WEIGHTS);
    for (Op.Kind kind : Op.Kind.values()) {
      left -= kind.weight;
      if (left < 0) {
        return kind;
      }
    }
    throw new AssertionError("weights");
  }

  Op next() {
    Op.Kind kind = kind();
    int user = random.nextInt(6) > 0 ? 0 : 1 + random.nextInt(2);
    return new Op(kind, path(kind), other(kind), random.nextInt(1_000_000), user);
  }
}
