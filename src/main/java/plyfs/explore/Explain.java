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
import plyfs.union.Inspection;
import plyfs.union.LookupTrace;
import plyfs.union.NodeView;
import plyfs.union.UnionFs;

/**
 * Explains one path: walks to it in a union of the layers and records what the lookup of the engine
 * met on the way. Nothing in the layers is changed or locked.
 */
public final class Explain implements AutoCloseable {
  private final ExploredLayers layers;
  private final UnionFs union;
  private final Inspection inspection;
  private final List<Long> walked = new ArrayList<>();

  private Explain(ExploredLayers layers) throws MountRefusedException, ErrnoException {
    this.layers = layers;
    this.union = layers.open();
    this.inspection = union.inspection();
  }

  /**
   * Explains a path.
   *
   * @param path components, which may be none for the root; links are not followed
   * @throws CannotExplainException a directory of the path is missing or is none
   * @throws MountRefusedException a layer cannot be opened
   * @throws ErrnoException a layer cannot be read
   */
  public static Explanation of(ExploredLayers layers, List<Name> path)
      throws CannotExplainException, MountRefusedException, ErrnoException {
    try (Explain explain = new Explain(layers)) {
      return explain.explain(path);
    }
  }

  /** The path cannot be walked; the message is one sentence for a person. */
  public static final class CannotExplainException extends Exception {
    private static final long serialVersionUID = 1L;

    CannotExplainException(String message) {
      super(message);
    }
  }

  @Override
  public void close() {
    walked.forEach(node -> union.forget(node, 1));
    union.close();
  }

  private Explanation explain(List<Name> path) throws CannotExplainException, ErrnoException {
    if (path.isEmpty()) {
      return root();
    }
    List<Ancestor> ancestors = new ArrayList<>();
    long directory = UnionFs.ROOT_ID;
    for (int i = 0; i < path.size() - 1; i++) {
      LookupTrace trace = new LookupTrace();
      inspection.lookup(directory, path.get(i), trace);
      ancestors.add(new Ancestor(pathOf(path.subList(0, i + 1)), trace));
      directory = step(directory, path, i);
    }
    Name name = path.get(path.size() - 1);
    LookupTrace trace = new LookupTrace();
    int failure = tryLookup(directory, name, trace);
    NodeView view = new NodeView();
    if (failure == 0) {
      union.lookup(directory, name, view);
    }
    long node = failure == 0 ? view.nodeId() : 0;
    LayerAnswers answers =
        new LayerAnswers(layers, ancestors, trace, inspection.sources(directory).parts(), name);
    if (node == 0) {
      return new Explanation(
          layers,
          pathOf(path),
          null,
          -1,
          -1,
          answers.all(),
          ImmutableList.of(),
          failure,
          null,
          null,
          null,
          null);
    }
    walked.add(node);
    Stat stat = view.stat();
    Inspection.Sources sources = inspection.sources(node);
    LayerRef data = sources.data();
    return new Explanation(
        layers,
        pathOf(path),
        shown(stat),
        sources.parts().get(0).layer().index(),
        data == null ? -1 : data.layer().index(),
        answers.all(),
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
        new byte[] {'/'},
        shown(view.stat()),
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

  /** A directory on the way, and what its lookup met. */
  record Ancestor(String path, LookupTrace trace) {
    Ancestor(byte[] path, LookupTrace trace) {
      this(Name.printable(path), trace);
    }
  }

  private static int tryLookup(Inspection inspection, long directory, Name name, LookupTrace trace)
      throws ErrnoException {
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

  private int tryLookup(long directory, Name name, LookupTrace trace) throws ErrnoException {
    return tryLookup(inspection, directory, name, trace);
  }

  /** Goes down by one directory. */
  private long step(long directory, List<Name> path, int index)
      throws CannotExplainException, ErrnoException {
    NodeView view = new NodeView();
    union.lookup(directory, path.get(index), view);
    String here = Name.printable(pathOf(path.subList(0, index + 1)));
    if (view.nodeId() == 0) {
      throw new CannotExplainException(
          "there is no " + here + ": 'explain' that path to see why (ENOENT)");
    }
    walked.add(view.nodeId());
    if (view.stat().isSymlink()) {
      byte[] target = union.readLink(view.nodeId());
      throw new CannotExplainException(
          here + " is a symbolic link to " + Name.printable(target) + ": give the path behind it");
    }
    if (!view.stat().isDirectory()) {
      throw new CannotExplainException(here + " is not a directory (ENOTDIR)");
    }
    return view.nodeId();
  }

  static byte[] pathOf(List<Name> names) {
    int length = 0;
    for (Name name : names) {
      length += 1 + name.length();
    }
    byte[] path = new byte[Math.max(1, length)];
    path[0] = '/';
    int at = 0;
    for (Name name : names) {
      path[at] = '/';
      System.arraycopy(name.bytes(), 0, path, at + 1, name.length());
      at += 1 + name.length();
    }
    return path;
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
          name.bytes(), null, ImmutableList.of(), "a whiteout that is listed (no 'x' mark)");
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

  /** A name that a part of a directory has and the union has not; null for a mark itself. */
  private Explanation.@Nullable Entry hidden(long directory, Name name, LayerRef part)
      throws ErrnoException {
    Stat stat = new Stat();
    if (!part.layer().stat(new LayerRef(part, name), stat) || stat.isWhiteout()) {
      return null;
    }
    LookupTrace trace = new LookupTrace();
    inspection.lookup(directory, name, trace);
    int by = -1;
    for (LookupTrace.Step step : trace.steps()) {
      if (step.verdict() == LookupTrace.Verdict.WHITEOUT
          || step.verdict() == LookupTrace.Verdict.WHITEOUT_BESIDE) {
        by = step.layer();
      }
    }
    if (by == part.layer().index()) {
      return null; // a whiteout by its attribute
    }
    return new Explanation.Entry(
        name.bytes(),
        shown(stat),
        ImmutableList.of(),
        "in "
            + ExploredLayers.name(part.layer().index())
            + ", deleted by "
            + ExploredLayers.name(by));
  }

  /** Where an object is in its layer, from the root of that. */
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
