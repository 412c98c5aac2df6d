package plyfs.differential;

/**
 * What came of an operation.
 *
 * @param text must not depend on the engine
 */
record Outcome(Sort sort, String text) {
  enum Sort {
    DONE,
    /** The text is the name of the error number, or what a program printed. */
    FAILED,
    NOTHING_TO_DO
  }
}
