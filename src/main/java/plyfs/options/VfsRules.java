package plyfs.options;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import plyfs.sys.Name;

/** The options for mount(2): checks which can be combined, and computes the result. */
final class VfsRules {
  private final OptionValues values;
  private final Privilege privilege;
  private final CallForm form;

  VfsRules(OptionValues values, Privilege privilege, CallForm form) {
    this.values = values;
    this.privilege = privilege;
    this.form = form;
  }

  /** Checks the options. */
  VfsOptions check(List<String> notices) throws MountOptionException {
    long flags = flags();
    List<byte[]> labels = labels();
    if (!privilege.callsMount()) {
      UserMounts.check(flags, labels);
      checkPropagation(notices);
    }
    boolean byLibfuse = values.get(MountOptionTable.TRANSPORT) == TransportKind.JNR_FUSE;
    if (byLibfuse && !labels.isEmpty()) {
      throw new MountOptionException(
          "option '"
              + Name.printable(labels.get(0))
              + "' cannot be used with transport=jnr-fuse: libfuse does not accept security"
              + " labels");
    }
    return new VfsOptions(
        flags,
        ImmutableList.copyOf(labels),
        values.get(MountOptionTable.FSNAME),
        values.get(MountOptionTable.SUBTYPE),
        othersMayUse(),
        !privilege.callsMount(),
        privilege.callsMount() ? propagation() : ImmutableList.of(),
        values.get(MountOptionTable.AUTO_UNMOUNT));
  }

  /** The last of two contradicting options applies. */
  private long flags() {
    long flags = privilege.callsMount() ? 0 : UserMounts.DEFAULT_FLAGS;
    for (OptionValues.Given given : values.all()) {
      if (given.row().group() == OptionGroup.VFS) {
        flags = ((VfsChange) given.value()).applyTo(flags);
      }
    }
    return flags;
  }

  private List<byte[]> labels() {
    List<byte[]> labels = new ArrayList<>();
    for (OptionValues.Given given : values.all()) {
      if (MountOptionTable.isLabel(given.row())) {
        labels.add((byte[]) given.value());
      }
    }
    return labels;
  }

  private ImmutableList<Long> propagation() {
    ImmutableList.Builder<Long> all = ImmutableList.builder();
    for (OptionValues.Given given : values.all()) {
      if (given.row().group() == OptionGroup.PROPAGATION) {
        all.add(((VfsChange) given.value()).sets());
      }
    }
    return all.build();
  }

  /**
   * Container programs pass propagation options by habit, so these do not stop a mount by a user
   * who uses their form of the call.
   */
  private void checkPropagation(List<String> notices) throws MountOptionException {
    for (OptionValues.Given given : values.all()) {
      if (given.row().group() != OptionGroup.PROPAGATION) {
        continue;
      }
      if (!form.passesOver()) {
        throw UserMounts.needsRoot(given.row().word());
      }
      notices.add(
          "option '"
              + given.option()
              + "' has no effect: it needs root, and fusermount3 does not grant it");
    }
  }

  /** All users can use mounts of root, unless {@code allow_root} is given. */
  private boolean othersMayUse() throws MountOptionException {
    boolean allowRoot = values.get(MountOptionTable.ALLOW_ROOT);
    boolean allowOther = values.get(MountOptionTable.ALLOW_OTHER);
    if (allowRoot && allowOther) {
      throw MountOptionException.contradiction("allow_root", "allow_other");
    }
    if (allowRoot && !privilege.callsMount()) {
      throw new MountOptionException(
          "option 'allow_root' is not implemented for mounts by users other than root");
    }
    return allowOther || privilege.callsMount() && !allowRoot;
  }
}
