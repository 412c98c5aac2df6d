package plyfs.image.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.Authenticator;
import java.net.ConnectException;
import java.net.PasswordAuthentication;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.security.cert.CertificateException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/** Sends one request, once: no redirects, no credentials, no second attempt. */
final class Transport {
  private final RegistryAccess access;
  private final EnvironmentProxies proxies;
  private final Map<String, HttpClient> clients = new ConcurrentHashMap<>();

  Transport(RegistryAccess access) throws IOException {
    this.access = access;
    this.proxies = new EnvironmentProxies(access.environment());
    if (proxies.needPassword()) {
      // Java sends no password to the proxy of an HTTPS server unless this is empty.
      System.setProperty("jdk.http.auth.tunneling.disabledSchemes", "");
    }
  }

  /**
   * Sends a request.
   *
   * @return the answer, whose body the caller closes
   * @throws IOException one sentence about the host
   */
  HttpResponse<InputStream> send(HttpRequest request) throws IOException {
    URI address = request.uri();
    try {
      return client(address).send(request, HttpResponse.BodyHandlers.ofInputStream());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    } catch (IOException e) {
      throw new ConnectionException(sentence(address, e), e);
    }
  }

  /** A server could not be talked to. */
  static final class ConnectionException extends IOException {
    private static final long serialVersionUID = 1L;

    ConnectionException(String message, IOException cause) {
      super(message, cause);
    }

    /** Whether no server is there. */
    boolean isRefused() {
      return getCause() instanceof ConnectException;
    }

    /** Whether its certificate is at fault, which no second attempt makes better. */
    boolean isOfCertificate() {
      return isCertificate(getCause());
    }
  }

  private static boolean isCertificate(@Nullable Throwable failure) {
    for (Throwable e = failure; e != null; e = e.getCause()) {
      if (e instanceof CertificateException) {
        return true;
      }
      String message = String.valueOf(e.getMessage());
      // What a server says of the certificate of this machine.
      if (e instanceof SSLHandshakeException && message.contains("certificate")) {
        return true;
      }
    }
    return false;
  }

  private String sentence(URI address, IOException failure) {
    String host = address.getRawAuthority();
    URI proxy = proxies.of(address);
    String where = proxy == null ? host : host + " by the proxy " + withoutPassword(proxy);
    if (isCertificate(failure)) {
      return "cannot trust the registry "
          + host
          + ": "
          + reason(failure)
          + "; put its authority into /etc/docker/certs.d/"
          + host
          + "/ca.crt, or say --tls-verify=false";
    }
    return "cannot reach " + where + ": " + reason(failure);
  }

  private static String withoutPassword(URI proxy) {
    return proxy.getHost() + (proxy.getPort() < 0 ? "" : ":" + proxy.getPort());
  }

  private static String reason(IOException failure) {
    if (failure instanceof HttpConnectTimeoutException) {
      return "Connection timed out";
    }
    if (failure instanceof HttpTimeoutException) {
      return "no answer in time";
    }
    for (Throwable e = failure; e != null; e = e.getCause()) {
      if (e instanceof UnresolvedAddressException) {
        return "the name is unknown";
      }
    }
    if (failure instanceof ConnectException) {
      String message = failure.getMessage();
      return message == null || message.isEmpty() ? "Connection refused" : message;
    }
    String message = failure.getMessage();
    String text = message == null || message.isEmpty() ? "the connection failed" : message;
    return failure instanceof SSLException ? "TLS: " + text : text;
  }

  private HttpClient client(URI address) throws IOException {
    String authority = address.getRawAuthority();
    String key = "https".equals(address.getScheme()) ? authority : "";
    HttpClient known = clients.get(key);
    if (known != null) {
      return known;
    }
    SSLContext context = key.isEmpty() ? null : HostCertificates.context(access, authority);
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(access.timeout().dividedBy(2))
            .proxy(proxies);
    if (context != null) {
      builder.sslContext(context);
    }
    if (proxies.needPassword()) {
      builder.authenticator(new ProxyPassword());
    }
    HttpClient made = builder.build();
    HttpClient other = clients.putIfAbsent(key, made);
    return other == null ? made : other;
  }

  /** Name and password from the address of a proxy, for that proxy only. */
  private final class ProxyPassword extends Authenticator {
    @Override
    protected @Nullable PasswordAuthentication getPasswordAuthentication() {
      URI proxy =
          getRequestorType() == RequestorType.PROXY
              ? proxies.of(URI.create(getRequestingURL().toString()))
              : null;
      String user = proxy == null ? null : proxy.getRawUserInfo();
      if (user == null) {
        return null;
      }
      int colon = user.indexOf(':');
      String name = colon < 0 ? user : user.substring(0, colon);
      String password = colon < 0 ? "" : user.substring(colon + 1);
      return new PasswordAuthentication(
          URLDecoder.decode(name, UTF_8), URLDecoder.decode(password, UTF_8).toCharArray());
    }
  }
}
