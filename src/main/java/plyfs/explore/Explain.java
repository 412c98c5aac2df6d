package plyfs.explore;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import plyfs.layer.LayerRef;
import plyfs.layer.MountRefusedException;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.sys.Name;
import plyfs.sys.Stat;
import plyfs.union.UnionFs;
import plyfs.union.api.LookupTrace;
import plyfs.union.api.NodeView;
import plyfs.union.inspect.Inspection;

/**
 * Explains one path: walks to it in a union of the layers and records what the lookup of the engine
 * finds. It neither changes nor locks anything in the layers.
 */
public final class Explain implements AutoCloseable {
  private final ExploredLayers layers;
  private final UnionFs union;
  private final Inspection inspection;
  private final PathWalk walk;

  private Explain(ExploredLayers layers) throws MountRefusedException, ErrnoException {
    this.layers = layers;
    this.union = layers.open();
    this.inspection = union.inspection();
    this.walk = new PathWalk(union, inspection);
  }

  /**
   * Explains a path.
   *
   * @param path from the root of the union, with or without a leading slash; symbolic links in it
   *     are followed inside the union, and a link at its end only if a slash follows
   * @throws CannotExplainException a directory of the path is missing or is not a directory
   * @throws MountRefusedException a layer cannot be opened
   * @throws ErrnoException a layer cannot be read
   */
  public static Explanation of(ExploredLayers layers, byte[] path)
      throws CannotExplainException, MountRefusedException, ErrnoException {
    try (Explain explain = new Explain(layers)) {
      return explain.explain(path);
    }
  }

  /** The path cannot be resolved; the message is one sentence for a person. */
  public static final class CannotExplainException extends Exception {
    private static final long serialVersionUID = 1L;

    CannotExplainException(String message) {
      super(message);
    }
  }

  @Override
  public void close() {
    walk.close();
    union.close();
  }

  private Explanation explain(byte[] path) throws CannotExplainException, ErrnoException {
    walk.walk(path);
    Name name = walk.name();
    return name == null ? root() : explain(walk.directory(), name);
  }

  private Explanation explain(long directory, Name name) throws ErrnoException {
    LookupTrace trace = new LookupTrace();
    int failure = tryLookup(directory, name, trace);
    NodeView view = new NodeView();
    if (failure == 0) {
      union.lookup(directory, name, view);
    }
    long node = failure == 0 ? view.nodeId() : 0;
    ImmutableList<Explanation.Answer> answers =
        new LayerAnswers(
                layers, walk.ancestors(), trace, inspection.sources(directory).parts(), name)
            .all();
    if (node == 0) {
      return new Explanation(
          layers,
          walk.path(),
          walk.followed(),
          null,
          null,
          -1,
          -1,
          answers,
          ImmutableList.of(),
          failure,
          null,
          null,
          null,
          null);
    }
    try {
      return explain(directory, name, view, answers);
    } finally {
      union.forget(node, 1);
    }
  }

  private Explanation explain(
      long directory, Name name, NodeView view, ImmutableList<Explanation.Answer> answers)
      throws ErrnoException {
    long node = view.nodeId();
    Stat stat = view.stat();
    Inspection.Sources sources = inspection.sources(node);
    LayerRef data = sources.data();
    return new Explanation(
        layers,
        walk.path(),
        walk.followed(),
        shown(stat),
        stat.isSymlink() ? union.readLink(node) : null,
        sources.parts().get(0).layer().index(),
        data == null ? -1 : data.layer().index(),
        answers,
        stat.isDirectory() ? entries(node, sources.parts()) : ImmutableList.of(),
        0,
        stat.isRegular() ? inspection.write(node) : null,
        stat.isSymlink() ? null : inspection.changeAttributes(node),
        inspection.delete(directory, name),
        inspection.rename(directory, name));
  }

  private Explanation root() throws ErrnoException {
    NodeView view = new NodeView();
    union.getAttributes(UnionFs.ROOT_ID, view);
    ImmutableList<LayerRef> parts = inspection.sources(UnionFs.ROOT_ID).parts();
    ImmutableList.Builder<Explanation.Answer> answers = ImmutableList.builder();
    for (LayerRef part : parts) {
      Explanation.Verdict verdict =
          part == parts.get(0) ? Explanation.Verdict.FOUND : Explanation.Verdict.MERGED;
      answers.add(
          new Explanation.Answer(
              part.layer().index(), verdict, "the root of the layer", null, new byte[] {'/'}));
    }
    return new Explanation(
        layers,
        walk.path(),
        walk.followed(),
        shown(view.stat()),
        null,
        parts.get(0).layer().index(),
        -1,
        answers.build(),
        entries(UnionFs.ROOT_ID, parts),
        0,
        null,
        inspection.changeAttributes(UnionFs.ROOT_ID),
        null,
        null);
  }

