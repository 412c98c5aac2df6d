package plyfs.fuse;

import java.nio.ByteBuffer;
import plyfs.fuse.abi.Dirent;
import plyfs.fuse.abi.Direntplus;
import plyfs.fuse.abi.EntryOut;

/**
 * Fills the answer to READDIR with {@code struct fuse_dirent} or the one to READDIRPLUS with {@code
 * struct fuse_direntplus} records, as many as there is room for. Got from {@link Reply#dirents}.
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

  /** Whether there is no record yet. */
  public boolean isEmpty() {
    return at == 0;
  }

  /** Whether {@link #addPlus} of a name of so many bytes would find room. */
  public boolean fitsPlus(int nameBytes) {
    return Direntplus.recordBytes(nameBytes) <= limit - at;
  }

  /**
   * Adds a READDIR record.
   *
   * @param off cookie from which the next request goes on after this entry
   * @param type {@code DT_*}
   * @return false if there is no room, and nothing was added
   */
  public boolean add(byte[] name, long ino, long off, int type) {
    if (Dirent.recordBytes(name.length) > limit - at) {
      return false;
    }
    at += Dirent.put(reply.content(), at, name, ino, off, type);
    return true;
  }

  /**
   * Adds a READDIRPLUS record without attributes: node id 0.
   *
   * @param off cookie from which the next request goes on after this entry
   * @param type {@code DT_*}
   * @return where in {@link Reply#content} the record's {@code EntryOut} lies, to be filled if the
   *     entry shall have attributes, which counts one lookup; -1 if there is no room, and nothing
   *     was added
   */
  public int addPlus(byte[] name, long ino, long off, int type) {
    if (!fitsPlus(name.length)) {
      return -1;
    }
    ByteBuffer content = reply.content();
    int entry = at;
    EntryOut.putMiss(content, entry, 0);
    at += Direntplus.DIRENT + Dirent.put(content, entry + Direntplus.DIRENT, name, ino, off, type);
    return entry;
  }

  /** Answers the request with the records; with none, that is the end of the directory. */
  public void send() {
    reply.send(at);
  }
}
