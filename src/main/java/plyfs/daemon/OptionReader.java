package plyfs.daemon;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.google.common.collect.ImmutableList;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import plyfs.layer.OverlayXattr;
import plyfs.layer.OverrideAttribute;
import plyfs.layer.WhiteoutForm;
import plyfs.sys.Name;
import plyfs.union.InodeNumbering;

/**
 * Collects the options of one mount, one after the other. Every word is known to exactly one of the
 * {@code take...} methods; one that none knows is an error.
 */
final class OptionReader {
  static final byte[] DEFAULT_SOURCE = "plyfs".getBytes(US_ASCII);
  private static final byte[] DEFAULT_SUBTYPE = DEFAULT_SOURCE;

  private final Privilege privilege;
  private final CallForm form;
  private final Set<String> seen = new HashSet<>();
  private final List<byte[]> labels = new ArrayList<>();
  private final List<String> notices = new ArrayList<>();
  private final List<String> remarks = new ArrayList<>();
  private boolean tolerant;

  private final LayerOptions layers = new LayerOptions();
  private boolean userMarks;
  private @Nullable MountOption redirectDir;
  private boolean metacopy;
  private boolean isVolatile;
  private boolean fsync = true;
  private boolean aufs = true;
  private boolean acls = true;
  private WhiteoutForm whiteouts = WhiteoutForm.AUTO;
  private boolean index;
  private final IdOptions ids = new IdOptions();
  private OverrideAttribute override = OverrideAttribute.NONE;
  private InodeNumbering numbering = InodeNumbering.AUTO;
  private boolean xattrs = true;
  private boolean staticLinks;
  private Duration timeout = EngineOptions.UNLIMITED;
  private final SessionWords session = new SessionWords();
  private final VfsFlags flags;
  private final Propagation propagation = new Propagation();
  private byte[] source = DEFAULT_SOURCE;
  private byte[] subtype = DEFAULT_SUBTYPE;
  private boolean allowOther;
  private boolean allowRoot;
  private boolean autoUnmount;

  OptionReader(Privilege privilege, CallForm form) {
    this.privilege = privilege;
    this.form = form;
    userMarks = privilege != Privilege.ROOT;
    flags = new VfsFlags(privilege.callsMount() ? 0 : UserMounts.DEFAULT_FLAGS);
  }

  /** Makes an unknown option a notice. */
  OptionReader tolerant() {
    tolerant = true;
    return this;
  }

  MountOptions read(List<byte[]> arguments) throws MountOptionException {
    List<MountOption> options = MountOption.splitAll(arguments);
    for (MountOption option : form.passesOver() ? RepeatedWords.lastOfEach(options) : options) {
      take(option);
    }
    return checked();
  }

  private void take(MountOption option) throws MountOptionException {
    if (option.value() != null && !RepeatedWords.addsUp(option) && !seen.add(option.key())) {
      throw new MountOptionException("option '" + option.key() + "=' is given twice");
    }
    if (form.passesOver() && OtherWords.isForKernelOverlay(option)) {
      takeForKernelOverlay(option);
      return;
    }
    if (layers.take(option)
        || flags.take(option)
        || propagation.take(option)
        || takeEngine(option)
        || ids.take(option)
        || session.take(option)
        || takeMountTable(option)
        || OtherWords.isForMountProgram(option)) {
      return;
    }
    if (OtherWords.isLibfuseTuning(option)) {
      remark("option '" + option + "' tunes libfuse and has no effect here");
      return;
    }
    OtherWords.refuseKnown(option);
    String unknown = "unknown option '" + option + "'";
    if (tolerant) {
      notices.add(unknown);
    } else if (form == CallForm.FUSE_OVERLAYFS) {
      remark(unknown + " is passed over, as by fuse-overlayfs");
    } else {
      throw new MountOptionException(unknown);
    }
  }

  /** Says that a word has no effect, where the caller of such a mount would look for it. */
  private void remark(String sentence) {
    (form.passesOver() ? remarks : notices).add(sentence);
  }

  private void takeForKernelOverlay(MountOption option) {
    try {
      OtherWords.requireImplemented(option);
    } catch (MountOptionException e) {
      remark(e.getMessage() + ", and is passed over, as by fuse-overlayfs");
    }
  }

