package plyfs.options;

/** An option with or without a value, which Plyfs ignores. */
enum ShapeForm implements ValueForm<Boolean> {
  WITHOUT_VALUE,
  WITH_VALUE,
  EITHER;

  @Override
  public boolean fits(GivenOption option) {
    return this == EITHER || (option.value() == null) == (this == WITHOUT_VALUE);
  }

  @Override
  public Boolean parse(GivenOption option) {
    return true;
  }

  @Override
  public String syntax() {
    return this == WITHOUT_VALUE ? "" : this == WITH_VALUE ? "=..." : "[=...]";
  }

  @Override
  public String[] examples() {
    return new String[] {this == WITH_VALUE ? "=a" : ""};
  }
}
