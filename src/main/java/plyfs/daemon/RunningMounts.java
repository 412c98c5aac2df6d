package plyfs.daemon;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import plyfs.layer.ChangedDirectory;
import plyfs.layer.ChangesElsewhere;
import plyfs.sys.Loggers;

/**
 * The directories that running mounts change, from the runtime directory. It includes mounts in
 * other mount namespaces.
 */
final class RunningMounts implements ChangesElsewhere {
  private static final Logger LOG = Loggers.named("plyfs.daemon");

  @Override
  public List<ChangedDirectory> now() {
    List<ChangedDirectory> all = new ArrayList<>();
    try {
      for (MountState state : RuntimeDir.standard().list()) {
        all.addAll(state.changed());
      }
    } catch (IOException e) {
      LOG.log(
          Level.WARNING,
          "cannot read the list of mounts, so nested upper directories are not detected",
          e);
    }
    return all;
  }
}
