package plyfs.image.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.interfaces.ECPrivateKey;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import plyfs.image.TestRegistry;

/** Proxies, names of registries, keys and certificates. */
final class ConnectionSettingsTest {
  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({
    "https://example.org/v2/, secure:1",
    "http://example.org/v2/, plain:2",
    "https://localhost:5000/, ",
    "http://127.0.0.1/, ",
    "http://[::1]:5000/, ",
    "https://registry.corp.example/, ",
    "https://corp.example/, ",
    "https://notcorp.example/, secure:1",
    "https://deep.dotted.example/, ",
    "https://dotted.example/, secure:1",
    "https://ported.example:5000/, ",
    "https://ported.example/, secure:1",
    "http://10.1.2.3/, ",
    "http://10.2.2.3/, plain:2",
    "http://192.168.7.7:80/, ",
    "http://[fd00::7]/, ",
  })
  void proxies_areThoseOfTheEnvironment(String address, String expected) throws IOException {
    EnvironmentProxies proxies =
        new EnvironmentProxies(
            Map.of(
                "https_proxy", "http://secure:1",
                "HTTP_PROXY", "plain:2",
                "NO_PROXY",
                    "corp.example, .dotted.example,ported.example:5000,10.1.0.0/16,192.168.7.7,fd00::/8"));
    URI proxy = proxies.of(URI.create(address));
    assertThat(proxy == null ? null : proxy.getRawAuthority()).isEqualTo(expected);
  }

  @Test
  void noProxyForAll_andOddProxies() throws IOException {
    URI address = URI.create("https://example.org/");
    Map<String, String> none = Map.of("HTTPS_PROXY", "x:1", "no_proxy", "*");
    assertThat(new EnvironmentProxies(none).of(address)).isNull();
    assertThat(new EnvironmentProxies(Map.of()).of(address)).isNull();
    assertThatThrownBy(
            () -> new EnvironmentProxies(Map.of("HTTPS_PROXY", "socks5://me:secret@x:1")))
        .hasMessage(
            "the variable HTTPS_PROXY is not the address of an HTTP proxy: expected"
                + " http://HOST:PORT");
  }

  /** A proxy for HTTP gets the whole address, and its password goes nowhere else. */
  @Test
  void requestsGoThroughTheProxy_withItsPassword() throws IOException {
    try (TestRegistry proxy = new TestRegistry()) {
      proxy.manifest("a", "1", TestRegistry.MANIFEST, new byte[] {'{', '}'});
      proxy.gate(
          exchange -> {
            if (exchange.getRequestHeaders().getFirst("Proxy-Authorization") == null) {
              TestRegistry.send(
                  exchange, 407, new byte[0], "Proxy-Authenticate", "Basic realm=\"x\"");
              return true;
            }
            return false;
          });
      RegistryClient client =
          new RegistryClient(
              RegistryHost.of("registry.invalid"),
              proxy.access(Map.of("HTTP_PROXY", "http://me:p%40ss@" + proxy.host())),
              null);
      assertThat(client.manifest("a", "1").bytes()).hasSize(2);
      assertThat(proxy.requests().get(1)).isEqualTo("GET http://registry.invalid/v2/a/manifests/1");
    }
  }

  @Test
  void registries_haveOneNameEach() {
    for (String text :
        List.of(
            "docker.io",
            "index.docker.io",
            "https://index.docker.io/v1/",
            "registry-1.docker.io")) {
      assertThat(RegistryHost.of(text).domain()).as(text).isEqualTo("docker.io");
    }
    assertThat(RegistryHost.of("docker.io").authority()).isEqualTo("registry-1.docker.io");
    assertThat(RegistryHost.of("https://x:5000/v2/").domain()).isEqualTo("x:5000");
    assertThat(RegistryHost.of("[::1]:5000").isLoopback()).isTrue();
    assertThat(RegistryHost.of("127.9.9.9:1").isLoopback()).isTrue();
    assertThat(RegistryHost.of("127.0.0.1.example.org").isLoopback()).isFalse();
    assertThat(RegistryHost.of("localhost.example.org").isLoopback()).isFalse();
  }

  private Path openssl(String name, String... arguments) throws Exception {
    Path file = directory.resolve(name);
    String[] words = new String[arguments.length + 3];
    words[0] = "openssl";
    System.arraycopy(arguments, 0, words, 1, arguments.length);
    words[arguments.length + 1] = "-out";
    words[arguments.length + 2] = file.toString();
    Process process;
    try {
      process = new ProcessBuilder(words).redirectErrorStream(true).start();
    } catch (IOException e) {
      assumeTrue(false, "skipped: needs openssl");
      throw e;
    }
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return file;
  }

  @Test
  void keys_areReadInEachFormOfOpenssl() throws Exception {
    Path rsa = openssl("rsa.pem", "genpkey", "-algorithm", "RSA");
    Path old = openssl("rsa1.pem", "rsa", "-in", rsa.toString(), "-traditional");
    Path ec = openssl("ec.pem", "ecparam", "-name", "prime256v1", "-genkey", "-noout");
    Path large = openssl("ec521.pem", "ecparam", "-name", "secp521r1", "-genkey");
    Path ec8 = openssl("ec8.pem", "pkcs8", "-topk8", "-nocrypt", "-in", ec.toString());
    Path edwards = openssl("ed.pem", "genpkey", "-algorithm", "ED25519");
    assertThat(Files.readString(old)).contains("BEGIN RSA PRIVATE KEY");
    assertThat(Files.readString(ec)).contains("BEGIN EC PRIVATE KEY");
    assertThat(PrivateKeys.read(old)).isEqualTo(PrivateKeys.read(rsa));
    assertThat(((ECPrivateKey) PrivateKeys.read(ec)).getS())
        .isEqualTo(((ECPrivateKey) PrivateKeys.read(ec8)).getS());
    assertThat(PrivateKeys.read(large).getAlgorithm()).isEqualTo("EC");
    assertThat(PrivateKeys.read(edwards).getAlgorithm()).isIn("EdDSA", "Ed25519");
    Path secret =
        openssl("secret.pem", "pkcs8", "-topk8", "-in", rsa.toString(), "-passout", "pass:x");
    assertThatThrownBy(() -> PrivateKeys.read(secret))
        .hasMessage(secret + " has a password: remove it with 'openssl pkey -in OLD -out NEW'");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        "-----BEGIN EC PRIVATE KEY-----\nMAMCAQE=\n-----END EC PRIVATE KEY-----\n",
        "-----BEGIN EC PRIVATE KEY-----\nMIL/\n-----END EC PRIVATE KEY-----\n",
      })
  void whatIsNoKey_isSaid(String text) throws IOException {
    Path file = Files.writeString(directory.resolve("x.key"), text);
    assertThatThrownBy(() -> PrivateKeys.read(file))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(file.toString());
  }

  @Test
  void certificateWithoutItsKey_isSaid() throws Exception {
    Path host = Files.createDirectory(directory.resolve("host"));
    Path certificate = Files.writeString(host.resolve("a.cert"), "x");
    RegistryAccess access = RegistryAccess.usual(Map.of()).withCertificates(host);
    assertThatThrownBy(() -> HostCertificates.context(access, "x"))
        .hasMessage(certificate + " has no key: " + host.resolve("a.key") + " is missing");
    Files.move(certificate, host.resolve("a.crt"));
    assertThatThrownBy(() -> HostCertificates.context(access, "x"))
        .hasMessage(host.resolve("a.crt") + " is no certificate in PEM or DER");
    Files.delete(host.resolve("a.crt"));
    assertThat(HostCertificates.context(access, "x")).isNull();
  }
}
