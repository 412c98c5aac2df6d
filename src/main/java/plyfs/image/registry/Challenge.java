package plyfs.image.registry;

import com.google.common.base.Ascii;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One way of authentication that a server offers.
 *
 * @param scheme in lower case: {@code bearer}, {@code basic}
 * @param parameters names in lower case
 * @implNote RFC 9110, 11.6.1 "WWW-Authenticate": a header may have several, and commas separate
 *     both challenges and parameters
 */
record Challenge(String scheme, Map<String, String> parameters) {
  private static final Pattern PART =
      Pattern.compile(
          "\\G[\\s,]*([A-Za-z0-9!#$%&'*+.^_`|~-]+)(?:\\s*=\\s*(?:\"((?:[^\"\\\\]|\\\\.)*)\"|([^\\s,\"]*)))?");

  /** All of some headers, in order; what cannot be read is left out. */
  static List<Challenge> of(List<String> headers) {
    List<Challenge> all = new ArrayList<>();
    for (String header : headers) {
      Challenge current = null;
      Matcher part = PART.matcher(header);
      while (part.find()) {
        String name = Ascii.toLowerCase(part.group(1));
        String quoted = part.group(2);
        String bare = part.group(3);
        if (quoted == null && bare == null) {
          current = new Challenge(name, new TreeMap<>());
          all.add(current);
        } else if (current != null) {
          String value = quoted == null ? String.valueOf(bare) : quoted.replaceAll("\\\\(.)", "$1");
          current.parameters.put(name, value);
        }
      }
    }
    return all;
  }

  static @Nullable Challenge find(List<Challenge> all, String scheme) {
    for (Challenge challenge : all) {
      if (challenge.scheme.equals(scheme)) {
        return challenge;
      }
    }
    return null;
  }

  String parameter(String name) {
    return parameters.getOrDefault(name, "");
  }
}
