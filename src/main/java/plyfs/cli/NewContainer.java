package plyfs.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import plyfs.container.BadArgumentException;
import plyfs.container.Container;
import plyfs.container.ContainerMount;
import plyfs.container.ContainerSettings;
import plyfs.container.Containers;
import plyfs.container.NameTakenException;
import plyfs.image.model.ProgressListener;
import plyfs.image.store.LayerStore;
import plyfs.options.MountOptions;

/** The container that {@code mount --name} makes. */
final class NewContainer {
  private final MountArguments arguments;
  private final MountReport report;

  NewContainer(MountArguments arguments, MountReport report) {
    this.arguments = arguments;
    this.report = report;
  }

  /** Whether the arguments ask for one, rightly or not. */
  static boolean isAsked(MountArguments arguments) {
    return arguments.name() != null
        || !arguments.volumes().isEmpty()
        || !arguments.tmpfs().isEmpty()
        || !arguments.labels().isEmpty();
  }

  /**
   * Makes it.
   *
   * @param options as they were given
   * @param mountpoint absolute
   */
  MountedContainer make(MountOptions options, byte[] mountpoint) throws CommandFailure {
    byte[] name = arguments.name();
    if (name == null) {
      throw new CommandFailure(
          MountArguments.USAGE,
          "options '-v', '--tmpfs' and '--label' need '--name': they belong to a container, which"
              + " 'plyfs start' mounts again");
    }
    if (arguments.layersFrom() != null) {
      throw new CommandFailure(
          MountArguments.USAGE,
          "options '--name' and '--layers-from' contradict each other: a container needs an image"
              + " of the store, such as 'docker save IMAGE | plyfs load' puts there");
    }
    byte[] image = arguments.source();
    boolean isOther =
        options.upper() != null || arguments.upper() != null || arguments.layersFrom() != null;
    if (image == null || !options.lowers().isEmpty() || isOther || options.vfs().isReadOnly()) {
      throw new CommandFailure(
          MountArguments.USAGE,
          "option '--name' needs an image and a mount point, and no lowerdir=, upperdir=, --upper,"
              + " --layers-from or ro: the container has a writable layer of its own");
    }
    LayerStore store = StoreChoice.of(arguments.store());
    String called = new String(name, UTF_8);
    try {
      Container made =
          new Containers(store)
              .create(
                  called, new String(image, UTF_8), settings(mountpoint), ProgressListener.SILENT);
      return new MountedContainer(store, made, report);
    } catch (BadArgumentException e) {
      throw new CommandFailure(MountArguments.USAGE, String.valueOf(e.getMessage()));
    } catch (NameTakenException e) {
      throw new CommandFailure(
          MountArguments.REFUSED,
          e.getMessage() + " To mount that one again, use 'plyfs start " + called + "'.");
    } catch (IOException e) {
      throw new CommandFailure(MountArguments.REFUSED, FailureText.of(e));
    }
  }

  private ContainerSettings settings(byte[] mountpoint)
      throws BadArgumentException, CommandFailure {
    List<ContainerMount> mounts = new ArrayList<>();
    byte[] here = GivenPath.absoluteDirectory("working directory", new byte[] {'.'}, 2);
    for (byte[] volume : arguments.volumes()) {
      mounts.add(ContainerMount.ofVolume(RawArguments.text(volume), here));
    }
    for (byte[] tmpfs : arguments.tmpfs()) {
      mounts.add(ContainerMount.ofTmpfs(RawArguments.text(tmpfs)));
    }
    return new ContainerSettings(
        mountpoint,
        ContainerMount.inOrder(mounts),
        List.copyOf(arguments.allOptions()),
        labels(arguments.labels()),
        null);
  }

  private static Map<String, String> labels(List<byte[]> given) {
    Map<String, String> labels = new LinkedHashMap<>();
    for (byte[] each : given) {
      String label = new String(each, UTF_8);
      int equal = label.indexOf('=');
      labels.put(
          equal < 0 ? label : label.substring(0, equal),
          equal < 0 ? "" : label.substring(equal + 1));
    }
    return labels;
  }
}
