package plyfs.image.registry;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Requests to one registry: with credentials, which go to its own address only, with further
 * attempts, and along redirections.
 */
final class RegistrySession {
  static final String AGENT = "plyfs";

  private static final int MOST_REDIRECTIONS = 5;

  /** Some servers without TLS wait for the end of a line that TLS does not have. */
  private static final Duration LONGEST_PROBE = Duration.ofSeconds(3);

  /** A link on which a body of some size takes no longer than this is slow enough. */
  private static final long SLOWEST_BYTES_PER_SECOND = 16 << 10;

  private final RegistryHost host;
  private final RegistryAccess access;
  private final Transport transport;
  private final Authorizer authorizer;
  private volatile @Nullable URI base;
  private volatile boolean hasAnswered;

  RegistrySession(RegistryHost host, RegistryAccess access, @Nullable Credentials credentials)
      throws IOException {
    this.host = host;
    this.access = access;
    this.transport = new Transport(access);
    this.authorizer = new Authorizer(host, access, transport, credentials);
  }

  RegistryAccess access() {
    return access;
  }

  Authorizer authorizer() {
    return authorizer;
  }

  /** An address of the registry. */
  URI address(String path) throws IOException {
    URI known = base;
    if (known == null) {
      known = URI.create((isPlain() ? "http" : "https") + "://" + host.authority());
      base = known;
    }
    return URI.create(known + path);
  }

  /**
   * TLS is tried first, also on this machine. A server that has TLS may be slow, or not trust this
   * client; it answers a request without TLS by "bad request".
   */
  private boolean isPlain() throws IOException {
    if (access.plainHttp() || !host.isLoopback()) {
      return access.plainHttp();
    }
    try {
      int secure = probe("https", LONGEST_PROBE);
      assert secure > 0;
      return false;
    } catch (Transport.ConnectionException e) {
      if (e.isOfCertificate()) {
        return false;
      }
    }
    try {
      return probe("http", access.timeout()) != 400;
    } catch (Transport.ConnectionException e) {
      return false;
    }
  }

  private int probe(String scheme, Duration timeout) throws IOException {
    HttpResponse<InputStream> answer =
        transport.send(
            HttpRequest.newBuilder(URI.create(scheme + "://" + host.authority() + "/v2/"))
                .timeout(timeout)
                .header("User-Agent", AGENT)
                .build());
    Answers.discard(answer, access.timeout());
    return answer.statusCode();
  }

  /**
   * Sends a request that may be sent again, and follows redirections.
   *
   * @return whatever the registry answers in the end; the caller closes the body
   */
  HttpResponse<InputStream> send(RegistryCall call) throws IOException {
    Attempts attempts = new Attempts(access.pause());
    while (true) {
      HttpResponse<InputStream> answer;
      try {
        answer = follow(call);
      } catch (Transport.ConnectionException e) {
        if (!hasAnswered && e.isRefused()) {
          throw e; // nobody listens there; one that ends in between may come back
        }
        attempts.afterFailure(e);
        continue;
      }
      hasAnswered = true;
      if (!Attempts.isTransient(answer.statusCode()) || !attempts.afterRefusal(answer)) {
        return answer;
      }
      Answers.discard(answer, access.timeout());
    }
  }

  private HttpResponse<InputStream> follow(RegistryCall call) throws IOException {
    RegistryCall current = call;
    for (int i = 0; i <= MOST_REDIRECTIONS; i++) {
      HttpResponse<InputStream> answer = once(current);
      if (!isRedirection(answer.statusCode()) || !call.isReading()) {
        return answer;
      }
      Answers.discard(answer, access.timeout());
      URI target = location(answer);
      if ("https".equals(current.address().getScheme()) && !"https".equals(target.getScheme())) {
        throw new RegistryException(
            answer.statusCode(),
            current.address().getRawAuthority()
                + " redirects to "
                + target.getRawAuthority()
                + " without TLS, which is not followed");
      }
      current = current.to(target);
    }
    throw new RegistryException(
        0, "the registry " + host + " redirects more than " + MOST_REDIRECTIONS + " times");
  }

  private static boolean isRedirection(int status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
  }

  /**
   * Sends a request once; only if the registry wants to know who asks, it is sent again.
   *
   * @throws Transport.ConnectionException if no answer came
   */
  HttpResponse<InputStream> once(RegistryCall call) throws IOException {
    boolean isOwn = isOwn(call.address());
    String authorization = isOwn ? authorizer.header(call.scope()) : null;
    HttpResponse<InputStream> answer = transport.send(request(call, authorization));
    if (answer.statusCode() != 401 || !isOwn) {
      return answer;
    }
    List<String> challenges = answer.headers().allValues("WWW-Authenticate");
    if (!authorizer.take(challenges, call.scope(), authorization)) {
      return answer;
    }
    Answers.discard(answer, access.timeout());
    return transport.send(request(call, authorizer.header(call.scope())));
  }

  private boolean isOwn(URI address) {
    URI known = base;
    return known != null
        && known.getScheme().equals(address.getScheme())
        && known.getRawAuthority().equals(address.getRawAuthority());
  }

  private HttpRequest request(RegistryCall call, @Nullable String authorization) {
    Duration sending = Duration.ofSeconds(call.bodyBytes() / SLOWEST_BYTES_PER_SECOND);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(call.address())
            .method(call.method(), call.body())
            .timeout(access.timeout().plus(sending))
            .header("User-Agent", AGENT);
    call.headers().forEach(request::header);
    if (authorization != null) {
      request.header("Authorization", authorization);
    }
    return request.build();
  }

  /** Where an answer leads to. */
  URI location(HttpResponse<?> answer) throws IOException {
    String text = answer.headers().firstValue("Location").orElse("");
    try {
      URI target = answer.uri().resolve(URI.create(text));
      boolean isHttp = "http".equals(target.getScheme()) || "https".equals(target.getScheme());
      if (!text.isEmpty() && isHttp && target.getHost() != null) {
        return target;
      }
    } catch (IllegalArgumentException e) {
      throw new RegistryException(0, wrongLocation(text));
    }
    throw new RegistryException(0, wrongLocation(text));
  }

  private String wrongLocation(String text) {
    return "the registry " + host + " leads to an address that is none: '" + text + "'";
  }
}
