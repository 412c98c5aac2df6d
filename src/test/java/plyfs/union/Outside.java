package plyfs.union;

import java.util.ArrayList;
import java.util.List;
import plyfs.contract.LayerTree;
import plyfs.layer.LayerFile;
import plyfs.layer.LayerRef;
import plyfs.layer.OverlayXattr;
import plyfs.layer.UpperLayer;
import plyfs.sys.ErrnoException;
import plyfs.sys.Name;
import plyfs.sys.Stat;

/** What people do in an upper directory between mounts, as cp -a, ln, mv and rm -r do it. */
final class Outside {
  private static final OverlayXattr MARKS = OverlayXattr.TRUSTED;
  private static final List<byte[]> COPIED =
      List.of(MARKS.origin(), MARKS.redirect(), MARKS.opaque(), MARKS.impure(), MARKS.nlink());

  private Outside() {}

  /** The directory of a path, and the name in it. */
  private static LayerRef.Place place(UpperLayer layer, String path) {
    int slash = path.lastIndexOf('/');
    LayerRef parent = slash < 0 ? layer.root() : LayerTree.ref(layer, path.substring(0, slash));
    return new LayerRef.Place(parent, LayerTree.name(path.substring(slash + 1)));
  }

  /** Copies a file or a directory with all that is in it and all attributes. */
  static void copy(UpperLayer layer, String from, String to) throws ErrnoException {
    LayerRef.Place at = place(layer, to);
    copy(layer, LayerTree.ref(layer, from), at.directory(), at.name());
  }

  private static void copy(UpperLayer layer, LayerRef from, LayerRef directory, Name name)
      throws ErrnoException {
    Stat stat = new Stat();
    if (!layer.stat(from, stat)) {
      throw new IllegalArgumentException("nothing to copy");
    }
    if (stat.isWhiteout()) {
      layer.whiteout(directory, name);
      return;
    }
    LayerRef made = stat.isDirectory() ? layer.prepareDirectory() : layer.prepareFile();
    if (!stat.isDirectory()) {
      try (LayerFile file = layer.openWritable(made)) {
        LayerTree.write(file, LayerTree.bytes(LayerTree.content(layer, from)), 0);
      }
    }
    layer.chmod(made, stat.mode() & 07777);
    for (byte[] mark : COPIED) {
      byte[] value = layer.xattr(from, mark);
      if (value != null) {
        layer.setXattr(made, mark, value, 0);
      }
    }
    layer.publish(made, directory, name);
    if (stat.isDirectory()) {
      LayerRef copied = new LayerRef(directory, name);
      for (Name entry : names(layer, from)) {
        copy(layer, new LayerRef(from, entry), copied, entry);
      }
    }
  }

  private static List<Name> names(UpperLayer layer, LayerRef directory) throws ErrnoException {
    List<Name> names = new ArrayList<>();
    layer.list(directory, (name, type, ino) -> names.add(Name.of(name)));
    return names;
  }

  static void link(UpperLayer layer, String from, String to) throws ErrnoException {
    LayerRef.Place at = place(layer, to);
    layer.link(LayerTree.ref(layer, from), at.directory(), at.name());
  }

  static void move(UpperLayer layer, String from, String to) throws ErrnoException {
    LayerRef.Place at = place(layer, to);
    layer.move(LayerTree.ref(layer, from), at.directory(), at.name(), 0);
  }

  /** Removes what is there, if anything, with all that is in it. */
  static void remove(UpperLayer layer, String path) throws ErrnoException {
    remove(layer, LayerTree.ref(layer, path));
  }

  private static void remove(UpperLayer layer, LayerRef object) throws ErrnoException {
    Stat stat = new Stat();
    LayerRef.Place at = object.place();
    if (at == null || !layer.stat(object, stat)) {
      return;
    }
    if (!stat.isDirectory()) {
      layer.unlink(at.directory(), at.name());
      return;
    }
    for (Name entry : names(layer, object)) {
      remove(layer, new LayerRef(object, entry));
    }
    layer.removeDirectory(at.directory(), at.name());
  }

  /** Takes the mark of a directory away that says that it holds something with an origin. */
  static void makePure(UpperLayer layer, String directory) throws ErrnoException {
    LayerRef object = LayerTree.ref(layer, directory);
    if (layer.xattr(object, MARKS.impure()) != null) {
      layer.removeXattr(object, MARKS.impure());
    }
  }

  /** Paths in a layer, whiteouts left out. */
  static List<String> paths(UpperLayer layer) throws ErrnoException {
    return LayerTree.render(layer).stream()
        .filter(line -> !line.endsWith(" !"))
        .map(line -> line.replaceFirst("(/$|=.*)", ""))
        .toList();
  }
}
