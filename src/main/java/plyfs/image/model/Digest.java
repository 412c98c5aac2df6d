package plyfs.image.model;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.io.BaseEncoding;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Digest of some bytes, written {@code sha256:} or {@code sha512:} and lower-case hexadecimal
 * digits.
 *
 * @param algorithm {@code sha256} or {@code sha512}
 * @param hex 64 or 128 digits
 * @implNote OCI image specification, descriptor.md, "Digests"
 */
public record Digest(String algorithm, String hex) {
  private static final String SHA256 = "sha256";
  private static final String SHA512 = "sha512";

  /**
   * A digest from its text.
   *
   * @throws BadImageException if it is none, or of an algorithm other than sha256 and sha512
   */
  public static Digest parse(String text) throws BadImageException {
    int colon = text.indexOf(':');
    String algorithm = colon < 0 ? "" : text.substring(0, colon);
    String hex = text.substring(colon + 1);
    int digits = algorithm.equals(SHA256) ? 64 : algorithm.equals(SHA512) ? 128 : -1;
    if (digits < 0) {
      throw new BadImageException(
          "'" + text + "' is not a digest: expected sha256: or sha512: and hexadecimal digits");
    }
    if (!isHex(hex) || hex.length() != digits) {
      throw new BadImageException(
          "'" + text + "' is not a digest: expected " + digits + " lower-case hexadecimal digits");
    }
    return new Digest(algorithm, hex);
  }

  static boolean isDigest(String text) {
    try {
      return parse(text).toString().equals(text);
    } catch (BadImageException e) {
      return false;
    }
  }

  public static boolean isHex(String text) {
    return !text.isEmpty()
        && text.chars().allMatch(c -> c >= '0' && c <= '9' || c >= 'a' && c <= 'f');
  }

  /** Digest of bytes in memory. */
  public static Digest sha256(byte[] content) {
    return of(SHA256, newMessageDigest(SHA256).digest(content));
  }

  /**
   * Identifier of a stack of layers: of the first layer alone it is the layer's diff_id, of one
   * more it is the digest of {@code <chain id of those below> <diff_id>}.
   *
   * @implNote OCI image specification, config.md, "Layer ChainID"
   */
  public static Digest chain(Digest below, Digest diffId) {
    return sha256((below + " " + diffId).getBytes(UTF_8));
  }

  public static Digest of(String algorithm, byte[] value) {
    return new Digest(algorithm, BaseEncoding.base16().lowerCase().encode(value));
  }

  /** A computation of the same algorithm. */
  public MessageDigest newMessageDigest() {
    return newMessageDigest(algorithm);
  }

  public static MessageDigest newMessageDigest(String algorithm) {
    try {
      return MessageDigest.getInstance(algorithm.equals(SHA512) ? "SHA-512" : "SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  /** The first twelve digits, as listings show an image. */
  public String shortHex() {
    return hex.substring(0, 12);
  }

  /** {@code sha256:<hex>}. */
  @Override
  public String toString() {
    return algorithm + ":" + hex;
  }
}
