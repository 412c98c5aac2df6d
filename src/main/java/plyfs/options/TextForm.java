package plyfs.options;

import java.nio.charset.StandardCharsets;

/**
 * Bytes, in which a backslash takes the special meaning from the next byte.
 *
 * @param what the bytes name, for the help text
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

  /** Bytes as they are, which must not be none; but a comma has its backslash, as in any list. */
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

  /** What was given, with its word: for mount(2). */
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
