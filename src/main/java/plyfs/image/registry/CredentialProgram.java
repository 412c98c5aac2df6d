package plyfs.image.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.base.Ascii;
import com.google.common.base.Splitter;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A program that keeps credentials, {@code docker-credential-NAME}. It is asked and told over
 * standard input, so no secret is ever an argument.
 *
 * @implNote github.com/docker/docker-credential-helpers, credentials/credentials.go
 */
final class CredentialProgram {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");
  private static final String NOT_FOUND = "credentials not found";
  private static final int MOST_BYTES = 1 << 16;
  private static final long PATIENCE_SECONDS = 120;

  private final String program;
  private final Map<String, String> environment;

  /**
   * A helper.
   *
   * @param name as {@code credsStore} has it, such as {@code pass}
   */
  CredentialProgram(String name, Map<String, String> environment) throws IOException {
    if (!NAME.matcher(name).matches()) {
      throw new IOException("'" + name + "' cannot be the name of a credential helper");
    }
    this.program = "docker-credential-" + name;
    this.environment = environment;
  }

  /** What it keeps for a registry; null for nothing. */
  @Nullable Credentials get(String registry) throws IOException {
    String answer = run("get", registry);
    if (answer == null) {
      return null;
    }
    try {
      JsonObject json = JsonParser.parseString(answer).getAsJsonObject();
      if (!json.has("Username") || !json.has("Secret")) {
        throw new IllegalStateException();
      }
      String user = json.get("Username").getAsString();
      String secret = json.get("Secret").getAsString();
      return secret.isEmpty()
          ? null
          : new Credentials(user, secret, user.equals(Credentials.TOKEN_USER));
    } catch (JsonParseException | IllegalStateException | UnsupportedOperationException e) {
      // The cause is left out, as it may quote the secret.
      throw new IOException(program + " answers something else than JSON with Username and Secret");
    }
  }

  void store(String registry, Credentials credentials) throws IOException {
    JsonObject json = new JsonObject();
    json.addProperty("ServerURL", registry);
    json.addProperty(
        "Username", credentials.isToken() ? Credentials.TOKEN_USER : credentials.user());
    json.addProperty("Secret", credentials.secret());
    if (run("store", json.toString()) == null) {
      throw new IOException(program + " keeps no credentials");
    }
  }

  /** Removes what it keeps, if it keeps anything. */
  void erase(String registry) throws IOException {
    String ignored = run("erase", registry);
    assert ignored == null || !ignored.contains("Secret");
  }

  /** What it answers; null where it says that it has nothing. */
  private @Nullable String run(String action, String input) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(found().toString(), action);
    builder.environment().clear();
    builder.environment().putAll(environment);
    builder.redirectError(ProcessBuilder.Redirect.DISCARD);
    Process process;
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new IOException(cannotStart(), e);
    }
    try {
      send(process, input);
      String answer;
      try (InputStream out = process.getInputStream()) {
        answer = new String(out.readNBytes(MOST_BYTES), UTF_8).strip();
      }
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new IOException(program + " does not end");
      }
      return checked(action, process.exitValue(), answer);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    } finally {
      process.destroy();
    }
  }

  /** Where it is, by the PATH of the environment: Java looks into its own. */
  private Path found() throws IOException {
    for (String directory :
        Splitter.on(':').omitEmptyStrings().split(environment.getOrDefault("PATH", ""))) {
      Path candidate = Path.of(directory, program);
      if (Files.isExecutable(candidate) && Files.isRegularFile(candidate)) {
        return candidate;
      }
    }
    throw new IOException(cannotStart());
  }

  private String cannotStart() {
    return "the credential helper "
        + program
        + " cannot be started: install it, or take it out of the file that names it";
  }

  private static void send(Process process, String input) {
    try (OutputStream in = process.getOutputStream()) {
      in.write(input.getBytes(UTF_8));
    } catch (IOException e) {
      // It has ended without reading; its exit code says why.
    }
  }

  private @Nullable String checked(String action, int code, String answer) throws IOException {
    if (code == 0) {
      return answer;
    }
    if (Ascii.toLowerCase(answer).contains(NOT_FOUND)) {
      return null;
    }
    String reason = answer.isEmpty() || answer.contains("Secret") ? "exit code " + code : answer;
    throw new IOException(program + " " + action + " failed: " + reason);
  }
}
