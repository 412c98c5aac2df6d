package plyfs.image.registry;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Private keys in PEM files, in each of the three forms that openssl writes without a password.
 *
 * @implNote PKCS #8 (RFC 5208) is what Java reads; PKCS #1 (RFC 8017) and SEC 1 (RFC 5915) are put
 *     into it
 */
final class PrivateKeys {
  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z ]*PRIVATE KEY)-----([^-]*)-----END \\1-----");
  private static final List<String> ALGORITHMS = List.of("RSA", "EC", "Ed25519");
  private static final int SEQUENCE = 0x30;
  private static final int OCTETS = 0x04;
  private static final int OBJECT_ID = 0x06;
  private static final int CONTEXT_0 = 0xa0;
  private static final byte[] VERSION_0 = {2, 1, 0};
  private static final byte[] RSA_ID = {
    0x30, 0x0d, 6, 9, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 0x0d, 1, 1, 1, 5, 0
  };
  private static final byte[] EC_ID = {6, 7, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 2, 1};

  private PrivateKeys() {}

  /**
   * The key in a file.
   *
   * @throws IOException if there is none, or it has a password
   */
  static PrivateKey read(Path file) throws IOException {
    String text = Files.readString(file);
    Matcher block = BLOCK.matcher(text);
    if (text.contains("ENCRYPTED")) {
      throw new IOException(
          file + " has a password: remove it with 'openssl pkey -in OLD -out NEW'");
    }
    if (!block.find()) {
      throw new IOException(file + " holds no private key in PEM");
    }
    try {
      byte[] der = Base64.getMimeDecoder().decode(block.group(2));
      return switch (block.group(1)) {
        case "RSA PRIVATE KEY" -> key(wrapped(RSA_ID, der));
        case "EC PRIVATE KEY" -> key(wrapped(element(SEQUENCE, EC_ID, curve(der)), der));
        case "PRIVATE KEY" -> key(der);
        default -> throw new IOException("it is a " + block.group(1));
      };
    } catch (IllegalArgumentException | IndexOutOfBoundsException | IOException e) {
      throw new IOException(
          file
              + " cannot be read as a private key: convert it with 'openssl pkcs8 -topk8 -nocrypt'",
          e);
    }
  }

  private static PrivateKey key(byte[] pkcs8) throws IOException {
    GeneralSecurityException last = null;
    for (String algorithm : ALGORITHMS) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
      } catch (GeneralSecurityException e) {
        last = e;
      }
    }
    throw new IOException("the key is of no known kind", last);
  }

  private static byte[] wrapped(byte[] algorithm, byte[] key) {
    return element(SEQUENCE, VERSION_0, algorithm, element(OCTETS, key));
  }

  /** The named curve of a key: the object in {@code [0]} of {@code {1, octets, [0], [1]}}. */
  private static byte[] curve(byte[] der) throws IOException {
    int at = contentAt(der, 0);
    while (at < der.length) {
      int content = contentAt(der, at);
      if ((der[at] & 0xff) == CONTEXT_0 && der[content] == OBJECT_ID) {
        int end = contentAt(der, content) + lengthAt(der, content);
        return java.util.Arrays.copyOfRange(der, content, end);
      }
      at = content + lengthAt(der, at);
    }
    throw new IOException("the key names no curve");
  }

  private static int lengthAt(byte[] der, int at) {
    int first = der[at + 1] & 0xff;
    int length = first < 0x80 ? first : 0;
    for (int i = 0; first >= 0x80 && i < first - 0x80; i++) {
      length = length << 8 | der[at + 2 + i] & 0xff;
    }
    return length;
  }

  private static int contentAt(byte[] der, int at) {
    int first = der[at + 1] & 0xff;
    return at + 2 + (first < 0x80 ? 0 : first - 0x80);
  }

  private static byte[] element(int tag, byte[]... parts) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      content.writeBytes(part);
    }
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.write(tag);
    int length = content.size();
    if (length >= 0x100) {
      all.write(0x82);
      all.write(length >> 8);
    } else if (length >= 0x80) {
      all.write(0x81);
    }
    all.write(length);
    all.writeBytes(content.toByteArray());
    return all.toByteArray();
  }
}
