package plyfs.union.api;

/**
 * What a mount may choose about its union.
 *
 * @param redirectDirectories whether a directory of a lower layer can be renamed, leaving a
 *     redirect mark; else EXDEV
 * @param followRedirects whether redirect marks that are found are followed; else the lookup fails
 *     with EPERM
 * @param aufsMarks whether {@code .wh.NAME} and {@code .wh..wh..opq} in a layer mean what they mean
 *     in an image
 * @param sync whether a copied-up file is durable before it gets its name, and fsync does anything
 * @param isVolatile whether fsync, which does nothing else then, tells that data was lost; {@code
 *     sync} is false then
 * @param posixAcls whether POSIX ACLs can be seen and set, and are inherited
 * @param metacopy whether copy-up of a regular file for a change of its attributes leaves the data
 *     below, and metacopy marks that are found are followed; else the lookup fails with EPERM
 * @param ids which owners are shown for those that are stored
 * @param numbering which inode numbers are shown
 */
public record UnionOptions(
    boolean redirectDirectories,
    boolean followRedirects,
    boolean aufsMarks,
    boolean sync,
    boolean isVolatile,
    boolean posixAcls,
    boolean metacopy,
    IdMapping ids,
    InodeNumbering numbering) {
  /** The defaults of a mount by root. */
  public static final UnionOptions DEFAULT =
      new UnionOptions(
          true, true, true, true, false, true, false, IdMapping.IDENTITY, InodeNumbering.AUTO);

  /** These options with redirects of directories made or not, and followed or not. */
  public UnionOptions withRedirects(boolean make, boolean follow) {
    return new UnionOptions(
        make, follow, aufsMarks, sync, isVolatile, posixAcls, metacopy, ids, numbering);
  }

  /** These options with the marks of images obeyed, or not. */
  public UnionOptions withAufsMarks(boolean obeyed) {
    return new UnionOptions(
        redirectDirectories,
        followRedirects,
        obeyed,
        sync,
        isVolatile,
        posixAcls,
        metacopy,
        ids,
        numbering);
  }

  /** These options with copied-up files durable before they get their names, and fsync, or not. */
  public UnionOptions withSync(boolean on) {
    return new UnionOptions(
        redirectDirectories,
        followRedirects,
        aufsMarks,
        on,
        isVolatile,
        posixAcls,
        metacopy,
        ids,
        numbering);
  }

  /** These options for a mount whose upper directory may be lost in a crash. */
  public UnionOptions asVolatile() {
    return new UnionOptions(
        redirectDirectories,
        followRedirects,
        aufsMarks,
        false,
        true,
        posixAcls,
        metacopy,
        ids,
        numbering);
  }

  /** These options with POSIX ACLs, or such that ACLs of layers mean nothing. */
  public UnionOptions withPosixAcls(boolean on) {
    return new UnionOptions(
        redirectDirectories,
        followRedirects,
        aufsMarks,
        sync,
        isVolatile,
        on,
        metacopy,
        ids,
        numbering);
  }

  /** These options with metacopy marks made and followed, or not. */
  public UnionOptions withMetacopy(boolean on) {
    return new UnionOptions(
        redirectDirectories,
        followRedirects,
        aufsMarks,
        sync,
        isVolatile,
        posixAcls,
        on,
        ids,
        numbering);
  }

  /** These options with other owners shown. */
  public UnionOptions withIds(IdMapping other) {
    return new UnionOptions(
        redirectDirectories,
        followRedirects,
        aufsMarks,
        sync,
        isVolatile,
        posixAcls,
        metacopy,
        other,
        numbering);
  }

  /** These options with other inode numbers shown. */
  public UnionOptions withNumbering(InodeNumbering other) {
    return new UnionOptions(
        redirectDirectories,
        followRedirects,
        aufsMarks,
        sync,
        isVolatile,
        posixAcls,
        metacopy,
        ids,
        other);
  }
}
