package plyfs.image.save;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;
import plyfs.image.disk.StoreFiles;

/** A file that appears when it is whole: written beside its place, and renamed. */
final class NewFile implements AutoCloseable {
  private final Path place;
  private final @Nullable Path draft;
  private final FileChannel channel;
  private boolean isCommitted;

  private NewFile(Path place, @Nullable Path draft, FileChannel channel) {
    this.place = place;
    this.draft = draft;
    this.channel = channel;
  }

  /** Begins a file; what is there and is no file, a device or pipe, is opened itself. */
  static NewFile beside(Path place) throws IOException {
    try {
      if (Files.exists(place) && !Files.isRegularFile(place)) {
        return new NewFile(place, null, FileChannel.open(place, StandardOpenOption.WRITE));
      }
      // Readable by its owner alone, as docker save has it: images can hold secrets.
      Path draft = Files.createTempFile(directoryOf(place), "." + place.getFileName(), ".saving");
      return new NewFile(place, draft, FileChannel.open(draft, StandardOpenOption.WRITE));
    } catch (IOException e) {
      throw failure(place, e);
    }
  }

  static Path directoryOf(Path place) {
    Path parent = place.toAbsolutePath().getParent();
    return parent == null ? place : parent;
  }

  private static OutputException failure(Path place, IOException cause) {
    return new OutputException(place.toString(), StoreFiles.reason(cause), cause);
  }

  OutputStream stream() {
    return Channels.newOutputStream(channel);
  }

  /** Puts the file, on disk and whole, into its place. */
  void commit() throws IOException {
    if (draft != null) {
      try {
        channel.force(true);
        Files.move(draft, place, StandardCopyOption.ATOMIC_MOVE);
      } catch (IOException e) {
        throw failure(place, e);
      }
    }
    isCommitted = true;
  }

  /** Removes the file unless it was committed. */
  @Override
  public void close() throws IOException {
    channel.close();
    if (draft != null && !isCommitted) {
      Files.deleteIfExists(draft);
    }
  }
}
