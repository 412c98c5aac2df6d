package plyfs.image.source;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Files of a directory on disk. */
public final class DirectoryFiles implements ImageFiles {
  private final Path directory;

  DirectoryFiles(Path directory) {
    this.directory = directory;
  }

  /** {@inheritDoc} Names are our own: fixed ones, and digests that have been checked. */
  @Override
  public @Nullable Blob find(String name) throws IOException {
    Path file = directory.resolve(name);
    if (!Files.isRegularFile(file)) {
      return null;
    }
    return new Blob(
        "'" + name + "' in " + label(), Files.size(file), () -> Files.newInputStream(file));
  }

  @Override
  public String label() {
    return directory.toString();
  }

  @Override
  public void close() {}
}
