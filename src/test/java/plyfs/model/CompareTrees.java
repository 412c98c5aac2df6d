package plyfs.model;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import plyfs.sys.ErrnoException;

/**
 * The command behind {@code scripts/compare-trees}.
 *
 * <p>Exit code 0: equal, or printed; 1: different; 2: wrong usage, or a tree cannot be read.
 */
public final class CompareTrees {
  private static final String USAGE =
      """
      Usage: compare-trees [OPTION...] A B   compare two directory trees
             compare-trees --raw [OPTION...] DIR...   print one hash for each tree, over
                 content and all metadata with atime, ctime and every extended attribute
        --print             print the lines instead of comparing or hashing them
        --without PREFIX    leave extended attributes out whose names start so
        --no-times          leave out modification times
        --no-dir-times      leave out modification times of directories
        --no-content        compare metadata only
        --limit N           print at most N lines of difference (default 200)\
      """;

  private final Set<TreeSnapshot.Option> options = EnumSet.noneOf(TreeSnapshot.Option.class);
  private final List<String> leftOut = new ArrayList<>();
  private final List<String> roots = new ArrayList<>();
  private final PrintStream out;
  private boolean raw;
  private boolean print;
  private int limit = 200;

  private CompareTrees(PrintStream out) {
    this.out = out;
  }

  /** See {@link #USAGE}. */
  public static void main(String[] args) {
    System.exit(new CompareTrees(System.out).run(List.of(args)));
  }

  private int run(List<String> args) {
    if (!parse(args) || roots.isEmpty() || !raw && !print && roots.size() != 2) {
      System.err.println(USAGE);
      return 2;
    }
    String current = "";
    try {
      List<SortedMap<String, String>> trees = new ArrayList<>();
      for (String root : roots) {
        current = root;
        trees.add(TreeSnapshot.of(root.getBytes(UTF_8), options, leftOut));
      }
      return report(trees);
    } catch (ErrnoException e) {
      System.err.println("compare-trees: " + current + ": " + e.getMessage());
      return 2;
    }
  }

  private int report(List<SortedMap<String, String>> trees) {
    if (print) {
      trees.forEach(tree -> tree.forEach((path, line) -> out.println(path + line)));
      return 0;
    }
    if (raw) {
      for (int i = 0; i < trees.size(); i++) {
        out.println(
            TreeSnapshot.digest(trees.get(i)) + "  " + trees.get(i).size() + "  " + roots.get(i));
      }
      return 0;
    }
    List<String> differences = TreeSnapshot.diff(trees.get(0), trees.get(1));
    differences.stream().limit(limit).forEach(out::println);
    if (differences.size() > limit) {
      out.println("... " + (differences.size() - limit) + " more lines");
    }
    out.println(
        (differences.isEmpty() ? "equal" : "DIFFERENT")
            + ": "
            + trees.get(0).size()
            + " objects in "
            + roots.get(0)
            + ", "
            + trees.get(1).size()
            + " in "
            + roots.get(1));
    return differences.isEmpty() ? 0 : 1;
  }

  private boolean parse(List<String> args) {
    for (int i = 0; i < args.size(); i++) {
      String arg = args.get(i);
      boolean takesValue = arg.equals("--without") || arg.equals("--limit");
      if (takesValue && i + 1 == args.size()) {
        return false;
      }
      switch (arg) {
        case "--raw" -> {
          raw = true;
          options.add(TreeSnapshot.Option.ALL_TIMES);
        }
        case "--print" -> print = true;
        case "--without" -> leftOut.add(args.get(++i));
        case "--no-times" -> options.add(TreeSnapshot.Option.NO_TIMES);
        case "--no-dir-times" -> options.add(TreeSnapshot.Option.NO_DIRECTORY_TIMES);
        case "--no-content" -> options.add(TreeSnapshot.Option.NO_CONTENT);
        case "--limit" -> limit = Integer.parseInt(args.get(++i));
        default -> {
          if (arg.startsWith("--")) {
            return false;
          }
          roots.add(arg);
        }
      }
    }
    return true;
  }
}
