package plyfs.image.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.time.Duration;
import plyfs.image.model.BadImageException;

/** Reads the bodies of answers, never more than is sensible. */
final class Answers {
  private static final int MOST_ERROR_BYTES = 1 << 16;
  private static final int MOST_SHOWN = 300;

  private Answers() {}

  /**
   * A document.
   *
   * @param label what it is, for messages
   * @throws BadImageException if it is longer than allowed, or shorter than the answer promised
   */
  static byte[] document(HttpResponse<InputStream> answer, String label, int most, Duration timeout)
      throws IOException {
    long promised = answer.headers().firstValueAsLong("Content-Length").orElse(-1);
    if (promised > most) {
      answer.body().close();
      throw tooLong(label, promised + " bytes", most);
    }
    try (InputStream in = new WatchedStream(answer.body(), timeout)) {
      byte[] bytes = in.readNBytes(most + 1);
      if (bytes.length > most) {
        throw tooLong(label, "its bytes", most);
      }
      return bytes;
    }
  }

  private static BadImageException tooLong(String label, String found, int most) {
    return new BadImageException(
        label + ": " + found + " are more than the " + most + " that registries may send");
  }

  /** Reads the rest, so that the connection can be used again, unless it is long. */
  static void discard(HttpResponse<InputStream> answer, Duration timeout) {
    try (InputStream in = new WatchedStream(answer.body(), timeout)) {
      in.skipNBytes(Math.min(MOST_ERROR_BYTES, Math.max(0, in.available())));
    } catch (IOException e) {
      // A connection that is lost is opened anew.
    }
  }

  /** An exception for an answer that says no. */
  static RegistryException refusal(
      HttpResponse<InputStream> answer, String what, Duration timeout) {
    String reason = reason(answer, timeout);
    return new RegistryException(
        answer.statusCode(),
        what
            + ": "
            + answer.uri().getRawAuthority()
            + " answers "
            + (reason.isEmpty() ? "with status " + answer.statusCode() : "'" + reason + "'")
            + (reason.isEmpty() ? "" : " (status " + answer.statusCode() + ")"));
  }

  /** What a registry says about an error; empty where it says nothing readable. */
  static String reason(HttpResponse<InputStream> answer, Duration timeout) {
    byte[] body;
    try (InputStream in = new WatchedStream(answer.body(), timeout)) {
      body = in.readNBytes(MOST_ERROR_BYTES);
    } catch (IOException e) {
      return "";
    }
    try {
      JsonElement top = JsonParser.parseString(new String(body, UTF_8));
      if (top.isJsonObject()) {
        return shortened(reason(top.getAsJsonObject()));
      }
    } catch (JsonParseException | IllegalStateException | UnsupportedOperationException e) {
      // Not what the specification says, so there is nothing to show.
    }
    return "";
  }

  private static String reason(JsonObject json) {
    JsonElement errors = json.get("errors");
    if (errors != null && errors.isJsonArray()) {
      return reason(errors.getAsJsonArray());
    }
    String details = text(json, "details");
    return details.isEmpty() ? text(json, "message") : details;
  }

  private static String reason(JsonArray errors) {
    StringBuilder all = new StringBuilder();
    for (JsonElement error : errors) {
      if (error.isJsonObject()) {
        String message = text(error.getAsJsonObject(), "message");
        String code = text(error.getAsJsonObject(), "code");
        all.append(all.length() == 0 ? "" : "; ").append(message.isEmpty() ? code : message);
      }
    }
    return all.toString();
  }

  private static String text(JsonObject json, String name) {
    JsonElement value = json.get(name);
    return value == null || !value.isJsonPrimitive() ? "" : value.getAsString();
  }

  private static String shortened(String text) {
    return text.length() <= MOST_SHOWN ? text : text.substring(0, MOST_SHOWN) + "...";
  }
}
