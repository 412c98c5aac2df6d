package plyfs.union;

import plyfs.sys.Name;

/** Is told of names that have come although the call that made them failed. */
@FunctionalInterface
public interface UnseenName {
  /**
   * A directory has a name, or may have, of which its caller holds that there is none.
   *
   * @param directory node id
   */
  void came(long directory, Name name);
}
