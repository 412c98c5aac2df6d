package plyfs.differential;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import plyfs.contract.DiskTree;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Getdents;
import plyfs.sys.Linux;

/** Makes operations up. Often takes paths that exist, which it looks for when it is told to. */
final class OpSource {
  private static final String[] NAMES = {"a", "b", "c", "d", "e\377", "f", "g"};
  private static final int DEEPEST = 6;

  /** What makes directories move, be opaque, and say where their lower parts are. */
  static final Set<Op.Kind> MOVES =
      Set.of(
          Op.Kind.MKDIR,
          Op.Kind.RENAME_DIRECTORY,
          Op.Kind.EXCHANGE,
          Op.Kind.REMOVE_ALL,
          Op.Kind.CREATE,
          Op.Kind.RENAME_FILE,
          Op.Kind.LINK,
          Op.Kind.CHMOD);

  private static final int DT_DIR = 4;
  private static final int DT_REG = 8;
  private static final int DT_LNK = 10;

  private final Random random;
  private final List<Op.Kind> kinds;
  private final int allWeights;
  private final Getdents entries = new Getdents();
  private final List<String> files = new ArrayList<>();
  private final List<String> links = new ArrayList<>();
  private final List<String> others = new ArrayList<>();
  private final List<String> directories = new ArrayList<>();
  private final List<String> empty = new ArrayList<>();
  private final Set<String> known = new HashSet<>();

  OpSource(Random random) {
    this(random, Set.of(Op.Kind.values()));
  }

  /** Of some kinds alone. */
  OpSource(Random random, Set<Op.Kind> kinds) {
    this.random = random;
    this.kinds = Arrays.stream(Op.Kind.values()).filter(kinds::contains).toList();
    this.allWeights = this.kinds.stream().mapToInt(kind -> kind.weight).sum();
  }

  /** Looks for what exists now. */
  void look(DiskTree tree) throws ErrnoException {
    List.of(files, links, others, directories, empty, known).forEach(Collection::clear);
    look(tree, "");
  }

  /**
   * As {@link #look} while others change the tree: what is gone when it is looked at is left out.
   *
   * @param leftOut a directory that is no operation's business
   */
  void lookAround(DiskTree tree, String leftOut) {
    try {
      look(tree);
    } catch (ErrnoException e) {
      // Removed meanwhile; what was found so far will do.
    }
    for (List<String> found : List.of(files, links, others, directories, empty)) {
      found.removeIf(path -> path.equals(leftOut) || path.startsWith(leftOut + "/"));
    }
  }

  private void look(DiskTree tree, String prefix) throws ErrnoException {
    List<String> inner = new ArrayList<>();
    int before = known.size();
    try (Fd directory = tree.open(prefix, Linux.O_RDONLY | Linux.O_DIRECTORY)) {
      entries.reset();
      while (entries.advance(directory)) {
        String path = prefix + new String(entries.name(), ISO_8859_1);
        known.add(path);
        switch (entries.type()) {
          case DT_DIR -> inner.add(path);
          case DT_REG -> files.add(path);
          case DT_LNK -> links.add(path);
          default -> others.add(path);
        }
      }
    }
    if (known.size() == before) {
      empty.add(prefix.isEmpty() ? prefix : prefix.substring(0, prefix.length() - 1));
    }
    for (String path : inner) {
      directories.add(path);
      look(tree, path + "/");
    }
  }

  static String name(Random random) {
    return NAMES[random.nextInt(NAMES.length)];
  }

  private String path(Op.Kind kind) {
    return switch (kind) {
      case MKDIR, SYMLINK, MKNOD, CREATE, LINK_NAMELESS -> fresh();
      case RMDIR -> existing(random.nextInt(3) > 0 ? empty : directories);
      case LIST, REMOVE_ALL, HOLD_DIRECTORY, RENAME_DIRECTORY -> existing(directories);
      case READ_LINK -> existing(random.nextInt(4) > 0 ? links : others);
      case UNLINK, RENAME_FILE, LINK -> existing(anyFile());
      case CHMOD, CHOWN, SET_TIMES, SET_XATTR, REMOVE_XATTR, GET_XATTR, STAT, EXCHANGE ->
          existing(random.nextBoolean() ? anyFile() : directories);
      case SET_ACL, REMOVE_ACL -> existing(random.nextBoolean() ? files : directories);
      case HELD_LOSES_NAME -> existing(files);
      default -> existing(random.nextInt(8) > 0 ? files : anyFile());
    };
  }

  /** Regular files most often. */
  private List<String> anyFile() {
    return switch (random.nextInt(6)) {
      case 0 -> links;
      case 1 -> others;
      default -> files;
    };
  }

  private String other(Op.Kind kind) {
    return switch (kind) {
      case RENAME_FILE -> random.nextInt(3) > 0 ? fresh() : existing(anyFile());
      case RENAME_DIRECTORY -> random.nextInt(4) > 0 ? fresh() : existing(directories);
      case EXCHANGE -> existing(random.nextBoolean() ? anyFile() : directories);
      case LINK, LINK_NAMELESS, HELD_LINK, HELD_LOSES_NAME, SYMLINK -> fresh();
      case COPY_RANGE -> existing(files);
      case SHELL_COMMAND -> random.nextBoolean() ? fresh() : existing(files);
      default -> "";
    };
  }

  /** Most often a path that was there a while ago. */
  private String existing(List<String> known) {
    return known.isEmpty() || random.nextInt(10) == 0
        ? fresh()
        : known.get(random.nextInt(known.size()));
  }

  /** A name in a directory, which most often is not there. */
  private String fresh() {
    String path = anywhere();
    for (int i = 0; i < 2 && known.contains(path); i++) {
      path = anywhere();
    }
    return path;
  }

  /** A name in a directory, which may be there or not. */
  private String anywhere() {
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
    int left = random.nextInt(allWeights);
    for (Op.Kind kind : kinds) {
      left -= kind.weight;
      if (left < 0) {
        return kind;
      }
    }
    throw new AssertionError("weights");
  }

  Op next() {
    Op.Kind kind = kind();
    int user = random.nextInt(5) > 1 ? 0 : 1 + random.nextInt(2);
    return new Op(kind, path(kind), other(kind), random.nextInt(1_000_000), user);
  }
}
