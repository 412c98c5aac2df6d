package plyfs.image.registry;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The credentials of a person, in the files that Docker and the containers tools use: {@code
 * REGISTRY_AUTH_FILE}, {@code $DOCKER_CONFIG/config.json} or {@code ~/.docker/config.json}, {@code
 * $XDG_RUNTIME_DIR/containers/auth.json}, {@code ~/.config/containers/auth.json}. The first one
 * that has some for a registry counts, and a login writes the first one.
 */
public final class CredentialStore {
  private final List<AuthFile> files = new ArrayList<>();

  /**
   * The usual files.
   *
   * @param file to use in their place, or null
   * @param user number of the user, for whom {@code /run/containers} may have a file
   */
  public CredentialStore(Map<String, String> environment, @Nullable Path file, long user)
      throws IOException {
    Set<Path> paths = new LinkedHashSet<>();
    String named = environment.getOrDefault("REGISTRY_AUTH_FILE", "");
    if (file != null) {
      paths.add(file);
    } else {
      if (!named.isEmpty()) {
        paths.add(Path.of(named));
      }
      addUsual(paths, environment, user);
    }
    if (paths.isEmpty()) {
      throw new IOException(
          "no file for credentials is known, because HOME is not set: set DOCKER_CONFIG");
    }
    paths.forEach(path -> files.add(new AuthFile(path, environment)));
  }

  private static void addUsual(Set<Path> paths, Map<String, String> environment, long user) {
    String home = environment.getOrDefault("HOME", "");
    String docker = environment.getOrDefault("DOCKER_CONFIG", "");
    String runtime = environment.getOrDefault("XDG_RUNTIME_DIR", "");
    String config =
        environment.getOrDefault("XDG_CONFIG_HOME", home.isEmpty() ? "" : home + "/.config");
    if (!docker.isEmpty() || !home.isEmpty()) {
      paths.add(Path.of(docker.isEmpty() ? home + "/.docker" : docker, "config.json"));
    }
    paths.add(
        runtime.isEmpty()
            ? Path.of("/run/containers/" + user + "/auth.json")
            : Path.of(runtime, "containers", "auth.json"));
    if (!config.isEmpty()) {
      paths.add(Path.of(config, "containers", "auth.json"));
    }
  }

  /** The file that a login writes. */
  public Path file() {
    return files.get(0).path();
  }

  /**
   * What a registry knows this person by.
   *
   * @param repository path without registry; empty for the registry as a whole
   * @return null if nothing is kept
   */
  public @Nullable Credentials find(RegistryHost host, String repository) throws IOException {
    for (AuthFile file : files) {
      Credentials found = file.find(host, repository);
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  /**
   * Keeps credentials.
   *
   * @return whether they are in {@link #file} as they are, and not with a credential helper
   */
  public boolean store(RegistryHost host, Credentials credentials) throws IOException {
    return files.get(0).store(host, credentials);
  }

  /** Forgets the credentials for a registry in all files; false if there were none. */
  public boolean erase(RegistryHost host) throws IOException {
    boolean had = false;
    for (AuthFile file : files) {
      had |= file.erase(host);
    }
    return had;
  }
}
