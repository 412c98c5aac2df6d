package plyfs.image.tar;

import java.io.IOException;

/**
 * Takes objects one by one: {@link #begin}, the data of a regular file from its beginning to its
 * end, {@link #end}. A directory comes before what is in it.
 */
public interface MemberSink {
  /** Begins an object. */
  void begin(TarMember member) throws IOException;

  /** The next bytes of a regular file: the first ones of an array, which is used again. */
  void data(byte[] bytes, int length) throws IOException;

  /** So many bytes of a regular file are zero. */
  void hole(long length) throws IOException;

  /** Ends the object. */
  void end() throws IOException;
}
