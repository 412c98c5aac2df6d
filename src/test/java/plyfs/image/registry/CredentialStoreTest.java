package plyfs.image.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files and programs that keep credentials. */
final class CredentialStoreTest {
  private static final RegistryHost LOCAL = RegistryHost.of("localhost:5000");
  private static final RegistryHost DOCKER = RegistryHost.of("docker.io");

  @TempDir Path home;

  private CredentialStore store(String... variables) throws IOException {
    Map<String, String> environment = new HashMap<>();
    environment.put("HOME", home.toString());
    environment.put("XDG_RUNTIME_DIR", home.resolve("run").toString());
    environment.put("PATH", home.resolve("bin") + ":" + System.getenv("PATH"));
    for (int i = 0; i < variables.length; i += 2) {
      environment.put(variables[i], variables[i + 1]);
    }
    return new CredentialStore(environment, null, 0);
  }

  private Path write(String file, String content) throws IOException {
    Path path = home.resolve(file);
    Files.createDirectories(path.getParent());
    return Files.writeString(path, content);
  }

  private static String auth(String pair) {
    return Base64.getEncoder().encodeToString(pair.getBytes(UTF_8));
  }

  private static String auths(String key, String pair) {
    return "{\"auths\":{\"" + key + "\":{\"auth\":\"" + auth(pair) + "\"}}}";
  }

  @Test
  void login_writesForThisUserAlone_andKeepsWhatElseIsThere() throws IOException {
    Path file = write(".docker/config.json", "{\"detachKeys\":\"ctrl-e\",\"auths\":{\"x\":{}}}");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    CredentialStore store = store();
    assertThat(store.store(LOCAL, new Credentials("me", "a:b", false))).isTrue();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    JsonObject json = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
    assertThat(json.get("detachKeys").getAsString()).isEqualTo("ctrl-e");
    assertThat(json.getAsJsonObject("auths").keySet()).containsExactly("x", "localhost:5000");
    assertThat(store.find(LOCAL, "")).isEqualTo(new Credentials("me", "a:b", false));
    assertThat(Objects.requireNonNull(file.getParent()).toFile().list())
        .containsExactly("config.json");
  }

