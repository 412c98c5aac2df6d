package plyfs.image.save;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import plyfs.image.disk.HostStoreDisk;
import plyfs.image.disk.StoreFiles;

/** A directory that appears when it is whole: made beside its place, and renamed. */
final class NewDirectory implements AutoCloseable {
  private final Path place;
  private final Path draft;
  private boolean isCommitted;

  private NewDirectory(Path place, Path draft) {
    this.place = place;
    this.draft = draft;
  }

  /**
   * Begins a directory.
   *
   * @throws IOException if there is something already, but for an empty directory
   */
  static NewDirectory beside(Path place) throws IOException {
    if (Files.exists(place) && !isEmptyDirectory(place)) {
      throw new IOException(
          "cannot write " + place + ": it is there already, and is no empty directory");
    }
    try {
      Path above = NewFile.directoryOf(place);
      Path draft = Files.createTempDirectory(above, "." + place.getFileName());
      Files.setPosixFilePermissions(draft, PosixFilePermissions.fromString("rwxr-xr-x"));
      return new NewDirectory(place, draft);
    } catch (IOException e) {
      throw failure(place, e);
    }
  }

  private static boolean isEmptyDirectory(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      return false;
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(path)) {
      return !entries.iterator().hasNext();
    }
  }

  private static OutputException failure(Path place, IOException cause) {
    return new OutputException(place.toString(), StoreFiles.reason(cause), cause);
  }

  /** Makes a file, with the directories above it. */
  OutputStream open(String name) throws IOException {
    Path file = draft.resolve(name);
    try {
      Files.createDirectories(NewFile.directoryOf(file));
      return Files.newOutputStream(file);
    } catch (IOException e) {
      throw failure(place, e);
    }
  }

  /** Puts the directory, on disk and whole, into its place. */
  void commit() throws IOException {
    new HostStoreDisk().sync(draft);
    try {
      Files.move(draft, place, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw failure(place, e);
    }
    isCommitted = true;
  }

  /** Removes the directory unless it was committed. */
  @Override
  public void close() throws IOException {
    if (!isCommitted) {
      new HostStoreDisk().remove(NewFile.directoryOf(draft), draft.getFileName().toString());
    }
  }
}
