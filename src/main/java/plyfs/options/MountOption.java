package plyfs.options;

import org.jspecify.annotations.Nullable;

/**
 * A row of the {@link MountOptionTable}.
 *
 * @param <T> what the option sets
 */
public final class MountOption<T> {
  private final int index;
  private final OptionGroup group;
  private final String word;
  private final ValueForm<T> form;
  private final @Nullable T preset;
  private final KnownTo knownTo;
  private final String presetText;
  private final String help;

  /**
   * A row.
   *
   * @param index its position in the table
   * @param word before the {@code =}
   * @param form the form of the value
   * @param preset the default value; null if there is none
   * @param presetText the default value for a person; empty if the help text needs none
   * @param help one sentence or two
   */
  MountOption(
      int index,
      OptionGroup group,
      String word,
      ValueForm<T> form,
      @Nullable T preset,
      String presetText,
      KnownTo knownTo,
      String help) {
    this.index = index;
    this.group = group;
    this.word = word;
    this.form = form;
    this.preset = preset;
    this.presetText = presetText;
    this.knownTo = knownTo;
    this.help = help;
  }

  int index() {
    return index;
  }

  /** The group of the option. */
  public OptionGroup group() {
    return group;
  }

  /** The name of the option. */
  public String word() {
    return word;
  }

  /** The syntax in the help text, such as {@code index=on|off}. */
  public String syntax() {
    return word + form.syntax();
  }

  ValueForm<T> form() {
    return form;
  }

  @Nullable T preset() {
    return preset;
  }

  /** The default value for a person; empty if the help text needs none. */
  public String presetText() {
    return presetText;
  }

  /** The other union file systems that have the option. */
  public KnownTo knownTo() {
    return knownTo;
  }

  /** The help text: one or two sentences. */
  public String help() {
    return help;
  }

  /** The option with example values that cover its meanings. */
  public String[] examples() {
    String[] examples = form.examples();
    String[] all = new String[examples.length];
    for (int i = 0; i < all.length; i++) {
      all[i] = word + examples[i];
    }
    return all;
  }

  /** Whether the option may be repeated, because it adds to a list or has no effect. */
  boolean addsUp() {
    return this == MountOptionTable.ONE_LOWER
        || this == MountOptionTable.ONE_DATA_ONLY
        || group == OptionGroup.PASSED_OVER;
  }

  /** The option with the word for a value, for an option with a choice of words. */
  String given(T value) {
    if (form instanceof ChoiceForm<T> choice) {
      return word + "=" + choice.wordFor(value);
    }
    throw new IllegalArgumentException(word);
  }

  @Override
  public String toString() {
    return syntax();
  }
}
