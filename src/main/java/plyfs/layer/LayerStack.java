package plyfs.layer;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Linux;
import plyfs.sys.MountSyscalls;
import plyfs.sys.Name;
import plyfs.sys.Stat;
import plyfs.sys.Syscalls;
import plyfs.sys.TreeRemover;
import plyfs.sys.XattrSyscalls;

/**
 * The open layers of a mount.
 *
 * <p>If the process has the privilege, it reaches lower layers through private clones of their
 * mounts that are read-only and do not update access times: the kernel then refuses a write to them
 * even if the daemon has a bug. The upper layer and its workdir share one clone, because a rename
 * between two mounts would fail.
 */
public final class LayerStack implements AutoCloseable {
  /** Directory in the workdir for prepared objects. */
  private static final byte[] WORK = {'w', 'o', 'r', 'k'};

  private static final int PATH_FLAGS = Linux.O_PATH | Linux.O_DIRECTORY;

  private final ImmutableList<Layer> lowers;
  private final ImmutableList<Layer> dataOnly;
  private final @Nullable UpperLayer upper;
  private final @Nullable DirectoryLocks locks;
  private final List<ChangedDirectory> changed;
  private final OverlayXattr marks;
  private final UpperAbilities.Forms forms;

  private LayerStack(
      ImmutableList<Layer> lowers,
      ImmutableList<Layer> dataOnly,
      @Nullable UpperLayer upper,
      @Nullable DirectoryLocks locks,
      List<ChangedDirectory> changed,
      OverlayXattr marks,
      UpperAbilities.Forms forms) {
    this.lowers = lowers;
    this.dataOnly = dataOnly;
    this.upper = upper;
    this.locks = locks;
    this.changed = changed;
    this.marks = marks;
    this.forms = forms;
  }

  /**
   * A stack of layers that are already open. The lower layers have consecutive indexes, of 1 and
   * up, the upper layer 0.
   */
  public static LayerStack of(List<Layer> lowers, @Nullable UpperLayer upper, OverlayXattr marks) {
    return new LayerStack(
        ImmutableList.copyOf(lowers),
        ImmutableList.of(),
        upper,
        null,
        List.of(),
        marks,
        UpperAbilities.KERNEL_FORMS);
  }

  /**
   * The lowest of the lower layers, with the data-only layers: a stack without an upper layer that
   * is not closed, as this one closes its layers.
   *
   * @param topmost position of the first one, 0 for all
   */
  public LayerStack below(int topmost) {
    return of(lowers.subList(topmost, lowers.size()), null, marks).withDataOnly(dataOnly);
  }

  /** These layers with data-only layers below. The old stack must not be used afterwards. */
  public LayerStack withDataOnly(List<Layer> layers) {
    return new LayerStack(
        lowers, ImmutableList.copyOf(layers), upper, locks, changed, marks, forms);
  }

  /** As the other method, for callers that know of no other Plyfs mount. */
  public static LayerStack open(MountPlan plan, int descriptors) throws MountRefusedException {
    return open(plan, descriptors, ChangesElsewhere.NONE);
  }

  /**
   * Opens the layers of a plan, locks the upper directory and its workdir against a second mount,
   * and empties the workdir.
   *
   * @param descriptors maximum number of open directories of all layers
   * @param elsewhere lists the directories that other mounts change
   * @throws MountRefusedException a layer is missing, overlaps with another one, is in use, or
   *     lacks an ability that an upper layer needs
   */
  public static LayerStack open(MountPlan plan, int descriptors, ChangesElsewhere elsewhere)
      throws MountRefusedException {
    List<Layer> opened = new ArrayList<>();
    HostUpperLayer upper = null;
    UpperAbilities.Forms forms = UpperAbilities.KERNEL_FORMS;
    DirectoryLocks locks = null;
    try {
      List<ChangedDirectory> changed = LayerOverlap.check(plan, elsewhere);
      int lowers = plan.lowers().size();
      int each = Math.max(16, descriptors / (lowers + plan.dataOnly().size() + 1));
      if (plan.upper() != null && plan.work() != null) {
        CommonMount.Pair pair = openPair(plan.upper(), plan.work(), plan.noatime());
        try (Fd work = pair.work()) {
          locks = DirectoryLocks.of(pair, plan.upper(), plan.work());
          upper = openUpper(pair.upper(), work, plan, each, pair.reach());
          upper.keepMount(pair.mount());
          if (plan.index()) {
            upper.keepIndexIn(IndexDirectory.open(work, plan.work()));
          }
        } finally {
          if (upper == null) {
            closeAll(pair);
          }
        }
        UpperAbilities.tryOverride(upper, plan.upper());
        forms = UpperAbilities.check(upper, plan.upper(), plan.marks(), plan.whiteouts());
      }
      for (byte[] lower : plan.lowers()) {
        opened.add(openLower("lower directory", lower, opened.size() + 1, each, plan.override()));
      }
      for (byte[] layer : plan.dataOnly()) {
        opened.add(
            openLower("data-only directory", layer, opened.size() + 1, each, plan.override()));
      }
      ImmutableList<Layer> all = ImmutableList.copyOf(opened);
      return new LayerStack(
          all.subList(0, lowers),
          all.subList(lowers, all.size()),
          upper,
          locks,
          changed,
          plan.marks(),
          forms);
    } catch (Throwable e) {
      closeAll(opened, upper, locks);
      throw e;
    }
  }

