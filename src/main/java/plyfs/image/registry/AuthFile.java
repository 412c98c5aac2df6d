package plyfs.image.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A file with credentials, {@code ~/.docker/config.json} or {@code auth.json}. What else is in it
 * stays as it is.
 *
 * @implNote docker/cli, cli/config/configfile/file.go; containers-auth.json(5)
 */
final class AuthFile {
  private static final Gson GSON =
      new GsonBuilder().disableHtmlEscaping().serializeNulls().setPrettyPrinting().create();
  private static final FileAttribute<?> PRIVATE_FILE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
  private static final FileAttribute<?> PRIVATE_DIRECTORY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
  private static final String AUTHS = "auths";
  private static final String HELPERS = "credHelpers";

  private final Path path;
  private final Map<String, String> environment;

  AuthFile(Path path, Map<String, String> environment) {
    this.path = path;
    this.environment = environment;
  }

  Path path() {
    return path;
  }

  /**
   * The credentials for a repository: those of its longest prefix, else those of its registry.
   *
   * @param repository path without registry; empty for the registry as a whole
   * @return null if there are none
   */
  @Nullable Credentials find(RegistryHost host, String repository) throws IOException {
    JsonObject top = read();
    CredentialProgram helper = helper(top, host);
    if (helper != null) {
      return helper.get(host.credentialKey());
    }
    JsonObject auths = object(top, AUTHS);
    String key = host + (repository.isEmpty() ? "" : "/" + repository);
    while (key.contains("/")) {
      if (auths.has(key)) {
        return credentials(auths, key);
      }
      key = key.substring(0, key.lastIndexOf('/'));
    }
    for (String name : keysOf(auths, host)) {
      Credentials found = credentials(auths, name);
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  /** Keys that mean a registry, the one that Docker writes first. */
  private static Set<String> keysOf(JsonObject auths, RegistryHost host) {
    Set<String> keys = new java.util.LinkedHashSet<>();
    if (auths.has(host.credentialKey())) {
      keys.add(host.credentialKey());
    }
    for (String key : auths.keySet()) {
      boolean isPath = !key.contains("://") && key.contains("/");
      if (!isPath && RegistryHost.of(key).equals(host)) {
        keys.add(key);
      }
    }
    return keys;
  }

  private @Nullable Credentials credentials(JsonObject auths, String key) throws IOException {
    JsonObject entry = object(auths, key);
    String token = text(entry, "identitytoken");
    String user = text(entry, "username");
    String password = text(entry, "password");
    String auth = text(entry, "auth");
    if (!auth.isEmpty()) {
      String pair;
      try {
        pair = new String(Base64.getDecoder().decode(auth), UTF_8);
      } catch (IllegalArgumentException e) {
        throw new IOException(path + ": 'auth' of " + key + " is not in base64", e);
      }
      int colon = pair.indexOf(':');
      if (colon < 0) {
        throw new IOException(path + ": 'auth' of " + key + " is no name and password");
      }
      user = pair.substring(0, colon);
      password = pair.substring(colon + 1).replaceAll("\0+$", "");
    }
    if (!token.isEmpty()) {
      return new Credentials(user, token, true);
    }
    return user.isEmpty() && password.isEmpty() ? null : new Credentials(user, password, false);
  }

  /**
   * Keeps credentials.
   *
   * @return whether they are in this file as they are, and not with a helper
   */
  boolean store(RegistryHost host, Credentials credentials) throws IOException {
    JsonObject top = read();
    CredentialProgram helper = helper(top, host);
    JsonObject entry = new JsonObject();
    if (helper != null) {
      helper.store(host.credentialKey(), credentials);
    } else {
      String pair = credentials.user() + ":" + (credentials.isToken() ? "" : credentials.secret());
      entry.addProperty("auth", Base64.getEncoder().encodeToString(pair.getBytes(UTF_8)));
      if (credentials.isToken()) {
        entry.addProperty("identitytoken", credentials.secret());
      }
    }
    JsonObject auths = object(top, AUTHS);
    keysOf(auths, host).forEach(auths::remove);
    auths.add(host.credentialKey(), entry);
    top.add(AUTHS, auths);
    write(top);
    return helper == null;
  }

  /** Forgets the credentials for a registry; false if there were none. */
  boolean erase(RegistryHost host) throws IOException {
    JsonObject top = read();
    CredentialProgram helper = helper(top, host);
    boolean had = false;
    if (helper != null) {
      had = helper.get(host.credentialKey()) != null;
      if (had) {
        helper.erase(host.credentialKey());
      }
    }
    JsonObject auths = object(top, AUTHS);
    Set<String> keys = new HashSet<>(keysOf(auths, host));
    if (!keys.isEmpty()) {
      keys.forEach(auths::remove);
      write(top);
    }
    return had || !keys.isEmpty();
  }

  private @Nullable CredentialProgram helper(JsonObject top, RegistryHost host) throws IOException {
    JsonObject helpers = object(top, HELPERS);
    String name = text(helpers, host.domain());
    if (name.isEmpty()) {
      name = text(helpers, host.credentialKey());
    }
    if (name.isEmpty()) {
      name = text(top, "credsStore");
    }
    return name.isEmpty() ? null : new CredentialProgram(name, environment);
  }

  private JsonObject object(JsonObject parent, String name) throws IOException {
    JsonElement value = parent.get(name);
    if (value == null || value.isJsonNull()) {
      return new JsonObject();
    }
    if (!value.isJsonObject()) {
      throw new IOException(path + ": '" + name + "' is not a JSON object");
    }
    return value.getAsJsonObject();
  }

  private String text(JsonObject parent, String name) throws IOException {
    JsonElement value = parent.get(name);
    if (value == null || value.isJsonNull()) {
      return "";
    }
    if (!value.isJsonPrimitive()) {
      throw new IOException(path + ": '" + name + "' is not a text");
    }
    return value.getAsString();
  }

  private JsonObject read() throws IOException {
    String text;
    try {
      text = Files.readString(path);
    } catch (NoSuchFileException e) {
      return new JsonObject();
    } catch (AccessDeniedException e) {
      throw new IOException("cannot read the credentials in " + path + ": Permission denied", e);
    }
    try {
      JsonElement top = text.isBlank() ? new JsonObject() : JsonParser.parseString(text);
      if (top.isJsonObject()) {
        return top.getAsJsonObject();
      }
    } catch (JsonParseException e) {
      // Falls through without the cause, which may quote a secret.
    }
    throw new IOException(path + " is not a JSON object: repair it, or remove it and log in anew");
  }

  /** Whole or not at all, for this user alone; a symbolic link stays one. */
  private void write(JsonObject top) throws IOException {
    Path file = Files.exists(path) ? path.toRealPath() : path.toAbsolutePath();
    Path directory = file.resolveSibling("").normalize();
    if (!Files.isDirectory(directory)) {
      Files.createDirectories(directory, PRIVATE_DIRECTORY);
    }
    Path made = directory.resolve("." + file.getFileName() + "." + UUID.randomUUID());
    try {
      Files.createFile(made, PRIVATE_FILE);
      Files.write(
          made,
          (GSON.toJson(top) + "\n").getBytes(UTF_8),
          StandardOpenOption.WRITE,
          StandardOpenOption.DSYNC);
      Files.move(made, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new IOException("cannot write the credentials to " + path + ": " + e.getMessage(), e);
    } finally {
      Files.deleteIfExists(made);
    }
  }
}
