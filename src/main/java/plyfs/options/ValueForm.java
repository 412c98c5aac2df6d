package plyfs.options;

/**
 * The form of the value of an option.
 *
 * @param <T> the type of the parsed value
 */
interface ValueForm<T> {
  /** Whether the given option matches this form; if not, it is an unknown option. */
  default boolean fits(GivenOption option) {
    return true;
  }

  /**
   * Parses a value.
   *
   * @throws MountOptionException the value is missing, malformed or not implemented; the message
   *     names the option
   */
  T parse(GivenOption option) throws MountOptionException;

  /** The syntax after the name of the option: {@code =on|off}, {@code =SECONDS}, or nothing. */
  String syntax();

  /** Example values of this form with their {@code =}, each with another meaning. */
  String[] examples();
}
