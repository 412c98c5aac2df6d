package plyfs.union;

/**
 * What a mount may choose about its union.
 *
 * @param redirectDirectories whether a directory of a lower layer can be renamed, leaving a
 *     redirect mark; else EXDEV
 * @param followRedirects whether redirect marks that are found are followed; else the lookup fails
 *     with EPERM
 * @param aufsMarks whether {@code .wh.NAME} and {@code .wh..wh..opq} in a layer mean what they mean
 *     in an image
 * @param syncCopyUp whether a copied-up file is durable before it gets its name
 * @param sync whether fsync does anything
 * @param ids which owners are shown for those that are stored
 * @param posixAcls whether POSIX ACLs can be seen and set, and are inherited
 */
public record UnionOptions(
    boolean redirectDirectories,
    boolean followRedirects,
    boolean aufsMarks,
    boolean syncCopyUp,
    boolean sync,
    IdMapping ids,
    boolean posixAcls) {
  /** Options with POSIX ACLs. */
  public UnionOptions(
      boolean redirectDirectories,
      boolean followRedirects,
      boolean aufsMarks,
      boolean syncCopyUp,
      boolean sync,
      IdMapping ids) {
    this(redirectDirectories, followRedirects, aufsMarks, syncCopyUp, sync, ids, true);
  }

  /** The defaults of a mount by root. */
  public static final UnionOptions DEFAULT =
      new UnionOptions(true, true, true, true, true, IdMapping.IDENTITY);

  /** These options with other owners shown. */
  public UnionOptions withIds(IdMapping other) {
    return new UnionOptions(
        redirectDirectories, followRedirects, aufsMarks, syncCopyUp, sync, other, posixAcls);
  }

  /** These options, and ACLs that layers have mean nothing. */
  public UnionOptions withoutAcls() {
    return new UnionOptions(
        redirectDirectories, followRedirects, aufsMarks, syncCopyUp, sync, ids, false);
  }
}
