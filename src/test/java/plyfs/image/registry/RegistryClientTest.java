package plyfs.image.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static plyfs.image.TestRegistry.MANIFEST;
import static plyfs.image.TestRegistry.body;
import static plyfs.image.TestRegistry.hangUp;
import static plyfs.image.TestRegistry.status;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plyfs.image.TestRegistry;
import plyfs.image.model.BadImageException;
import plyfs.image.model.Descriptor;
import plyfs.image.model.Digest;

/** What comes through a network that loses, delays and changes things, and what does not. */
final class RegistryClientTest {
  private static final String BLOBS = "/v2/a/blobs/sha256:.*";
  private static final String MANIFESTS = "/v2/a/manifests/.*";

  @TempDir Path directory;
  private TestRegistry registry;
  private final byte[] bytes = new byte[300_000];

  @BeforeEach
  void start() throws IOException {
    registry = new TestRegistry();
    new Random(1).nextBytes(bytes);
    registry.blob("a", bytes);
  }

  @AfterEach
  void stop() {
    registry.close();
  }

  private RegistryClient client() throws IOException {
    return new RegistryClient(registry.host(), registry.access(), null);
  }

  private static Descriptor descriptor(byte[] content) {
    return new Descriptor("", "", Digest.sha256(content), content.length, null, Map.of());
  }

  private Path download() throws IOException {
    return download(client(), descriptor(bytes));
  }

  private Path download(RegistryClient client, Descriptor blob) throws IOException {
    Path file = directory.resolve("blob");
    try (FileChannel channel = open(file)) {
      client.download("a", blob, channel, SILENT);
    }
    return file;
  }

