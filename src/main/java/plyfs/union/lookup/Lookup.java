package plyfs.union.lookup;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plyfs.layer.AufsNames;
import plyfs.layer.Layer;
import plyfs.layer.LayerRef;
import plyfs.layer.LayerStack;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Name;
import plyfs.sys.Stat;
import plyfs.union.api.LookupTrace;
import plyfs.union.api.LookupTrace.Verdict;
import plyfs.union.api.UnionOptions;
import plyfs.union.mark.Redirect;
import plyfs.union.node.Directory;
import plyfs.union.node.Found;
import plyfs.union.node.LowerData;
import plyfs.union.node.LowerNames;
import plyfs.union.node.Node;

/**
 * Finds what a name stands for: one loop over the layers from the top, in which every reason to
 * stop is a line.
 *
 * @implNote Linux fs/overlayfs/namei.c, ovl_lookup and ovl_lookup_single; AUFS marks as in the OCI
 *     image layer specification
 */
public final class Lookup {
  private final LayerStack stack;
  private final LookupMarks marks;
  private final UnionOptions options;
  private final LayerRef[] rootLowers;
  private final ImmutableList<Layer> dataOnly;

  public Lookup(LayerStack stack, UnionOptions options) throws ErrnoException {
    this.stack = stack;
    this.marks = new LookupMarks(stack.marks(), options);
    this.options = options;
    this.rootLowers = findRootLowers();
    this.dataOnly = stack.dataOnly();
  }

  /** Lower directories of the root that matter, topmost first. */
  public LayerRef[] rootLowers() {
    return rootLowers;
  }

  /** Whether a name is one of the marks that images use, which are neither shown nor made. */
  public boolean isReserved(Name name) {
    return marks.isReserved(name);
  }

  /** See {@link LookupMarks#isHiddenBelow}. */
  public boolean isHiddenBelow(LayerRef parent, Name name, Stat probe) throws ErrnoException {
    return marks.isHiddenBelow(parent, name, probe);
  }

  /** See {@link LookupMarks#isXattrWhiteout}. */
  public boolean isXattrWhiteout(LayerRef object, Stat stat) throws ErrnoException {
    return marks.isXattrWhiteout(object, stat);
  }

  /**
   * Looks a name up.
   *
   * @param parent a directory
   * @param found filled in
   * @throws ErrnoException EINVAL or EPERM for a redirect or metacopy mark that cannot be followed;
   *     EIO, also for a file whose data is missing
   */
  public void find(Directory parent, Name name, Found found) throws ErrnoException {
    find(parent, name, found, 0);
  }

  /**
   * As the other.
   *
   * @param firstLower index of a lower layer; no lower layer above it has the name, as a listing
   *     showed; 0 if unknown
   */
  public void find(Directory parent, Name name, Found found, int firstLower) throws ErrnoException {
    find(name, found, new Search(parent, name, found, true, firstLower, null));
  }

  /** As the other; {@code trace} is told what each layer says. */
  public void find(Directory parent, Name name, Found found, LookupTrace trace)
      throws ErrnoException {
    find(name, found, new Search(parent, name, found, true, 0, trace));
  }

  private void find(Name name, Found found, Search search) throws ErrnoException {
    found.clear();
    if (isReserved(name)) {
      return;
    }
    Directory parent = search.parent;
    LayerRef upperParent = parent.upper();
    if (upperParent != null && !search.inUpper(new LayerRef(upperParent, name), upperParent)) {
      return;
    }
    if (search.path == null) {
      search.inLowers();
    }
    if (search.path != null) {
      search.belowRedirect();
    }
    if (search.seeksData) {
      search.endWithoutData();
    }
  }

  /**
   * Whether lower layers of a directory show something under a name, which a deletion must hide.
   */
  public boolean isInLowers(Directory parent, Name name, Found found) throws ErrnoException {
    if (parent.lowers.length == 0) {
      return false;
    }
    found.clear();
    new Search(parent, name, found, false, 0, null).inLowers();
    return !found.lowers.isEmpty();
  }

  /** The state of one search. */
  private final class Search {
    private final Directory parent;
    private final Found found;

    /** Name to look for in the layers that follow; a relative redirect changes it. */
    private Name name;

    /**
     * Path to look for from the roots of the layers that follow, once an absolute redirect was met;
     * else null.
     */
    private @Nullable List<Name> path;