  /**
   * Opens the layers of a plan for reading, also while another process has them mounted. It locks
   * nothing and changes nothing.
   *
   * @param descriptors maximum number of open directories of all layers
   * @throws MountRefusedException a layer is missing, or overlaps with another one
   */
  public static LayerStack observe(MountPlan plan, int descriptors) throws MountRefusedException {
    LayerStack lowers = open(plan.readOnly(plan.lowers()), descriptors);
    try {
      ObservedUpper upper = ObservedUpper.open(plan, descriptors);
      UpperAbilities.Forms forms =
          plan.whiteouts() == WhiteoutForm.FILE
              ? new UpperAbilities.Forms(WhiteoutForm.FILE, true)
              : UpperAbilities.KERNEL_FORMS;
      return new LayerStack(
          lowers.lowers, lowers.dataOnly, upper, null, List.of(), plan.marks(), forms);
    } catch (Throwable e) {
      lowers.close();
      throw e;
    }
  }

  /** Whether the layers were opened by {@link #observe}. */
  public boolean isObserved() {
    return upper instanceof ObservedUpper;
  }

  /**
   * Checks the layers of a plan without changing them: they must exist, must not overlap, and must
   * not be in use.
   *
   * @param elsewhere lists the directories that other mounts change
   * @throws MountRefusedException with the reason
   */
  public static void check(MountPlan plan, ChangesElsewhere elsewhere)
      throws MountRefusedException {
    LayerOverlap.check(plan, elsewhere);
    if (plan.upper() != null && plan.work() != null) {
      CommonMount.Pair pair = openPair(plan.upper(), plan.work(), plan.noatime());
      try {
        DirectoryLocks.of(pair, plan.upper(), plan.work()).close();
      } finally {
        pair.work().close();
        closeAll(pair);
      }
    }
  }

  static Layer openLower(
      String what, byte[] path, int index, int descriptors, OverrideAttribute overrides)
      throws MountRefusedException {
    try (Fd directory = Fd.open(path, PATH_FLAGS)) {
      StatOverride override = StatOverride.ofLower(overrides, directory);
      boolean overstates = ReportedFlags.areOverstated(directory); // the clone becomes read-only
      Fd clone = PrivateClone.of(directory);
      Fd root = clone == null ? Syscalls.reopen(directory, Linux.O_PATH) : clone;
      Reach reach = clone == null ? Reach.SHARED : PrivateClone.makeReadOnly(clone);
      return new HostLayer(root, index, descriptors, reach, override, overstates);
    } catch (ErrnoException e) {
      throw refused(what, path, e);
    }
  }

  private static boolean isRoot() {
    return MountSyscalls.effectiveUser() == 0;
  }

  private static CommonMount.Pair openPair(byte[] upperPath, byte[] workPath, boolean noatime)
      throws MountRefusedException {
    try (Fd upper = openDirectory("upper directory", upperPath);
        Fd work = openDirectory("workdir", workPath)) {
      return CommonMount.of(upper, work, upperPath, workPath, noatime);
    } catch (ErrnoException e) {
      throw refused("upper directory", upperPath, e);
    }
  }

  private static HostUpperLayer openUpper(
      Fd ownedUpper, Fd workRoot, MountPlan plan, int descriptors, Reach reach)
      throws MountRefusedException {
    byte[] workPath = Objects.requireNonNull(plan.work());
    Fd inside = emptiedWork(workRoot, workPath);
    try {
      StatOverride override = StatOverride.ofUpper(plan.override(), ownedUpper);
      return new HostUpperLayer(ownedUpper, inside, descriptors, reach, override);
    } catch (ErrnoException e) {
      throw refused("upper directory", Objects.requireNonNull(plan.upper()), e);
    }
  }

  private static Fd openDirectory(String what, byte[] path) throws MountRefusedException {
    try {
      return Fd.open(path, PATH_FLAGS);
    } catch (ErrnoException e) {
      throw refused(what, path, e);
    }
  }

