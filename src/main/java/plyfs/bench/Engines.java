package plyfs.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the list of engines. */
public final class Engines {
  /** The mount option that gives up durability; all unions here have it. */
  static final String VOLATILE = "volatile";

  private final @Nullable Path launcher;
  private final boolean isVolatile;

  /**
   * Engines for one run.
   *
   * @param launcher of this program; null if it is not known
   * @param isVolatile whether every union is mounted so
   */
  public Engines(@Nullable Path launcher, boolean isVolatile) {
    this.launcher = launcher;
    this.isVolatile = isVolatile;
  }

  /**
   * Reads {@code NAME[:OPTION[+OPTION]...]} between commas. The engine {@code volume} is always
   * among them.
   *
   * @throws IllegalArgumentException with a sentence for the person
   */
  List<Engine> list(String text) {
    List<Engine> engines = new ArrayList<>();
    for (String word : AxisText.words(text)) {
      engines.add(engine(word));
    }
    if (engines.stream().noneMatch(engine -> engine.name().equals(PlainEngine.VOLUME))) {
      engines.add(PlainEngine.volume());
    }
    return engines;
  }

  private Engine engine(String word) {
    int colon = word.indexOf(':');
    String name = colon < 0 ? word : word.substring(0, colon);
    List<String> options = new ArrayList<>();
    if (colon >= 0) {
      options.addAll(List.of(word.substring(colon + 1).split("\\+", -1)));
    }
    boolean isPlain = name.equals(PlainEngine.VOLUME) || name.equals(PlainEngine.CP);
    if (isPlain && colon >= 0) {
      throw new IllegalArgumentException("the engine " + name + " has no options");
    }
    if (isVolatile && !options.contains(VOLATILE)) {
      options.add(VOLATILE);
    }
    return switch (name) {
      case PlyfsEngine.NAME -> new PlyfsEngine(word, options, launcher);
      case KernelEngine.NAME -> new KernelEngine(word, options);
      case FuseOverlayEngine.NAME -> new FuseOverlayEngine(word, options);
      case PlainEngine.VOLUME -> PlainEngine.volume();
      case PlainEngine.CP -> PlainEngine.copying();
      default ->
          throw new IllegalArgumentException(
              "unknown engine '"
                  + name
                  + "': there are plyfs, kernel, fuse-overlayfs, volume, cp, the first three also with"
                  + " options as in plyfs:metacopy=on+open=cache");
    };
  }

  /** What overlayfs, and Plyfs as it does, promises with some options. */
  static String promiseOfOverlay(List<String> options) {
    return options.contains(VOLATILE)
        ? "volatile: nothing is synced, fsync does nothing"
        : "durable: data is synced before the copy replaces the lower file; fsync is kept";
  }
}
