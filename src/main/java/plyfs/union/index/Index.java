package plyfs.union.index;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.HexFormat;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import plyfs.layer.LayerRef;
import plyfs.layer.LayerStack;
import plyfs.layer.MountRefusedException;
import plyfs.layer.UpperLayer;
import plyfs.sys.ErrnoException;
import plyfs.sys.Name;
import plyfs.union.mark.Origin;

/**
 * The index of the upper layer: one further name for each inode that was copied up from a lower one
 * with several names. An entry is named by the origin's file handle, so that a lookup of another
 * name of the lower inode finds the upper one. The names are kept in memory, because most lower
 * files with several names are in no index and asking the disk for each would be in vain.
 *
 * @implNote Linux fs/overlayfs/namei.c, ovl_get_index_name and ovl_lookup_index
 */
public final class Index {
  private static final HexFormat HEX = HexFormat.of();

  private final LayerRef directory;
  private final Origin origin;
  private final Set<Name> entries = ConcurrentHashMap.newKeySet();

  private Index(LayerRef directory, Origin origin) {
    this.directory = directory;
    this.origin = origin;
  }

  /**
   * The index of a mount, checked and cleaned; null if the mount has none.
   *
   * @throws MountRefusedException the layers can have none, or the index is that of others
   */
  public static @Nullable Index open(LayerStack stack, Origin origin)
      throws ErrnoException, MountRefusedException {
    UpperLayer upper = stack.upper();
    LayerRef directory = upper == null ? null : upper.indexDirectory();
    if (upper == null || directory == null) {
      return null;
    }
    Index index = new Index(directory, origin);
    if (stack.isObserved()) {
      directory.layer().list(directory, (name, type, ino) -> index.addObserved(name));
      return index;
    }
    index.entries.addAll(new IndexCheck(stack, upper, directory, origin).run());
    return index;
  }

  /** Adds an entry of an index of another mount, but no object that the kernel prepared there. */
  private void addObserved(byte[] entry) {
    if (entry[0] != '#') {
      entries.add(Name.of(entry));
    }
  }

  LayerRef directory() {
    return directory;
  }

  boolean isEmpty() {
    return entries.isEmpty();
  }

  boolean has(Name entry) {
    return entries.contains(entry);
  }

  /** The upper object of an entry, reached by a name that stays while others come and go. */
  LayerRef objectOf(Name entry) {
    return new LayerRef(directory, entry);
  }

  void added(Name entry) {
    entries.add(entry);
  }

  void removed(Name entry) {
    entries.remove(entry);
  }

  /** Name of the entry for an object of a lower layer. */
  Name nameOf(LayerRef lower) throws ErrnoException {
    return nameOf(origin.encode(lower));
  }

  /** Name of the entry for a value of the origin mark. */
  static Name nameOf(byte[] originMark) {
    return Name.of(HEX.formatHex(originMark).getBytes(US_ASCII));
  }
}