  @Test
  void firstLogin_makesAPrivateDirectory() throws IOException {
    store().store(DOCKER, new Credentials("me", "t", true));
    Path file = home.resolve(".docker/config.json");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file.getParent())))
        .isEqualTo("rwx------");
    assertThat(Files.readString(file)).contains("https://index.docker.io/v1/", "identitytoken");
    assertThat(store().find(DOCKER, "library/a")).isEqualTo(new Credentials("me", "t", true));
  }

  @Test
  void fileThatIsALink_staysOne() throws IOException {
    Path target = write("elsewhere/real.json", "{}");
    Files.createDirectories(home.resolve(".docker"));
    Path link = Files.createSymbolicLink(home.resolve(".docker/config.json"), target);
    store().store(LOCAL, new Credentials("me", "p", false));
    assertThat(link).isSymbolicLink();
    assertThat(Files.readString(target)).contains("localhost:5000");
  }

  @Test
  void logout_removesFromAllFiles() throws IOException {
    write(".docker/config.json", auths("localhost:5000", "a:1"));
    write("run/containers/auth.json", auths("localhost:5000", "b:2"));
    assertThat(store().erase(LOCAL)).isTrue();
    assertThat(store().find(LOCAL, "")).isNull();
    assertThat(store().erase(LOCAL)).isFalse();
  }

  @Test
  void filesOfTheContainersTools_areReadAfterDockers() throws IOException {
    write("run/containers/auth.json", auths("localhost:5000", "podman:1"));
    assertThat(store().find(LOCAL, "")).isEqualTo(new Credentials("podman", "1", false));
    write(".docker/config.json", auths("localhost:5000", "docker:1"));
    assertThat(store().find(LOCAL, "")).isEqualTo(new Credentials("docker", "1", false));
    Path named = write("named.json", auths("localhost:5000", "named:1"));
    assertThat(store("REGISTRY_AUTH_FILE", named.toString()).find(LOCAL, ""))
        .isEqualTo(new Credentials("named", "1", false));
  }

  @Test
  void repositoryOfContainers_countsMoreThanItsRegistry() throws IOException {
    write(
        "run/containers/auth.json",
        "{\"auths\":{\"localhost:5000\":{\"auth\":\""
            + auth("all:1")
            + "\"},\"localhost:5000/team\":{\"auth\":\""
            + auth("team:1")
            + "\"}}}");
    assertThat(store().find(LOCAL, "team/web")).isEqualTo(new Credentials("team", "1", false));
    assertThat(store().find(LOCAL, "other/web")).isEqualTo(new Credentials("all", "1", false));
    assertThat(store().find(LOCAL, "teams")).isEqualTo(new Credentials("all", "1", false));
  }

  @Test
  void keysAreFound_inEachFormThatToolsWrite() throws IOException {
    for (String key :
        List.of(
            "docker.io",
            "index.docker.io",
            "https://index.docker.io/v1/",
            "registry-1.docker.io")) {
      write(".docker/config.json", auths(key, "me:1"));
      assertThat(store().find(DOCKER, "library/a")).as(key).isNotNull();
    }
    write(".docker/config.json", auths("http://localhost:5000/v1/", "me:1"));
    assertThat(store().find(LOCAL, "a")).isNotNull();
    assertThat(store().find(RegistryHost.of("localhost:5001"), "a")).isNull();
  }

  @Test
  void damagedFile_isSaidWithoutWhatIsInIt() throws IOException {
    Path file = write(".docker/config.json", "{\"auths\": {\"x\": secret");
    assertThatThrownBy(() -> store().find(LOCAL, ""))
        .hasMessage(file + " is not a JSON object: repair it, or remove it and log in anew")
        .hasNoCause();
    write(".docker/config.json", "{\"auths\":{\"localhost:5000\":{\"auth\":\"!\"}}}");
    assertThatThrownBy(() -> store().find(LOCAL, ""))
        .hasMessage(file + ": 'auth' of localhost:5000 is not in base64");
    write(".docker/config.json", "{\"auths\":7}");
    assertThatThrownBy(() -> store().find(LOCAL, ""))
        .hasMessage(file + ": 'auths' is not a JSON object");
  }

  private void helper(String name, String script) throws IOException {
    Path program = write("bin/docker-credential-" + name, "#!/bin/sh\n" + script);
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** As docker-credential-helpers does it. */
  private String keeping() {
    Path kept = home.resolve("kept");
    return "case $1 in\n"
        + "store) cat >"
        + kept
        + ";;\n"
        + "get) read -r server; [ -f "
        + kept
        + " ] || { echo 'credentials not found in native keychain'; exit 1; }; cat "
        + kept
        + ";;\n"
        + "erase) rm "
        + kept
        + ";;\nesac\necho \"$*\" >>"
        + home.resolve("arguments");
  }

  @Test
  void credentialHelper_keepsThem_andTheFileHasNone() throws IOException {
    helper("mine", keeping());
    Path file = write(".docker/config.json", "{\"credHelpers\":{\"localhost:5000\":\"mine\"}}");
    assertThat(store().find(LOCAL, "")).isNull();
    assertThat(store().store(LOCAL, new Credentials("me", "s3cret", false))).isFalse();
    assertThat(Files.readString(file)).contains("localhost:5000").doesNotContain("s3cret");
    assertThat(store().find(LOCAL, "")).isEqualTo(new Credentials("me", "s3cret", false));
    store().store(LOCAL, new Credentials("", "t0ken", true));
    assertThat(store().find(LOCAL, "")).isEqualTo(new Credentials("<token>", "t0ken", true));
    assertThat(store().erase(LOCAL)).isTrue();
    assertThat(home.resolve("kept")).doesNotExist();
    assertThat(Files.readString(home.resolve("arguments"))).doesNotContain("s3cret", "t0ken");
  }

  @Test
  void credentialStore_isForAllRegistries() throws IOException {
    helper("mine", "read -r s; echo \"{\\\"Username\\\":\\\"$s\\\",\\\"Secret\\\":\\\"p\\\"}\"");
    write(".docker/config.json", "{\"credsStore\":\"mine\"}");
    assertThat(store().find(DOCKER, "a"))
        .isEqualTo(new Credentials("https://index.docker.io/v1/", "p", false));
  }

  @Test
  void helperThatFails_isSaid() throws IOException {
    write(".docker/config.json", "{\"credsStore\":\"mine\"}");
    assertThatThrownBy(() -> store().find(LOCAL, ""))
        .hasMessage(
            "the credential helper docker-credential-mine cannot be started: install it, or take it"
                + " out of the file that names it");
    helper("mine", "echo locked; exit 1");
    assertThatThrownBy(() -> store().find(LOCAL, ""))
        .hasMessage("docker-credential-mine get failed: locked");
    helper("mine", "echo '{\"Secret\":\"hush\"'");
    assertThatThrownBy(() -> store().find(LOCAL, ""))
        .hasMessage(
            "docker-credential-mine answers something else than JSON with Username and Secret")
        .hasNoCause();
    write(".docker/config.json", "{\"credsStore\":\"../../bin/sh\"}");
    assertThatThrownBy(() -> store().find(LOCAL, ""))
        .hasMessage("'../../bin/sh' cannot be the name of a credential helper");
  }

  @Test
  void secrets_areNotInTheText() {
    assertThat(new Credentials("me", "s3cret", false)).hasToString("credentials of me");
  }
}
