package plyfs.image.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Base64;

/**
 * What a registry knows a person by. The text of it has no secret.
 *
 * @param user name; unused with an identity token
 * @param secret the password, or the identity token
 * @param isToken whether the secret is an identity token (of OAuth 2, a refresh token)
 */
public record Credentials(String user, String secret, boolean isToken) {
  /** What credential helpers write in place of a name beside an identity token. */
  static final String TOKEN_USER = "<token>";

  /** The header that shows name and password. */
  String basic() {
    String pair = user + ":" + secret;
    return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(UTF_8));
  }

  @Override
  public String toString() {
    return "credentials of " + user;
  }
}