  /** A directory in the path, and the trace of its lookup. */
  record Ancestor(String path, LookupTrace trace) {
    Ancestor(byte[] path, LookupTrace trace) {
      this(Name.printable(path), trace);
    }
  }

  private int tryLookup(long directory, Name name, LookupTrace trace) throws ErrnoException {
    try {
      inspection.lookup(directory, name, trace);
      return 0;
    } catch (ErrnoException e) {
      int errno = e.errno();
      if (errno == Errno.EPERM || errno == Errno.EINVAL || errno == Errno.EIO) {
        return errno;
      }
      throw e;
    }
  }

  static Explanation.Shown shown(Stat stat) {
    return new Explanation.Shown(stat.mode(), stat.isRegular() ? stat.size() : 0);
  }

  // Entries

  private ImmutableList<Explanation.Entry> entries(long node, List<LayerRef> parts)
      throws ErrnoException {
    Map<Name, Explanation.Entry> entries = new TreeMap<>();
    List<Name> names = new ArrayList<>();
    UnionListing.addNames(union, node, names);
    for (Name name : names) {
      entries.put(name, visible(node, name));
    }
    for (LayerRef part : parts) {
      part.layer()
          .list(
              part,
              (bytes, type, ino) -> {
                Name name = Name.of(bytes);
                if (!entries.containsKey(name) && !isMark(name)) {
                  Explanation.Entry entry = hidden(node, name, part);
                  if (entry != null) {
                    entries.put(name, entry);
                  }
                }
              });
    }
    return ImmutableList.copyOf(entries.values());
  }

  private boolean isMark(Name name) {
    return layers.aufs() && name.startsWith(new byte[] {'.', 'w', 'h', '.'});
  }

  private Explanation.Entry visible(long directory, Name name) throws ErrnoException {
    NodeView view = new NodeView();
    LookupTrace trace = new LookupTrace();
    int failure = tryLookup(directory, name, trace);
    if (failure != 0) {
      return new Explanation.Entry(
          name.bytes(),
          null,
          ImmutableList.of(),
          "cannot be looked up: " + Errno.describe(failure));
    }
    union.lookup(directory, name, view);
    if (view.nodeId() == 0) {
      return new Explanation.Entry(
          name.bytes(),
          null,
          ImmutableList.of(),
          "a whiteout that is listed, because the directory lacks the mark opaque=x");
    }
    try {
      ImmutableList.Builder<Integer> from = ImmutableList.builder();
      for (LayerRef part : inspection.sources(view.nodeId()).parts()) {
        from.add(part.layer().index());
      }
      return new Explanation.Entry(name.bytes(), shown(view.stat()), from.build(), "");
    } finally {
      union.forget(view.nodeId(), 1);
    }
  }

  /** A name that exists in one layer of a directory but not in the union; null for a mark. */
  private Explanation.@Nullable Entry hidden(long directory, Name name, LayerRef part)
      throws ErrnoException {
    Stat stat = new Stat();
    if (!part.layer().stat(new LayerRef(part, name), stat) || stat.isWhiteout()) {
      return null;
    }
    LookupTrace trace = new LookupTrace();
    inspection.lookup(directory, name, trace);
    int by = -1;
    for (LookupTrace.LayerVerdict step : trace.steps()) {
      if (step.verdict() == LookupTrace.Verdict.WHITEOUT
          || step.verdict() == LookupTrace.Verdict.WHITEOUT_BESIDE) {
        by = step.layer();
      }
    }
    if (by == part.layer().index()) {
      return null; // a whiteout with the whiteout attribute
    }
    return new Explanation.Entry(
        name.bytes(),
        shown(stat),
        ImmutableList.of(),
        "in "
            + layers.numbers().name(part.layer().index())
            + ", deleted by "
            + layers.numbers().name(by));
  }

  /** Path of an object from the root of its layer. */
  static byte[] pathIn(LayerRef object) {
    byte[] path = {};
    for (LayerRef.Place at = object.place(); at != null; at = at.directory().place()) {
      byte[] name = at.name().bytes();
      byte[] longer = Arrays.copyOf(name, 1 + name.length + path.length);
      longer[0] = '/';
      System.arraycopy(name, 0, longer, 1, name.length);
      System.arraycopy(path, 0, longer, 1 + name.length, path.length);
      path = longer;
    }
    return path.length == 0 ? new byte[] {'/'} : path;
  }

  /** Whether a mode is that of a directory. */
  static boolean isDirectory(int mode) {
    return (mode & Linux.S_IFMT) == Linux.S_IFDIR;
  }
}
