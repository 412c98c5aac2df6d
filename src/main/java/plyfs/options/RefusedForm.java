package plyfs.options;

/** Of an option that exists elsewhere and is refused here, whatever its value is. */
final class RefusedForm implements ValueForm<Boolean> {
  @Override
  public Boolean parse(GivenOption option) throws MountOptionException {
    throw MountOptionException.notImplemented(option);
  }

  @Override
  public String syntax() {
    return "[=...]";
  }

  @Override
  public String[] examples() {
    return new String[0];
  }
}
