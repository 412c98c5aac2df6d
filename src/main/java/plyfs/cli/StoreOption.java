package plyfs.cli;

import picocli.CommandLine.Option;
import plyfs.image.store.LayerStore;

/** The option that says which store a command works on. */
public final class StoreOption {
  @Option(
      names = "--store",
      paramLabel = "DIR",
      description = "Where images are kept (default: $PLYFS_STORE, else /var/lib/plyfs for root).")
  private String directory = "";

  /** The store of the option, else the default. */
  public LayerStore choose() throws CommandFailure {
    return StoreChoice.ofOption(directory);
  }
}
