package plyfs.image.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static plyfs.image.TestRegistry.body;
import static plyfs.image.TestRegistry.status;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import plyfs.image.TestRegistry;

/** How a registry is shown who asks, and where the secrets go. */
final class AuthorizationTest {
  private static final Credentials ME = new Credentials("me", "secret", false);

  private TestRegistry registry;
  private TestRegistry tokens;

  @BeforeEach
  void start() throws IOException {
    registry = new TestRegistry();
    tokens = new TestRegistry();
    registry.manifest("a/b", "1", TestRegistry.MANIFEST, "{}".getBytes(UTF_8));
  }

  @AfterEach
  void stop() {
    registry.close();
    tokens.close();
  }

  private RegistryClient client(@Nullable Credentials credentials) throws IOException {
    return new RegistryClient(registry.host(), registry.access(), credentials);
  }

  private static boolean challenge(HttpExchange exchange, String challenge) throws IOException {
    TestRegistry.send(
        exchange,
        401,
        "{\"errors\":[{\"message\":\"authentication required\"}]}".getBytes(UTF_8),
        "WWW-Authenticate",
        challenge);
    return true;
  }

  private static String authorization(HttpExchange exchange) {
    return String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
  }

  private void askForBasic() {
    registry.gate(
        exchange ->
            !authorization(exchange).equals(ME.basic())
                && challenge(exchange, "Basic realm=\"x\""));
  }

  private void askForToken(String token) {
    registry.gate(
        exchange ->
            !authorization(exchange).equals("Bearer " + token)
                && challenge(
                    exchange,
                    "Bearer realm=\""
                        + tokens.url()
                        + "/token\",service=\"my, registry\",scope=\"repository:a/b:pull\""));
  }

  @Test
  void basic_isAskedForOnce_andShownFromThenOn() throws IOException {
    askForBasic();
    RegistryClient client = client(ME);
    client.manifest("a/b", "1");
    client.manifest("a/b", "1");
    assertThat(registry.requests()).hasSize(3);
    assertThat(registry.count(".* Basic .*")).isEqualTo(2);
    assertThat(client.login()).isNull();
  }

  @Test
  void basicWithoutCredentials_isRefused() {
    askForBasic();
    assertThatThrownBy(() -> client(null).manifest("a/b", "1"))
        .isInstanceOf(RegistryException.class)
        .hasMessage(
            "cannot get manifest a/b:1: %s answers 'authentication required' (status 401): if it is"
                + " there, 'plyfs login %s' may be needed",
            registry.host(), registry.host());
    assertThat(registry.requests()).hasSize(1);
  }

  @Test
  void wrongPassword_isRefused_withoutTheSecretInTheMessage() {
    askForBasic();
    assertThatThrownBy(() -> client(new Credentials("me", "wr0ng", false)).login())
        .isInstanceOf(RegistryException.class)
        .hasMessageNotContaining("wr0ng")
        .hasMessageContaining("the login is refused");
    assertThat(registry.requests()).hasSize(2);
  }

  @Test
  void token_isFetchedForTheScope_andUsedAgain() throws IOException {
    askForToken("t0ken");
    tokens.gate(
        exchange -> {
          TestRegistry.send(
              exchange, 200, "{\"token\":\"t0ken\",\"expires_in\":300}".getBytes(UTF_8));
          return true;
        });
    RegistryClient client = client(ME);
    client.manifest("a/b", "1");
    client.manifest("a/b", "1");
    assertThat(tokens.requests())
        .containsExactly(
            "GET /token?service=my%2C+registry&scope=repository%3Aa%2Fb%3Apull&account=me "
                + ME.basic());
    assertThat(registry.requests()).hasSize(3);
    assertThat(registry.count(".*Basic.*")).isZero();
  }

  @Test
  void tokenForEverybody_isFetchedWithoutCredentials() throws IOException {
    askForToken("t0ken");
    tokens.next("GET", "/token", status(503, "Retry-After", "1"));
    tokens.next("GET", "/token", body(200, "{\"access_token\":\"t0ken\"}"));
    client(null).manifest("a/b", "1");
    assertThat(tokens.count(".*Basic.*")).isZero();
    assertThat(tokens.requests()).hasSize(2);
  }

