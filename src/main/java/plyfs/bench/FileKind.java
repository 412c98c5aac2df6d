package plyfs.bench;

/** The layout of the files of a case in the lower layer. */
enum FileKind {
  /** One file full of data. */
  PLAIN {
    @Override
    int files(long size) {
      return 1;
    }
  },
  /**
   * One file that consists mostly of holes: {@link #SPARSE_DATA} bytes in each {@link
   * #SPARSE_UNIT}.
   */
  SPARSE {
    @Override
    int files(long size) {
      return 1;
    }
  },
  /** As many files of {@link #SMALL_BYTES} as give the size together, at most 1024. */
  MANY {
    @Override
    int files(long size) {
      return (int) Math.max(1, Math.min(MOST_FILES, size / SMALL_BYTES));
    }

    @Override
    long fileSize(long size) {
      return Math.min(size, SMALL_BYTES);
    }
  };

  static final int SPARSE_UNIT = 64 << 10;
  static final int SPARSE_DATA = 4 << 10;
  private static final int SMALL_BYTES = 16 << 10;
  private static final int MOST_FILES = 1024;

  /** Number of files of a case of this size. */
  abstract int files(long size);

  /** Size of each file of a case of this size, bytes. */
  long fileSize(long size) {
    return size;
  }
}
