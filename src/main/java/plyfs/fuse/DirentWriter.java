package plyfs.fuse;

import plyfs.fuse.abi.Dirent;
import plyfs.fuse.abi.Direntplus;
import plyfs.fuse.abi.EntryOut;

/**
 * Fills the reply to READDIR with {@code struct fuse_dirent} records, or the reply to READDIRPLUS
 * with {@code struct fuse_direntplus} records, as many as fit. Created by {@link Reply#dirents}.
 */
public final class DirentWriter {
  private final Reply reply;
  private int limit;
  private int at;

  DirentWriter(Reply reply) {
    this.reply = reply;
  }

  void start(int newLimit) {
    limit = newLimit;
    at = 0;
  }

  /** Whether there are no records yet. */
  public boolean isEmpty() {
    return at == 0;
  }

  /** Whether {@link #addPlus} of a name of this length would fit. */
  public boolean fitsPlus(int nameBytes) {
    return Direntplus.recordBytes(nameBytes) <= limit - at;
  }

  /**
   * Adds a READDIR record.
   *
   * @param off cookie with which the next request continues after this entry
   * @param type {@code DT_*}
   * @return false if it does not fit; nothing was added
   */
  public boolean add(byte[] name, long ino, long off, int type) {
    if (Dirent.recordBytes(name.length) > limit - at) {
      return false;
    }
    Dirent.put(reply.words(), 0, name.length, ino, off, type);
    reply.putWords(at, Dirent.WORDS);
    Dirent.putName(reply.content(), at, name);
    at += Dirent.recordBytes(name.length);
    return true;
  }

  /**
   * Adds a READDIRPLUS record without attributes: node id 0.
   *
   * @param off cookie with which the next request continues after this entry
   * @param type {@code DT_*}
   * @return false if it does not fit; nothing was added
   */
  public boolean addPlus(byte[] name, long ino, long off, int type) {
    EntryOut.putMiss(reply.words(), 0, 0);
    return addPlusWithEntry(name, ino, off, type);
  }

  /**
   * As {@link #addPlus}, with the {@link EntryOut} at {@link Reply#words} 0. If it fits, it counts
   * one lookup of its node.
   */
  public boolean addPlusWithEntry(byte[] name, long ino, long off, int type) {
    if (!fitsPlus(name.length)) {
      return false;
    }
    Dirent.put(reply.words(), EntryOut.WORDS, name.length, ino, off, type);
    reply.putWords(at, Direntplus.WORDS);
    Dirent.putName(reply.content(), at + Direntplus.DIRENT, name);
    at += Direntplus.recordBytes(name.length);
    return true;
  }

  /** Replies with the records; without records this means the end of the directory. */
  public void send() {
    reply.send(at);
  }
}
