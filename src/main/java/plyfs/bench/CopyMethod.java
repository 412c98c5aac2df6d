package plyfs.bench;

/** How the data of a file was copied into the upper layer. */
enum CopyMethod {
  NOTHING("nothing"),
  METADATA("metadata only"),
  REFLINK("reflink"),
  COPY_RANGE("copy_file_range"),
  EXTENTS("extents"),
  READ_WRITE("read and write"),
  COPIED("copied"),
  NOT_SEEN("not seen");

  private final String word;

  CopyMethod(String word) {
    this.word = word;
  }

  /** The name in the output. */
  String word() {
    return word;
  }
}