    /** Layer of the last directory or metacopy file that was found. */
    private int layerIndex;

    /**
     * Whether the data of a metacopy file is looked for, and not only whether the name is there.
     */
    private final boolean wantsData;

    /** See {@link Lookup#find(Directory, Name, Found, int)}. */
    private final int firstLower;

    private final @Nullable LookupTrace trace;

    /** Whether a metacopy file was found, and not yet its data. */
    private boolean seeksData;

    /**
     * Whether a mark beside the name in a lower part of {@link #parent} may hide it further down.
     */
    private boolean mayBeHiddenBeside = true;

    /** How often lower parts of {@link #parent} were asked for what they do not have. */
    private int inVain;

    /** Whether the last metacopy file that was found says that its data is at a path. */
    private boolean dataHasPath;

    /**
     * Whether a directory on the way along {@link #path} hides what lies below it; no longer if
     * something further on says where in the layers below it is continued.
     */
    private boolean isHiddenBelow;

    Search(
        Directory parent,
        Name name,
        Found found,
        boolean wantsData,
        int firstLower,
        @Nullable LookupTrace trace) {
      this.parent = parent;
      this.name = name;
      this.found = found;
      this.wantsData = wantsData;
      this.firstLower = firstLower;
      this.trace = trace;
    }

    private void note(Verdict verdict, LayerRef object) {
      note(verdict, object, null);
    }

    private void note(Verdict verdict, LayerRef object, byte @Nullable [] redirect) {
      if (trace != null) {
        trace.add(verdict, object, redirect);
      }
    }

    private boolean goesOnBelow(LayerRef directory, Name here) throws ErrnoException {
      if (!marks.isHiddenBelow(directory, here, found.probe)) {
        return true;
      }
      note(Verdict.WHITEOUT_BESIDE, new LayerRef(directory, here));
      return false;
    }

    /** Index of the first lower layer that may say something of the name. */
    private int firstBelow() {
      if (parent.lowers.length == 0) {
        return LowerNames.NOWHERE;
      }
      return trace == null ? parent.firstLayerBelow(name) : 0;
    }

    /** Whether no lower part of the directory can hold the name. */
    private boolean isNotBelow() {
      return firstBelow() == LowerNames.NOWHERE;
    }

    /** Looks into the upper layer; false if no lower layer matters any more. */
    boolean inUpper(LayerRef ref, LayerRef directory) throws ErrnoException {
      if (!ref.layer().stat(ref, found.stat)) {
        note(Verdict.ABSENT, ref);
        return !isNotBelow() && goesOnBelow(directory, name);
      }
      if (found.stat.isWhiteout() || marks.isXattrWhiteout(ref, found.stat)) {
        found.outcome = Found.Outcome.UPPER_WHITEOUT; // the name is deleted
        note(Verdict.WHITEOUT, ref);
        return false;
      }
      found.outcome = Found.Outcome.UPPER;
      found.upper = ref;
      if (!found.stat.isDirectory()) {
        // A non-directory is never merged, but its data may be below.
        if (marks.isMetacopy(ref, found.stat)) {
          found.redirect = seekData(ref);
        } else {
          note(Verdict.FOUND, ref);
        }
        return seeksData;
      }
      if (marks.isOpaque(ref, found.probe)) {
        found.opaque = true;
        note(Verdict.OPAQUE_STOP, ref);
        return false; // what lies below is hidden
      }
      found.redirect = marks.redirectOf(ref);
      note(found.redirect == null ? Verdict.FOUND : Verdict.REDIRECTED, ref, found.redirect);
      follow(found.redirect);
      return (path != null || !isNotBelow()) && goesOnBelow(directory, name);
    }

    /** Looks into the lower parts of the directory, topmost first. */
    void inLowers() throws ErrnoException {
      int first = firstBelow();
      if (first == LowerNames.NOWHERE) {
        return;
      }
      if (!found.exists()) { // of what is in the upper layer too, firstLower says nothing
        first = Math.max(first, firstLower);
      }
      mayBeHiddenBeside = trace != null || parent.mayHoldMarksBelow();
      inLowers(first);
      if (inVain > 0) {
        parent.lowerNames().askedInVain(inVain);
      }
    }

