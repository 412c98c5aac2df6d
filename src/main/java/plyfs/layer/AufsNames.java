package plyfs.layer;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Arrays;
import plyfs.sys.Name;

/**
 * Names of files that act as marks: in layers of images, and in an upper directory whose file
 * system does not support device nodes 0:0. {@code .wh.NAME} is the whiteout of NAME, {@code
 * .wh..wh..opq} marks its directory opaque, and all other names that begin with {@code .wh..wh.}
 * are ignored.
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

  /** Whether a name is a mark that is not the whiteout of a name. */
  public static boolean isMeta(Name name) {
    return name.startsWith(META_PREFIX);
  }

  /**
   * Whether a name can have such a whiteout: it may have at most 251 bytes, so that the mark is not
   * too long.
   */
  public static boolean hasMark(Name name) {
    return name.length() <= Name.MAX_BYTES - PREFIX.length;
  }

  /**
   * The whiteout of a name.
   *
   * @param name a name for which {@link #hasMark} is true
   */
  public static Name markOf(Name name) {
    return name.withPrefix(PREFIX);
  }

  /** As {@link #markOf(Name)}, one character for each byte, for any length. */
  public static String markOf(String name) {
    return new String(PREFIX, US_ASCII) + name;
  }

  /** The name that a whiteout deletes; not necessarily a valid name. */
  public static byte[] deletedBy(Name mark) {
    return Arrays.copyOfRange(mark.bytes(), PREFIX.length, mark.length());
  }
}
