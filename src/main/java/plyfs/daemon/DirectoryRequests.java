package plyfs.daemon;

import plyfs.fuse.DirentWriter;
import plyfs.fuse.Reply;
import plyfs.fuse.Request;
import plyfs.fuse.abi.Dirent;
import plyfs.fuse.abi.ReadIn;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.union.UnionFs;
import plyfs.union.api.DirSink;
import plyfs.union.api.NodeView;

/** Requests about open directories. */
final class DirectoryRequests {
  private final UnionFs union;
  private final Answers answers;

  DirectoryRequests(UnionFs union, Answers answers) {
    this.union = union;
    this.answers = answers;
  }

  /**
   * Refuses OPENDIR with ENOSYS. A position in a listing stays valid at any time, so no handle is
   * needed, and the kernel sends no more OPENDIR. It then caches the list of each directory until
   * {@link plyfs.union.api.UnionListener#entriesChanged} invalidates it.
   *
   * @implNote Linux fs/fuse/file.c, fuse_file_open; since protocol 7.29
   */
  static void open(Reply reply) {
    reply.error(Errno.ENOSYS);
  }

  void sync(Request request, Reply reply) throws ErrnoException {
    union.syncDirectory(request.nodeId());
    reply.empty();
  }

  void read(Request request, Reply reply) throws ErrnoException {
    int size = ReadIn.size(request);
    DirentWriter writer = reply.dirents(size);
    union.readDirectory(
        request.nodeId(), ReadIn.offset(request), new PlainSink(writer, size), null);
    writer.send();
  }

  void readPlus(Request request, Reply reply) throws ErrnoException {
    DirentWriter writer = reply.dirents(ReadIn.size(request));
    NodeView view = WorkerMemory.get().view;
    union.readDirectory(
        request.nodeId(), ReadIn.offset(request), new PlusSink(writer, reply, answers), view);
    writer.send();
  }

  private static void requireRoom(boolean found) {
    if (!found) {
      throw new IllegalStateException("no room for an entry that fitted");
    }
  }

  /** Fills {@code struct fuse_dirent} records. */
  private static final class PlainSink implements DirSink {
    private final DirentWriter writer;
    private int room;

    PlainSink(DirentWriter writer, int room) {
      this.writer = writer;
      this.room = room;
    }

    @Override
    public boolean hasRoom(int nameBytes) {
      return Dirent.recordBytes(nameBytes) <= room;
    }

    @Override
    public void entry(byte[] name, long cookie, int type, long ino) {
      requireRoom(writer.add(name, ino, cookie, type));
      room -= Dirent.recordBytes(name.length);
    }

    @Override
    public void entryPlus(byte[] name, long cookie, int type, NodeView view) {
      entry(name, cookie, type, view.ino());
    }
  }

  /** Fills {@code struct fuse_direntplus} records. */
  private static final class PlusSink implements DirSink {
    private final DirentWriter writer;
    private final Reply reply;
    private final Answers answers;

    PlusSink(DirentWriter writer, Reply reply, Answers answers) {
      this.writer = writer;
      this.reply = reply;
      this.answers = answers;
    }

    @Override
    public boolean hasRoom(int nameBytes) {
      return writer.fitsPlus(nameBytes);
    }

    @Override
    public void entry(byte[] name, long cookie, int type, long ino) {
      requireRoom(writer.addPlus(name, ino, cookie, type));
    }

    @Override
    public void entryPlus(byte[] name, long cookie, int type, NodeView view) {
      answers.putEntry(reply.words(), view);
      requireRoom(writer.addPlusWithEntry(name, view.ino(), cookie, type));
    }
  }
}
