package plyfs.image.registry;

/**
 * A registry, by the name that references to images begin with.
 *
 * @param domain such as {@code docker.io} or {@code localhost:5000}
 */
public record RegistryHost(String domain) {
  private static final String DOCKER = "docker.io";

  /**
   * The registry that a person names, perhaps as an address.
   *
   * @param text {@code docker.io}, {@code localhost:5000}, {@code https://index.docker.io/v1/}
   */
  public static RegistryHost of(String text) {
    String name = text;
    int scheme = name.indexOf("://");
    if (scheme >= 0) {
      name = name.substring(scheme + 3);
    }
    int slash = name.indexOf('/');
    if (slash >= 0) {
      name = name.substring(0, slash);
    }
    boolean isDocker = name.equals("index.docker.io") || name.equals("registry-1.docker.io");
    return new RegistryHost(isDocker ? DOCKER : name);
  }

  /** Where its server is, host and perhaps port. */
  public String authority() {
    return domain.equals(DOCKER) ? "registry-1.docker.io" : domain;
  }

  /** How Docker's files and credential helpers call it. */
  public String credentialKey() {
    return domain.equals(DOCKER) ? "https://index.docker.io/v1/" : domain;
  }

  /** Host without port. */
  String hostName() {
    return hostOf(authority());
  }

  static String hostOf(String authority) {
    int bracket = authority.indexOf(']');
    int colon = authority.indexOf(':', Math.max(0, bracket));
    return colon < 0 ? authority : authority.substring(0, colon);
  }

  /** Whether its server is on this machine, so that nothing it is told leaves the machine. */
  public boolean isLoopback() {
    return isLoopback(hostName());
  }

  static boolean isLoopback(String host) {
    return host.equals("localhost")
        || host.matches("127\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}")
        || host.equals("[::1]")
        || host.equals("::1");
  }

  @Override
  public String toString() {
    return domain;
  }
}
