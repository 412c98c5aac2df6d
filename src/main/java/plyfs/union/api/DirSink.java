package plyfs.union.api;

/** Takes the entries of a directory, as far as there is room. */
public interface DirSink {
  /**
   * Whether one more entry fits.
   *
   * @param nameBytes length of its name
   */
  boolean hasRoom(int nameBytes);

  /**
   * One entry that fits.
   *
   * @param name bytes, without a final NUL
   * @param cookie position after the entry, where a later read goes on; above 0
   * @param type {@code DT_*}
   * @param ino inode number that programs see
   */
  void entry(byte[] name, long cookie, int type, long ino);

  /**
   * One entry that fits, with the attributes of its node, which counts one lookup more. Not called
   * for {@code .} and {@code ..}.
   *
   * @param view valid during the call
   */
  void entryPlus(byte[] name, long cookie, int type, NodeView view);
}