  private static FileChannel open(Path file) throws IOException {
    return FileChannel.open(
        file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  private static final ByteProgress SILENT =
      new ByteProgress() {
        @Override
        public void moved(long done) {}

        @Override
        public boolean isCancelled() {
          return false;
        }
      };

  @Test
  void connectionThatIsCutSeveralTimes_isGoneOnWithFromThere() throws IOException {
    registry.next("GET", BLOBS, registry.cutAfter(100_000));
    registry.next("GET", BLOBS, registry.cutAfter(50_000));
    registry.next("GET", BLOBS, hangUp());
    assertThat(download()).hasBinaryContent(bytes);
    assertThat(registry.count("GET .*")).isGreaterThanOrEqualTo(4);
    // Java's client may lose the last bytes before the cut.
    assertThat(registry.requests().stream().map(RegistryClientTest::from).toList()).isSorted();
    assertThat(from(registry.requests().get(3))).isBetween(1, 150_000);
  }

  private static int from(String request) {
    return request.contains(" bytes=") ? Integer.parseInt(request.replaceAll(".*=|-$", "")) : 0;
  }

  @Test
  void connectionThatIsCutForEver_isGivenUp_andWhatCameStays() throws IOException {
    for (int i = 0; i < 20; i++) {
      registry.next("GET", BLOBS, registry.cutAfter(i == 0 ? 1000 : 0));
    }
    assertThatThrownBy(this::download)
        .hasMessageMatching(
            "blob sha256:[0-9a-f]{64}: the connection was cut after [0-9]{1,4} of 300000 bytes,"
                + " several times");
    assertThat(Files.size(directory.resolve("blob"))).isBetween(0L, 1000L);
    assertThat(registry.count("GET .*")).isBetween(5L, 7L);
  }

  @Test
  void blobOfAnEarlierPull_isGoneOnWith() throws IOException {
    Files.write(directory.resolve("blob"), java.util.Arrays.copyOf(bytes, 200_000));
    assertThat(download()).hasBinaryContent(bytes);
    assertThat(registry.requests()).singleElement().asString().endsWith(" bytes=200000-");
  }

  @Test
  void blobOfAnEarlierPull_thatIsDamaged_isFetchedAnew() throws IOException {
    Files.write(directory.resolve("blob"), new byte[200_000]);
    assertThat(download()).hasBinaryContent(bytes);
    assertThat(registry.count("GET .*")).isEqualTo(2);
  }

  @Test
  void blobThatIsThereWhole_isNotFetched() throws IOException {
    Files.write(directory.resolve("blob"), bytes);
    assertThat(download()).hasBinaryContent(bytes);
    assertThat(registry.requests()).isEmpty();
  }

  @Test
  void serverWithoutRanges_startsOver() throws IOException {
    registry.next("GET", BLOBS, registry.cutAfter(1000));
    registry.next(
        "GET",
        BLOBS,
        exchange -> {
          TestRegistry.send(exchange, 200, bytes);
          return true;
        });
    assertThat(download()).hasBinaryContent(bytes);
  }

  @Test
  void rangeThatCannotBeHad_startsOver() throws IOException {
    Files.write(directory.resolve("blob"), java.util.Arrays.copyOf(bytes, 10));
    registry.next("GET", BLOBS, status(416));
    assertThat(download()).hasBinaryContent(bytes);
  }

  @Test
  void anotherRangeThanAskedFor_isRefused() throws IOException {
    Files.write(directory.resolve("blob"), java.util.Arrays.copyOf(bytes, 10));
    registry.next("GET", BLOBS, body(206, "x", "Content-Range", "bytes 7-7/300000"));
    assertThatThrownBy(this::download).hasMessageContaining("sent another part than was asked for");
  }

  @Test
  void wrongDigest_isSaid_andLeavesNothing() throws IOException {
    byte[] other = bytes.clone();
    other[5]++;
    registry.next(
        "GET",
        BLOBS,
        exchange -> {
          TestRegistry.send(exchange, 200, other);
          return true;
        });
    assertThatThrownBy(this::download)
        .isInstanceOf(BadImageException.class)
        .hasMessage(
            "blob "
                + Digest.sha256(bytes)
                + " is damaged: the registry sent bytes with the digest "
                + Digest.sha256(other));
    assertThat(directory.resolve("blob")).isEmptyFile();
  }

  @Test
  void wrongLength_isSaidBeforeAnythingIsRead() {
    registry.next("GET", BLOBS, body(200, "short"));
    assertThatThrownBy(this::download)
        .isInstanceOf(BadImageException.class)
        .hasMessageEndingWith("has 5 bytes in the registry, but the manifest says 300000");
  }

  @Test
  void endlessBody_endsAtThePromisedLength() {
    registry.next("GET", BLOBS, endless("application/octet-stream"));
    assertThatThrownBy(this::download)
        .isInstanceOf(BadImageException.class)
        .hasMessageEndingWith("is longer than the 300000 bytes that the manifest says");
  }

  private static TestRegistry.Fault endless(String type) {
    return exchange -> {
      exchange.getResponseHeaders().set("Content-Type", type);
      exchange.sendResponseHeaders(200, 0);
      byte[] chunk = new byte[1 << 16];
      try (OutputStream out = exchange.getResponseBody()) {
        while (true) {
          out.write(chunk);
        }
      } catch (IOException e) {
        return true; // the client has had enough
      }
    };
  }

  @Test
  void serverThatStopsSending_isAskedAgain() throws Exception {
    registry.next(
        "GET",
        BLOBS,
        exchange -> {
          exchange.sendResponseHeaders(200, bytes.length);
          exchange.getResponseBody().write(bytes, 0, 1000);
          exchange.getResponseBody().flush();
          try {
            Thread.sleep(5000);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          exchange.close();
          return true;
        });
    RegistryAccess usual = registry.access();
    RegistryAccess impatient =
        new RegistryAccess(
            true, true, List.of(), false, Map.of(), Duration.ofMillis(300), usual.pause());
    assertThat(download(new RegistryClient(registry.host(), impatient, null), descriptor(bytes)))
        .hasBinaryContent(bytes);
  }

  @Test
  void status429_waitsAsLongAsTheServerAsks() throws IOException {
    registry.next("GET", BLOBS, status(429, "Retry-After", "7"));
    registry.next("GET", BLOBS, status(503));
    assertThat(download()).hasBinaryContent(bytes);
    assertThat(registry.pauses()).hasSize(2).first().isEqualTo(Duration.ofSeconds(7));
    assertThat(registry.pauses().get(1)).isBetween(Duration.ofMillis(250), Duration.ofSeconds(2));
  }

  @Test
  void retryAfterADate_waitsUntilThen() throws IOException {
    String date =
        DateTimeFormatter.RFC_1123_DATE_TIME.format(
            ZonedDateTime.now(ZoneOffset.UTC).plusSeconds(60));
    registry.next("GET", BLOBS, status(503, "Retry-After", date));
    assertThat(download()).hasBinaryContent(bytes);
    assertThat(registry.pauses().get(0)).isBetween(Duration.ofSeconds(30), Duration.ofSeconds(61));
  }

  @Test
  void serverThatAsksForAnHour_isGivenUp() {
    registry.next("GET", BLOBS, status(429, "Retry-After", "3600"));
    assertThatThrownBy(this::download)
        .hasMessage(registry.host() + " asks to try again in 3600 s (status 429): try it later");
  }

  @Test
  void status500ForEver_isSaidWithTheReason() {
    for (int i = 0; i < 20; i++) {
      registry.next(
          "GET", MANIFESTS, body(500, "{\"errors\":[{\"code\":\"UNKNOWN\",\"message\":\"no\"}]}"));
    }
    assertThatThrownBy(() -> client().manifest("a", "1"))
        .isInstanceOf(RegistryException.class)
        .hasMessage("cannot get manifest a:1: " + registry.host() + " answers 'no' (status 500)");
    assertThat(registry.requests()).hasSize(5);
  }

  @Test
  void manifest_comesWithItsBytes() throws IOException {
    byte[] document = "{\"schemaVersion\":2}".getBytes(UTF_8);
    Digest digest = registry.manifest("a", "1", MANIFEST, document);
    FetchedManifest found = client().manifest("a", "1");
    assertThat(found.bytes()).isEqualTo(document);
    assertThat(found.digest()).isEqualTo(digest);
    assertThat(found.mediaType()).isEqualTo(MANIFEST);
    assertThat(client().manifest("a", digest.toString()).bytes()).isEqualTo(document);
  }

  @Test
  void manifestWithAnotherDigest_isRefused() {
    Digest digest = Digest.sha256(new byte[] {1});
    registry.next("GET", MANIFESTS, body(200, "{}", "Content-Type", MANIFEST));
    assertThatThrownBy(() -> client().manifest("a", digest.toString()))
        .isInstanceOf(BadImageException.class)
        .hasMessageContaining("is damaged: expected the digest " + digest);
    registry.next("GET", MANIFESTS, body(200, "{}", "Docker-Content-Digest", digest.toString()));
    assertThatThrownBy(() -> client().manifest("a", "1")).isInstanceOf(BadImageException.class);
  }

  @Test
  void manifestThatIsTooLong_isNotReadToItsEnd() {
    registry.next("GET", MANIFESTS, endless(MANIFEST));
    assertThatThrownBy(() -> client().manifest("a", "1"))
        .isInstanceOf(BadImageException.class)
        .hasMessageEndingWith("are more than the 4194304 that registries may send");
  }

  @Test
  void webPage_isNoManifest() {
    registry.next("GET", MANIFESTS, body(200, "<html>", "Content-Type", "text/html"));
    assertThatThrownBy(() -> client().manifest("a", "1"))
        .hasMessageEndingWith("answers with a web page, as proxies with a login do");
  }

  @Test
  void missingManifest_isNotFound() {
    assertThatThrownBy(() -> client().manifest("a", "none"))
        .hasMessageEndingWith("answers 'manifest unknown' (status 404)")
        .matches(e -> ((RegistryException) e).isNotFound());
  }

  @Test
  void redirectionToAnotherHost_isFollowedWithoutAuthorization() throws IOException {
    try (TestRegistry other = new TestRegistry()) {
      other.blob("a", bytes);
      registry.gate(
          exchange -> {
            if (exchange.getRequestHeaders().getFirst("Authorization") == null) {
              TestRegistry.send(
                  exchange, 401, new byte[0], "WWW-Authenticate", "Basic realm=\"x\"");
            } else {
              TestRegistry.send(
                  exchange, 307, new byte[0], "Location", other.url() + exchange.getRequestURI());
            }
            return true;
          });
      RegistryClient client =
          new RegistryClient(
              registry.host(), registry.access(), new Credentials("me", "secret", false));
      assertThat(download(client, descriptor(bytes))).hasBinaryContent(bytes);
      assertThat(registry.requests().get(1)).contains("Basic ");
      assertThat(other.requests()).singleElement().asString().doesNotContain("Basic");
    }
  }

  @Test
  void redirectionsInACircle_end() {
    registry.gate(
        exchange -> {
          TestRegistry.send(exchange, 302, new byte[0], "Location", exchange.getRequestURI() + "");
          return true;
        });
    assertThatThrownBy(this::download).hasMessageContaining("redirects more than 5 times");
  }

  @Test
  void redirectionToNoAddress_isSaid() {
    registry.next("GET", BLOBS, status(307, "Location", "file:///etc/passwd"));
    assertThatThrownBy(this::download).hasMessageContaining("leads to an address that is none");
  }

  @Test
  void registryOfThisMachineWithoutTls_isFound() throws IOException {
    RegistryAccess access = registry.access();
    RegistryAccess usual =
        new RegistryAccess(
            false, true, List.of(), false, Map.of(), Duration.ofSeconds(5), access.pause());
    assertThat(download(new RegistryClient(registry.host(), usual, null), descriptor(bytes)))
        .hasBinaryContent(bytes);
  }

  @Test
  void nobodyListens_isSaid() throws IOException {
    RegistryHost gone = registry.host();
    RegistryAccess access = registry.access();
    registry.close();
    RegistryClient client = new RegistryClient(gone, access, null);
    assertThatThrownBy(() -> client.manifest("a", "1"))
        .hasMessage("cannot reach " + gone + ": Connection refused");
    assertThat(registry.pauses()).isEmpty();
  }

  @Test
  void tags_areGatheredFromAllPages() throws IOException {
    registry.next(
        "GET",
        "/v2/a/tags/list",
        body(
            200,
            "{\"name\":\"a\",\"tags\":[\"1\",\"2\"]}",
            "Link",
            "</v2/a/tags/list?last=2&n=2>; rel=\"next\""));
    registry.next("GET", "/v2/a/tags/list", body(200, "{\"name\":\"a\",\"tags\":[\"3\"]}"));
    assertThat(client().tags("a", 100)).containsExactly("1", "2", "3");
    assertThat(registry.requests().get(1)).isEqualTo("GET /v2/a/tags/list?last=2&n=2");
  }

  @Test
  void tagsInACircle_end_andNoneIsNoTag() throws IOException {
    registry.next("GET", "/v2/a/tags/list", body(200, "{\"name\":\"a\",\"tags\":null}"));
    assertThat(client().tags("a", 10)).isEmpty();
    registry.gate(
        exchange -> {
          TestRegistry.send(
              exchange,
              200,
              "{\"tags\":[\"1\"]}".getBytes(UTF_8),
              "Link",
              "</v2/a/tags/list?n=10>; rel=\"next\"");
          return true;
        });
    assertThatThrownBy(() -> client().tags("a", 10)).hasMessageContaining("again and again");
    registry.gate(
        exchange -> {
          TestRegistry.send(
              exchange,
              200,
              "{\"tags\":[\"1\"]}".getBytes(UTF_8),
              "Link",
              "<http://example.org/v2/a/tags/list?n=10>; rel=\"next\"");
          return true;
        });
    assertThatThrownBy(() -> client().tags("a", 10)).hasMessageContaining("at another host");
  }

  // Uploads

  private boolean upload(byte[] content, String from) throws IOException {
    Path file = Files.write(directory.resolve("content"), content);
    try (FileChannel channel = open(file)) {
      return client().upload("b", Digest.sha256(content), channel, from, SILENT);
    }
  }

  private static byte[] large() {
    byte[] large = new byte[20 << 20];
    new Random(2).nextBytes(large);
    return large;
  }

  @Test
  void smallBlob_isSentInOneRequest() throws IOException {
    assertThat(upload(bytes, "")).isFalse();
    assertThat(registry.blobBytes("b", Digest.sha256(bytes))).isEqualTo(bytes);
    assertThat(registry.count("PATCH .*")).isZero();
  }

  @Test
  void largeBlob_isSentInChunks() throws IOException {
    byte[] large = large();
    upload(large, "");
    assertThat(registry.blobBytes("b", Digest.sha256(large))).isEqualTo(large);
    assertThat(registry.count("PATCH .*")).isEqualTo(3);
  }

  @Test
  void chunkWhoseAnswerIsLost_isNotSentTwice() throws IOException {
    byte[] large = large();
    registry.next("PATCH", ".*", registry.takeAndHangUp());
    registry.next("PATCH", ".*", hangUp());
    registry.next("PATCH", ".*", status(500));
    upload(large, "");
    assertThat(registry.blobBytes("b", Digest.sha256(large))).isEqualTo(large);
    assertThat(registry.count("GET .*/uploads/.*")).isPositive();
  }

  @Test
  void uploadThatTheRegistryLost_isBegunAnew() throws IOException {
    byte[] large = large();
    registry.next("PATCH", ".*", exchange -> false);
    registry.next("PATCH", ".*", status(404));
    upload(large, "");
    assertThat(registry.blobBytes("b", Digest.sha256(large))).isEqualTo(large);
    assertThat(registry.count("POST .*")).isEqualTo(2);
  }

  @Test
  void blobOfAnotherRepository_isMounted() throws IOException {
    assertThat(upload(bytes, "a")).isTrue();
    assertThat(registry.blobBytes("b", Digest.sha256(bytes))).isEqualTo(bytes);
    assertThat(registry.count("P(UT|ATCH) .*")).isZero();
  }

  @Test
  void blobThatTheOtherRepositoryLacks_isSent() throws IOException {
    assertThat(upload(new byte[] {1, 2}, "a")).isFalse();
    assertThat(registry.hasBlob("b", Digest.sha256(new byte[] {1, 2}))).isTrue();
  }

  @Test
  void mountThatIsForbidden_isSent() throws IOException {
    registry.next("POST", ".*", status(403));
    assertThat(upload(bytes, "a")).isFalse();
    assertThat(registry.hasBlob("b", Digest.sha256(bytes))).isTrue();
  }
}
