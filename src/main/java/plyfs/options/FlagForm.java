package plyfs.options;

/** An option without a value. */
final class FlagForm implements ValueForm<Boolean> {
  static final FlagForm FLAG = new FlagForm();

  private FlagForm() {}

  @Override
  public Boolean parse(GivenOption option) throws MountOptionException {
    if (option.value() != null) {
      throw new MountOptionException(
          "option '" + option + "': " + option.key() + " takes no value");
    }
    return true;
  }

  @Override
  public String syntax() {
    return "";
  }

  @Override
  public String[] examples() {
    return new String[] {""};
  }
}
