package plyfs.union.node;

/**
 * The order in which locks are taken.
 *
 * <pre>
 * 10  Node.copyUpLock       lower to upper of one node; never two at once; the only lock held while data is copied
 * 20    Tree.renameLock     renames of a directory or between directories: the tree's shape stands still
 * 30      Node.dirLock      children and times of one directory; a parent before its child; two unrelated ones only under
 *                           renameLock, lower node id first
 * 35        Node.namesLock  which name reaches an upper file; of two, lower node id first
 * 38        RecentFiles       which files stay open between requests
 * 40        OpenFiles.lock  which files of a node are open
 * 42          KeptMtime       the modification time of one file is set, as its caller has it
 * 45          StatOverride of a layer: one owner, mode and type is read and written
 * 48          NumberOwners: which upper object shows the number of a lower one
 * 50          NodeTable, HandleTable, InodeNumbers: leaves, no call leaves the class
 * 60            DirDescriptors of a layer: leaf
 * </pre>
 *
 * <p>No lock is held while replying, notifying the kernel, or waiting for anything inside the mount
 * itself.
 */
public final class Ranks {
  static final int COPY_UP = 10;
  public static final int RENAME = 20;
  static final int DIRECTORY = 30;
  static final int NAMES = 35;
  public static final int RECENT_FILES = 38;
  static final int OPEN_FILES = 40;
  static final int KEPT_MTIME = 42;
  public static final int NUMBER_OWNERS = 48;
  public static final int TABLE = 50;

  private Ranks() {}
}
