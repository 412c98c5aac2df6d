package plyfs.layer;

import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.FileSyscalls;
import plyfs.sys.Linux;
import plyfs.sys.Stat;

/** Syncs objects of a layer to disk. */
final class Durability {
  private Durability() {}

  /**
   * As {@link UpperLayer#sync}.
   *
   * @implNote a symbolic link, device, FIFO or socket cannot be opened for a sync, or only with
   *     side effects. It has no data, and the journal contains its metadata before that of the
   *     directory with its name, so the directory is synced instead.
   */
  static void sync(HostLayer layer, LayerRef object) throws ErrnoException {
    Fd open = object.tryAcquireWritable();
    if (open != null) {
      try {
        ErrnoException.check(FileSyscalls.fsync(open));
      } finally {
        layer.directories.unshare(object);
      }
      return;
    }
    Stat stat = new Stat();
    if (!layer.statInode(object, stat)) {
      throw ErrnoException.of(Errno.ENOENT);
    }
    LayerRef.Place place = object.place();
    if (stat.isRegular() || stat.isDirectory()) {
      HostFile.syncAndClose(layer.openObject(object, Linux.O_RDONLY | Linux.O_NONBLOCK));
    } else if (place != null) {
      HostFile.syncAndClose(
          layer.openObject(place.directory(), Linux.O_RDONLY | Linux.O_DIRECTORY));
    }
  }
}
