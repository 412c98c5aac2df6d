package plyfs.options;

/**
 * What the value of an option looks like.
 *
 * @param <T> what a value means
 */
interface ValueForm<T> {
  /** Whether an option of this word is this one at all; else nothing is known of it. */
  default boolean fits(GivenOption option) {
    return true;
  }

  /**
   * Reads a value.
   *
   * @throws MountOptionException the value is missing, malformed or asks for what is not there; the
   *     message names the option
   */
  T parse(GivenOption option) throws MountOptionException;

  /** What follows the word of the option: {@code =on|off}, {@code =SECONDS}, or nothing. */
  String syntax();

  /** Values of this form with their {@code =}, each of another meaning. */
  String[] examples();
}
