package plyfs.image.registry;

import com.google.common.base.Ascii;
import com.google.common.base.Splitter;
import com.google.common.net.InetAddresses;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Proxies by the variables that Docker knows: {@code HTTPS_PROXY}, {@code HTTP_PROXY} and {@code
 * NO_PROXY}, also in lower case. Hosts on this machine are reached without one.
 *
 * @implNote golang.org/x/net/http/httpproxy, type Config
 */
final class EnvironmentProxies extends ProxySelector {
  private static final List<Proxy> DIRECT = List.of(Proxy.NO_PROXY);

  private final @Nullable URI http;
  private final @Nullable URI https;
  private final List<String> exceptions;

  EnvironmentProxies(Map<String, String> environment) throws IOException {
    http = proxy(environment, "http_proxy");
    https = proxy(environment, "https_proxy");
    exceptions =
        Splitter.on(',')
            .trimResults()
            .omitEmptyStrings()
            .splitToList(value(environment, "no_proxy"));
  }

  private static String value(Map<String, String> environment, String name) {
    String upper = environment.getOrDefault(Ascii.toUpperCase(name), "");
    return upper.isEmpty() ? environment.getOrDefault(name, "") : upper;
  }

  private static @Nullable URI proxy(Map<String, String> environment, String name)
      throws IOException {
    String text = value(environment, name);
    if (text.isEmpty()) {
      return null;
    }
    try {
      URI proxy = URI.create(text.contains("://") ? text : "http://" + text);
      if (proxy.getHost() != null && "http".equals(proxy.getScheme())) {
        return proxy;
      }
    } catch (IllegalArgumentException e) {
      throw new IOException(wrong(name), e);
    }
    throw new IOException(wrong(name));
  }

  /** Without the value, which may hold a password. */
  private static String wrong(String name) {
    return "the variable "
        + Ascii.toUpperCase(name)
        + " is not the address of an HTTP proxy: expected http://HOST:PORT";
  }

  /** The proxy of requests to an address; null for none. */
  @Nullable URI of(URI address) {
    String host = String.valueOf(address.getHost());
    URI proxy = "https".equals(address.getScheme()) ? https : http;
    boolean isDirect = proxy == null || RegistryHost.isLoopback(host) || isException(address, host);
    return isDirect ? null : proxy;
  }

  /** Whether a proxy asks for a name and a password. */
  boolean needPassword() {
    return http != null && http.getUserInfo() != null
        || https != null && https.getUserInfo() != null;
  }

  private boolean isException(URI address, String host) {
    int port = address.getPort();
    int actual = port >= 0 ? port : "https".equals(address.getScheme()) ? 443 : 80;
    for (String exception : exceptions) {
      int colon =
          exception.indexOf(':') == exception.lastIndexOf(':') ? exception.indexOf(':') : -1;
      boolean samePort = colon < 0 || exception.substring(colon + 1).equals(String.valueOf(actual));
      String pattern = colon < 0 ? exception : exception.substring(0, colon);
      if (samePort && (pattern.equals("*") || matches(pattern, host))) {
        return true;
      }
    }
    return false;
  }

  private static boolean matches(String pattern, String host) {
    String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    if (InetAddresses.isInetAddress(bare)) {
      return contains(pattern, InetAddresses.forString(bare));
    }
    String name = Ascii.toLowerCase(bare);
    String domain = Ascii.toLowerCase(pattern.startsWith("*.") ? pattern.substring(1) : pattern);
    return domain.startsWith(".")
        ? name.endsWith(domain)
        : name.equals(domain) || name.endsWith("." + domain);
  }

  /** Whether a pattern is the address, or a network that has it. */
  private static boolean contains(String pattern, InetAddress address) {
    int slash = pattern.indexOf('/');
    String network = slash < 0 ? pattern : pattern.substring(0, slash);
    if (!InetAddresses.isInetAddress(network)) {
      return false;
    }
    byte[] wanted = InetAddresses.forString(network).getAddress();
    byte[] found = address.getAddress();
    int bits;
    try {
      bits = slash < 0 ? 8 * wanted.length : Integer.parseInt(pattern.substring(slash + 1));
    } catch (NumberFormatException e) {
      return false;
    }
    if (wanted.length != found.length || bits < 0 || bits > 8 * wanted.length) {
      return false;
    }
    for (int bit = 0; bit < bits; bit++) {
      int mask = 0x80 >> bit % 8;
      if ((wanted[bit / 8] & mask) != (found[bit / 8] & mask)) {
        return false;
      }
    }
    return true;
  }

  @Override
  public List<Proxy> select(URI address) {
    URI proxy = of(address);
    if (proxy == null) {
      return DIRECT;
    }
    int port = proxy.getPort() < 0 ? 80 : proxy.getPort();
    return List.of(new Proxy(Proxy.Type.HTTP, new InetSocketAddress(proxy.getHost(), port)));
  }

  @Override
  public void connectFailed(URI address, SocketAddress proxy, IOException failure) {}
}
