package plyfs.image.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.base.Joiner;
import com.google.common.base.Splitter;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Shows a registry who asks: by name and password, or by a token that its token server gives for
 * them. Without credentials the token server is asked for what everybody may do.
 *
 * @implNote distribution, "Token Authentication Specification" and "Oauth2 Token Authentication"
 */
final class Authorizer {
  private static final int MOST_TOKEN_BYTES = 1 << 20;
  private static final long DEFAULT_SECONDS = 60;
  private static final long MARGIN_SECONDS = 10;

  private final RegistryHost host;
  private final RegistryAccess access;
  private final Transport transport;
  private final @Nullable Credentials credentials;
  private final Map<String, Token> tokens = new ConcurrentHashMap<>();
  private volatile @Nullable Challenge challenge;
  private volatile @Nullable String identityToken;

  /** A token that is good until some System.nanoTime(). */
  private record Token(String header, long endNanos) {
    boolean isGood() {
      return System.nanoTime() - endNanos < 0;
    }
  }

  Authorizer(
      RegistryHost host,
      RegistryAccess access,
      Transport transport,
      @Nullable Credentials credentials) {
    this.host = host;
    this.access = access;
    this.transport = transport;
    this.credentials = credentials;
  }

  /**
   * The header for a request.
   *
   * @param scope what it does, such as {@code repository:a:pull}; several have blanks between them
   * @return null where the registry has not asked for any
   */
  @Nullable String header(String scope) throws IOException {
    Challenge known = challenge;
    if (known == null) {
      return null;
    }
    if (known.scheme().equals("basic")) {
      return credentials == null || credentials.isToken() ? null : credentials.basic();
    }
    Token token = tokens.get(scope);
    if (token == null || !token.isGood()) {
      token = fetch(known, scope, false);
      tokens.put(scope, token);
    }
    return token.header;
  }

  /**
   * Takes what a registry asks for.
   *
   * @param used the header that was refused; null where there was none
   * @return whether another attempt can succeed
   */
  boolean take(List<String> headers, String scope, @Nullable String used) {
    List<Challenge> all = Challenge.of(headers);
    Challenge bearer = Challenge.find(all, "bearer");
    Challenge offered = bearer != null ? bearer : Challenge.find(all, "basic");
    if (offered == null) {
      return false;
    }
    challenge = offered;
    if (bearer != null) {
      Token token = tokens.get(scope);
      if (token != null && token.header.equals(used)) {
        tokens.remove(scope, token);
      }
      return true;
    }
    return used == null && credentials != null && !credentials.isToken();
  }

  /** Asks the token server to know this person from now on; null where it does not do that. */
  @Nullable String identityToken(String scope) throws IOException {
    Challenge known = challenge;
    if (known != null && known.scheme().equals("bearer") && credentials != null) {
      tokens.put(scope, fetch(known, scope, true));
    }
    return identityToken;
  }

  boolean hasCredentials() {
    return credentials != null;
  }

  private Token fetch(Challenge known, String scope, boolean offline) throws IOException {
    String realm = known.parameter("realm");
    URI address;
    try {
      address = URI.create(realm);
    } catch (IllegalArgumentException e) {
      throw new IOException(noServer(realm), e);
    }
    boolean isHttp = "https".equals(address.getScheme()) || "http".equals(address.getScheme());
    if (!isHttp || address.getHost() == null) {
      throw new IOException(noServer(realm));
    }
    boolean isOpen = "http".equals(address.getScheme());
    if (isOpen && credentials != null && !access.plainHttp() && !isLocal(address)) {
      throw new IOException(
          "the registry "
              + host
              + " sends to a token server without TLS, "
              + address.getRawAuthority()
              + ": no password is sent there unless --plain-http is given");
    }
    HttpRequest.Builder request = request(address, known.parameter("service"), scope, offline);
    return send(request, scope);
  }

