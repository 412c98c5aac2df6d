package plyfs.options;

import com.google.common.collect.ImmutableList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plyfs.layer.MountPlan;
import plyfs.layer.OverlayXattr;
import plyfs.layer.WhiteoutForm;
import plyfs.sys.Name;

/**
 * The options of a mount: all that {@code -o} can say, checked and typed. Paths are bytes; relative
 * ones are resolved against the working directory.
 *
 * @param lowers lower directories, topmost first; empty until an image gives them
 * @param dataOnly directories below those that hold data of metacopy files, topmost first
 * @param upper upper directory, or null
 * @param work workdir, given exactly if there is an upper directory
 * @param marks namespace of the overlay's own attributes
 * @param vfs what mount(2) is told
 * @param engine how the union behaves
 * @param session how requests are served
 * @param notices sentences for the caller about options that have no effect
 * @param remarks the same, for the log: of a caller who cannot be expected to know Plyfs
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
   * Options from {@code -o} arguments, which add up. Each is a list separated by commas; {@code \,}
   * {@code \:} and {@code \\} stand for the byte itself.
   *
   * @throws MountOptionException an option is unknown, repeated, malformed, in conflict with
   *     another one, or not implemented
   */
  public static MountOptions parse(List<byte[]> arguments, Privilege privilege)
      throws MountOptionException {
    return parse(arguments, privilege, CallForm.PLYFS);
  }

  /** As {@link #parse(List, Privilege)}, for a mount that was called in one of several forms. */
  public static MountOptions parse(List<byte[]> arguments, Privilege privilege, CallForm form)
      throws MountOptionException {
    return new OptionReader(privilege, form, false).read(arguments);
  }

  /** For mount(8), but an unknown option gives a notice: its {@code -s}. */
  public static MountOptions parseTolerantly(List<byte[]> arguments, Privilege privilege)
      throws MountOptionException {
    return new OptionReader(privilege, CallForm.MOUNT_HELPER, true).read(arguments);
  }

  /**
   * The layers to mount. With {@code ro} an upper directory is the topmost lower one: it is read,
   * and nothing is written to it or to the workdir.
   *
   * @throws MountOptionException there is no lower directory
   */
  public MountPlan plan() throws MountOptionException {
    if (lowers.isEmpty()) {
      throw new MountOptionException(
          dataOnly.isEmpty()
              ? "option 'lowerdir=' is missing: name one or more directories"
              : "option 'datadir+=' needs 'lowerdir+=': one or more directories above");
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

  /** Sentences for the caller about options that have no effect with these layers. */
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
    return "option '" + option + "' has no effect without upperdir";
  }

  /** Whether changes are possible: there is an upper directory and {@code ro} was not asked for. */
  public boolean isWritable() {
    return upper != null && !vfs.isReadOnly();
  }

  /** These options with the layers of an image. */
  public MountOptions withLowers(ImmutableList<byte[]> newLowers) {
    return new MountOptions(
        newLowers, dataOnly, upper, work, marks, vfs, engine, session, notices, remarks);
  }

  /** These options with all the layers of a mount, in place of those that were named. */
  public MountOptions withLayers(
      ImmutableList<byte[]> newLowers,
      ImmutableList<byte[]> newDataOnly,
      byte @Nullable [] newUpper,
      byte @Nullable [] newWork) {
    return new MountOptions(
        newLowers, newDataOnly, newUpper, newWork, marks, vfs, engine, session, notices, remarks);
  }

  /**
   * Options by which {@link #parse} gives the marks and the behaviour of this mount once more: for
   * those who look at it later.
   *
   * @param hasFileWhiteouts whether deletions turned out to be stored as files; redirects cannot be
   *     made then
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

  /** These options with another name in the mount table, unless {@code fsname=} gave one. */
  public MountOptions withDefaultSource(byte[] newSource) {
    if (vfs.source() != OptionReader.DEFAULT_SOURCE) {
      return this;
    }
    VfsOptions renamed = vfs.withSource(newSource);
    return new MountOptions(
        lowers, dataOnly, upper, work, marks, renamed, engine, session, notices, remarks);
  }
}
