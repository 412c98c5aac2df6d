package plyfs.bench;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads what {@code strace -f -y -o FILE} writes: lines {@code PID NAME(ARGUMENTS) = RESULT}, and
 * calls that another thread's interrupted, in two lines.
 */
final class StraceText {
  private static final Pattern WHOLE =
      Pattern.compile("(\\d+) +(\\w+)\\((.*)\\) += (-?\\d+|0x[0-9a-f]+|\\?)(<.*)?(?: .*)?");
  private static final Pattern BEGUN =
      Pattern.compile("(\\d+) +(\\w+)\\((.*)<unfinished \\.\\.\\.>");
  private static final Pattern ENDED =
      Pattern.compile(
          "(\\d+) +<\\.\\.\\. \\w+ resumed>(.*)\\) += (-?\\d+|0x[0-9a-f]+|\\?)(<.*)?(?: .*)?");

  private StraceText() {}

  /**
   * One finished call.
   *
   * @param arguments as strace prints them
   * @param result -1 for a failure
   */
  record Call(String name, String arguments, long result) {
    /** The name, with the request for ioctl. */
    String kind() {
      if (!name.equals("ioctl")) {
        return name;
      }
      String[] words = arguments.split(", ", 3);
      String request = words.length > 1 ? words[1] : "";
      return request.contains("FICLONE") ? "ioctl FICLONE" : name;
    }
  }

  /** The finished calls, in the order of their ends. */
  static List<Call> calls(String text) {
    List<Call> calls = new ArrayList<>();
    Map<String, Call> begun = new HashMap<>();
    for (String line : text.split("\n", -1)) {
      Matcher matcher = WHOLE.matcher(line);
      if (matcher.matches()) {
        calls.add(new Call(matcher.group(2), matcher.group(3), number(matcher.group(4))));
        continue;
      }
      matcher = BEGUN.matcher(line);
      if (matcher.matches()) {
        begun.put(matcher.group(1), new Call(matcher.group(2), matcher.group(3), 0));
        continue;
      }
      matcher = ENDED.matcher(line);
      if (matcher.matches()) {
        Call first = begun.remove(matcher.group(1));
        if (first != null) {
          String all = first.arguments() + matcher.group(2);
          calls.add(new Call(first.name(), all, number(matcher.group(3))));
        }
      }
    }
    return calls;
  }

  private static long number(String result) {
    return result.startsWith("0x")
        ? Long.parseUnsignedLong(result.substring(2), 16)
        : result.equals("?") ? -1 : Long.parseLong(result);
  }

  /** How many calls of each kind there are. */
  static SortedMap<String, Integer> counts(List<Call> calls) {
    SortedMap<String, Integer> counts = new TreeMap<>();
    calls.forEach(call -> counts.merge(call.kind(), 1, Integer::sum));
    return counts;
  }
}
