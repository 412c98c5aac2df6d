package plyfs.image.disk;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The file system calls by which a load looks at a store and changes it, outside of the layers that
 * it unpacks. Each failure is one sentence that names the file. What cannot be known is a failure
 * and never "not there": from that a load would conclude that it may write or remove something.
 */
public interface StoreDisk {
  /** Makes a directory with those above it; nothing happens where it is there. */
  void makeDirectories(Path directory) throws IOException;

  /** Makes one new directory that no other user may enter. */
  void makePrivateDirectory(Path directory) throws IOException;

  /** Writes a small file, new or anew. */
  void write(Path file, byte[] content) throws IOException;

  void makeSymbolicLink(Path link, Path target) throws IOException;

  /** Whether there is an object with this name; a symbolic link at its end is not followed. */
  boolean exists(Path path) throws IOException;

  /** Content of a small file; null where there is none. */
  byte @Nullable [] readIfThere(Path file) throws IOException;

  /** Text of a symbolic link; null where there is none, or something else. */
  @Nullable Path linkTarget(Path link) throws IOException;

  /** Names in a directory, sorted. */
  List<String> names(Path directory) throws IOException;

  /** Renames by one system call; replaces a file. */
  void move(Path from, Path to) throws IOException;

  /** Removes a name of a directory with all below; nothing happens where it is absent. */
  void remove(Path directory, String name) throws IOException;

  /** Returns when all that was written to the file system of a directory is on disk. */
  void sync(Path directory) throws IOException;
}
