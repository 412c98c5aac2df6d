package plyfs.image.disk;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotLinkException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.FileSyscalls;
import plyfs.sys.TreeRemover;

/** The calls as the machine does them. */
public final class HostStoreDisk implements StoreDisk {
  @Override
  public void makeDirectories(Path directory) throws IOException {
    StoreFiles.makeDirectories(directory);
  }

  @Override
  public void makePrivateDirectory(Path directory) throws IOException {
    try {
      Files.createDirectory(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } catch (IOException e) {
      throw failure("cannot make the directory " + directory, e);
    }
  }

  @Override
  public void write(Path file, byte[] content) throws IOException {
    StoreFiles.write(file, content);
  }

  @Override
  public void makeSymbolicLink(Path link, Path target) throws IOException {
    try {
      Files.createSymbolicLink(link, target);
    } catch (IOException e) {
      throw failure("cannot make " + link, e);
    }
  }

  @Override
  public boolean exists(Path path) throws IOException {
    return StoreFiles.type(path) != 0;
  }

  @Override
  public byte @Nullable [] readIfThere(Path file) throws IOException {
    if (!exists(file)) {
      return null;
    }
    try {
      return Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      return null;
    } catch (IOException e) {
      throw failure("cannot read " + file, e);
    }
  }

  @Override
  public @Nullable Path linkTarget(Path link) throws IOException {
    try {
      return Files.readSymbolicLink(link);
    } catch (NotLinkException | NoSuchFileException e) {
      return null;
    } catch (IOException e) {
      throw failure("cannot read " + link, e);
    }
  }

  @Override
  public List<String> names(Path directory) throws IOException {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        names.add(String.valueOf(entry.getFileName()));
      }
    } catch (DirectoryIteratorException e) {
      throw new IOException("cannot read " + directory + ": " + e.getMessage(), e);
    } catch (IOException e) {
      throw failure("cannot read " + directory, e);
    }
    names.sort(null);
    return names;
  }

  @Override
  public void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw failure("cannot make " + to, e);
    }
  }

  @Override
  public void remove(Path directory, String name) throws IOException {
    try (Fd fd = StoreFiles.openDirectory(directory)) {
      TreeRemover.remove(fd, StoreFiles.nameBytes(directory.resolve(name)));
    } catch (ErrnoException e) {
      throw new IOException("cannot remove " + directory.resolve(name) + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void sync(Path directory) throws IOException {
    try (Fd fd = StoreFiles.openDirectory(directory)) {
      int result = FileSyscalls.syncfs(fd);
      if (result < 0) {
        throw new IOException(
            "cannot write the store " + directory + " to disk: " + Errno.describe(-result));
      }
    }
  }

  private static IOException failure(String what, IOException cause) {
    return new IOException(what + ": " + StoreFiles.reason(cause), cause);
  }
}
