package plyfs.union;

import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Lists of directories that somebody keeps who has read them: he is told when one is no longer
 * right, once, until he reads the directory again.
 *
 * @implNote Linux fs/fuse/readdir.c, fuse_readdir_cached, looks whether its list is old only where
 *     a reader begins. One who began after a change but before another reader has finished an older
 *     list is given the rest of that; so the list has to go with the change itself.
 */
final class KeptLists {
  private volatile @Nullable LongConsumer listener;

  /** Names who is told, by the node id of the directory, with no lock held. */
  void onChange(LongConsumer newListener) {
    listener = newListener;
  }

  /** A directory is about to be read. */
  static void reading(Directory directory) {
    if (!directory.listed) {
      directory.listed = true;
    }
  }

  /** A name in a directory has come or gone, or leads to another inode number. No lock held. */
  void changed(@Nullable Directory directory) {
    if (directory != null && directory.listed) {
      directory.listed = false;
      LongConsumer to = listener;
      if (to != null) {
        to.accept(directory.id);
      }
    }
  }
}
