package plyfs.options;

/**
 * One of several words.
 *
 * @param <T> what the words mean
 */
final class ChoiceForm<T> implements ValueForm<T> {
  private final String[] words;
  private final T[] meanings;
  private final int implemented;

  /**
   * A choice.
   *
   * @param meanings of the words, in their order; several words may have the same meaning
   * @param implemented how many of the words, from the first, are implemented
   */
  private ChoiceForm(String words, T[] meanings, int implemented) {
    this.words = words.split("\\|", -1);
    this.meanings = meanings;
    this.implemented = implemented;
  }

  /** Words separated by bars, and the meaning of each. */
  @SafeVarargs
  @SuppressWarnings("varargs") // the array is only read
  static <T> ChoiceForm<T> of(String words, T... meanings) {
    return new ChoiceForm<>(words, meanings, meanings.length);
  }

  /** {@code on} and {@code off}. */
  static ChoiceForm<Boolean> onOff() {
    return of("on|off", true, false);
  }

  /** {@code 0} and {@code 1}. */
  static ChoiceForm<Boolean> zeroOrOne() {
    return of("0|1", false, true);
  }

  /** Words of which only the first are implemented. */
  static ChoiceForm<String> implementedUpTo(int implemented, String words) {
    return new ChoiceForm<>(words, words.split("\\|", -1), implemented);
  }

  @Override
  public T parse(GivenOption option) throws MountOptionException {
    String text = option.text();
    for (int i = 0; i < words.length; i++) {
      if (words[i].equals(text)) {
        if (i >= implemented) {
          throw MountOptionException.notImplemented(option);
        }
        return meanings[i];
      }
    }
    throw new MountOptionException(
        "option '" + option + "': the value must be one of " + String.join(", ", words));
  }

  /** The first word with a meaning. */
  String wordFor(T meaning) {
    for (int i = 0; i < words.length; i++) {
      if (meanings[i].equals(meaning)) {
        return words[i];
      }
    }
    throw new IllegalArgumentException(String.valueOf(meaning));
  }

  @Override
  public String syntax() {
    return "=" + String.join("|", words);
  }

  @Override
  public String[] examples() {
    String[] examples = new String[implemented];
    for (int i = 0; i < implemented; i++) {
      examples[i] = "=" + words[i];
    }
    return examples;
  }
}