  @Test
  void tokenThatHasExpired_isFetchedAnew() throws IOException {
    askForToken("one");
    tokens.next("GET", "/token", body(200, "{\"token\":\"one\",\"expires_in\":3000}"));
    tokens.next("GET", "/token", body(200, "{\"token\":\"two\"}"));
    RegistryClient client = client(ME);
    client.manifest("a/b", "1");
    askForToken("two");
    client.manifest("a/b", "1");
    assertThat(tokens.requests()).hasSize(2);
  }

  @Test
  void identityToken_isExchanged_inTheBodyOfAPost() throws IOException {
    askForToken("t0ken");
    StringBuilder form = new StringBuilder();
    tokens.next(
        "POST",
        "/token",
        exchange -> {
          form.append(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
          TestRegistry.send(exchange, 200, "{\"access_token\":\"t0ken\"}".getBytes(UTF_8));
          return true;
        });
    client(new Credentials("", "identity/1", true)).manifest("a/b", "1");
    assertThat(form.toString())
        .contains("grant_type=refresh_token", "refresh_token=identity%2F1", "client_id=plyfs")
        .contains("scope=repository%3Aa%2Fb%3Apull");
    assertThat(tokens.requests()).containsExactly("POST /token");
  }

  @Test
  void login_asksForAnIdentityToken() throws IOException {
    askForToken("t0ken");
    tokens.gate(
        exchange -> {
          boolean isOffline = exchange.getRequestURI().getQuery().contains("offline_token=true");
          String more = isOffline ? ",\"refresh_token\":\"identity\"" : "";
          TestRegistry.send(exchange, 200, ("{\"token\":\"t0ken\"" + more + "}").getBytes(UTF_8));
          return true;
        });
    assertThat(client(ME).login()).isEqualTo("identity");
  }

  @Test
  void tokenServerThatRefuses_isSaidWithTheName() {
    askForToken("t0ken");
    tokens.next("GET", "/token", body(401, "{\"details\":\"incorrect username or password\"}"));
    assertThatThrownBy(() -> client(ME).manifest("a/b", "1"))
        .hasMessage(
            "the registry "
                + registry.host()
                + " gives 'me' no access to repository:a/b:pull: "
                + tokens.host()
                + " answers 'incorrect username or password' (status 401)");
  }

  @Test
  void tokenServerThatSendsSomethingElse_isSaid_withoutWhatItSent() {
    askForToken("t0ken");
    for (String answer : List.of("<html>", "{}", "[]", "{\"token\":\"a b\\u0000\"}", "")) {
      tokens.next("GET", "/token", body(200, answer));
      assertThatThrownBy(() -> client(ME).manifest("a/b", "1"))
          .hasMessage("the token server of " + registry.host() + " answers without a token");
    }
  }

  @Test
  void realmThatIsNoAddress_isSaid() {
    registry.gate(exchange -> challenge(exchange, "Bearer realm=\"ldap://x/\""));
    assertThatThrownBy(() -> client(ME).manifest("a/b", "1"))
        .hasMessage("the registry " + registry.host() + " names no token server: 'ldap://x/'");
  }

  @Test
  void tokenThatIsRefused_endsWithTheAnswerOfTheRegistry() {
    askForToken("other");
    tokens.gate(
        exchange -> {
          TestRegistry.send(exchange, 200, "{\"token\":\"t0ken\"}".getBytes(UTF_8));
          return true;
        });
    assertThatThrownBy(() -> client(ME).manifest("a/b", "1"))
        .hasMessageEndingWith("answers 'authentication required' (status 401)");
    assertThat(registry.requests()).hasSize(2);
  }

  @Test
  void challenges_areReadWhateverTheirForm() {
    List<Challenge> all =
        Challenge.of(
            List.of(
                "Negotiate, Basic realm=\"a \\\"b\\\"\", charset=UTF-8",
                "BEARER Realm=\"https://x/t?a=b\" , Service = s,scope=\"r:a:pull,push\""));
    assertThat(all).extracting(Challenge::scheme).containsExactly("negotiate", "basic", "bearer");
    assertThat(all.get(1).parameter("realm")).isEqualTo("a \"b\"");
    assertThat(all.get(2).parameter("realm")).isEqualTo("https://x/t?a=b");
    assertThat(all.get(2).parameter("service")).isEqualTo("s");
    assertThat(all.get(2).parameter("scope")).isEqualTo("r:a:pull,push");
  }
}
