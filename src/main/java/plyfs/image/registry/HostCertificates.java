package plyfs.image.registry;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Certificates for one host as Docker and containers keep them: {@code *.crt} are authorities that
 * count beside those of the system, {@code NAME.cert} with {@code NAME.key} is what this machine
 * shows the server.
 */
final class HostCertificates {
  private final List<Certificate> authorities = new ArrayList<>();
  private final KeyStore own;
  private int ownKeys;

  private HostCertificates() throws GeneralSecurityException, IOException {
    own = KeyStore.getInstance("PKCS12");
    own.load(null, null);
  }

  /**
   * What TLS with a host needs.
   *
   * @param authority host and perhaps port
   * @return null where Java's own settings will do
   */
  static @Nullable SSLContext context(RegistryAccess access, String authority) throws IOException {
    try {
      HostCertificates certificates = new HostCertificates();
      for (Path directory : access.certificates()) {
        certificates.add(access.certificatesOfAll() ? directory : directory.resolve(authority));
      }
      boolean isUsual = certificates.authorities.isEmpty() && certificates.ownKeys == 0;
      return access.verifyTls() && isUsual ? null : certificates.context(access.verifyTls());
    } catch (GeneralSecurityException e) {
      throw new IOException("cannot set up TLS with " + authority + ": " + e.getMessage(), e);
    }
  }

  private void add(Path directory) throws IOException, GeneralSecurityException {
    if (!Files.isDirectory(directory)) {
      return;
    }
    List<Path> files;
    try (Stream<Path> all = Files.list(directory)) {
      files = all.sorted().toList();
    }
    for (Path file : files) {
      String name = String.valueOf(file.getFileName());
      if (name.endsWith(".crt")) {
        authorities.addAll(certificates(file));
      } else if (name.endsWith(".cert")) {
        addOwn(file, file.resolveSibling(name.substring(0, name.length() - 4) + "key"));
      }
    }
  }

  private void addOwn(Path certificate, Path key) throws IOException, GeneralSecurityException {
    if (!Files.exists(key)) {
      throw new IOException(certificate + " has no key: " + key + " is missing");
    }
    Certificate[] chain = certificates(certificate).toArray(new Certificate[0]);
    own.setKeyEntry("own-" + ownKeys++, PrivateKeys.read(key), new char[0], chain);
  }

  private static Collection<? extends Certificate> certificates(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      Collection<? extends Certificate> found =
          CertificateFactory.getInstance("X.509").generateCertificates(in);
      if (found.isEmpty()) {
        throw new IOException(file + " holds no certificate");
      }
      return found;
    } catch (GeneralSecurityException e) {
      throw new IOException(file + " is no certificate in PEM or DER", e);
    }
  }

  private SSLContext context(boolean verify) throws GeneralSecurityException, IOException {
    KeyManager[] keys = null;
    if (ownKeys > 0) {
      KeyManagerFactory factory =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      factory.init(own, new char[0]);
      keys = factory.getKeyManagers();
    }
    SSLContext context = SSLContext.getInstance("TLS");
    TrustManager[] trust = verify ? trusted() : new TrustManager[] {new TrustAll()};
    context.init(keys, trust, new SecureRandom());
    return context;
  }

  private TrustManager[] trusted() throws GeneralSecurityException, IOException {
    KeyStore all = KeyStore.getInstance("PKCS12");
    all.load(null, null);
    int number = 0;
    for (TrustManager manager : trustManagers(null)) {
      if (manager instanceof X509TrustManager known) {
        for (X509Certificate certificate : known.getAcceptedIssuers()) {
          all.setCertificateEntry("system-" + number++, certificate);
        }
      }
    }
    for (Certificate certificate : authorities) {
      all.setCertificateEntry("own-" + number++, certificate);
    }
    return trustManagers(all);
  }

  private static TrustManager[] trustManagers(@Nullable KeyStore store)
      throws GeneralSecurityException {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return factory.getTrustManagers();
  }
}
