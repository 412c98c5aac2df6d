package plyfs.image.registry;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * How registries are reached.
 *
 * @param plainHttp whether HTTP is used from the start, without TLS
 * @param verifyTls whether the certificate of a server must be valid
 * @param certificates directories that hold a directory for each host, as {@code
 *     /etc/docker/certs.d}; or, if {@code certificatesOfAll}, files for all hosts
 * @param certificatesOfAll whether the directories hold files themselves
 * @param environment variables: proxies, and where credentials are
 * @param timeout for an answer to begin, or to go on
 * @param pause waits between two attempts
 */
public record RegistryAccess(
    boolean plainHttp,
    boolean verifyTls,
    List<Path> certificates,
    boolean certificatesOfAll,
    Map<String, String> environment,
    Duration timeout,
    Pause pause) {
  private static final List<Path> CERTIFICATES =
      List.of(Path.of("/etc/docker/certs.d"), Path.of("/etc/containers/certs.d"));
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  /** Waits. */
  @FunctionalInterface
  public interface Pause {
    void take(Duration time) throws InterruptedException;
  }

  /** As Docker does without options. */
  public static RegistryAccess usual(Map<String, String> environment) {
    return new RegistryAccess(
        false,
        true,
        CERTIFICATES,
        false,
        environment,
        TIMEOUT,
        time -> Thread.sleep(time.toMillis()));
  }

  public RegistryAccess withPlainHttp(boolean plain) {
    return new RegistryAccess(
        plain, verifyTls, certificates, certificatesOfAll, environment, timeout, pause);
  }

  public RegistryAccess withVerifiedTls(boolean verify) {
    return new RegistryAccess(
        plainHttp, verify, certificates, certificatesOfAll, environment, timeout, pause);
  }

  /** With the files of one directory, for all hosts, instead of the usual ones. */
  public RegistryAccess withCertificates(Path directory) {
    return new RegistryAccess(
        plainHttp, verifyTls, List.of(directory), true, environment, timeout, pause);
  }
}
