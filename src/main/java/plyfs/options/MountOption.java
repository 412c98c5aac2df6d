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
   * @param index its place in the table
   * @param word before the {@code =}
   * @param form what the value looks like
   * @param preset what holds without the option; null for nothing
   * @param presetText the same for people; empty where nothing needs to be said
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

  /** What it is about. */
  public OptionGroup group() {
    return group;
  }

  /** Before the {@code =}. */
  public String word() {
    return word;
  }

  /** As a person writes it: {@code index=on|off}. */
  public String syntax() {
    return word + form.syntax();
  }

  ValueForm<T> form() {
    return form;
  }

  @Nullable T preset() {
    return preset;
  }

  /** What holds without the option, for people; empty where nothing needs to be said. */
  public String presetText() {
    return presetText;
  }

  /** Who else has it. */
  public KnownTo knownTo() {
    return knownTo;
  }

  /** What it does: one sentence or two. */
  public String help() {
    return help;
  }

  /** The option with each of the values that show what it can do. */
  public String[] examples() {
    String[] examples = form.examples();
    String[] all = new String[examples.length];
    for (int i = 0; i < all.length; i++) {
      all[i] = word + examples[i];
    }
    return all;
  }

  /** Whether it may be given more than once, and adds to what was given or says nothing. */
  boolean addsUp() {
    return this == MountOptionTable.ONE_LOWER
        || this == MountOptionTable.ONE_DATA_ONLY
        || group == OptionGroup.PASSED_OVER;
  }

  /** The option as a person gives it to ask for something, for one that has a choice of words. */
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
