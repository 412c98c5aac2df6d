package plyfs.union.api;

import plyfs.sys.Name;

/**
 * Is told what calls of a union change beyond what they answer, so that who caches answers can drop
 * those that are old. Each method is called in the thread that makes the change, without a lock,
 * before that call returns.
 */
public interface UnionListener {
  /** Listens to nothing. */
  UnionListener NONE = new UnionListener() {};

  /**
   * Attributes of a node are others now: after the copy-up of an object or of a directory above it,
   * of flags, of privileges that a write takes away, and of the node id that an inode is known by.
   */
  default void attributesChanged(long node) {}

  /**
   * A directory that was read has other entries now. Told once, until the directory is read again.
   *
   * @implNote Linux fs/fuse/readdir.c, fuse_readdir_cached, looks whether its list is old only
   *     where a reader begins. One who began after a change but before another reader has finished
   *     an older list is given the rest of that; so the list has to go with the change itself
   */
  default void entriesChanged(long directory) {}

  /**
   * A directory has a name, or may have, of which its caller holds that there is none: the call
   * that made it failed, because the layer could not say afterwards what was made.
   */
  default void nameCame(long directory, Name name) {}
}
