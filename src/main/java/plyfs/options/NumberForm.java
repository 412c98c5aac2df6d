package plyfs.options;

/**
 * An integer.
 *
 * @param what the name of the value in the help text
 * @param least smallest value
 * @param most largest value, of at most nine digits
 */
record NumberForm(String what, int least, int most) implements ValueForm<Integer> {
  private static final int DIGITS = 9;

  @Override
  public Integer parse(GivenOption option) throws MountOptionException {
    String text = option.text();
    if (!text.isEmpty() && text.length() <= DIGITS && GivenOption.isDigits(text)) {
      int number = Integer.parseInt(text);
      if (number >= least && number <= most) {
        return number;
      }
    }
    throw new MountOptionException(
        "option '" + option + "': the value must be a number from " + least + " to " + most);
  }

  @Override
  public String syntax() {
    return "=" + what;
  }

  @Override
  public String[] examples() {
    return new String[] {"=" + least, "=" + most};
  }
}
