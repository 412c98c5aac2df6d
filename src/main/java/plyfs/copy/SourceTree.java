package plyfs.copy;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import plyfs.image.tar.MemberSink;
import plyfs.sys.ErrnoException;

/** A tree that objects are copied out of. Symbolic links in paths lead inside it. */
public interface SourceTree extends AutoCloseable {
  /** An object of it, until the tree is closed. */
  interface Found {
    boolean isDirectory();

    /**
     * Hands it over, with all below it.
     *
     * @param path what it is called; empty for a directory whose contents alone are wanted
     */
    void copyTo(MemberSink sink, byte[] path) throws IOException, ErrnoException;
  }

  /**
   * The object at a path; null if there is none.
   *
   * @param path from the root of the tree
   * @param followsLast whether a symbolic link at the end is followed as well
   */
  @Nullable Found find(byte[] path, boolean followsLast) throws IOException, ErrnoException;

  @Override
  void close();
}
