package plyfs.image;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.Gson;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import plyfs.image.model.Digest;
import plyfs.image.registry.RegistryAccess;
import plyfs.image.registry.RegistryHost;

/**
 * A registry in this process that does what a test tells it: it has blobs, manifests and uploads,
 * and each request may meet a fault first.
 */
public final class TestRegistry implements AutoCloseable {
  public static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  public static final String INDEX = "application/vnd.oci.image.index.v1+json";
  private static final Pattern MANIFESTS = Pattern.compile("/v2/(.+)/manifests/([^/]+)");
  private static final Pattern BLOBS = Pattern.compile("/v2/(.+)/blobs/([^/]+)");
  private static final Pattern UPLOADS = Pattern.compile("/v2/(.+)/blobs/uploads/([^/]*)");
  private static final Pattern TAGS = Pattern.compile("/v2/(.+)/tags/list");

  /** Something that happens in place of an answer. */
  @FunctionalInterface
  public interface Fault {
    /** Answers, or returns false to let the registry answer. */
    boolean answer(HttpExchange exchange) throws IOException;
  }

  private record Planned(String method, String path, Fault fault) {}

  private record Document(String type, byte[] bytes) {}

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Map<String, byte[]> blobs = new ConcurrentHashMap<>();
  private final Map<String, Document> manifests = new ConcurrentHashMap<>();
  private final Map<String, byte[]> uploads = new ConcurrentHashMap<>();
  private final Queue<Planned> faults = new ConcurrentLinkedQueue<>();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final List<Duration> pauses = new CopyOnWriteArrayList<>();
  private volatile Fault gate = exchange -> false;

  public TestRegistry() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  public RegistryHost host() {
    return new RegistryHost("127.0.0.1:" + server.getAddress().getPort());
  }

  public String url() {
    return "http://" + host();
  }

  /** Without TLS, and without waiting between attempts. */
  public RegistryAccess access() {
    return access(Map.of());
  }

  public RegistryAccess access(Map<String, String> environment) {
    return new RegistryAccess(
        true, true, List.of(), false, environment, Duration.ofSeconds(10), pauses::add);
  }

  /** How long a client would have waited. */
  public List<Duration> pauses() {
    return pauses;
  }

  /** What came: {@code METHOD PATH[?QUERY] [Range] [Authorization]}. */
  public List<String> requests() {
    return requests;
  }

  public long count(String pattern) {
    return requests.stream().filter(request -> request.matches(pattern)).count();
  }

  /** Lets the next request with this method and path meet a fault. */
  public TestRegistry next(String method, String path, Fault fault) {
    faults.add(new Planned(method, path, fault));
    return this;
  }

  /** Lets every request pass this first. */
  public TestRegistry gate(Fault fault) {
    gate = fault;
    return this;
  }

  public Digest blob(String repository, byte[] bytes) {
    Digest digest = Digest.sha256(bytes);
    blobs.put(repository + "@" + digest, bytes);
    return digest;
  }

  public boolean hasBlob(String repository, Digest digest) {
    return blobs.containsKey(repository + "@" + digest);
  }

  public byte[] blobBytes(String repository, Digest digest) {
    return Objects.requireNonNull(blobs.get(repository + "@" + digest));
  }

  public Digest manifest(String repository, String tag, String type, byte[] bytes) {
    Digest digest = Digest.sha256(bytes);
    manifests.put(repository + ":" + tag, new Document(type, bytes));
    manifests.put(repository + ":" + digest, new Document(type, bytes));
    return digest;
  }

  public byte[] manifestBytes(String repository, String reference) {
    return Objects.requireNonNull(manifests.get(repository + ":" + reference)).bytes();
  }

