package plyfs.options;

import java.nio.charset.StandardCharsets;

/**
 * Bytes in which a backslash escapes the next byte.
 *
 * @param what the name of the value in the help text
 */
record TextForm(String what) implements ValueForm<byte[]> {
  @Override
  public byte[] parse(GivenOption option) throws MountOptionException {
    return option.unescaped();
  }

  @Override
  public String syntax() {
    return "=" + what;
  }

  @Override
  public String[] examples() {
    return new String[] {"=/a", "=/b"};
  }

  /** One or more bytes without escapes, except that a comma needs a backslash, as in every list. */
  record Raw(String what) implements ValueForm<byte[]> {
    @Override
    public byte[] parse(GivenOption option) throws MountOptionException {
      String value = option.text();
      if (value.isEmpty()) {
        throw new MountOptionException(
            "option '" + option.key() + "' needs a value: " + option.key() + "=" + what);
      }
      return value.replace("\\,", ",").getBytes(StandardCharsets.ISO_8859_1);
    }

    @Override
    public String syntax() {
      return "=" + what;
    }

    @Override
    public String[] examples() {
      return new String[] {"=/c", "=/d"};
    }
  }

  /** The option as it was given, with its name, for mount(2). */
  record Label() implements ValueForm<byte[]> {
    private static final Raw LABEL = new Raw("LABEL");

    @Override
    public byte[] parse(GivenOption option) throws MountOptionException {
      LABEL.parse(option);
      return option.given().getBytes(StandardCharsets.ISO_8859_1);
    }

    @Override
    public String syntax() {
      return LABEL.syntax();
    }

    @Override
    public String[] examples() {
      return new String[] {"=u:r:t"};
    }
  }
}
