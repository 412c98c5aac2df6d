package plyfs.differential;

/** There was nothing that an operation could be tried on. */
final class NothingToDo extends Exception {
  private static final long serialVersionUID = 1;

  NothingToDo(String why) {
    super(why, null, false, false);
  }
}
