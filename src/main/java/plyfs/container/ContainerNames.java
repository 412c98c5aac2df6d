package plyfs.container;

import com.google.common.io.BaseEncoding;
import java.security.SecureRandom;
import java.util.regex.Pattern;

/** Names and IDs of containers. */
final class ContainerNames {
  private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]+");
  private static final int ID_BYTES = 32;
  private static final String[] QUALITIES = {
    "brave", "calm", "clever", "eager", "gentle", "happy", "keen", "lively", "lucid", "merry",
    "mild", "noble", "polite", "proud", "quick", "quiet", "sharp", "sunny", "swift", "wise"
  };
  private static final String[] BIRDS = {
    "crane", "curlew", "dipper", "dove", "falcon", "finch", "heron", "jay", "kestrel", "kite",
    "lark", "linnet", "martin", "merlin", "osprey", "plover", "robin", "siskin", "swallow", "wren"
  };
  private static final SecureRandom RANDOM = new SecureRandom();

  private ContainerNames() {}

  /**
   * Refuses what cannot be a name.
   *
   * @implNote the expression and the sentence are Docker's (daemon/names)
   */
  static void require(String name) throws BadArgumentException {
    if (!NAME.matcher(name).matches()) {
      throw new BadArgumentException(
          "Invalid container name ("
              + name
              + "), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed, at least two characters");
    }
  }

  /** 64 random hexadecimal digits. */
  static String newId() {
    byte[] id = new byte[ID_BYTES];
    RANDOM.nextBytes(id);
    return BaseEncoding.base16().lowerCase().encode(id);
  }

  /** A name for a container that was given none. */
  static String draw() {
    return QUALITIES[RANDOM.nextInt(QUALITIES.length)] + "_" + BIRDS[RANDOM.nextInt(BIRDS.length)];
  }
}
