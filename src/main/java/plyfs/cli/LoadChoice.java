package plyfs.cli;

import java.util.List;
import picocli.CommandLine.Option;
import plyfs.image.load.LoadOptions;
import plyfs.image.model.LoadLimits;
import plyfs.image.tree.UnpackRules;

/** The options that say what an image may bring into the store. */
public final class LoadChoice {
  @Option(
      names = "--limit",
      paramLabel = "NAME=VALUE",
      description =
          "Refuse an image that has more: bytes (of all its layers, unpacked; 500MB, 2GiB), entries"
              + " (of a layer), depth (names in a path), ratio (of unpacked to stored bytes of a"
              + " layer, above 16 MiB), layers. May be given several times. Layers that the store"
              + " has are not read again.")
  private List<String> limits = List.of();

  @Option(
      names = "--no-devices",
      description = "Refuse an image that brings device nodes; Docker takes them.")
  private boolean noDevices;

  @Option(
      names = "--no-setuid",
      description =
          "Refuse an image that brings programs which run as another user: setuid, setgid or with"
              + " file capabilities. Most distributions have some, such as su.")
  private boolean noSetuid;

  @Option(
      names = "--no-blobs",
      description =
          "Do not keep compressed layers as they came, which saves their disk space (see 'plyfs"
              + " df'): 'plyfs save' then writes the same image, but compressed layers and the"
              + " manifest that names them are new.")
  private boolean noBlobs;

  /** What was chosen. */
  public LoadOptions options() throws CommandFailure {
    LoadLimits chosen = LoadLimits.NONE;
    for (String limit : limits) {
      chosen = LimitOption.add(chosen, limit);
    }
    return new LoadOptions(
        new UnpackRules(chosen, !noDevices, !noSetuid),
        !noBlobs,
        LoadOptions.DEFAULT.layersAtOnce());
  }
}
