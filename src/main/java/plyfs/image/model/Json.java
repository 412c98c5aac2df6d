package plyfs.image.model;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One JSON object of an image's metadata, read with messages that name the document and the field.
 * The bytes a digest covers are kept elsewhere: nothing is written back from here.
 *
 * <p>The text must be JSON to the letter. A field is found in whatever case its name is written
 * where none has the very name, as Go's programs find it: jib writes {@code config} and {@code
 * layers} in manifest.json.
 */
public final class Json {
  private final String document;
  private final JsonObject object;

  private Json(String document, JsonObject object) {
    this.document = document;
    this.object = object;
  }

  /**
   * Parses a document whose top is an object.
   *
   * @param document what it is, for messages
   */
  public static Json object(String document, byte[] bytes) throws BadImageException {
    return new Json(document, asObject(document, "", parse(document, bytes)));
  }

  /** Parses a document whose top is an array of objects. */
  public static List<Json> array(String document, byte[] bytes) throws BadImageException {
    JsonElement top = parse(document, bytes);
    if (!top.isJsonArray()) {
      throw new BadImageException(document + " is not a JSON array");
    }
    return objects(document, top.getAsJsonArray());
  }

  private static JsonElement parse(String document, byte[] bytes) throws BadImageException {
    try (JsonReader reader = new JsonReader(new StringReader(new String(bytes, UTF_8)))) {
      reader.setStrictness(Strictness.STRICT);
      JsonElement top = JsonParser.parseReader(reader);
      if (reader.peek() != JsonToken.END_DOCUMENT) {
        throw new BadImageException(document + " is not valid JSON: more follows after its end");
      }
      return top;
    } catch (BadImageException e) {
      throw e;
    } catch (JsonParseException | IOException e) {
      throw new BadImageException(document + " is not valid JSON", e);
    }
  }

  private static JsonObject asObject(String document, String field, JsonElement element)
      throws BadImageException {
    if (!element.isJsonObject()) {
      throw new BadImageException(
          document + (field.isEmpty() ? "" : ", field '" + field + "',") + " is not a JSON object");
    }
    return element.getAsJsonObject();
  }

  private static List<Json> objects(String document, JsonArray array) throws BadImageException {
    List<Json> result = new ArrayList<>();
    for (JsonElement element : array) {
      result.add(new Json(document, asObject(document, "", element)));
    }
    return result;
  }

  private @Nullable JsonElement field(String name) {
    JsonElement value = object.has(name) ? object.get(name) : ofOtherCase(name);
    return value == null || value.isJsonNull() ? null : value;
  }

  /** The last one, as Go takes it. */
  private @Nullable JsonElement ofOtherCase(String name) {
    JsonElement found = null;
    for (Map.Entry<String, JsonElement> field : object.entrySet()) {
      if (field.getKey().equalsIgnoreCase(name)) {
        found = field.getValue();
      }
    }
    return found;
  }

  public boolean has(String name) {
    return field(name) != null;
  }

  /** A field that may be absent. */
  public @Nullable String optionalText(String name) throws BadImageException {
    JsonElement value = field(name);
    if (value == null) {
      return null;
    }
    if (!value.isJsonPrimitive()) {
      throw new BadImageException(document + ": field '" + name + "' is not a string");
    }
    return value.getAsString();
  }

  public String text(String name) throws BadImageException {
    String value = optionalText(name);
    if (value == null) {
      throw new BadImageException(document + ": field '" + name + "' is missing");
    }
    return value;
  }

  /** A whole number that is not negative. */
  long size(String name) throws BadImageException {
    String value = text(name);
    try {
      long number = Long.parseLong(value);
      if (number >= 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw new BadImageException(notANumber(name, value), e);
    }
    throw new BadImageException(notANumber(name, value));
  }

  private String notANumber(String name, String value) {
    return document + ": field '" + name + "' is '" + value + "', expected a number of bytes";
  }

  /** An object that may be absent. */
  @Nullable Json optionalChild(String name) throws BadImageException {
    JsonElement value = field(name);
    return value == null ? null : new Json(document, asObject(document, name, value));
  }

  public Json child(String name) throws BadImageException {
    Json value = optionalChild(name);
    if (value == null) {
      throw new BadImageException(document + ": field '" + name + "' is missing");
    }
    return value;
  }

  /** Objects of an array; none where the field is absent or null. */
  public List<Json> children(String name) throws BadImageException {
    return objects(document, arrayField(name));
  }

  /** Strings of an array; none where the field is absent or null. */
  public List<String> texts(String name) throws BadImageException {
    List<String> result = new ArrayList<>();
    for (JsonElement element : arrayField(name)) {
      if (!element.isJsonPrimitive()) {
        throw new BadImageException(document + ": field '" + name + "' is not a list of strings");
      }
      result.add(element.getAsString());
    }
    return result;
  }

  private JsonArray arrayField(String name) throws BadImageException {
    JsonElement value = field(name);
    if (value == null) {
      return new JsonArray();
    }
    if (!value.isJsonArray()) {
      throw new BadImageException(document + ": field '" + name + "' is not a list");
    }
    return value.getAsJsonArray();
  }

  /** String fields of an object, in order, without those that are null; none where it is absent. */
  public Map<String, String> textMap(String name) throws BadImageException {
    Map<String, String> result = new LinkedHashMap<>();
    Json child = optionalChild(name);
    if (child != null) {
      for (String key : child.object.keySet()) {
        String value = child.optionalText(key);
        if (value != null) {
          result.put(key, value);
        }
      }
    }
    return result;
  }

  /** Names of all fields, in order. */
  public List<String> names() {
    return List.copyOf(object.keySet());
  }

  /** The object itself, for what is shown as it is. */
  JsonObject content() {
    return object;
  }
}
