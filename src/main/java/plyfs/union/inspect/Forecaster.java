package plyfs.union.inspect;

import com.google.common.collect.ImmutableList;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import plyfs.layer.LayerFile;
import plyfs.layer.LayerRef;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.sys.Name;
import plyfs.sys.Stat;
import plyfs.sys.XattrSyscalls;
import plyfs.trace.EventKind;
import plyfs.union.api.AttributeChange;
import plyfs.union.api.Forecast;
import plyfs.union.api.UnionOptions;
import plyfs.union.attribute.InodeFlags;
import plyfs.union.copyup.CopyUp;
import plyfs.union.copyup.CopyUpScope;
import plyfs.union.copyup.DataExtents;
import plyfs.union.copyup.LinkUp;
import plyfs.union.copyup.XattrCopy;
import plyfs.union.name.MoveMarks;
import plyfs.union.name.Remove;
import plyfs.union.name.RenameChecks;
import plyfs.union.node.Directory;
import plyfs.union.node.Found;
import plyfs.union.node.LowerData;
import plyfs.union.node.MoveEnd;
import plyfs.union.node.Node;
import plyfs.union.node.NodePath;
import plyfs.union.tree.Tree;

/**
 * Tells what a change would do, without doing it: the checks, the scope of each copy-up and the way
 * a name ends are asked of the classes that make the change. A union without an upper layer is
 * taken for one with an empty one.
 */
public final class Forecaster {
  private static final Name ELSEWHERE = Name.of("new name of a forecast");

  private final Tree tree;
  private final CopyUp copyUp;
  private final UnionOptions options;
  private final InodeFlags flags;
  private final Remove remove;
  private final RenameChecks renameChecks;
  private final MoveMarks moveMarks;

  private final XattrCopy xattrCopy;

  public Forecaster(
      Tree tree,
      CopyUp copyUp,
      UnionOptions options,
      InodeFlags flags,
      Remove remove,
      RenameChecks renameChecks,
      MoveMarks moveMarks,
      XattrCopy xattrCopy) {
    this.tree = tree;
    this.copyUp = copyUp;
    this.options = options;
    this.flags = flags;
    this.remove = remove;
    this.renameChecks = renameChecks;
    this.moveMarks = moveMarks;
    this.xattrCopy = xattrCopy;
  }

  /** A write into a regular file. */
  Forecast write(Node node) throws ErrnoException {
    if (!node.isRegular()) {
      return Forecast.refused(node.isDirectory() ? Errno.EISDIR : Errno.EINVAL);
    }
    return attempt(
        steps -> {
          flags.requireWritable(node, false);
          steps.copyUp(node, CopyUp.WHOLE);
          LowerData data = node.lowerData();
          if (data != null && node.isMetadataOnly()) {
            steps.completeData(node, data);
          }
        });
  }

  /** A change of mode, owner or times. */
  Forecast changeAttributes(Node node) throws ErrnoException {
    return attempt(
        steps -> {
          flags.requireChangeable(node, new AttributeChange().mode(0));
          steps.copyUp(node, CopyUp.METADATA);
        });
  }

  /** An unlink or rmdir of a name. */
  Forecast delete(Directory parent, Name name, Node node) throws ErrnoException {
    return attempt(
        steps -> {
          remove.check(parent, node, node.isDirectory());
          steps.copyUp(parent, CopyUp.METADATA);
          if (node.indexed() != null) {
            steps.copyUp(node, CopyUp.METADATA);
            steps.linkUp(node, parent, name);
          }
          boolean inUpper = node.upper() != null || node.indexed() != null;
          steps.add(Remove.Ending.of(inUpper, isInLowers(parent, name)).kind(), parent, name);
        });
  }

  /** A rename to a free name of the same directory. */
  Forecast rename(Directory parent, Name name, Node node) throws ErrnoException {
    return attempt(
        steps -> {
          MoveEnd from = new MoveEnd(parent, name);
          MoveEnd to = new MoveEnd(parent, ELSEWHERE);
          from.node = node;
          renameChecks.check(from, to, 0);
          steps.copyUp(node, CopyUp.METADATA);
          steps.copyUp(parent, CopyUp.METADATA);
          steps.linkUp(node, parent, name);
          markForMove(node, from, steps);
          if (isInLowers(parent, name)) {
            steps.add(EventKind.WHITEOUT_MADE, parent, name);
          }
          steps.add(EventKind.RENAMED, parent, name);
        });
  }

  private void markForMove(Node node, MoveEnd from, Steps steps) throws ErrnoException {
    LowerData data = steps.lowerDataOf(node);
    switch (MoveMarks.Need.of(node, data != null, from.parent)) {
      case REDIRECT -> setRedirect(node, data, from, steps);
      case OPAQUE -> steps.add(EventKind.OPAQUE_SET, from.parent, from.name);
      case NOTHING -> {}
    }
  }

  private void setRedirect(Node node, @Nullable LowerData data, MoveEnd from, Steps steps)
      throws ErrnoException {
    boolean relative = data == null || moveMarks.hasOneLink(data);
    try {
      if (MoveMarks.redirect(node, from, relative) != null) {
        steps.add(EventKind.REDIRECT_SET, from.parent, from.name);
      }
    } catch (ErrnoException e) {
      if (e.errno() != Errno.EXDEV || data == null) {
        throw e;
      }
      steps.completeData(node, data); // so that no mark is needed
    }
  }

  private boolean isInLowers(Directory parent, Name name) throws ErrnoException {
    Found found = tree.pool.take();
    try {
      return tree.lookup.isInLowers(parent, name, found);
    } finally {
      tree.pool.giveBack(found);
    }
  }

