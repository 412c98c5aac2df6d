package plyfs.image.registry;

import java.net.URI;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One request to a registry.
 *
 * @param scope what it does, in the words of token servers
 * @param bodyBytes of the body
 */
record RegistryCall(
    String method,
    URI address,
    Map<String, String> headers,
    BodyPublisher body,
    long bodyBytes,
    String scope) {

  static RegistryCall of(String method, URI address, String scope) {
    return new RegistryCall(method, address, Map.of(), BodyPublishers.noBody(), 0, scope);
  }

  RegistryCall with(String header, String value) {
    Map<String, String> all = new LinkedHashMap<>(headers);
    all.put(header, value);
    return new RegistryCall(method, address, all, body, bodyBytes, scope);
  }

  RegistryCall withBody(byte[] bytes, int length) {
    return new RegistryCall(
        method, address, headers, BodyPublishers.ofByteArray(bytes, 0, length), length, scope);
  }

  RegistryCall to(URI other) {
    return new RegistryCall(method, other, headers, body, bodyBytes, scope);
  }

  /** Whether it only asks, so that a redirection may be followed. */
  boolean isReading() {
    return method.equals("GET") || method.equals("HEAD");
  }
}
