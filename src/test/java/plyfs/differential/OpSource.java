package plyfs.differential;

import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Makes operations up. Often takes paths that exist, which it has to be told. */
final class OpSource {
  private static final String[] NAMES = {"a", "b", "c", "d", "e\377"};
  private static final int DEEPEST = 6;
  private static final int ALL_WEIGHTS =
      Arrays.stream(Op.Kind.values()).mapToInt(kind -> kind.weight).sum();

  private final Random random;
  private List<String> known = List.of();

  OpSource(Random random) {
    this.random = random;
  }

  /** Paths that exist now, in an order that depends on nothing but the operations so far. */
  void know(List<String> paths) {
    known = paths;
  }

  static String name(Random random) {
    return NAMES[random.nextInt(NAMES.length)];
  }

  private String path() {
    String known = known();
    int levels = known.split("/", -1).length;
    if (!known.isEmpty() && (levels >= DEEPEST || random.nextInt(3) > 0)) {
      return known;
    }
    String path = known.isEmpty() ? name(random) : known + "/" + name(random);
    return random.nextInt(4) > 0 ? path : path + "/" + name(random);
  }

  /** A path that was there a while ago; empty for the root. */
  private String known() {
    return known.isEmpty() || random.nextInt(5) == 0 ? "" : known.get(random.nextInt(known.size()));
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
    String other =
        switch (kind) {
          case RENAME, LINK, COPY_RANGE, SYMLINK, LINK_NAMELESS, HELD_LINK -> path();
          default -> "";
        };
    int user = random.nextInt(4) > 0 ? 0 : 1 + random.nextInt(2);
    return new Op(kind, path(), other, random.nextInt(1_000_000), user);
  }
}
