package plyfs.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Parses the list of engines. */
public final class Engines {
  /** The mount option that disables durability; all unions here have it. */
  static final String VOLATILE = "volatile";

  private final @Nullable Path launcher;
  private final boolean isVolatile;

  /**
   * Engines for one run.
   *
   * @param launcher of this program; null if unknown
   * @param isVolatile whether to mount every union with this option
   */
  public Engines(@Nullable Path launcher, boolean isVolatile) {
    this.launcher = launcher;
    this.isVolatile = isVolatile;
  }

  /**
   * Parses {@code NAME[:OPTION[+OPTION]...]}, separated by commas. The result always contains the
   * engine {@code volume}.
   *
   * @throws IllegalArgumentException the message is a sentence for a person
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
      throw new IllegalArgumentException("the engine " + name + " accepts no options");
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
                  + "': choose from plyfs, kernel, fuse-overlayfs, volume and cp; the first three"
                  + " accept options, as in plyfs:metacopy=on+open=cache");
    };
  }

  /** The promise of overlayfs, and of Plyfs, with these options. */
  static String promiseOfOverlay(List<String> options) {
    return options.contains(VOLATILE)
        ? "volatile: nothing is synced, fsync does nothing"
        : "durable: data is synced before the copy replaces the lower file; fsync is kept";
  }
}