  /** Takes the blobs of a layout of one image; returns the digest of its manifest or index. */
  public Digest layout(String repository, String tag, Map<String, byte[]> files) {
    Digest top = null;
    String index = new String(files.get("index.json"), UTF_8);
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      if (file.getKey().startsWith("blobs/")) {
        String text = new String(file.getValue(), UTF_8);
        Digest digest = blob(repository, file.getValue());
        if (text.startsWith("{\"schemaVersion\":2")) {
          String type = text.contains("\"manifests\"") ? INDEX : MANIFEST;
          boolean isTop = index.contains(digest.hex());
          manifest(repository, isTop ? tag : digest.toString(), type, file.getValue());
          top = isTop ? digest : top;
        }
      }
    }
    return Objects.requireNonNull(top);
  }

  // Faults

  public static Fault status(int status, String... headers) {
    return exchange -> {
      send(exchange, status, new byte[0], headers);
      return true;
    };
  }

  public static Fault body(int status, String text, String... headers) {
    return exchange -> {
      send(exchange, status, text.getBytes(UTF_8), headers);
      return true;
    };
  }

  /** Ends the connection without an answer. */
  public static Fault hangUp() {
    return exchange -> {
      exchange.close();
      return true;
    };
  }

  /** Takes a chunk, and ends the connection without saying so. */
  public Fault takeAndHangUp() {
    return exchange -> {
      Matcher name = UPLOADS.matcher(exchange.getRequestURI().getPath());
      if (name.matches()) {
        append(name.group(2), exchange.getRequestBody().readAllBytes());
      }
      exchange.close();
      return true;
    };
  }

  private byte[] append(String id, byte[] body) {
    return uploads.compute(
        id,
        (key, before) -> {
          byte[] all = Arrays.copyOf(before, before.length + body.length);
          System.arraycopy(body, 0, all, before.length, body.length);
          return all;
        });
  }

  /** Sends the first bytes of what it promises. */
  public Fault cutAfter(int bytes) {
    return exchange -> {
      Matcher name = BLOBS.matcher(exchange.getRequestURI().getPath());
      byte[] all =
          name.matches()
              ? Objects.requireNonNull(blobs.get(name.group(1) + "@" + name.group(2)))
              : new byte[0];
      String range = exchange.getRequestHeaders().getFirst("Range");
      int from = range == null ? 0 : Integer.parseInt(range.replaceAll("[^0-9]", ""));
      if (range != null) {
        exchange
            .getResponseHeaders()
            .set("Content-Range", "bytes " + from + "-" + (all.length - 1) + "/" + all.length);
      }
      exchange.sendResponseHeaders(range == null ? 200 : 206, all.length - from);
      OutputStream out = exchange.getResponseBody();
      out.write(all, from, Math.min(bytes, all.length - from));
      out.flush();
      exchange.close();
      return true;
    };
  }

  public static void send(HttpExchange exchange, int status, byte[] body, String... headers)
      throws IOException {
    for (int i = 0; i < headers.length; i += 2) {
      exchange.getResponseHeaders().add(headers[i], headers[i + 1]);
    }
    boolean isHead = exchange.getRequestMethod().equals("HEAD");
    exchange.sendResponseHeaders(status, isHead || body.length == 0 ? -1 : body.length);
    if (!isHead) {
      exchange.getResponseBody().write(body);
    }
    exchange.close();
  }

  // The registry

  private void handle(HttpExchange exchange) throws IOException {
    String method = exchange.getRequestMethod();
    String path = exchange.getRequestURI().getPath();
    String range = exchange.getRequestHeaders().getFirst("Range");
    String authorization = exchange.getRequestHeaders().getFirst("Authorization");
    requests.add(
        method
            + " "
            + exchange.getRequestURI()
            + (range == null ? "" : " " + range)
            + (authorization == null ? "" : " " + authorization));
    if (gate.answer(exchange)) {
      return;
    }
    for (Planned planned : List.copyOf(faults)) {
      if (planned.method.equals(method)
          && path.matches(planned.path)
          && faults.remove(planned)
          && planned.fault.answer(exchange)) {
        return;
      }
    }
    answer(exchange, method, path);
  }

  private void answer(HttpExchange exchange, String method, String path) throws IOException {
    Matcher upload = UPLOADS.matcher(path);
    Matcher blob = BLOBS.matcher(path);
    Matcher manifest = MANIFESTS.matcher(path);
    Matcher tags = TAGS.matcher(path);
    if (path.equals("/v2/")) {
      send(exchange, 200, "{}".getBytes(UTF_8));
    } else if (upload.matches()) {
      upload(exchange, method, upload.group(1), upload.group(2));
    } else if (blob.matches()) {
      byte[] bytes = blobs.get(blob.group(1) + "@" + blob.group(2));
      sendBlob(exchange, bytes);
    } else if (manifest.matches()) {
      manifest(exchange, method, manifest.group(1), manifest.group(2));
    } else if (tags.matches()) {
      List<String> found = new ArrayList<>();
      for (String key : manifests.keySet()) {
        if (key.startsWith(tags.group(1) + ":") && !key.contains("sha256")) {
          found.add(key.substring(key.indexOf(':') + 1));
        }
      }
      found.sort(null);
      Map<String, Object> list = new LinkedHashMap<>();
      list.put("name", tags.group(1));
      list.put("tags", found);
      send(exchange, 200, new Gson().toJson(list).getBytes(UTF_8));
    } else {
      send(exchange, 404, new byte[0]);
    }
  }

  private static void sendBlob(HttpExchange exchange, byte @Nullable [] bytes) throws IOException {
    if (bytes == null) {
      send(
          exchange,
          404,
          "{\"errors\":[{\"code\":\"BLOB_UNKNOWN\",\"message\":\"blob unknown\"}]}"
              .getBytes(UTF_8));
      return;
    }
    String range = exchange.getRequestHeaders().getFirst("Range");
    if (range == null) {
      send(exchange, 200, bytes);
      return;
    }
    int from = Integer.parseInt(range.replaceAll("[^0-9]", ""));
    send(
        exchange,
        206,
        Arrays.copyOfRange(bytes, from, bytes.length),
        "Content-Range",
        "bytes " + from + "-" + (bytes.length - 1) + "/" + bytes.length);
  }

  private void manifest(HttpExchange exchange, String method, String repository, String reference)
      throws IOException {
    if (method.equals("PUT")) {
      byte[] bytes = exchange.getRequestBody().readAllBytes();
      String type = exchange.getRequestHeaders().getFirst("Content-Type");
      Digest digest = manifest(repository, reference, type, bytes);
      send(exchange, 201, new byte[0], "Docker-Content-Digest", digest.toString());
      return;
    }
    Document found = manifests.get(repository + ":" + reference);
    if (found == null) {
      send(
          exchange,
          404,
          "{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\",\"message\":\"manifest unknown\"}]}"
              .getBytes(UTF_8));
    } else {
      send(exchange, 200, found.bytes, "Content-Type", found.type);
    }
  }

  private void upload(HttpExchange exchange, String method, String repository, String id)
      throws IOException {
    String query = String.valueOf(exchange.getRequestURI().getQuery());
    byte[] body = exchange.getRequestBody().readAllBytes();
    if (method.equals("POST")) {
      Matcher mount = Pattern.compile("mount=([^&]+)&from=([^&]+)").matcher(query);
      byte[] other = mount.find() ? blobs.get(mount.group(2) + "@" + mount.group(1)) : null;
      if (other != null) {
        blob(repository, other);
        send(exchange, 201, new byte[0]);
        return;
      }
      String made = String.valueOf(uploads.size());
      uploads.put(made, new byte[0]);
      send(exchange, 202, new byte[0], "Location", "/v2/" + repository + "/blobs/uploads/" + made);
      return;
    }
    if (!uploads.containsKey(id)) {
      send(exchange, 404, new byte[0]);
      return;
    }
    byte[] all = append(id, body);
    String location = "/v2/" + repository + "/blobs/uploads/" + id;
    String last = "0-" + Math.max(0, all.length - 1);
    switch (method) {
      case "GET" -> send(exchange, 204, new byte[0], "Location", location, "Range", last);
      case "PATCH" -> send(exchange, 202, new byte[0], "Location", location, "Range", last);
      default -> {
        uploads.remove(id);
        boolean isRight = query.contains("digest=" + Digest.sha256(all));
        if (isRight) {
          blob(repository, all);
        }
        send(exchange, isRight ? 201 : 400, new byte[0]);
      }
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
