package plyfs.bench;

/**
 * A case without engine and temperature.
 *
 * @param size bytes of the files together
 * @param depth directories between the root and the files, at least 1
 */
record Point(ChangePattern pattern, long size, int depth) {
  int files() {
    return pattern.kind().files(size);
  }

  long fileSize() {
    return pattern.kind().fileSize(size);
  }

  /** Upper bound of the bytes of a copy of the files. */
  long bytes() {
    return files() * fileSize();
  }

  /** The topmost directory of its files in the lower layer; points with the same files share it. */
  String directory() {
    return switch (pattern.kind()) {
          case PLAIN -> "plain-";
          case SPARSE -> "sparse-";
          case MANY -> "many-";
        }
        + size
        + "-"
        + depth;
  }

  @Override
  public String toString() {
    return pattern.word() + " of " + AxisText.size(size) + " at depth " + depth;
  }
}
