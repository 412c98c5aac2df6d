package plyfs.image.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import plyfs.image.model.BadImageException;
import plyfs.image.model.Descriptor;
import plyfs.image.model.Digest;
import plyfs.image.model.Json;

/**
 * A registry, as one person sees it. Whatever comes is checked: its size always, its digest where
 * one is known. Several threads may use one.
 *
 * @implNote OCI distribution specification 1.1; Docker Registry HTTP API V2
 */
public final class RegistryClient {
  /** Of a manifest or index, as in Docker and in the specification. */
  static final int MOST_MANIFEST_BYTES = 4 << 20;

  private static final int MOST_TAGS_BYTES = 16 << 20;
  private static final int TAGS_AT_ONCE = 1000;
  private static final Pattern NEXT =
      Pattern.compile("<([^>]*)>\\s*;.*\\brel=\"?next\"?.*", Pattern.CASE_INSENSITIVE);
  private static final List<String> MANIFEST_TYPES =
      List.of(
          "application/vnd.oci.image.index.v1+json",
          "application/vnd.oci.image.manifest.v1+json",
          "application/vnd.docker.distribution.manifest.list.v2+json",
          "application/vnd.docker.distribution.manifest.v2+json");

  private final RegistryHost host;
  private final RegistrySession session;

  /**
   * Connects to nothing yet.
   *
   * @param credentials null for what everybody may do
   */
  public RegistryClient(RegistryHost host, RegistryAccess access, @Nullable Credentials credentials)
      throws IOException {
    this.host = host;
    this.session = new RegistrySession(host, access, credentials);
  }

  private static String pull(String repository) {
    return "repository:" + repository + ":pull";
  }

  private static String push(String repository) {
    return "repository:" + repository + ":pull,push";
  }

  /** An exception for an answer that says no. */
  private RegistryException refused(HttpResponse<InputStream> answer, String what) {
    RegistryException refusal = Answers.refusal(answer, what, session.access().timeout());
    boolean isUnknown = refusal.isDenied() && !session.authorizer().hasCredentials();
    return isUnknown
        ? new RegistryException(
            refusal.status(),
            refusal.getMessage() + ": if it is there, 'plyfs login " + host + "' may be needed")
        : refusal;
  }

  private URI address(String repository, String rest) throws IOException {
    return session.address("/v2/" + repository + "/" + rest);
  }

  /**
   * Finds out whether the registry takes the credentials.
   *
   * @return an identity token to keep in place of the password; null where there is none
   * @throws RegistryException if it does not
   */
  public @Nullable String login() throws IOException {
    HttpResponse<InputStream> answer =
        session.send(RegistryCall.of("GET", session.address("/v2/"), ""));
    if (answer.statusCode() == 404) {
      throw refused(answer, host + " has no registry that speaks version 2");
    }
    if (answer.statusCode() != 200) {
      throw refused(answer, "the login is refused");
    }
    Answers.discard(answer, session.access().timeout());
    return session.authorizer().identityToken("");
  }

  /**
   * A manifest or an index.
   *
   * @param reference tag or digest
   * @throws RegistryException if there is none; see {@link RegistryException#isNotFound}
   * @throws BadImageException if it is not what its digest promises, or no manifest
   */
  public FetchedManifest manifest(String repository, String reference) throws IOException {
    RegistryCall call =
        RegistryCall.of("GET", address(repository, "manifests/" + reference), pull(repository));
    HttpResponse<InputStream> answer =
        session.send(call.with("Accept", String.join(", ", MANIFEST_TYPES)));
    String label = "manifest " + repository + separator(reference) + reference;
    if (answer.statusCode() != 200) {
      throw refused(answer, "cannot get " + label);
    }
    String mediaType = answer.headers().firstValue("Content-Type").orElse("");
    int parameters = mediaType.indexOf(';');
    String type = (parameters < 0 ? mediaType : mediaType.substring(0, parameters)).strip();
    if (type.startsWith("text/html")) {
      answer.body().close();
      throw new BadImageException(
          label + ": " + host + " answers with a web page, as proxies with a login do");
    }
    byte[] bytes = Answers.document(answer, label, MOST_MANIFEST_BYTES, session.access().timeout());
    return new FetchedManifest(checked(label, reference, answer, bytes), type, bytes);
  }

  private static String separator(String reference) {
    return reference.indexOf(':') < 0 ? ":" : "@";
  }

  private static Digest checked(
      String label, String reference, HttpResponse<?> answer, byte[] bytes) throws IOException {
    String expected =
        reference.indexOf(':') < 0
            ? answer.headers().firstValue("Docker-Content-Digest").orElse("")
            : reference;
    if (expected.isEmpty()) {
      return Digest.sha256(bytes);
    }
    Digest digest = Digest.parse(expected);
    Digest found = Digest.of(digest.algorithm(), digest.newMessageDigest().digest(bytes));
    if (!found.equals(digest)) {
      throw new BadImageException(
          label + " is damaged: expected the digest " + digest + ", found " + found);
    }
    return digest;
  }