    private void inLowers(int first) throws ErrnoException {
      for (LayerRef directory : parent.lowers) {
        requireMayFollowMetacopy();
        int index = directory.layer().index();
        if (index > layerIndex
            && index >= first
            && !inLower(new LayerRef(directory, name), directory)) {
          return;
        }
        if (path != null) {
          return; // the caller goes on from the roots
        }
      }
    }

    /** As {@link #goesOnBelow}, of a lower directory. */
    private boolean goesOnBelowLower(LayerRef directory, Name here) throws ErrnoException {
      return path == null && !mayBeHiddenBeside || goesOnBelow(directory, here);
    }

    /** Whether no layer below this one can matter, so that its marks say nothing. */
    private boolean isLast(LayerRef directory) {
      LayerRef[] all = path != null || options.followRedirects() ? rootLowers : parent.lowers;
      return directory.layer().index() >= all[all.length - 1].layer().index();
    }

    /** Looks into one lower directory; false if the layers below it do not matter any more. */
    private boolean inLower(LayerRef ref, LayerRef directory) throws ErrnoException {
      Stat stat = found.exists() ? found.scratch : found.stat;
      Name here = ref.place() == null ? name : ref.place().name();
      if (!ref.layer().stat(ref, stat)) {
        note(Verdict.ABSENT, ref);
        inVain++;
        return isLast(directory) || goesOnBelowLower(directory, here);
      }
      if (stat.isWhiteout() || marks.isXattrWhiteout(ref, stat)) {
        note(Verdict.WHITEOUT, ref);
        return false; // the name is deleted in this layer
      }
      if (seeksData && stat.isRegular()) {
        return dataIn(ref, stat);
      }
      if (seeksData || !stat.isDirectory() && found.exists()) {
        note(Verdict.HIDDEN_BY_NON_DIRECTORY, ref);
        return false; // never merged, and hides what lies below
      }
      if (!stat.isDirectory()) {
        found.outcome = Found.Outcome.LOWER;
        found.addLower(ref, stat);
        if (wantsData && marks.isMetacopy(ref, stat)) {
          seekData(ref);
        } else {
          note(Verdict.FOUND, ref);
        }
        return seeksData; // a non-directory is never merged, and hides what lies below
      }
      boolean isFirst = !found.exists();
      if (isFirst) {
        found.outcome = Found.Outcome.LOWER;
      }
      found.addLower(ref, stat);
      layerIndex = ref.layer().index();
      Verdict part = isFirst ? Verdict.FOUND : Verdict.MERGED;
      if (isLast(directory)) {
        note(part, ref);
        return false; // there is nothing below for its marks to speak of
      }
      int marked = marks.onLower(ref);
      if (marks.isLowerOpaque(ref, marked, found.probe)) {
        note(Verdict.OPAQUE_STOP, ref);
        return false; // what lies below is hidden
      }
      byte[] redirect = marks.redirectOfLower(ref, marked);
      note(redirect == null ? part : Verdict.REDIRECTED, ref, redirect);
      follow(redirect);
      inVain += mayBeHiddenBeside && options.aufsMarks() ? 1 : 0;
      return goesOnBelowLower(directory, here);
    }

    /** Takes a regular file for the data, unless that is still further down. */
    private boolean dataIn(LayerRef file, Stat stat) throws ErrnoException {
      if (marks.isMetacopy(file, stat)) {
        seekData(file);
        return true;
      }
      note(Verdict.DATA, file);
      found.data = LowerData.at(file);
      seeksData = false;
      return false;
    }

    /** Goes on below a metacopy file, at another name if it says so. */
    private byte @Nullable [] seekData(LayerRef metacopy) throws ErrnoException {
      byte[] redirect = marks.redirectOfFile(metacopy);
      note(Verdict.ATTRIBUTES_ONLY, metacopy, redirect);
      seeksData = true;
      dataHasPath = redirect != null && Redirect.isAbsolute(redirect);
      layerIndex = metacopy.layer().index();
      isHiddenBelow = false; // such a file goes on below even in an opaque directory
      follow(redirect);
      return redirect;
    }

    /** Before the data of a metacopy file is looked for in a lower layer that shows names. */
    private void requireMayFollowMetacopy() throws ErrnoException {
      if (seeksData && !options.metacopy()) {
        throw ErrnoException.of(Errno.EPERM);
      }
    }

