package plyfs.image.tree;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import plyfs.image.disk.FileCopy;
import plyfs.image.disk.StoreFiles;
import plyfs.image.tar.TarEntry;
import plyfs.image.tar.TarRecorder;
import plyfs.image.tar.TarSplitReader;
import plyfs.image.tar.TarSplitWriter;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Name;
import plyfs.sys.Stat;
import plyfs.sys.Syscalls;
import plyfs.sys.TreeRemover;

/**
 * Records the tar of a layer as tar-split while it is unpacked. The contents of files are left to
 * the tree; what later entries of the same tar replace is kept aside, and goes into the record at
 * the end.
 */
public final class LayerRecording implements AutoCloseable {
  private static final int OWNER_READS = 0400;

  /** PATH_MAX. */
  private static final int MAX_PATH_BYTES = 4096;

  private final Path file;
  private final Path draft;
  private final byte[] root;
  private final Fd kept;
  private final ReplacedObjects replaced;
  private final FileCopy copy;
  private final TarSplitWriter writer;
  private final TarRecorder recorder;
  private final Stat stat = new Stat();
  private @Nullable Fd lastParent;
  private byte @Nullable [] lastDirectory;

  /**
   * Begins a record.
   *
   * @param tar what is recorded while {@link #tar} is read
   * @param tree the directory that the layer is unpacked into, lent
   * @param file where the record goes
   * @param aside an empty directory on the file system of the tree, also for a draft of the record
   */
  public LayerRecording(InputStream tar, Fd tree, Path file, Path aside) throws IOException {
    this.file = file;
    this.draft = aside.resolve("draft");
    try {
      this.root = Syscalls.realPath(tree);
    } catch (ErrnoException e) {
      throw new IOException("cannot find the path of " + file + ": " + e.getMessage(), e);
    }
    this.kept = StoreFiles.openDirectory(aside);
    this.copy = new FileCopy(draft);
    this.replaced = new ReplacedObjects(kept);
    this.writer = new TarSplitWriter(copy);
    this.recorder = new TarRecorder(tar, writer);
  }

  /** The tar, to be read through this. */
  public InputStream tar() {
    return recorder;
  }

  /**
   * The content of an entry goes into a file of the tree, and it alone.
   *
   * @param at position of the content in the tar
   * @param privileged whether files can be read whatever their mode
   */
  void contentGoesTo(Fd parent, byte[] name, TarEntry entry, long at, boolean privileged)
      throws ErrnoException {
    // Holes cannot be told from zeros later, nor how a tar wrote them.
    boolean canBeRead = entry.extents == null && (privileged || (entry.mode & OWNER_READS) != 0);
    byte[] path = canBeRead ? path(parent, name) : null;
    if (path != null) {
      recorder.contentIsIn(at, path, entry.size);
    }
  }

  /** Takes an object out of the tree, to which another entry gives its name. */
  void replace(Fd parent, byte[] name) throws ErrnoException {
    boolean mayBeRecorded =
        Syscalls.statx(parent, name, stat) == 0
            && (stat.isDirectory() || stat.isRegular() && stat.size() > 0);
    byte[] path = mayBeRecorded ? path(parent, name) : null;
    if (path != null) {
      replaced.take(parent, name, path, recorder.files());
    } else {
      TreeRemover.remove(parent, name);
    }
    lastParent = null;
  }

  /**
   * The true path, whichever symbolic links have led there; null where it is too long to be opened
   * from the root of the machine.
   */
  private byte @Nullable [] path(Fd parent, byte[] name) throws ErrnoException {
    if (parent != lastParent) {
      lastDirectory = directory(parent);
      lastParent = parent;
    }
    byte[] directory = lastDirectory;
    if (directory == null || root.length + directory.length + name.length + 2 > MAX_PATH_BYTES) {
      return null;
    }
    byte[] path = Arrays.copyOf(directory, directory.length + name.length);
    System.arraycopy(name, 0, path, directory.length, name.length);
    return path;
  }

  /** A slash is at its end, unless it is the root. */
  private byte @Nullable [] directory(Fd fd) throws ErrnoException {
    byte[] whole;
    try {
      whole = Syscalls.realPath(fd);
    } catch (ErrnoException e) {
      if (e.errno() == Errno.ENAMETOOLONG) {
        return null;
      }
      throw e;
    }
    if (Arrays.equals(whole, root)) {
      return new byte[0];
    }
    boolean inside =
        whole.length > root.length + 1
            && whole[root.length] == '/'
            && Arrays.equals(whole, 0, root.length, root, 0, root.length);
    if (!inside) {
      return null;
    }
    byte[] path = Arrays.copyOfRange(whole, root.length + 1, whole.length + 1);
    path[path.length - 1] = '/';
    return path;
  }

  /**
   * Reads the tar to its end and completes the record.
   *
   * @throws IOException if the tar is not what it should be, or the record cannot be written
   */
  public void complete() throws IOException {
    recorder.finish();
    copy.complete();
    if (replaced.isEmpty()) {
      Files.move(draft, file);
    } else {
      completeWithReplaced();
    }
  }

  private void completeWithReplaced() throws IOException {
    ContentReader contents = new ContentReader();
    try (FileCopy whole = new FileCopy(file);
        TarSplitWriter out = new TarSplitWriter(whole);
        TarSplitReader in = new TarSplitReader(Files.newInputStream(draft), draft.toString())) {
      long number = 0;
      while (in.next()) {
        if (!in.isFile()) {
          out.segment(in.payload(), in.payload().length);
          continue;
        }
        try (Fd content = replaced.open(in.name(), number++)) {
          if (content == null) {
            out.file(in.name(), in.size(), in.crc64());
          } else {
            copy(contents, content, in, out);
          }
        }
      }
      out.finish();
      whole.complete();
    } catch (ErrnoException e) {
      throw new IOException("cannot read a file of the layer again: " + e.getMessage(), e);
    }
  }

  private static void copy(
      ContentReader contents, Fd content, TarSplitReader in, TarSplitWriter out)
      throws IOException, ErrnoException {
    if (contents.read(content, in.size(), out::segment) != in.size()) {
      throw new IOException("'" + Name.printable(in.name()) + "' became shorter during the load");
    }
  }

  @Override
  public void close() throws IOException {
    try (kept;
        copy) {
      writer.close();
    }
  }
}
