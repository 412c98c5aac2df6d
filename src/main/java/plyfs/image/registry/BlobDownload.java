package plyfs.image.registry;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.security.MessageDigest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import plyfs.image.model.BadImageException;
import plyfs.image.model.Descriptor;
import plyfs.image.model.Digest;

/**
 * Brings a blob into a file, which may have the beginning of it. Where the connection is cut, it
 * goes on from there. A file that is complete has been checked; one that is not can be gone on
 * with, also by another process.
 */
final class BlobDownload {
  private static final int BUFFER_BYTES = 1 << 16;
  private static final Pattern CONTENT_RANGE = Pattern.compile("bytes ([0-9]{1,18})-.*");

  private final RegistrySession session;
  private final URI address;
  private final String scope;
  private final Descriptor blob;
  private final FileChannel file;
  private final ByteProgress progress;
  private final String label;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private MessageDigest digest;
  private long have;

  BlobDownload(
      RegistrySession session,
      URI address,
      String scope,
      Descriptor blob,
      FileChannel file,
      ByteProgress progress) {
    this.session = session;
    this.address = address;
    this.scope = scope;
    this.blob = blob;
    this.file = file;
    this.progress = progress;
    this.label = "blob " + blob.digest();
    this.digest = blob.digest().newMessageDigest();
  }

  /**
   * Brings all of it.
   *
   * @throws BadImageException if what came is not what its digest promises; the file is empty then
   */
  void run() throws IOException {
    takeOld();
    boolean hasOld = have > 0;
    fetchRest();
    Digest found = found();
    if (!found.equals(blob.digest()) && hasOld) {
      startOver();
      fetchRest();
      found = found();
    }
    if (!found.equals(blob.digest())) {
      startOver();
      throw new BadImageException(
          label + " is damaged: the registry sent bytes with the digest " + found);
    }
  }

  private Digest found() {
    return Digest.of(blob.digest().algorithm(), digest.digest());
  }

  private void takeOld() throws IOException {
    if (file.size() > blob.size()) {
      file.truncate(0);
    }
    int read;
    while ((read = file.read(ByteBuffer.wrap(buffer), have)) > 0) {
      digest.update(buffer, 0, read);
      have += read;
    }
    progress.moved(have);
  }

  private void startOver() throws IOException {
    file.truncate(0);
    have = 0;
    digest = blob.digest().newMessageDigest();
  }

  private void fetchRest() throws IOException {
    Attempts attempts = new Attempts(session.access().pause());
    while (have < blob.size()) {
      HttpResponse<InputStream> answer = ask();
      if (answer.statusCode() == 416) {
        Answers.discard(answer, session.access().timeout());
        startOver();
        answer = ask();
      }
      check(answer);
      long before = have;
      try (InputStream in = new WatchedStream(answer.body(), session.access().timeout())) {
        copy(in);
      } catch (CutException e) {
        if (have > before) {
          attempts.progressed();
        }
        attempts.afterFailure(e);
      }
    }
  }

  /** The connection ended before the blob did. */
  private static final class CutException extends IOException {
    private static final long serialVersionUID = 1L;

    CutException(String message, IOException cause) {
      super(message, cause);
    }
  }

  private HttpResponse<InputStream> ask() throws IOException {
    RegistryCall call = RegistryCall.of("GET", address, scope);
    return session.send(have == 0 ? call : call.with("Range", "bytes=" + have + "-"));
  }

  private void check(HttpResponse<InputStream> answer) throws IOException {
    int status = answer.statusCode();
    if (status == 206) {
      Matcher range =
          CONTENT_RANGE.matcher(answer.headers().firstValue("Content-Range").orElse(""));
      if (range.matches() && Long.parseLong(range.group(1)) == have) {
        return;
      }
      answer.body().close();
      throw new RegistryException(
          0,
          label + ": " + answer.uri().getRawAuthority() + " sent another part than was asked for");
    }
    if (status != 200) {
      throw Answers.refusal(answer, "cannot get " + label, session.access().timeout());
    }
    startOver();
    long promised = answer.headers().firstValueAsLong("Content-Length").orElse(blob.size());
    if (promised != blob.size()) {
      answer.body().close();
      throw new BadImageException(
          label
              + " has "
              + promised
              + " bytes in the registry, but the manifest says "
              + blob.size());
    }
  }

  private void copy(InputStream in) throws IOException {
    while (true) {
      if (progress.isCancelled()) {
        throw new InterruptedIOException("interrupted");
      }
      int read;
      try {
        read = in.read(buffer, 0, buffer.length);
      } catch (IOException e) {
        throw new CutException(cut(), e);
      }
      if (read < 0) {
        if (have < blob.size()) {
          throw new CutException(cut(), new IOException("end"));
        }
        return;
      }
      if (have + read > blob.size()) {
        startOver();
        throw new BadImageException(
            label + " is longer than the " + blob.size() + " bytes that the manifest says");
      }
      write(read);
    }
  }

  private String cut() {
    return label
        + ": the connection was cut after "
        + have
        + " of "
        + blob.size()
        + " bytes, several times";
  }

  private void write(int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, length);
    long at = have;
    while (bytes.hasRemaining()) {
      at += file.write(bytes, at);
    }
    digest.update(buffer, 0, length);
    have = at;
    progress.moved(have);
  }
}