  private static boolean isLocal(URI address) {
    return RegistryHost.isLoopback(String.valueOf(address.getHost()));
  }

  private String noServer(String realm) {
    return "the registry " + host + " names no token server: '" + realm + "'";
  }

  private HttpRequest.Builder request(URI realm, String service, String scope, boolean offline) {
    List<String> fields = new ArrayList<>();
    add(fields, "service", service);
    if (credentials != null && credentials.isToken()) {
      add(fields, "client_id", "plyfs");
      add(fields, "grant_type", "refresh_token");
      add(fields, "refresh_token", credentials.secret());
      add(fields, "access_type", "offline");
      add(fields, "scope", scope);
      return HttpRequest.newBuilder(realm)
          .header("Content-Type", "application/x-www-form-urlencoded")
          .POST(HttpRequest.BodyPublishers.ofString(Joiner.on('&').join(fields)));
    }
    for (String one : Splitter.on(' ').omitEmptyStrings().split(scope)) {
      add(fields, "scope", one);
    }
    if (credentials != null) {
      add(fields, "account", credentials.user());
      if (offline) {
        add(fields, "offline_token", "true");
        add(fields, "client_id", "plyfs");
      }
    }
    String separator = realm.getRawQuery() == null ? "?" : "&";
    URI address = URI.create(realm + separator + Joiner.on('&').join(fields));
    HttpRequest.Builder request = HttpRequest.newBuilder(address).GET();
    if (credentials != null) {
      request.header("Authorization", credentials.basic());
    }
    return request;
  }

  private static void add(List<String> fields, String name, String value) {
    if (!value.isEmpty()) {
      fields.add(name + "=" + URLEncoder.encode(value, UTF_8));
    }
  }

  private Token send(HttpRequest.Builder request, String scope) throws IOException {
    HttpRequest ready =
        request.header("User-Agent", RegistrySession.AGENT).timeout(access.timeout()).build();
    Attempts attempts = new Attempts(access.pause());
    while (true) {
      HttpResponse<InputStream> answer;
      try {
        answer = transport.send(ready);
      } catch (IOException e) {
        attempts.afterFailure(e);
        continue;
      }
      int status = answer.statusCode();
      if (status == 200) {
        byte[] body =
            Answers.document(answer, "the token for " + host, MOST_TOKEN_BYTES, access.timeout());
        return token(body);
      }
      if (Attempts.isTransient(status) && attempts.afterRefusal(answer)) {
        Answers.discard(answer, access.timeout());
        continue;
      }
      throw Answers.refusal(answer, denied(scope), access.timeout());
    }
  }

  private String denied(String scope) {
    String what = scope.isEmpty() ? "" : " to " + scope;
    return credentials == null
        ? "the registry " + host + " gives no access" + what + " without a login"
        : "the registry " + host + " gives '" + credentials.user() + "' no access" + what;
  }

  private Token token(byte[] body) throws IOException {
    try {
      JsonObject json = JsonParser.parseString(new String(body, UTF_8)).getAsJsonObject();
      String name = json.has("token") ? "token" : "access_token";
      String text = json.has(name) ? json.get(name).getAsString() : "";
      if (text.isEmpty() || text.chars().anyMatch(c -> c <= ' ' || c > '~')) {
        throw new IllegalStateException();
      }
      long seconds = json.has("expires_in") ? json.get("expires_in").getAsLong() : DEFAULT_SECONDS;
      if (json.has("refresh_token")) {
        identityToken = json.get("refresh_token").getAsString();
      }
      long left = Math.max(1, Math.min(seconds, 86_400) - MARGIN_SECONDS);
      return new Token("Bearer " + text, System.nanoTime() + left * 1_000_000_000L);
    } catch (JsonParseException
        | IllegalStateException
        | UnsupportedOperationException
        | NumberFormatException e) {
      // Without the cause, which may quote the token.
      throw new IOException("the token server of " + host + " answers without a token");
    }
  }
}
