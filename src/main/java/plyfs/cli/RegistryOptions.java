package plyfs.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import plyfs.image.registry.CredentialStore;
import plyfs.image.registry.Credentials;
import plyfs.image.registry.RegistryAccess;
import plyfs.image.registry.RegistryClient;
import plyfs.image.registry.RegistryHost;
import plyfs.sys.MountSyscalls;

/** The options that say how registries are reached. */
public final class RegistryOptions {
  @Option(
      names = "--plain-http",
      description =
          "Use HTTP without TLS. A registry on this machine is reached without TLS by itself if it"
              + " has none.")
  private boolean plainHttp;

  @Option(
      names = "--tls-verify",
      arity = "1",
      paramLabel = "true|false",
      description = "With false, take any certificate of the registry (default: true).")
  private boolean tlsVerify = true;

  @Option(
      names = "--cert-dir",
      paramLabel = "DIR",
      description =
          "Certificates: *.crt are authorities, NAME.cert and NAME.key are shown to the registry"
              + " (default: /etc/docker/certs.d/HOST and /etc/containers/certs.d/HOST).")
  private String certificates = "";

  @Option(
      names = "--authfile",
      paramLabel = "FILE",
      description =
          "Credentials (default: $REGISTRY_AUTH_FILE, $DOCKER_CONFIG/config.json or"
              + " ~/.docker/config.json, $XDG_RUNTIME_DIR/containers/auth.json,"
              + " ~/.config/containers/auth.json).")
  private String authFile = "";

  /** How registries are reached. */
  public RegistryAccess access() throws CommandFailure {
    RegistryAccess access =
        RegistryAccess.usual(System.getenv()).withPlainHttp(plainHttp).withVerifiedTls(tlsVerify);
    Path directory = path(certificates);
    return directory == null ? access : access.withCertificates(directory);
  }

  private static @Nullable Path path(String text) throws CommandFailure {
    return text.isEmpty() ? null : GivenPath.javaPath(RawArguments.bytes(text));
  }

  /** Where credentials are. */
  public CredentialStore credentials() throws CommandFailure, IOException {
    return new CredentialStore(System.getenv(), path(authFile), MountSyscalls.effectiveUser());
  }

  /**
   * A registry, with the credentials for one of its repositories.
   *
   * @param repository path without registry
   */
  public RegistryClient client(RegistryHost host, String repository)
      throws CommandFailure, IOException {
    Credentials found = credentials().find(host, repository);
    return new RegistryClient(host, access(), found);
  }
}
