package plyfs.image.model;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Name of an image: registry, path and tag. {@code busybox} is short for {@code
 * docker.io/library/busybox:latest}.
 *
 * @param domain registry, such as {@code docker.io} or {@code localhost:5000}
 * @param path such as {@code library/busybox}
 * @implNote the distribution project's reference grammar
 */
public record Reference(String domain, String path, String tag) {
  private static final String DOCKER = "docker.io";
  private static final String LIBRARY = "library/";
  private static final Pattern PATH =
      Pattern.compile(
          "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*)*");
  private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}");
  private static final Pattern DOMAIN =
      Pattern.compile(
          "(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*"
              + "|\\[[0-9a-fA-F:]+\\])(?::[0-9]+)?");

  /** The name in a text; null if it is none. */
  public static @Nullable Reference parse(String text) {
    int slash = text.indexOf('/');
    String first = slash < 0 ? "" : text.substring(0, slash);
    boolean hasDomain =
        first.contains(".")
            || first.contains(":")
            || first.equals("localhost")
            || first.chars().anyMatch(c -> c >= 'A' && c <= 'Z');
    String domain = hasDomain ? first : DOCKER;
    String rest = hasDomain ? text.substring(slash + 1) : text;
    int colon = rest.lastIndexOf(':');
    String path = colon < 0 ? rest : rest.substring(0, colon);
    String tag = colon < 0 ? "latest" : rest.substring(colon + 1);
    if (domain.equals("index.docker.io")) {
      domain = DOCKER;
    }
    if (domain.equals(DOCKER) && path.indexOf('/') < 0) {
      path = LIBRARY + path;
    }
    boolean valid =
        text.length() <= 512
            && DOMAIN.matcher(domain).matches()
            && PATH.matcher(path).matches()
            && TAG.matcher(tag).matches();
    return valid ? new Reference(domain, path, tag) : null;
  }

  /**
   * The name in a text that may end in a digest, which is left out: {@code busybox:1@sha256:...}.
   * Null if it is none, or has a digest and no tag: then the digest is its only name.
   */
  public static @Nullable Reference parseWithDigest(String text) {
    int at = text.indexOf('@');
    if (at < 0) {
      return parse(text);
    }
    String name = text.substring(0, at);
    boolean hasTag = name.lastIndexOf(':') > name.lastIndexOf('/');
    return hasTag && Digest.isDigest(text.substring(at + 1)) ? parse(name) : null;
  }

  /** The name without tag as people write it: {@code busybox}. */
  public String familiarName() {
    if (!domain.equals(DOCKER)) {
      return domain + "/" + path;
    }
    boolean official = path.startsWith(LIBRARY) && path.indexOf('/', LIBRARY.length()) < 0;
    return official ? path.substring(LIBRARY.length()) : path;
  }

  /** As people write it: {@code busybox:latest}. */
  @Override
  public String toString() {
    return familiarName() + ":" + tag;
  }
}
