package plyfs.image.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import plyfs.image.model.BadImageException;
import plyfs.image.model.Digest;

/**
 * Sends a blob from a file: small ones in one request, others in chunks. Where a chunk is lost, the
 * registry is asked how much it has, and the rest is sent.
 *
 * @implNote OCI distribution specification, "Pushing blobs". Docker's registry before version 3
 *     appends whatever comes, so no chunk is sent twice without asking
 */
final class BlobUpload {
  private static final int CHUNK_BYTES = 8 << 20;
  private static final int MOST_CHUNK_BYTES = 64 << 20;
  private static final Pattern RANGE = Pattern.compile("(?:bytes=)?0-([0-9]{1,18})");

  private final RegistrySession session;
  private final String scope;
  private final URI uploads;
  private final FileChannel file;
  private final Digest digest;
  private final long size;
  private final ByteProgress progress;
  private final Attempts attempts;
  private byte[] buffer = new byte[0];

  BlobUpload(
      RegistrySession session,
      URI uploads,
      String scope,
      FileChannel file,
      Digest digest,
      long size,
      ByteProgress progress) {
    this.session = session;
    this.uploads = uploads;
    this.scope = scope;
    this.file = file;
    this.digest = digest;
    this.size = size;
    this.progress = progress;
    this.attempts = new Attempts(session.access().pause());
  }

  /**
   * Sends all of it.
   *
   * @param begun the answer to a request that opened an upload
   */
  void run(HttpResponse<InputStream> begun) throws IOException {
    HttpResponse<InputStream> open = begun;
    while (true) {
      try {
        send(open);
        return;
      } catch (LostException e) {
        attempts.afterFailure(e);
        open = begin(uploads, scope);
      }
    }
  }

  /** The registry does not know the upload any more, or has something else. */
  private static final class LostException extends IOException {
    private static final long serialVersionUID = 1L;

    LostException(@Nullable String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /** Opens an upload. */
  HttpResponse<InputStream> begin(URI address, String asked) throws IOException {
    return session.send(RegistryCall.of("POST", address, asked).withBody(new byte[0], 0));
  }

  private void send(HttpResponse<InputStream> open) throws IOException {
    require(open, 202, "cannot begin to send");
    URI location = session.location(open);
    int chunk = chunk(open);
    long at = 0;
    if (size > chunk) {
      while (at < size) {
        Sent sent = sendChunk(location, at, (int) Math.min(chunk, size - at));
        location = sent.location;
        at = sent.position;
        progress.moved(at);
      }
    }
    finish(location, (int) (size - at));
    progress.moved(size);
  }

  private static int chunk(HttpResponse<?> open) {
    long least = open.headers().firstValueAsLong("OCI-Chunk-Min-Length").orElse(0);
    return (int) Math.max(CHUNK_BYTES, Math.min(least, MOST_CHUNK_BYTES));
  }

  /** Where an upload goes on, and how much of it the registry has. */
  private record Sent(URI location, long position) {}

  private Sent sendChunk(URI location, long at, int length) throws IOException {
    RegistryCall call =
        RegistryCall.of("PATCH", location, scope)
            .with("Content-Type", "application/octet-stream")
            .with("Content-Range", at + "-" + (at + length - 1))
            .withBody(read(at, length), length);
    HttpResponse<InputStream> answer;
    try {
      answer = session.once(call);
    } catch (Transport.ConnectionException e) {
      attempts.afterFailure(e);
      return position(location);
    }
    int status = answer.statusCode();
    if (status == 202 || status == 204) {
      Answers.discard(answer, session.access().timeout());
      attempts.progressed();
      return new Sent(session.location(answer), at + length);
    }
    boolean again = status == 416 || Attempts.isTransient(status);
    if (again && attempts.afterRefusal(answer)) {
      Answers.discard(answer, session.access().timeout());
      return position(location);
    }
    if (status == 404) {
      RegistryException refusal = Answers.refusal(answer, cannot(), session.access().timeout());
      throw new LostException(refusal.getMessage(), refusal);
    }
    throw Answers.refusal(answer, cannot(), session.access().timeout());
  }

  /** Asks how much the registry has. */
  private Sent position(URI location) throws IOException {
    HttpResponse<InputStream> answer = session.send(RegistryCall.of("GET", location, scope));
    Answers.discard(answer, session.access().timeout());
    if (answer.statusCode() != 204) {
      throw lost(answer.statusCode());
    }
    Matcher range = RANGE.matcher(answer.headers().firstValue("Range").orElse(""));
    long last = range.matches() ? Long.parseLong(range.group(1)) : 0;
    URI next =
        answer.headers().firstValue("Location").isPresent() ? session.location(answer) : location;
    // "0-0" stands for nothing, too.
    return new Sent(next, last == 0 ? 0 : Math.min(size, last + 1));
  }

  private void finish(URI location, int length) throws IOException {
    String separator = location.getRawQuery() == null ? "?" : "&";
    URI address =
        URI.create(location + separator + "digest=" + URLEncoder.encode(digest.toString(), UTF_8));
    RegistryCall call =
        RegistryCall.of("PUT", address, scope)
            .with("Content-Type", "application/octet-stream")
            .withBody(read(size - length, length), length);
    HttpResponse<InputStream> answer;
    try {
      answer = session.once(call);
    } catch (Transport.ConnectionException e) {
      throw new LostException(e.getMessage(), e);
    }
    int status = answer.statusCode();
    if (status == 201 || status == 204) {
      Answers.discard(answer, session.access().timeout());
      return;
    }
    RegistryException refusal = Answers.refusal(answer, cannot(), session.access().timeout());
    boolean again = status == 404 || status == 416 || Attempts.isTransient(status);
    if (again) {
      throw new LostException(refusal.getMessage(), refusal);
    }
    throw refusal;
  }

  private LostException lost(int status) {
    return new LostException(cannot() + ": the registry lost it (status " + status + ")", null);
  }

  private String cannot() {
    return "cannot send blob " + digest;
  }

  private void require(HttpResponse<InputStream> answer, int status, String what)
      throws RegistryException {
    if (answer.statusCode() != status) {
      throw Answers.refusal(answer, what + " blob " + digest, session.access().timeout());
    }
    Answers.discard(answer, session.access().timeout());
  }

  private byte[] read(long from, int length) throws IOException {
    if (progress.isCancelled()) {
      throw new InterruptedIOException("interrupted");
    }
    if (buffer.length < length) {
      buffer = new byte[length];
    }
    ByteBuffer into = ByteBuffer.wrap(buffer, 0, length);
    long at = from;
    while (into.hasRemaining()) {
      int read = file.read(into, at);
      if (read < 0) {
        throw new BadImageException("blob " + digest + " became shorter while it was sent");
      }
      at += read;
    }
    return buffer;
  }
}
