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
   * @param meanings of the words, in their order; several words may mean the same
   * @param implemented how many of the words, from the first, ask for what is there
   */
  private ChoiceForm(String words, T[] meanings, int implemented) {
    this.words = words.split("\\|", -1);
    this.meanings = meanings;
    this.implemented = implemented;
  }

  /** Words with a bar between them, and what each means. */
  @SafeVarargs
  @SuppressWarnings("varargs") // the array is only read
  static <T> ChoiceForm<T> of(String words, T... meanings) {
    return new ChoiceForm<>(words, meanings, meanings.length);
  }

  /** {@code on} and {@code off}, the more usual one first. */
  static ChoiceForm<Boolean> onOff() {
    return of("on|off", true, false);
  }

  /** {@code 0} and {@code 1}. */
  static ChoiceForm<Boolean> zeroOrOne() {
    return of("0|1", false, true);
  }

  /** Words of which only some ask for nothing, or for what is done anyway. */
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
        "option '" + option + "': the value is one of " + String.join(", ", words));
  }

  /** The first word that means something. */
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
