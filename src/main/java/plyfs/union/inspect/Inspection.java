package plyfs.union.inspect;

import com.google.common.collect.ImmutableList;
import org.jspecify.annotations.Nullable;
import plyfs.layer.LayerRef;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Name;
import plyfs.sys.Stat;
import plyfs.union.api.Forecast;
import plyfs.union.api.LookupTrace;
import plyfs.union.node.Directory;
import plyfs.union.node.Found;
import plyfs.union.node.LowerData;
import plyfs.union.node.Node;
import plyfs.union.tree.Tree;

/** What those may ask of a union who explain it. Nothing here changes anything. */
public final class Inspection {
  private final Tree tree;
  private final Forecaster forecaster;

  public Inspection(Tree tree, Forecaster forecaster) {
    this.tree = tree;
    this.forecaster = forecaster;
  }

  /**
   * Where an object comes from.
   *
   * @param parts its objects in the layers, topmost first: several for a merged directory
   * @param data where the data of a file is whose topmost object holds attributes alone; else null
   */
  public record Sources(ImmutableList<LayerRef> parts, @Nullable LayerRef data) {}

  /**
   * Looks a name up as every request does, and tells what each layer said.
   *
   * @throws ErrnoException as {@code UnionFs.lookup}; what was met until then is in {@code trace}
   */
  public void lookup(long parent, Name name, LookupTrace trace) throws ErrnoException {
    Directory directory = tree.nodes.directory(parent);
    Found found = tree.pool.take();
    try {
      tree.lookup.find(directory, name, found, trace);
    } finally {
      tree.pool.giveBack(found);
    }
  }

  /** Where a node comes from. */
  public Sources sources(long id) throws ErrnoException {
    Node node = tree.nodes.get(id);
    ImmutableList.Builder<LayerRef> parts = ImmutableList.builder();
    LayerRef upper = node.upper();
    if (upper != null) {
      parts.add(upper);
    }
    if (upper == null || node.isDirectory()) {
      parts.add(node.lowers);
    }
    LowerData data = node.lowerData();
    return new Sources(parts.build(), data == null ? null : data.file());
  }

  /** What a write into a file would do. */
  public Forecast write(long node) throws ErrnoException {
    return forecaster.write(tree.nodes.get(node));
  }

  /** What a change of mode, owner or times would do. */
  public Forecast changeAttributes(long node) throws ErrnoException {
    return forecaster.changeAttributes(tree.nodes.get(node));
  }

  /** What a removal of a name would do, of a file or of a directory. */
  public Forecast delete(long parent, Name name) throws ErrnoException {
    return onName(parent, name, forecaster::delete);
  }

  /** What a rename would do, to a free name of the same directory. */
  public Forecast rename(long parent, Name name) throws ErrnoException {
    return onName(parent, name, forecaster::rename);
  }

  private interface OnName {
    Forecast tell(Directory parent, Name name, Node node) throws ErrnoException;
  }

  private Forecast onName(long parent, Name name, OnName change) throws ErrnoException {
    Directory directory = tree.nodes.directory(parent);
    Found found = tree.pool.take();
    Node node = null;
    try {
      node = tree.reference(directory, name, found);
      return node == null ? Forecast.refused(Errno.ENOENT) : change.tell(directory, name, node);
    } finally {
      tree.pool.giveBack(found);
      if (node != null) {
        tree.nodes.release(node, 1);
      }
    }
  }

  /** Attributes of an object of a layer; false if it is not there. */
  public static boolean stat(LayerRef object, Stat out) throws ErrnoException {
    return object.layer().stat(object, out);
  }
}
