package plyfs.cli.container;

import plyfs.cli.Console;
import plyfs.image.model.ProgressListener;

/** Shows what a change of the store has to tell. */
final class ContainerNotices implements ProgressListener {
  static final ProgressListener SHOWN = new ContainerNotices();

  private ContainerNotices() {}

  @Override
  public void notice(String sentence) {
    Console.complain(sentence);
  }
}
