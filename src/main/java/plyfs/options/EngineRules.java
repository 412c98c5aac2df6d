package plyfs.options;

import plyfs.layer.OverrideAttribute;
import plyfs.layer.WhiteoutForm;
import plyfs.union.api.IdMapping;

/** The options of the union: checks which can be combined, and computes the result. */
final class EngineRules {
  private final OptionValues values;
  private final Privilege privilege;
  private final CallForm form;
  private final boolean hasUpper;

  EngineRules(OptionValues values, Privilege privilege, CallForm form, boolean hasUpper) {
    this.values = values;
    this.privilege = privilege;
    this.form = form;
    this.hasUpper = hasUpper;
  }

  EngineOptions check() throws MountOptionException {
    OverrideAttribute override = values.get(MountOptionTable.XATTR_PERMISSIONS);
    checkIndex(override);
    if (values.get(MountOptionTable.OPEN).isPassthrough() && override != OverrideAttribute.NONE) {
      throw MountOptionException.contradiction("open=passthrough", "xattr_permissions");
    }
    boolean isVolatile = values.get(MountOptionTable.VOLATILE);
    return new EngineOptions(
        redirects(),
        metacopy(),
        values.get(MountOptionTable.AUFS),
        !values.get(MountOptionTable.NOACL)
            && override == OverrideAttribute.NONE
            && values.get(MountOptionTable.TRANSPORT) == TransportKind.NATIVE,
        !values.get(MountOptionTable.NOXATTRS),
        values.get(MountOptionTable.STATIC_NLINK),
        isVolatile,
        values.get(MountOptionTable.FSYNC) && !isVolatile,
        whiteouts(),
        values.get(MountOptionTable.INDEX),
        ids(),
        override,
        values.get(MountOptionTable.XINO),
        values.get(MountOptionTable.TIMEOUT));
  }

  /** Whether the marks are in the {@code user.} namespace. */
  boolean hasUserMarks() {
    return privilege != Privilege.ROOT || values.get(MountOptionTable.USERXATTR);
  }

  private void checkIndex(OverrideAttribute override) throws MountOptionException {
    if (!values.get(MountOptionTable.INDEX)) {
      return;
    }
    if (override != OverrideAttribute.NONE) {
      throw MountOptionException.contradiction("index=on", "xattr_permissions");
    }
    if (hasUserMarks()) {
      String why = privilege != Privilege.ROOT ? "an unprivileged mount" : "'userxattr'";
      throw new MountOptionException(
          "option 'index=on' cannot be used with "
              + why
              + ": symbolic links and device nodes cannot hold user.* attributes");
    }
  }

  /** A squashed user or group takes precedence over squash_to_root. */
  private IdMapping ids() {
    IdMapping mapping =
        new IdMapping(
            values.get(MountOptionTable.UIDMAPPING),
            values.get(MountOptionTable.GIDMAPPING),
            squashed(values.get(MountOptionTable.SQUASH_TO_UID)),
            squashed(values.get(MountOptionTable.SQUASH_TO_GID)));
    return form == CallForm.FUSE_OVERLAYFS ? mapping.asByFuseOverlayfs() : mapping;
  }

  private long squashed(long asked) {
    boolean toRoot = values.get(MountOptionTable.SQUASH_TO_ROOT);
    return asked == IdMapping.NOT_SQUASHED && toRoot ? 0 : asked;
  }

  /** Whiteouts can be files only if {@code .wh.} names are marks, and only without redirects. */
  private WhiteoutForm whiteouts() throws MountOptionException {
    WhiteoutForm whiteouts = values.get(MountOptionTable.WHITEOUT);
    boolean aufs = values.get(MountOptionTable.AUFS);
    if (whiteouts == WhiteoutForm.FILE) {
      boolean metacopy = values.get(MountOptionTable.METACOPY);
      if (!aufs || metacopy || values.find(MountOptionTable.REDIRECT_DIR) == RedirectDir.ON) {
        String other = metacopy ? "metacopy=on" : "redirect_dir=on";
        throw MountOptionException.contradiction("whiteout=file", aufs ? other : "aufs=off");
      }
    }
    return aufs ? whiteouts : WhiteoutForm.CHAR;
  }

  /** A renamed metacopy file needs redirects, and metacopy needs marks that no user can forge. */
  private boolean metacopy() throws MountOptionException {
    if (!values.get(MountOptionTable.METACOPY)) {
      return false;
    }
    if (privilege == Privilege.USER) {
      throw new MountOptionException(
          "option 'metacopy=on' cannot be used with an unprivileged mount");
    }
    if (hasUserMarks()) {
      throw MountOptionException.contradiction("metacopy=on", "userxattr");
    }
    GivenOption asked = values.given(MountOptionTable.REDIRECT_DIR);
    if (asked != null && !followsRenamedFiles(asked.text())) {
      throw MountOptionException.contradiction("metacopy=on", asked.toString());
    }
    return true;
  }

  /** Without an upper directory the mount renames nothing, so following redirects is enough. */
  private boolean followsRenamedFiles(String redirects) {
    return redirects.equals("on") || redirects.equals("follow") && !hasUpper;
  }

  /**
   * Users can forge attributes in the {@code user.} namespace, so the mount follows no redirects
   * there.
   */
  private RedirectDir redirects() throws MountOptionException {
    if (!hasUserMarks()) {
      RedirectDir asked = values.find(MountOptionTable.REDIRECT_DIR);
      return asked == null ? defaultRedirects() : asked;
    }
    GivenOption asked = values.given(MountOptionTable.REDIRECT_DIR);
    if (asked != null && (asked.text().equals("on") || asked.text().equals("follow"))) {
      throw new MountOptionException(
          "option '" + asked + "' cannot be used with " + privilege.reasonForUserMarks());
    }
    return RedirectDir.NOFOLLOW;
  }

  /**
   * The default for redirects. A mount program makes none: fuse-overlayfs or the native diff of
   * containers/storage may read the directory next. They do not know redirects and would show a
   * renamed directory empty.
   */
  private RedirectDir defaultRedirects() {
    return form == CallForm.FUSE_OVERLAYFS && !values.get(MountOptionTable.METACOPY)
        ? RedirectDir.FOLLOW
        : RedirectDir.ON;
  }
}