  // Steps

  private interface Attempt {
    void tell(Steps steps) throws ErrnoException;
  }

  private Forecast attempt(Attempt attempt) throws ErrnoException {
    Steps steps = new Steps();
    try {
      attempt.tell(steps);
    } catch (ErrnoException e) {
      if (e.errno() == Errno.EIO || e.errno() == Errno.ESTALE) {
        throw e;
      }
      return Forecast.refused(e.errno());
    }
    return new Forecast(0, steps.all.build());
  }

  /** The steps of one change. */
  private final class Steps {
    private final ImmutableList.Builder<Forecast.Step> all = ImmutableList.builder();
    private final Map<Node, Forecast.Copy> copied = new HashMap<>();
    private final Set<Node> linkedUp = new HashSet<>();
    private final Set<Node.Alias> linked = new HashSet<>();

    void add(EventKind kind, Directory parent, Name name) {
      all.add(new Forecast.Step(kind, NodePath.of(parent, name), null));
    }

    /** Where the data of a file is after its copy-up, if the upper file has none; else null. */
    @Nullable LowerData lowerDataOf(Node node) {
      LowerData data = node.lowerData();
      Forecast.Copy copy = copied.get(node);
      if (copy == null) {
        return data;
      }
      if (!copy.dataStaysBelow()) {
        return null;
      }
      return data == null ? LowerData.at(node.lowers[0]) : data;
    }

    /** Copies a node up, the topmost missing directory first, as {@link CopyUp} does. */
    void copyUp(Node node, long size) throws ErrnoException {
      Deque<Node> missing = new ArrayDeque<>();
      for (Node at = node; at != null && isMissing(at); at = at.parent()) {
        missing.push(at);
      }
      for (Node next : missing) {
        CopyUpScope scope = CopyUpScope.of(next, next == node ? size : CopyUp.METADATA, options);
        if (!scope.lower().layer().stat(scope.lower(), scope.source())) {
          throw ErrnoException.of(Errno.EIO);
        }
        if (copyUp.mayBelongToUnknown(scope.source())) {
          throw ErrnoException.of(Errno.EPERM);
        }
        Forecast.Copy copy = copyOf(scope);
        all.add(new Forecast.Step(EventKind.COPY_UP, NodePath.of(next), copy));
        copied.put(next, copy);
      }
      boolean hasLowerNames =
          node.indexed() != null && (copied.containsKey(node) || node.indexed().hasLowerNames);
      if (hasLowerNames && linkedUp.add(node)) {
        for (Node.Alias alias : node.aliases()) {
          if (!alias.parent().removed) {
            copyUp(alias.parent(), CopyUp.METADATA);
            linkUp(node, alias.parent(), alias.name());
          }
        }
      }
    }

    /** Gives an object of the index a name that it lacks, as {@link LinkUp} does. */
    void linkUp(Node node, Directory parent, Name name) throws ErrnoException {
      LayerRef upper = parent.upper();
      boolean isThere =
          node.indexed() == null || upper != null && LinkUp.hasName(upper, name, new Stat());
      if (!isThere && linked.add(new Node.Alias(parent, name))) {
        add(EventKind.LINK_UP, parent, name);
      }
    }

    private boolean isMissing(Node node) {
      return node.upper() == null && node.parent() != null && !copied.containsKey(node);
    }

    void completeData(Node node, LowerData data) throws ErrnoException {
      LayerRef top = node.top();
      Stat stat = new Stat();
      if (!top.layer().stat(top, stat)) {
        throw ErrnoException.of(Errno.ESTALE);
      }
      long[] counts = extents(data.file(), stat.size());
      Forecast.Copy copy =
          new Forecast.Copy(
              Linux.S_IFREG,
              stat.size(),
              counts[0],
              (int) counts[1],
              0,
              false,
              0,
              false,
              options.sync());
      all.add(new Forecast.Step(EventKind.DATA_COPY, NodePath.of(node), copy));
    }
  }

  private Forecast.Copy copyOf(CopyUpScope scope) throws ErrnoException {
    Stat source = scope.source();
    Node node = scope.node();
    boolean copiesData = source.isRegular() && source.size() > 0 && !scope.leavesDataBelow();
    LowerData elsewhere = node.lowerData();
    LayerRef data = elsewhere == null ? scope.lower() : elsewhere.file();
    long[] counts = copiesData ? extents(data, scope.sizeOfResult()) : new long[2];
    return new Forecast.Copy(
        source.type(),
        source.isRegular() ? source.size() : 0,
        counts[0],
        (int) counts[1],
        xattrs(scope.lower()),
        scope.leavesDataBelow(),
        scope.isSeparated() ? source.nlink() : 0,
        node.indexed() != null,
        source.isRegular() && options.sync());
  }

  /** Bytes of the extents of a file, and their number. */
  private static long[] extents(LayerRef file, long wanted) throws ErrnoException {
    long[] counts = new long[2];
    try (LayerFile data = file.layer().open(file)) {
      Stat stat = new Stat();
      data.stat(stat);
      DataExtents.visit(
          data,
          stat,
          Math.min(wanted, stat.size()),
          (start, end) -> {
            counts[0] += end - start;
            counts[1]++;
            return end;
          });
    }
    return counts;
  }

  private int xattrs(LayerRef object) throws ErrnoException {
    int[] count = new int[1];
    XattrSyscalls.forEachName(
        object.layer().xattrNames(object),
        name -> {
          if (xattrCopy.isCopied(name)) {
            count[0]++;
          }
        });
    return count[0];
  }
}
