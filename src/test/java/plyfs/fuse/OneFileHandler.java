package plyfs.fuse;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import plyfs.fuse.abi.Attr;
import plyfs.fuse.abi.AttrOut;
import plyfs.fuse.abi.EntryOut;
import plyfs.fuse.abi.OpenOut;
import plyfs.fuse.abi.ReadIn;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.sys.Name;
import plyfs.sys.Stat;

/** A file system of a directory with one file, {@code hello}, and attributes that are made up. */
final class OneFileHandler implements RequestHandler {
  static final byte[] CONTENT = "Hello, world\n".getBytes(UTF_8);
  private static final Name NAME = Name.of("hello");
  private static final long ROOT = 1;
  private static final long FILE = 2;
  private static final long SECOND = 1_000_000_000L;

  private final Stat stat = new Stat();

  @Override
  public void handle(Request request, Reply reply) {
    try {
      answer(request, reply);
    } catch (ErrnoException e) {
      reply.error(e.errno());
    }
  }

  private void answer(Request request, Reply reply) throws ErrnoException {
    ByteBuffer content = reply.content();
    switch (request.opcode()) {
      case LOOKUP -> {
        if (request.name(0).equals(NAME)) {
          entry(reply.words());
        } else {
          EntryOut.putMiss(reply.words(), 0, SECOND);
        }
        reply.sendWords(EntryOut.WORDS);
      }
      case GETATTR -> {
        AttrOut.put(reply.words(), 0, SECOND);
        attributes(reply.words(), AttrOut.ATTR_WORD, request.nodeId());
        reply.sendWords(AttrOut.WORDS);
      }
      case OPEN, OPENDIR -> {
        OpenOut.put(reply.words(), 0, 7, 0, 0);
        reply.sendWords(OpenOut.WORDS);
      }
      case READ -> {
        int offset = (int) Math.min(ReadIn.offset(request), CONTENT.length);
        int length = Math.min(ReadIn.size(request), CONTENT.length - offset);
        content.put(0, CONTENT, offset, length);
        reply.send(length);
      }
      case READDIR, READDIRPLUS -> list(request, reply);
      case FORGET, BATCH_FORGET -> {}
      case RELEASE, RELEASEDIR, FLUSH, STATFS -> reply.empty();
      default -> reply.error(Errno.ENOSYS);
    }
  }

  private void list(Request request, Reply reply) {
    DirentWriter dirents = reply.dirents(ReadIn.size(request));
    if (ReadIn.offset(request) == 0) {
      if (request.opcode() == Opcode.READDIR) {
        dirents.add(NAME.bytes(), FILE, 1, Linux.DT_REG);
      } else {
        entry(reply.words());
        dirents.addPlusWithEntry(NAME.bytes(), FILE, 1, Linux.DT_REG);
      }
    }
    dirents.send();
  }

  private void entry(long[] words) {
    EntryOut.put(words, 0, FILE, SECOND, SECOND);
    attributes(words, EntryOut.ATTR_WORD, FILE);
  }

  private void attributes(long[] words, int at, long node) {
    stat.setMode(node == ROOT ? Linux.S_IFDIR | 0755 : Linux.S_IFREG | 0444);
    Attr.put(words, at, stat, node, 1);
    words[at + Attr.SIZE / Long.BYTES] = node == ROOT ? 0 : CONTENT.length;
  }

  @Override
  public void takeBack(Request request, Reply reply) {}
}
