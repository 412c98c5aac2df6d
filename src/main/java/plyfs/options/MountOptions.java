package plyfs.options;

import com.google.common.collect.ImmutableList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plyfs.layer.MountPlan;
import plyfs.layer.OverlayXattr;
import plyfs.layer.WhiteoutForm;
import plyfs.sys.Name;

/**
 * The options of a mount: everything that {@code -o} can set, checked and typed. Paths are bytes;
 * relative paths are resolved against the working directory.
 *
 * @param lowers lower directories, topmost first; empty until an image provides them
 * @param dataOnly data-only directories below the lower directories, topmost first
 * @param upper upper directory, or null
 * @param work workdir; set if and only if there is an upper directory
 * @param marks namespace of the overlay attributes
 * @param vfs the options for mount(2)
 * @param engine how the union behaves
 * @param session how requests are served
 * @param notices sentences for the caller about options that have no effect
 * @param remarks the same, but for the log, if the caller is a program that does not know Plyfs
 */
public record MountOptions(
    ImmutableList<byte[]> lowers,
    ImmutableList<byte[]> dataOnly,
    byte @Nullable [] upper,
    byte @Nullable [] work,
    OverlayXattr marks,
    VfsOptions vfs,
    EngineOptions engine,
    SessionOptions session,
    ImmutableList<String> notices,
    ImmutableList<String> remarks) {

  /**
   * Parses {@code -o} arguments; several arguments form one list. Each is separated by commas;
   * {@code \,} {@code \:} and {@code \\} stand for the byte itself.
   *
   * @throws MountOptionException an option is unknown, repeated, malformed, in conflict with
   *     another one, or not implemented
   */
  public static MountOptions parse(List<byte[]> arguments, Privilege privilege)
      throws MountOptionException {
    return parse(arguments, privilege, CallForm.PLYFS);
  }

  /** As {@link #parse(List, Privilege)}, for a given form of the call. */
  public static MountOptions parse(List<byte[]> arguments, Privilege privilege, CallForm form)
      throws MountOptionException {
    return new OptionReader(privilege, form, false).read(arguments);
  }

  /** Parses the options of mount(8) with {@code -s}: an unknown option only gives a notice. */
  public static MountOptions parseTolerantly(List<byte[]> arguments, Privilege privilege)
      throws MountOptionException {
    return new OptionReader(privilege, CallForm.MOUNT_HELPER, true).read(arguments);
  }

  /**
   * The layers to mount. With {@code ro} the upper directory becomes the topmost lower directory:
   * the mount reads it, and writes neither to it nor to the workdir.
   *
   * @throws MountOptionException there is no lower directory
   */
  public MountPlan plan() throws MountOptionException {
    if (lowers.isEmpty()) {
      throw new MountOptionException(
          dataOnly.isEmpty()
              ? "option 'lowerdir' is missing: name at least one lower directory"
              : "option 'datadir+' needs 'lowerdir+': name at least one lower directory above"
                  + " the data-only layers");
    }
    if (upper != null && vfs.isReadOnly()) {
      ImmutableList<byte[]> all = ImmutableList.<byte[]>builder().add(upper).addAll(lowers).build();
      return new MountPlan(all, null, null, marks)
          .withOverride(engine.override())
          .withDataOnly(dataOnly);
    }
    return new MountPlan(
        lowers,
        dataOnly,
        upper,
        upper == null ? null : work,
        marks,
        engine.whiteouts(),
        engine.override(),
        upper != null && engine.index(),
        vfs.isNoatime());
  }

  /** Notices about options that have no effect with these layers. */
  public ImmutableList<String> noticesOfLayers() {
    if (upper != null) {
      return ImmutableList.of();
    }
    ImmutableList.Builder<String> sentences = ImmutableList.builder();
    if (work != null) {
      sentences.add(withoutUpper("workdir=" + Name.printable(work)));
    }
    if (engine.index()) {
      sentences.add(withoutUpper("index=on"));
    }
    if (engine.isVolatile()) {
      sentences.add(withoutUpper("volatile"));
    }
    return sentences.build();
  }

  private static String withoutUpper(String option) {
    return "option '" + option + "' has no effect without 'upperdir'";
  }

  /** Whether the mount can change files: it has an upper directory and is not {@code ro}. */
  public boolean isWritable() {
    return upper != null && !vfs.isReadOnly();
  }

  /** These options with the layers of an image. */
  public MountOptions withLowers(ImmutableList<byte[]> newLowers) {
    return new MountOptions(
        newLowers, dataOnly, upper, work, marks, vfs, engine, session, notices, remarks);
  }

  /** These options with all layers of a mount instead of the named ones. */
  public MountOptions withLayers(
      ImmutableList<byte[]> newLowers,
      ImmutableList<byte[]> newDataOnly,
      byte @Nullable [] newUpper,
      byte @Nullable [] newWork) {
    return new MountOptions(
        newLowers, newDataOnly, newUpper, newWork, marks, vfs, engine, session, notices, remarks);
  }

  /**
   * The options from which {@link #parse} restores the marks and the behaviour of this mount, for
   * commands that inspect it later.
   *
   * @param hasFileWhiteouts whether the mount stores whiteouts as files, and so makes no redirects
   */
  public ImmutableList<String> standing(boolean hasFileWhiteouts) {
    ImmutableList.Builder<String> words = ImmutableList.builder();
    if (marks == OverlayXattr.USER) {
      words.add(MountOptionTable.USERXATTR.word());
    }
    boolean makesRedirects = engine.redirectDir() == RedirectDir.ON;
    RedirectDir redirects =
        makesRedirects && hasFileWhiteouts ? RedirectDir.FOLLOW : engine.redirectDir();
    words.add(MountOptionTable.REDIRECT_DIR.given(redirects));
    words.add(MountOptionTable.METACOPY.given(engine.metacopy()));
    words.add(MountOptionTable.INDEX.given(upper != null && !vfs.isReadOnly() && engine.index()));
    words.add(MountOptionTable.AUFS.given(engine.aufs()));
    words.add(MountOptionTable.FSYNC.given(engine.fsync()));
    words.add(MountOptionTable.XATTR_PERMISSIONS.given(engine.override()));
    words.add(
        MountOptionTable.WHITEOUT.given(hasFileWhiteouts ? WhiteoutForm.FILE : WhiteoutForm.CHAR));
    return words.build();
  }

  /** These options with an upper directory. */
  public MountOptions withUpper(byte[] newUpper, byte[] newWork) {
    return new MountOptions(
        lowers, dataOnly, newUpper, newWork, marks, vfs, engine, session, notices, remarks);
  }

  /** These options with another source in the mount table, unless {@code fsname=} is given. */
  public MountOptions withDefaultSource(byte[] newSource) {
    if (vfs.source() != OptionReader.DEFAULT_SOURCE) {
      return this;
    }
    VfsOptions renamed = vfs.withSource(newSource);
    return new MountOptions(
        lowers, dataOnly, upper, work, marks, renamed, engine, session, notices, remarks);
  }
}
