package plyfs.union.api;

import plyfs.sys.Linux;
import plyfs.sys.Stat;

/**
 * Which attributes are to change, and to what. Filled by its owner, reused, one thread at a time:
 * what is not set stays as it is.
 */
public final class AttributeChange {
  public long size;
  public int uid;
  public int gid;
  public int mode;
  public long atime;
  public long atimeNanos;
  public long mtime;
  public long mtimeNanos;
  public long ctime;
  public long ctimeNanos;
  public boolean killSuidgid;
  public boolean keptTimes;

  /** A change of nothing. */
  public AttributeChange() {
    clear();
  }

  /** Makes this a change of nothing. */
  public AttributeChange clear() {
    size = -1;
    uid = -1;
    gid = -1;
    mode = -1;
    atime = 0;
    atimeNanos = Linux.UTIME_OMIT;
    mtime = 0;
    mtimeNanos = Linux.UTIME_OMIT;
    ctime = 0;
    ctimeNanos = Linux.UTIME_OMIT;
    killSuidgid = false;
    keptTimes = false;
    return this;
  }

  /** Size in bytes. */
  public AttributeChange size(long bytes) {
    size = bytes;
    return this;
  }

  /** Owner; -1 leaves it. */
  public AttributeChange uid(int value) {
    uid = value;
    return this;
  }

  /** Group; -1 leaves it. */
  public AttributeChange gid(int value) {
    gid = value;
    return this;
  }

  /** Permission bits, setuid, setgid and sticky included. */
  public AttributeChange mode(int value) {
    mode = value & 07777;
    return this;
  }

  /** Access time; nanoseconds may be {@link Linux#UTIME_NOW}. */
  public AttributeChange atime(long seconds, long nanos) {
    atime = seconds;
    atimeNanos = nanos;
    return this;
  }

  /** Modification time; nanoseconds may be {@link Linux#UTIME_NOW}. */
  public AttributeChange mtime(long seconds, long nanos) {
    mtime = seconds;
    mtimeNanos = nanos;
    return this;
  }

  /**
   * Change time that a caller who keeps the times of files has. It orders what is told, and is
   * stored nowhere: a file system sets its own.
   */
  public AttributeChange ctime(long seconds, long nanos) {
    ctime = seconds;
    ctimeNanos = nanos;
    return this;
  }

  /**
   * With a change of size: setuid and setgid go, because the caller has no privilege over the file.
   */
  public AttributeChange killSuidgid(boolean value) {
    killSuidgid = value;
    return this;
  }

  /**
   * The kernel, which keeps the times of files with {@code writeback=1}, tells both of them, and
   * nothing else changes: a modification time that the file has already is no change.
   *
   * @implNote Linux fs/fuse/dir.c, fuse_flush_times: sent after each rename, link and removal of a
   *     file, which have moved the time of change on the disk themselves
   */
  public AttributeChange keptTimes(boolean value) {
    keptTimes = value;
    return this;
  }

  public boolean hasSize() {
    return size != -1;
  }

  public boolean hasMode() {
    return mode != -1;
  }

  public boolean hasTimes() {
    return atimeNanos != Linux.UTIME_OMIT || mtimeNanos != Linux.UTIME_OMIT;
  }

  /** Whether the modification time changes to one that the caller knows. */
  public boolean tellsMtime() {
    return mtimeNanos != Linux.UTIME_OMIT && mtimeNanos != Linux.UTIME_NOW;
  }

  /** Whether nothing changes, or nothing but the owner. */
  public boolean isOwnerAtMost() {
    return !hasSize() && !hasMode() && !hasTimes();
  }

  public boolean isModifiedAt(Stat stat) {
    return mtime == stat.mtimeSeconds() && mtimeNanos == stat.mtimeNanos();
  }

  /**
   * Whether the kernel, which keeps the times, tells that of a write: what {@code touch -m} does.
   */
  public boolean isKeptTouch() {
    return keptTimes && mtime == ctime && mtimeNanos == ctimeNanos;
  }

  /** Whether both times become now, and nothing else changes: what touch(1) does. */
  public boolean isTouch() {
    return !hasSize()
        && uid == -1
        && gid == -1
        && !hasMode()
        && atimeNanos == Linux.UTIME_NOW
        && mtimeNanos == Linux.UTIME_NOW;
  }
}
