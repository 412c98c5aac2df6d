package plyfs.layer;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Arrays;
import plyfs.sys.Name;

/**
 * Names that mark deletions by files: in the layers of images, and in an upper layer that takes no
 * device 0:0. {@code .wh.NAME} deletes NAME of the layers below, {@code .wh..wh..opq} all that they
 * have in its directory, and other names that begin with {@code .wh..wh.} mean nothing.
 *
 * @implNote OCI image specification, layer.md, "Whiteouts"; the names are those of AUFS
 */
public final class AufsNames {
  /** Marks its directory as opaque. */
  public static final Name OPAQUE = Name.of(".wh..wh..opq");

  /** AUFS's store of hard links, at the root of a layer. */
  public static final Name LINK_STORE = Name.of(".wh..wh.plnk");

  private static final byte[] PREFIX = ".wh.".getBytes(US_ASCII);
  private static final byte[] META_PREFIX = ".wh..wh.".getBytes(US_ASCII);

  private AufsNames() {}

  /** Whether a name is a mark of any kind. */
  public static boolean isMark(Name name) {
    return name.startsWith(PREFIX);
  }

  /** Whether a name is a mark that deletes no single name. */
  public static boolean isMeta(Name name) {
    return name.startsWith(META_PREFIX);
  }

  /** Whether there is a mark for a name: it may have 251 bytes, or with the mark it is too long. */
  public static boolean hasMark(Name name) {
    return name.length() <= Name.MAX_BYTES - PREFIX.length;
  }

  /**
   * The mark that deletes a name.
   *
   * @param name for which {@link #hasMark} holds
   */
  public static Name markOf(Name name) {
    return name.withPrefix(PREFIX);
  }

  /** As {@link #markOf(Name)}, one character for each byte and of any length. */
  public static String markOf(String name) {
    return new String(PREFIX, US_ASCII) + name;
  }

  /** What a mark deletes; need not be a name. */
  public static byte[] deletedBy(Name mark) {
    return Arrays.copyOfRange(mark.bytes(), PREFIX.length, mark.length());
  }
}
