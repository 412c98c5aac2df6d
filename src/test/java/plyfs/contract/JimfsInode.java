package plyfs.contract;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import plyfs.sys.Linux;
import plyfs.sys.StatFiller;

/**
 * What jimfs does not know of an inode, kept in one {@code user} attribute: {@code [s64 mode][s64
 * uid][s64 gid][s64 rdev]}, then atime, mtime and ctime, each {@code [s64 s][s64 ns]}.
 */
record JimfsInode(
    int mode,
    int uid,
    int gid,
    int rdev,
    StatFiller.Time atime,
    StatFiller.Time mtime,
    StatFiller.Time ctime) {
  private static final String ATTRIBUTE = "user:inode";
  private static final int BYTES = 80;

  static StatFiller.Time now() {
    Instant now = Instant.now();
    return new StatFiller.Time(now.getEpochSecond(), now.getNano());
  }

  /** A new inode of root's. */
  static JimfsInode made(int mode, int rdev) {
    StatFiller.Time now = now();
    return new JimfsInode(mode, 0, 0, rdev, now, now, now);
  }

  /** Reads the attribute; an object that jimfs made by itself, a root, gets one of mode 0755. */
  static JimfsInode of(Path path) {
    try {
      if (Files.getAttribute(path, ATTRIBUTE, LinkOption.NOFOLLOW_LINKS) instanceof byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        return new JimfsInode(
            (int) in.getLong(),
            (int) in.getLong(),
            (int) in.getLong(),
            (int) in.getLong(),
            time(in),
            time(in),
            time(in));
      }
      throw new IllegalStateException("no inode attribute on " + path);
    } catch (IllegalArgumentException e) {
      return made(Linux.S_IFDIR | 0755, 0); // the attribute is absent
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static StatFiller.Time time(ByteBuffer in) {
    return new StatFiller.Time(in.getLong(), (int) in.getLong());
  }

  void writeTo(Path path) {
    ByteBuffer out = ByteBuffer.allocate(BYTES);
    out.putLong(mode).putLong(uid).putLong(gid).putLong(rdev);
    for (StatFiller.Time time : new StatFiller.Time[] {atime, mtime, ctime}) {
      out.putLong(time.seconds()).putLong(time.nanos());
    }
    try {
      Files.setAttribute(path, ATTRIBUTE, out.array(), LinkOption.NOFOLLOW_LINKS);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int type() {
    return mode & Linux.S_IFMT;
  }

  boolean isDirectory() {
    return type() == Linux.S_IFDIR;
  }

  JimfsInode withMode(int permissions) {
    return new JimfsInode(type() | permissions, uid, gid, rdev, atime, mtime, now());
  }

  JimfsInode withOwner(int newUid, int newGid) {
    return new JimfsInode(
        // As chown(2): a file that is no directory loses setuid and setgid.
        isDirectory() ? mode : mode & ~(Linux.S_ISUID | ((mode & 010) != 0 ? Linux.S_ISGID : 0)),
        newUid == -1 ? uid : newUid,
        newGid == -1 ? gid : newGid,
        rdev,
        atime,
        mtime,
        now());
  }

  JimfsInode withTimes(StatFiller.Time newAtime, StatFiller.Time newMtime) {
    return new JimfsInode(mode, uid, gid, rdev, newAtime, newMtime, now());
  }

  /** After a change of content. */
  JimfsInode modified() {
    return withTimes(atime, now());
  }
}