  /**
   * Removes the ACLs that the directory inherited from a default ACL above it; otherwise prepared
   * objects would inherit them.
   *
   * @implNote Linux fs/overlayfs/super.c, ovl_workdir_create
   */
  private static void removeAcls(Fd workdir) throws ErrnoException {
    try (Fd work = Fd.openat(workdir, WORK, PATH_FLAGS | Linux.O_NOFOLLOW, 0)) {
      for (String acl : List.of("system.posix_acl_default", "system.posix_acl_access")) {
        int removed = XattrSyscalls.remove(work, Syscalls.SELF, acl.getBytes(US_ASCII));
        if (removed != -Errno.ENODATA && removed != -Errno.EOPNOTSUPP) {
          ErrnoException.check(removed);
        }
      }
    }
  }

  private static Fd emptiedWork(Fd workdir, byte[] workPath) throws MountRefusedException {
    try {
      int made = Syscalls.mkdirat(workdir, WORK, isRoot() ? 0 : 0700);
      if (made == -Errno.EEXIST) {
        try (Fd inner =
            Fd.openat(workdir, WORK, Linux.O_RDONLY | Linux.O_DIRECTORY | Linux.O_NOFOLLOW, 0)) {
          TreeRemover.empty(inner);
        }
      } else {
        ErrnoException.check(made);
      }
      removeAcls(workdir);
      UpperAbilities.requireEntryTypes(workdir, workPath);
      return Fd.openat(workdir, WORK, PATH_FLAGS | Linux.O_NOFOLLOW, 0);
    } catch (ErrnoException e) {
      throw refused("workdir", workPath, e);
    }
  }

  static MountRefusedException refused(String what, byte[] path, ErrnoException cause) {
    return new MountRefusedException(
        what + " " + Name.printable(path) + ": " + Errno.describe(cause.errno()));
  }

  /**
   * These layers with another view of the upper layer. The old stack must not be used afterwards.
   */
  public LayerStack withUpper(@Nullable UpperLayer view) {
    return new LayerStack(lowers, dataOnly, view, locks, changed, marks, forms);
  }

  /**
   * Refuses a mount point that contains a layer or lies inside one, if the layers are not private
   * clones, because the daemon would deadlock on its own mount.
   *
   * @param plan the plan from which this stack was opened
   */
  public void refuseMountpointInside(MountPlan plan, byte[] mountpoint)
      throws MountRefusedException {
    for (Layer layer : all()) {
      if (layer instanceof HostLayer host && host.isShared()) {
        LayerOverlap.checkShared(plan, mountpoint);
        return;
      }
    }
  }

  /** Lower layers, topmost first. */
  public ImmutableList<Layer> lowers() {
    return lowers;
  }

  /**
   * Data-only layers, topmost first: below the lower layers, and reached only through metacopy
   * redirects.
   */
  public ImmutableList<Layer> dataOnly() {
    return dataOnly;
  }

  /** The upper layer; null if the union is read-only. */
  public @Nullable UpperLayer upper() {
    return upper;
  }

  /** The directories that the mount changes: its upper directory and its workdir. */
  public List<ChangedDirectory> changed() {
    return changed;
  }

  /** Whether there is an index of hard links. */
  public boolean hasIndex() {
    return upper != null && upper.indexDirectory() != null;
  }

  /** The clone that leads to the upper layer; null if there is none. */
  public @Nullable UpperMount upperMount() {
    return upper instanceof HostUpperLayer host ? host.mount() : null;
  }

  /** The namespace of the marks. */
  public OverlayXattr marks() {
    return marks;
  }

  /** The form of whiteouts in the upper layer, not {@link WhiteoutForm#AUTO}. */
  public WhiteoutForm whiteouts() {
    return forms.whiteouts();
  }

  /**
   * Whether marks of the upper layer are extended attributes. If not, its file system does not
   * support them: a file {@code .wh..wh..opq} marks an opaque directory, and there are no other
   * marks.
   */
  public boolean hasAttributeMarks() {
    return forms.attributeMarks();
  }

  /** All layers for lookups, the upper layer first. */
  public ImmutableList<Layer> all() {
    ImmutableList.Builder<Layer> all = ImmutableList.builder();
    if (upper != null) {
      all.add(upper);
    }
    return all.addAll(lowers).build();
  }

  /** Attributes of the root of a layer. */
  public static Stat rootStat(Layer layer) throws ErrnoException {
    Stat stat = new Stat();
    if (!layer.stat(layer.root(), stat)) {
      throw ErrnoException.of(Errno.ESTALE);
    }
    return stat;
  }

  @Override
  public void close() {
    dataOnly.forEach(Layer::close);
    closeAll(lowers, upper, locks);
  }

  private static void closeAll(
      List<Layer> lowers, @Nullable UpperLayer upper, @Nullable DirectoryLocks locks) {
    lowers.forEach(Layer::close);
    if (upper != null) {
      upper.close();
    }
    if (locks != null) {
      locks.close();
    }
  }

  /** Closes the pair except for the workdir. */
  private static void closeAll(CommonMount.Pair pair) {
    pair.upper().close();
    UpperMount mount = pair.mount();
    if (mount != null) {
      mount.close();
    }
  }
}
