package plyfs.options;

/** An option of another file system that Plyfs refuses with any value. */
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
