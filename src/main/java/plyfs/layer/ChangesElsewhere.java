package plyfs.layer;

import java.util.List;

/** Lists the directories that other Plyfs mounts change, as far as this process knows them. */
@FunctionalInterface
public interface ChangesElsewhere {
  /** Lists none. */
  ChangesElsewhere NONE = List::of;

  /** The current directories. */
  List<ChangedDirectory> now();
}
