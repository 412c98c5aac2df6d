package plyfs.image.transfer;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import plyfs.image.model.Digest;
import plyfs.image.model.Reference;
import plyfs.image.registry.RegistryHost;

/**
 * An image in a registry, or all of a repository.
 *
 * @param name with the tag {@code latest} where none was given
 * @param hasTag whether one was given
 * @param digest that was given; it counts more than a tag
 */
public record RemoteName(Reference name, boolean hasTag, @Nullable Digest digest) {

  /**
   * The name that a person means.
   *
   * @param text {@code busybox}, {@code localhost:5000/a:1}, {@code busybox@sha256:<hex>}
   * @throws IOException if it is none; the message does not quote it
   */
  public static RemoteName parse(String text) throws IOException {
    int at = text.indexOf('@');
    String before = at < 0 ? text : text.substring(0, at);
    Reference name = Reference.parse(before);
    if (name == null) {
      throw new IOException("use [REGISTRY/]REPOSITORY[:TAG|@DIGEST], in lower case");
    }
    boolean hasTag = before.lastIndexOf(':') > before.lastIndexOf('/');
    return new RemoteName(name, hasTag, at < 0 ? null : Digest.parse(text.substring(at + 1)));
  }

  RemoteName withTag(String tag) {
    return new RemoteName(new Reference(name.domain(), name.path(), tag), true, null);
  }

  public RegistryHost host() {
    return new RegistryHost(name.domain());
  }

  /** Path of the repository in its registry. */
  public String repository() {
    return name.path();
  }

  /** What the registry is asked for: the digest, else the tag. */
  public String reference() {
    Digest given = digest;
    return given == null ? name.tag() : given.toString();
  }

  /** Whole, as Docker prints it: {@code docker.io/library/busybox:latest}. */
  public String full() {
    return name.domain() + "/" + name.path() + (digest == null ? ":" : "@") + reference();
  }

  /** As people write it. */
  @Override
  public String toString() {
    return name.familiarName() + (digest == null ? ":" : "@") + reference();
  }
}
