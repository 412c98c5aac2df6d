package plyfs.explore;

import java.util.Collection;
import plyfs.sys.ErrnoException;
import plyfs.sys.Name;
import plyfs.union.UnionFs;
import plyfs.union.api.DirSink;
import plyfs.union.api.NodeView;

/** Collects the names in a directory of a union. */
final class UnionListing implements DirSink {
  private final Collection<Name> names;

  private UnionListing(Collection<Name> names) {
    this.names = names;
  }

  static void addNames(UnionFs union, long directory, Collection<Name> names)
      throws ErrnoException {
    union.readDirectory(directory, 0, new UnionListing(names), null);
  }

  @Override
  public boolean hasRoom(int nameBytes) {
    return true;
  }

  @Override
  public void entry(byte[] name, long cookie, int type, long ino) {
    if (Name.isComponent(name)) {
      names.add(Name.of(name)); // and neither "." nor ".."
    }
  }

  @Override
  public void entryPlus(byte[] name, long cookie, int type, NodeView view) {
    throw new IllegalStateException("no attributes were asked for");
  }
}
