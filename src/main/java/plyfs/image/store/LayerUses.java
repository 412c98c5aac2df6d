package plyfs.image.store;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import plyfs.image.disk.StoreDisk;
import plyfs.image.disk.StoreFiles;
import plyfs.image.model.Digest;
import plyfs.sys.Linux;

/**
 * Which layers and blobs of the store the loads under way count on: empty files {@code
 * tmp/<load>/uses/<digest>}, by chain ID or digest. A load notes one under the lock of the store,
 * so no removal happens between its look and its note.
 */
final class LayerUses {
  private LayerUses() {}

  private static Path directory(Path load) {
    return load.resolve("uses");
  }

  /** Notes that a load counts on a layer or a blob. The caller holds the lock of the store. */
  static void note(StoreDisk disk, Path load, Digest digest) throws IOException {
    disk.makeDirectories(directory(load));
    disk.write(directory(load).resolve(digest.algorithm() + "-" + digest.hex()), new byte[0]);
  }

  /** The layers and blobs that loads under way count on. The caller holds the lock of the store. */
  static Set<Digest> ofRunningLoads(StorePaths paths, StoreDisk disk) throws IOException {
    Set<Digest> used = new HashSet<>();
    for (String loadName : disk.names(paths.loads())) {
      Path load = paths.loads().resolve(loadName);
      boolean isLoad =
          loadName.startsWith(StorePaths.LOAD_PREFIX) && StoreFiles.type(load) == Linux.S_IFDIR;
      if (isLoad && disk.exists(directory(load)) && StoreLock.isHeld(load)) {
        for (String name : disk.names(directory(load))) {
          used.add(Digest.parse(name.replace('-', ':')));
        }
      }
    }
    return used;
  }
}
