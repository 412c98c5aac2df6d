package plyfs.cli.container;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import plyfs.cli.CommandFailure;
import plyfs.cli.StoreOption;
import plyfs.container.BadArgumentException;
import plyfs.container.Containers;

/** Gives a container another name. */
@Command(name = "rename", header = "Give a container another name.")
final class RenameCommand implements Callable<Integer> {
  @Mixin private StoreOption store = new StoreOption();

  @Parameters(index = "0", paramLabel = "CONTAINER", description = "Name or ID of the container.")
  private String container = "";

  @Parameters(index = "1", paramLabel = "NAME", description = "The new name.")
  private String name = "";

  @Override
  public Integer call() throws CommandFailure, IOException {
    try {
      new Containers(store.choose()).rename(container, name, ContainerNotices.SHOWN);
      return 0;
    } catch (BadArgumentException e) {
      throw new CommandFailure(String.valueOf(e.getMessage()));
    }
  }
}
