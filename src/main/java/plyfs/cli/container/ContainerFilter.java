package plyfs.cli.container;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import plyfs.cli.CommandFailure;
import plyfs.cli.format.Filters;
import plyfs.cli.format.UsageException;
import plyfs.container.Container;
import plyfs.image.model.Digest;
import plyfs.image.store.LayerStore;
import plyfs.image.store.StoredImage;

/**
 * Which containers {@code --filter} lets through. Values of one key are alternatives, but for
 * labels, which must all be there.
 *
 * @implNote Docker's documentation of {@code docker container ls}, "Filtering"
 */
final class ContainerFilter {
  private static final Set<String> STATUSES =
      Set.of("created", "running", "exited", "dead", "paused", "restarting", "removing");
  private static final String STATUS = "status";
  private static final String EXITED = "exited";

  private final Filters filters;
  private final List<Pattern> names = new ArrayList<>();
  private final List<StoredImage> ancestors = new ArrayList<>();

  private ContainerFilter(Filters filters) {
    this.filters = filters;
  }

  static ContainerFilter of(List<String> given, LayerStore store)
      throws CommandFailure, UsageException, IOException {
    Filters filters =
        Filters.parse(given, Set.of("name", STATUS, "ancestor", "label", "volume", "id", EXITED));
    ContainerFilter filter = new ContainerFilter(filters);
    for (String status : filters.values(STATUS)) {
      if (!STATUSES.contains(status)) {
        throw new CommandFailure(
            CommandFailure.USAGE,
            "'" + status + "' is not a status: use created, running, exited or dead");
      }
    }
    for (String name : filters.values("name")) {
      try {
        filter.names.add(Pattern.compile(name));
      } catch (PatternSyntaxException e) {
        throw new CommandFailure(
            CommandFailure.USAGE, "'" + name + "' is not an expression: " + e.getDescription());
      }
    }
    for (String image : filters.values("ancestor")) {
      filter.ancestors.add(store.find(image));
    }
    return filter;
  }

  /** Whether containers are asked for that do not run. */
  boolean namesStatus() {
    return !filters.values(STATUS).isEmpty() || !filters.values(EXITED).isEmpty();
  }

  boolean accepts(ContainerRow row) {
    Container container = row.container();
    return isOneOf(STATUS, row.state().status().toString())
        && isOneOf(EXITED, Integer.toString(row.state().exitCode()))
        && (filters.values(EXITED).isEmpty() || row.status().startsWith("Exited"))
        && (names.isEmpty() || names.stream().anyMatch(name -> isNamed(container, name)))
        && (filters.values("id").isEmpty()
            || filters.values("id").stream().anyMatch(container.id()::startsWith))
        && (ancestors.isEmpty() || ancestors.stream().anyMatch(each -> isFrom(row, each)))
        && (filters.values("volume").isEmpty() || hasVolume(container))
        && filters.acceptsLabels(container.settings().labels());
  }

  /** Docker's names begin with a slash, which may be given. */
  private static boolean isNamed(Container container, Pattern name) {
    return name.matcher(container.name()).find() || name.matcher("/" + container.name()).find();
  }

  private boolean isOneOf(String key, String value) {
    return filters.values(key).isEmpty() || filters.values(key).contains(value);
  }

  /** An image is its own ancestor, and so is one whose layers it begins with. */
  private static boolean isFrom(ContainerRow row, StoredImage ancestor) {
    try {
      List<Digest> layers = row.containers().image(row.container()).chainIds();
      List<Digest> lower = ancestor.chainIds();
      return row.container().image().equals(ancestor.id())
          || !lower.isEmpty()
              && layers.size() >= lower.size()
              && layers.subList(0, lower.size()).equals(lower);
    } catch (IOException e) {
      return row.container().image().equals(ancestor.id());
    }
  }

  private boolean hasVolume(Container container) {
    return filters.values("volume").stream()
        .anyMatch(
            volume ->
                container.settings().mounts().stream()
                    .anyMatch(
                        mount ->
                            mount.isVolume(volume)
                                || new String(mount.target(), UTF_8).equals(volume)));
  }
}
