package plyfs.copy;

import java.util.Collection;
import plyfs.sys.ErrnoException;
import plyfs.sys.Name;
import plyfs.union.UnionFs;
import plyfs.union.api.DirSink;
import plyfs.union.api.NodeView;

/** Collects the names in a directory of a union. */
final class UnionNames implements DirSink {
  private final Collection<Name> names;

  private UnionNames(Collection<Name> names) {
    this.names = names;
  }

  static void add(UnionFs union, UnionEntry directory, Collection<Name> names)
      throws ErrnoException {
    union.readDirectory(directory.node(), 0, new UnionNames(names), null);
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