    /**
     * No lower layer has the data: it may be in a data-only layer, if a lower metacopy file gives
     * the path there. That needs no leave, as nothing else can reach such a layer.
     */
    void endWithoutData() throws ErrnoException {
      List<Name> names = path;
      boolean isLower = layerIndex > 0;
      if (names != null && dataHasPath && isLower && !dataOnly.isEmpty()) {
        found.data = LowerData.inDataOnly(dataOnly, names);
        return;
      }
      requireMayFollowMetacopy();
      throw ErrnoException.of(Errno.EIO);
    }

    /** Notes where the layers below keep the rest of the object that was found. */
    private void follow(byte @Nullable [] redirect) throws ErrnoException {
      if (redirect == null) {
        return;
      }
      if (path == null && !Redirect.isAbsolute(redirect)) {
        name = Redirect.components(redirect).get(0);
      } else {
        follow(redirect, 0);
      }
    }

    /**
     * Notes where the layers below keep an object, or a directory on the way to it.
     *
     * @param left names of {@link #path} that come after that directory
     */
    private void follow(byte[] redirect, int left) throws ErrnoException {
      List<Name> before = path == null ? List.of() : path;
      List<Name> changed = new ArrayList<>();
      if (Redirect.isAbsolute(redirect)) {
        isHiddenBelow = false;
      } else {
        changed.addAll(before.subList(0, before.size() - left - 1));
      }
      changed.addAll(Redirect.components(redirect));
      changed.addAll(before.subList(before.size() - left, before.size()));
      path = changed;
    }

    /** Goes on from the roots of the layers below, along {@link #path}. */
    void belowRedirect() throws ErrnoException {
      for (LayerRef root : rootLowers) {
        if (root.layer().index() <= layerIndex) {
          continue;
        }
        requireMayFollowMetacopy();
        if (!alongPath(root)) {
          return;
        }
      }
    }

    /** Walks the path in one layer; false if the layers below do not matter any more. */
    private boolean alongPath(LayerRef root) throws ErrnoException {
      List<Name> names = path == null ? List.of() : path; // of this layer, while it changes
      int last = names.size() - 1;
      LayerRef at = root;
      isHiddenBelow = false;
      for (int i = 0; i < last; i++) {
        LayerRef next = new LayerRef(at, names.get(i));
        if (!next.layer().stat(next, found.scratch)) {
          note(Verdict.ABSENT, next);
          return !isHiddenBelow && goesOnBelow(at, names.get(i));
        }
        if (!found.scratch.isDirectory()) {
          boolean isWhiteout = found.scratch.isWhiteout();
          note(isWhiteout ? Verdict.WHITEOUT : Verdict.HIDDEN_BY_NON_DIRECTORY, next);
          return false; // a whiteout or another non-directory ends the path here and below
        }
        if (!isLast(root)) {
          passThrough(next, at, names.get(i), last - i);
        }
        at = next;
      }
      return inLower(new LayerRef(at, names.get(last)), at) && !isHiddenBelow;
    }

    /** Heeds the marks of a directory on the way along {@link #path}. */
    private void passThrough(LayerRef directory, LayerRef parent, Name here, int left)
        throws ErrnoException {
      int marked = marks.onLower(directory);
      if (marks.isLowerOpaque(directory, marked, found.probe)) {
        isHiddenBelow = true;
        return;
      }
      byte[] redirect = marks.redirectOfLower(directory, marked);
      if (redirect != null) {
        follow(redirect, left);
      } else if (!goesOnBelow(parent, here)) {
        isHiddenBelow = true;
      }
    }
  }

  /**
   * The lower roots from the top down to the first that is opaque by an AUFS mark; none if the
   * upper one is.
   *
   * <p>An opaque attribute on a layer's root is ignored, as the kernel does.
   */
  private LayerRef[] findRootLowers() throws ErrnoException {
    List<LayerRef> roots = new ArrayList<>();
    for (Layer layer : stack.all()) {
      if (layer != stack.upper()) {
        roots.add(layer.root());
      }
      if (options.aufsMarks()
          && layer.stat(new LayerRef(layer.root(), AufsNames.OPAQUE), new Stat())) {
        break;
      }
    }
    return roots.toArray(Node.NO_LOWERS);
  }
}