  /** A small blob, such as a configuration, checked. */
  public byte[] document(String repository, Descriptor blob, int most) throws IOException {
    String label = "blob " + blob.digest();
    if (blob.size() > most) {
      throw new BadImageException(
          label + ": " + blob.size() + " bytes are more than the " + most + " that are allowed");
    }
    HttpResponse<InputStream> answer =
        session.send(
            RegistryCall.of(
                "GET", address(repository, "blobs/" + blob.digest()), pull(repository)));
    if (answer.statusCode() != 200) {
      throw refused(answer, "cannot get " + label);
    }
    byte[] bytes = Answers.document(answer, label, most, session.access().timeout());
    Digest found =
        Digest.of(blob.digest().algorithm(), blob.digest().newMessageDigest().digest(bytes));
    if (!found.equals(blob.digest()) || bytes.length != blob.size()) {
      throw new BadImageException(
          label + " is damaged: the registry sent bytes with the digest " + found);
    }
    return bytes;
  }

  /**
   * Brings a blob into a file.
   *
   * @param file open for reading and writing; what it has is taken for the beginning of the blob
   * @throws BadImageException if the registry has other bytes under its digest
   */
  public void download(String repository, Descriptor blob, FileChannel file, ByteProgress progress)
      throws IOException {
    URI address = address(repository, "blobs/" + blob.digest());
    new BlobDownload(session, address, pull(repository), blob, file, progress).run();
  }

  /** Whether a repository has a blob. */
  public boolean hasBlob(String repository, Digest digest) throws IOException {
    HttpResponse<InputStream> answer =
        session.send(
            RegistryCall.of("HEAD", address(repository, "blobs/" + digest), push(repository)));
    if (answer.statusCode() == 200 || answer.statusCode() == 404) {
      Answers.discard(answer, session.access().timeout());
      return answer.statusCode() == 200;
    }
    throw refused(answer, "cannot look for blob " + digest + " in " + host);
  }

  /**
   * Brings a blob into a repository that does not have it.
   *
   * @param file has the blob and nothing else
   * @param from another repository that may have it; empty for none
   * @return whether it was there in the other repository, and has not been sent
   */
  public boolean upload(
      String repository, Digest digest, FileChannel file, String from, ByteProgress progress)
      throws IOException {
    URI uploads = address(repository, "blobs/uploads/");
    BlobUpload upload =
        new BlobUpload(session, uploads, push(repository), file, digest, file.size(), progress);
    if (!from.isEmpty()) {
      String query =
          "?mount="
              + URLEncoder.encode(digest.toString(), UTF_8)
              + "&from="
              + URLEncoder.encode(from, UTF_8);
      HttpResponse<InputStream> answer;
      try {
        answer = upload.begin(URI.create(uploads + query), push(repository) + " " + pull(from));
      } catch (RegistryException e) {
        if (!e.isDenied()) {
          throw e;
        }
        answer = upload.begin(uploads, push(repository));
      }
      if (answer.statusCode() == 201) {
        Answers.discard(answer, session.access().timeout());
        return true;
      }
      if (answer.statusCode() == 202) {
        upload.run(answer);
        return false;
      }
      Answers.discard(answer, session.access().timeout());
    }
    upload.run(upload.begin(uploads, push(repository)));
    return false;
  }

  /** Gives a manifest a name, all blobs of which the repository has. */
  public void putManifest(String repository, String reference, String mediaType, byte[] bytes)
      throws IOException {
    RegistryCall call =
        RegistryCall.of("PUT", address(repository, "manifests/" + reference), push(repository))
            .with("Content-Type", mediaType)
            .withBody(bytes, bytes.length);
    HttpResponse<InputStream> answer = session.send(call);
    if (answer.statusCode() / 100 != 2) {
      throw refused(answer, "cannot push " + repository + separator(reference) + reference);
    }
    Answers.discard(answer, session.access().timeout());
    String told = answer.headers().firstValue("Docker-Content-Digest").orElse("");
    if (!told.isEmpty() && !told.equals(Digest.sha256(bytes).toString())) {
      throw new BadImageException(
          host + " changed the manifest that it was sent: it has the digest " + told + " there");
    }
  }

  /**
   * Tags of a repository, in the order of the registry.
   *
   * @param most how many at most
   */
  public List<String> tags(String repository, int most) throws IOException {
    List<String> tags = new ArrayList<>();
    URI page = address(repository, "tags/list?n=" + Math.min(most, TAGS_AT_ONCE));
    Set<URI> seen = new HashSet<>();
    while (page != null && tags.size() < most) {
      if (!seen.add(page)) {
        throw new RegistryException(0, host + " lists the same tags again and again");
      }
      HttpResponse<InputStream> answer =
          session.send(RegistryCall.of("GET", page, pull(repository)));
      if (answer.statusCode() != 200) {
        throw refused(answer, "cannot list the tags of " + repository);
      }
      byte[] bytes =
          Answers.document(answer, "list of tags", MOST_TAGS_BYTES, session.access().timeout());
      tags.addAll(Json.object("list of tags of " + repository, bytes).texts("tags"));
      page = next(page, answer);
    }
    return List.copyOf(tags.subList(0, Math.min(most, tags.size())));
  }

  private static @Nullable URI next(URI page, HttpResponse<?> answer) throws IOException {
    for (String link : answer.headers().allValues("Link")) {
      Matcher next = NEXT.matcher(link);
      if (next.matches()) {
        URI address;
        try {
          address = page.resolve(next.group(1));
        } catch (IllegalArgumentException e) {
          throw new RegistryException(0, "the next page of tags is no address: " + link);
        }
        if (!page.getRawAuthority().equals(address.getRawAuthority())) {
          throw new RegistryException(0, "the next page of tags is at another host: " + address);
        }
        return address;
      }
    }
    return null;
  }
}
