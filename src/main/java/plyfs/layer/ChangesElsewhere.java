package plyfs.layer;

import java.util.List;

/** Tells which directories other mounts of Plyfs change, as far as this process can know. */
@FunctionalInterface
public interface ChangesElsewhere {
  /** Knows of none. */
  ChangesElsewhere NONE = List::of;

  /** Those of now. */
  List<ChangedDirectory> now();
}
