package plyfs.cli.image;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import plyfs.cli.CommandFailure;
import plyfs.cli.format.Filters;
import plyfs.cli.format.Glob;
import plyfs.cli.format.UsageException;
import plyfs.image.model.Reference;
import plyfs.image.store.LayerStore;
import plyfs.image.store.StoredImage;

/**
 * Which images {@code --filter} lets through.
 *
 * @implNote Docker's documentation of {@code docker image ls}, "Filtering"
 */
final class ImageFilter {
  private static final String BEFORE = "before";
  private static final String SINCE = "since";
  private static final String REFERENCE = "reference";
  private static final String DANGLING = "dangling";

  private final Filters filters;
  private final @Nullable Boolean dangling;
  private final @Nullable Instant before;
  private final @Nullable Instant since;
  private final List<Glob> patterns = new ArrayList<>();

  private ImageFilter(Filters filters, LayerStore store)
      throws CommandFailure, UsageException, IOException {
    this.filters = filters;
    this.dangling = filters.truth(DANGLING);
    this.before = created(filters.last(BEFORE), store);
    this.since = created(filters.last(SINCE), store);
    for (String pattern : filters.values(REFERENCE)) {
      patterns.add(Glob.parse(familiar(pattern)));
    }
  }

  /**
   * Reads filters.
   *
   * @param given as they were written
   * @param name that all images are to have; empty for any
   */
  static ImageFilter of(List<String> given, String name, LayerStore store)
      throws CommandFailure, UsageException, IOException {
    Filters filters = Filters.parse(given, Set.of(DANGLING, "label", BEFORE, SINCE, REFERENCE));
    if (!name.isEmpty()) {
      filters.add(REFERENCE, name);
    }
    return new ImageFilter(filters, store);
  }

  private static @Nullable Instant created(@Nullable String image, LayerStore store)
      throws CommandFailure, IOException {
    if (image == null) {
      return null;
    }
    Instant created = store.find(image).created();
    if (created == null) {
      throw new CommandFailure("image '" + image + "' does not say when it was made");
    }
    return created;
  }

  /** {@code docker.io/library/busybox} is {@code busybox}. */
  private static String familiar(String pattern) {
    Reference name = Reference.parse(pattern);
    if (name == null) {
      return pattern;
    }
    boolean hasTag = pattern.lastIndexOf(':') > pattern.lastIndexOf('/');
    return hasTag ? name.toString() : name.familiarName();
  }

  /** Whether an image is to be shown; its names are looked at by {@link #names}. */
  boolean accepts(StoredImage image) {
    boolean isDangling = image.tags().isEmpty() && image.digests().isEmpty();
    if (dangling != null && isDangling != dangling) {
      return false;
    }
    if (!patterns.isEmpty() && names(image.tags()).isEmpty() && names(image.digests()).isEmpty()) {
      return false;
    }
    Instant created = image.created();
    if (before != null && (created == null || !created.isBefore(before))) {
      return false;
    }
    if (since != null && (created == null || !created.isAfter(since))) {
      return false;
    }
    return filters.acceptsLabels(image.details().labels());
  }

  /** Those of an image's names that are to be shown. */
  List<String> names(List<String> names) {
    return patterns.isEmpty() ? names : names.stream().filter(this::matches).toList();
  }

  private boolean matches(String name) {
    int at = name.indexOf('@');
    String repository = name.substring(0, at < 0 ? name.lastIndexOf(':') : at);
    return patterns.stream().anyMatch(each -> each.matches(name) || each.matches(repository));
  }
}
