package plyfs.layer;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.google.common.collect.ImmutableList;
import java.util.Arrays;
import plyfs.sys.Linux;
import plyfs.sys.Name;

/**
 * The extended attributes that an overlay interprets, in one of two namespaces: {@code
 * trusted.overlay.} for mounts by root, {@code user.overlay.} for others. Names of the other
 * namespace are ordinary attributes.
 *
 * <p>Through the mount, the namespace of the overlay appears one level deeper: {@code
 * trusted.overlay.foo} is stored as {@code trusted.overlay.overlay.foo}. So a mount can contain the
 * layers of another overlay, and its users cannot forge marks.
 *
 * @implNote Linux fs/overlayfs/xattrs.c, ovl_is_escaped_xattr and ovl_xattr_escape_name
 */
public final class OverlayXattr {
  private static final byte[] OVERLAY = "overlay.".getBytes(US_ASCII);
  private static final byte[] YES = {'y'};
  private static final byte[] MAYBE_XATTR_WHITEOUTS = {'x'};

  /** For mounts by root. */
  public static final OverlayXattr TRUSTED = new OverlayXattr("trusted.");

  /** For unprivileged mounts. */
  public static final OverlayXattr USER = new OverlayXattr("user.");

  /** Both: a store may be mounted with either. */
  public static final ImmutableList<OverlayXattr> ALL = ImmutableList.of(TRUSTED, USER);

  private final byte[] prefix;
  private final byte[] opaque;
  private final byte[] redirect;
  private final byte[] origin;
  private final byte[] impure;
  private final byte[] whiteout;
  private final byte[] metacopy;
  private final byte[] protattr;
  private final byte[] nlink;
  private final byte[] upper;
  private final byte[][] onLowerDirectory;
  private final byte[][] onRegularFile;

  private OverlayXattr(String namespace) {
    prefix = (namespace + "overlay.").getBytes(US_ASCII);
    opaque = named("opaque");
    redirect = named("redirect");
    origin = named("origin");
    impure = named("impure");
    whiteout = named("whiteout");
    metacopy = named("metacopy");
    protattr = named("protattr");
    nlink = named("nlink");
    upper = named("upper");
    onLowerDirectory = new byte[][] {opaque, redirect};
    onRegularFile = new byte[][] {metacopy};
  }

  /** The prefix of all marks. */
  public String prefix() {
    return new String(prefix, US_ASCII);
  }

  private byte[] named(String mark) {
    return join(prefix, mark.getBytes(US_ASCII));
  }

  private static byte[] join(byte[] first, byte[] second) {
    byte[] joined = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, joined, first.length, second.length);
    return joined;
  }

  private static boolean startsWith(byte[] bytes, byte[] prefix) {
    return bytes.length >= prefix.length
        && Arrays.equals(bytes, 0, prefix.length, prefix, 0, prefix.length);
  }

  /**
   * On a directory: {@code y} hides the layers below; {@code x} announces whiteouts in the form of
   * attributes.
   */
  public byte[] opaque() {
    return opaque;
  }

  /** On a directory: the path of its lower directory. */
  public byte[] redirect() {
    return redirect;
  }

  /** On a copied-up object: the handle of its lower object. */
  public byte[] origin() {
    return origin;
  }

  /** On an upper directory: it contains an entry with an origin. */
  public byte[] impure() {
    return impure;
  }

  /** On an empty regular file: it is a whiteout. */
  public byte[] whiteout() {
    return whiteout;
  }

  /** On a regular file: a lower layer has its data. */
  public byte[] metacopy() {
    return metacopy;
  }

  /** On a regular file or a directory: its flags i and a of chattr(1). */
  public byte[] protattr() {
    return protattr;
  }

  /** On an indexed object: the number of names in the union, relative to the link count on disk. */
  public byte[] nlink() {
    return nlink;
  }

  /** On the index directory: the handle of the root of its upper layer. */
  public byte[] upper() {
    return upper;
  }

  /** The marks on a directory that a lookup reads, {@link #opaque} and {@link #redirect}. */
  public byte[][] onLowerDirectory() {
    return onLowerDirectory;
  }

  /** The mark that a lookup reads on a regular file that is not empty, {@link #metacopy}. */
  public byte[][] onRegularFile() {
    return onRegularFile;
  }

  /** The value for yes, one byte {@code y}. Read-only. */
  public static byte[] yes() {
    return YES;
  }

  /** Whether a value of the opaque mark makes its directory opaque: exactly {@code y}. */
  public static boolean isYes(byte[] value) {
    return Arrays.equals(value, YES);
  }

  /**
   * Whether a value of the opaque mark announces whiteouts in the form of attributes: exactly
   * {@code x}.
   */
  public static boolean announcesXattrWhiteouts(byte[] value) {
    return Arrays.equals(value, MAYBE_XATTR_WHITEOUTS);
  }

  /**
   * Whether an object can have marks: only regular files and directories can have {@code user.}
   * attributes.
   *
   * @param type {@code S_IF*}
   */
  public boolean canBeOn(int type) {
    return this != USER || type == Linux.S_IFREG || type == Linux.S_IFDIR;
  }

  /** Whether a name on disk is a mark of the overlay, which is neither shown nor copied up. */
  public boolean isPrivate(byte[] onDisk) {
    return startsWith(onDisk, prefix) && !isEscaped(onDisk);
  }

  /** Whether a name on disk is the name that a user of the mount gave, stored one level deeper. */
  public boolean isEscaped(byte[] onDisk) {
    return startsWith(onDisk, prefix)
        && onDisk.length > prefix.length + OVERLAY.length
        && Arrays.equals(
            onDisk, prefix.length, prefix.length + OVERLAY.length, OVERLAY, 0, OVERLAY.length);
  }

  /** The name on disk for a name given through the mount. */
  public byte[] toDisk(byte[] shown) {
    return startsWith(shown, prefix)
        ? join(join(prefix, OVERLAY), Arrays.copyOfRange(shown, prefix.length, shown.length))
        : shown;
  }

  /** The name shown through the mount for a name on disk that is not private. */
  public byte[] toShown(byte[] onDisk) {
    return isEscaped(onDisk)
        ? join(prefix, Arrays.copyOfRange(onDisk, prefix.length + OVERLAY.length, onDisk.length))
        : onDisk;
  }

  /** For a person. */
  @Override
  public String toString() {
    return Name.printable(prefix) + "*";
  }
}
