package plyfs.image.tree;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import plyfs.image.disk.StoreFiles;
import plyfs.image.model.Digest;
import plyfs.image.tar.Crc64;
import plyfs.image.tar.TarSplitReader;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Linux;
import plyfs.sys.Name;
import plyfs.sys.Stat;
import plyfs.sys.Syscalls;

/**
 * The tar of an unpacked layer, byte for byte as it came: its tar-split, filled with the contents
 * of the files of its tree.
 *
 * @param tarSplit as Plyfs or Docker recorded it
 * @param tree the layer's directory
 * @param diffId digest that the tar must have
 */
public record LayerTar(Path tarSplit, Path tree, Digest diffId) {
  private static final int READ = Linux.O_RDONLY | Linux.O_NOFOLLOW | Linux.O_NONBLOCK;

  private TarSplitReader open() throws IOException {
    if (StoreFiles.type(tarSplit) == 0) {
      throw new IOException(
          "layer "
              + diffId
              + " cannot be written as it came, because its tar was not recorded ("
              + tarSplit
              + " is missing): remove the image and load it again");
    }
    return new TarSplitReader(Files.newInputStream(tarSplit), tarSplit.toString());
  }

  /** Bytes of the tar; contents of files are not read. */
  public long size() throws IOException {
    long size = 0;
    try (TarSplitReader in = open()) {
      while (in.next()) {
        size += in.size();
      }
    }
    return size;
  }

  /**
   * Writes the tar.
   *
   * @param out stays open
   * @throws IOException if something of the layer is not as it was unpacked, which may be known
   *     only when nearly all is written
   */
  public void write(OutputStream out) throws IOException {
    new Run(out).write();
  }

  /** One writing. */
  private final class Run {
    private final OutputStream out;
    private final MessageDigest digest = diffId.newMessageDigest();
    private final ContentReader contents = new ContentReader();
    private final Crc64 crc = new Crc64();
    private final Stat stat = new Stat();

    Run(OutputStream out) {
      this.out = out;
    }

    void write() throws IOException {
      try (TarSplitReader in = open();
          Fd root = StoreFiles.openDirectory(tree)) {
        while (in.next()) {
          if (in.isFile()) {
            file(root, in);
          } else {
            take(in.payload(), in.payload().length);
          }
        }
      }
      if (!Digest.of(diffId.algorithm(), digest.digest()).equals(diffId)) {
        throw changed("");
      }
    }

    private void file(Fd root, TarSplitReader in) throws IOException {
      String shown = "'" + Name.printable(in.name()) + "'";
      // Docker records names as tars have them: with './', or through a symbolic link of the layer.
      try (Fd file = Fd.openat2(root, in.name(), READ, 0, Linux.RESOLVE_IN_ROOT)) {
        ErrnoException.check(Syscalls.statx(file, Syscalls.SELF, stat));
        if (!stat.isRegular() || stat.size() != in.size()) {
          throw changed(": " + shown + " is another file");
        }
        crc.reset();
        boolean whole = contents.read(file, in.size(), this::takeContent) == in.size();
        if (!whole || crc.value() != in.crc64()) {
          throw changed(": " + shown + " has another content");
        }
      } catch (ErrnoException e) {
        if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR || e.errno() == Errno.ELOOP) {
          throw changed(": " + shown + " is missing");
        }
        throw new IOException(
            "cannot read " + shown + " of layer " + diffId + ": " + e.getMessage(), e);
      }
    }

    private void take(byte[] bytes, int length) throws IOException {
      digest.update(bytes, 0, length);
      out.write(bytes, 0, length);
    }

    private void takeContent(byte[] bytes, int length) throws IOException {
      crc.update(bytes, 0, length);
      take(bytes, length);
    }

    private IOException changed(String how) {
      return new IOException(
          "layer " + diffId + " was changed in the store" + how + "; 'plyfs verify' checks all");
    }
  }
}