  private boolean takeEngine(MountOption option) throws MountOptionException {
    switch (option.key()) {
      case "redirect_dir" -> {
        OtherWords.require(option, "on", "follow", "nofollow", "off");
        redirectDir = option;
      }
      case "index" -> index = OtherWords.require(option, "off", "on") == 1;
      case "xino" ->
          numbering =
              switch (OtherWords.require(option, "auto", "on", "off")) {
                case 0 -> InodeNumbering.AUTO;
                case 1 -> InodeNumbering.ON;
                default -> InodeNumbering.OFF;
              };
      case "metacopy" -> metacopy = OtherWords.require(option, "off", "on") == 1;
      case "uuid", "verity", "nfs_export" -> OtherWords.requireImplemented(option);
      case "xattr_permissions" ->
          override =
              switch (OtherWords.require(option, "0", "1", "2")) {
                case 0 -> OverrideAttribute.NONE;
                case 1 -> OverrideAttribute.SECURITY;
                default -> OverrideAttribute.CONTAINERS;
              };
      case "fast_ino" -> OtherWords.requireImplemented(option);
      case "whiteout" ->
          whiteouts =
              switch (OtherWords.require(option, "auto", "char", "file")) {
                case 0 -> WhiteoutForm.AUTO;
                case 1 -> WhiteoutForm.CHAR;
                default -> WhiteoutForm.FILE;
              };
      case "noxattrs" -> xattrs = OtherWords.require(option, "0", "1") == 0;
      case "static_nlink" -> {
        OtherWords.requireNoValue(option);
        staticLinks = true;
      }
      case "aufs" -> aufs = OtherWords.require(option, "on", "off") == 0;
      case "fsync" -> fsync = OtherWords.require(option, "0", "1") == 1;
      case "timeout" -> timeout = seconds(option);
      case "userxattr" -> {
        OtherWords.requireNoValue(option);
        userMarks = true;
      }
      case "volatile" -> {
        OtherWords.requireNoValue(option);
        isVolatile = true;
      }
      case "noacl" -> {
        OtherWords.requireNoValue(option);
        acls = false;
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  private boolean takeMountTable(MountOption option) throws MountOptionException {
    switch (option.key()) {
      case "fsname" -> source = option.unescaped();
      case "subtype" -> subtype = option.unescaped();
      case "allow_other" -> {
        OtherWords.requireNoValue(option);
        allowOther = true;
      }
      case "allow_root" -> {
        OtherWords.requireNoValue(option);
        allowRoot = true;
      }
      case "auto_unmount" -> {
        OtherWords.requireNoValue(option);
        autoUnmount = true;
      }
      case "context", "fscontext", "defcontext", "rootcontext" -> labels.add(label(option));
      default -> {
        return false;
      }
    }
    return true;
  }

  private static byte[] label(MountOption option) throws MountOptionException {
    byte[] value = option.value();
    if (value == null || value.length == 0) {
      throw new MountOptionException(
          "option '" + option.key() + "' needs a value: " + option.key() + "=LABEL");
    }
    byte[] key = (option.key() + "=").getBytes(US_ASCII);
    byte[] whole = new byte[key.length + value.length];
    System.arraycopy(key, 0, whole, 0, key.length);
    System.arraycopy(value, 0, whole, key.length, value.length);
    return whole;
  }

  /** Seconds with up to nine decimals. */
  private static Duration seconds(MountOption option) throws MountOptionException {
    String text = OtherWords.text(option);
    int point = text.indexOf('.');
    String whole = point < 0 ? text : text.substring(0, point);
    String part = point < 0 ? "" : text.substring(point + 1);
    if (whole.isEmpty()
        || !OtherWords.isDigits(whole)
        || !OtherWords.isDigits(part)
        || part.length() > 9) {
      throw new MountOptionException(
          "option '" + option + "': the value is a number of seconds, such as 1 or 0.5");
    }
    if (whole.length() > 9) {
      return EngineOptions.UNLIMITED;
    }
    String nanos = (part + "000000000").substring(0, 9);
    return Duration.ofSeconds(Long.parseLong(whole), Long.parseLong(nanos));
  }

  private MountOptions checked() throws MountOptionException {
    byte[] upper = layers.upper();
    byte[] work = layers.work();
    if (upper != null && work == null) {
      throw new MountOptionException(
          "option 'upperdir=' needs 'workdir=': an empty directory on the same file system");
    }
    if (upper == null) {
      if (work != null) {
        notices.add("option 'workdir=" + Name.printable(work) + "' has no effect without upperdir");
      }
      if (index) {
        notices.add("option 'index=on' has no effect without upperdir");
      }
      if (isVolatile) {
        notices.add("option 'volatile' has no effect without upperdir");
      }
    }
    if (!privilege.callsMount()) {
      UserMounts.check(flags.bits(), labels);
      checkPropagation();
    }
    if (index && override != OverrideAttribute.NONE) {
      throw contradiction("index=on", "xattr_permissions=");
    }
    if (session.isPassthrough() && override != OverrideAttribute.NONE) {
      throw contradiction("open=passthrough", "xattr_permissions=");
    }
    if (index && userMarks) {
      String why = privilege != Privilege.ROOT ? "a mount without privilege" : "'userxattr'";
      throw new MountOptionException(
          "option 'index=on' cannot be had with "
              + why
              + ": symbolic links and devices cannot hold its marks");
    }
    if (session.transport() == TransportKind.JNR_FUSE && !labels.isEmpty()) {
      throw new MountOptionException(
          "option '"
              + Name.printable(labels.get(0))
              + "' cannot be had with transport=jnr-fuse: libfuse takes no labels");
    }
    return new MountOptions(
        layers.lowers(),
        layers.dataOnly(),
        upper,
        work,
        userMarks ? OverlayXattr.USER : OverlayXattr.TRUSTED,
        new VfsOptions(
            flags.bits(),
            ImmutableList.copyOf(labels),
            source,
            subtype,
            othersMayUse(),
            !privilege.callsMount(),
            privilege.callsMount() ? propagation.flags() : ImmutableList.of(),
            autoUnmount),
        new EngineOptions(
            redirects(),
            metacopy(),
            aufs,
            acls
                && override == OverrideAttribute.NONE
                && session.transport() == TransportKind.NATIVE,
            xattrs,
            staticLinks,
            isVolatile,
            fsync && !isVolatile,
            whiteouts(),
            index,
            form == CallForm.FUSE_OVERLAYFS ? ids.mapping().asByFuseOverlayfs() : ids.mapping(),
            override,
            numbering,
            timeout),
        session.checked(privilege),
        ImmutableList.copyOf(notices),
        ImmutableList.copyOf(remarks));
  }

  /** What containers ask for by habit stops no mount of a user who calls it as they do. */
  private void checkPropagation() throws MountOptionException {
    for (MountOption word : propagation.words()) {
      if (!form.passesOver()) {
        throw UserMounts.needsRoot(word.key());
      }
      notices.add(
          "option '" + word + "' has no effect: it needs root, and fusermount3 does not grant it");
    }
  }

  /** Root's own mounts are for all unless {@code allow_root} says otherwise. */
  private boolean othersMayUse() throws MountOptionException {
    if (allowRoot && allowOther) {
      throw new MountOptionException(
          "options 'allow_root' and 'allow_other' contradict each other");
    }
    if (allowRoot && !privilege.callsMount()) {
      throw new MountOptionException(
          "option 'allow_root' is not implemented for mounts without root");
    }
    return allowOther || privilege.callsMount() && !allowRoot;
  }

  /** Files can be whiteouts only where {@code .wh.} names are marks, and not with redirects. */
  private WhiteoutForm whiteouts() throws MountOptionException {
    if (whiteouts == WhiteoutForm.FILE) {
      boolean asksForRedirects = redirectDir != null && OtherWords.text(redirectDir).equals("on");
      if (!aufs || asksForRedirects || metacopy) {
        String other = metacopy ? "metacopy=on" : "redirect_dir=on";
        throw contradiction("whiteout=file", aufs ? other : "aufs=off");
      }
    }
    return aufs ? whiteouts : WhiteoutForm.CHAR;
  }

  private static MountOptionException contradiction(String one, String other) {
    return new MountOptionException(
        "options '" + one + "' and '" + other + "' contradict each other");
  }

  /** Metacopy files that are renamed need redirects, and marks that nobody can forge. */
  private boolean metacopy() throws MountOptionException {
    if (metacopy && privilege == Privilege.USER) {
      throw new MountOptionException(
          "option 'metacopy=on' cannot be had with a mount without privilege");
    }
    if (metacopy && userMarks) {
      throw contradiction("metacopy=on", "userxattr");
    }
    String asked = redirectDir == null ? "on" : OtherWords.text(redirectDir);
    boolean isEnough = asked.equals("on") || asked.equals("follow") && layers.upper() == null;
    if (metacopy && !isEnough) {
      throw contradiction("metacopy=on", "redirect_dir=" + asked);
    }
    return metacopy;
  }

  /** Attributes of the user namespace may be forged, so no redirect in them is followed. */
  private RedirectDir redirects() throws MountOptionException {
    String asked = redirectDir == null ? "" : OtherWords.text(redirectDir);
    if (!userMarks) {
      return switch (asked) {
        case "off", "follow" -> RedirectDir.FOLLOW;
        case "nofollow" -> RedirectDir.NOFOLLOW;
        case "on" -> RedirectDir.ON;
        default -> defaultRedirects();
      };
    }
    if (asked.equals("on") || asked.equals("follow")) {
      throw new MountOptionException(
          "option '" + redirectDir + "' cannot be had with " + privilege.reasonForUserMarks());
    }
    return RedirectDir.NOFOLLOW;
  }

  /**
   * What mounts the directory next after a mount program, fuse-overlayfs or the native diff of
   * containers/storage, reads no redirects: a directory that was renamed would be empty.
   */
  private RedirectDir defaultRedirects() {
    return form == CallForm.FUSE_OVERLAYFS && !metacopy ? RedirectDir.FOLLOW : RedirectDir.ON;
  }
}
