package plyfs.cli.format;

/**
 * A pattern with {@code *}, {@code ?}, {@code [a-z]}, {@code [^a-z]} and backslashes; none of them
 * matches a slash.
 *
 * @implNote Go's path.Match
 */
public final class Glob {
  private final String pattern;

  private Glob(String pattern) {
    this.pattern = pattern;
  }

  /** Reads a pattern. */
  public static Glob parse(String pattern) throws UsageException {
    Glob glob = new Glob(pattern);
    for (int i = 0; i < pattern.length(); i++) {
      char c = pattern.charAt(i);
      if (c == '[') {
        i = glob.endOfClass(i) - 1;
      } else if (c == '\\') {
        i++;
      }
      if (i >= pattern.length() || i < 0) {
        throw new UsageException("the pattern '" + pattern + "' ends too early");
      }
    }
    return glob;
  }

  /** Index after a class; 0 if it has no end. */
  private int endOfClass(int open) {
    int i = open + 1;
    if (i < pattern.length() && pattern.charAt(i) == '^') {
      i++;
    }
    int first = i;
    while (i < pattern.length() && (pattern.charAt(i) != ']' || i == first)) {
      i += pattern.charAt(i) == '\\' ? 2 : 1;
    }
    return i < pattern.length() ? i + 1 : 0;
  }

  /** Whether the whole text is as the pattern says. */
  public boolean matches(String text) {
    int p = 0;
    int t = 0;
    int star = -1;
    int starText = 0;
    while (t < text.length()) {
      int after =
          p < pattern.length() && pattern.charAt(p) != '*' ? matchOne(p, text.charAt(t)) : -1;
      if (after > 0) {
        p = after;
        t++;
      } else if (p < pattern.length() && pattern.charAt(p) == '*') {
        star = p++;
        starText = t;
      } else if (star >= 0 && text.charAt(starText) != '/') {
        p = star + 1;
        t = ++starText;
      } else {
        return false;
      }
    }
    while (p < pattern.length() && pattern.charAt(p) == '*') {
      p++;
    }
    return p == pattern.length();
  }

  /** Index in the pattern after what matches a character; -1 if it does not match. */
  private int matchOne(int p, char c) {
    char wanted = pattern.charAt(p);
    return switch (wanted) {
      case '?' -> c == '/' ? -1 : p + 1;
      case '[' -> {
        int end = endOfClass(p);
        yield c != '/' && isInClass(p + 1, end - 1, c) ? end : -1;
      }
      case '\\' -> pattern.charAt(p + 1) == c ? p + 2 : -1;
      default -> wanted == c ? p + 1 : -1;
    };
  }

  private boolean isInClass(int from, int end, char c) {
    boolean isNegated = pattern.charAt(from) == '^';
    int i = isNegated ? from + 1 : from;
    boolean isFound = false;
    while (i < end) {
      i += pattern.charAt(i) == '\\' ? 1 : 0;
      char low = pattern.charAt(i++);
      char high = low;
      if (i + 1 < end && pattern.charAt(i) == '-') {
        i += pattern.charAt(i + 1) == '\\' ? 2 : 1;
        high = pattern.charAt(i++);
      }
      isFound |= low <= c && c <= high;
    }
    return isFound != isNegated;
  }
}
