package plyfs.bench;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Parses the output of {@code strace -f -y -o FILE}: lines {@code PID NAME(ARGUMENTS) = RESULT},
 * and calls split into two lines because a call of another thread came between.
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
   * @param thread its id
   * @param arguments as printed by strace
   * @param result -1 for a failure
   */
  record Call(String thread, String name, String arguments, long result) {
    /** The name; for ioctl with the request. */
    String kind() {
      if (!name.equals("ioctl")) {
        return name;
      }
      String[] words = arguments.split(", ", 3);
      String request = words.length > 1 ? words[1] : "";
      return request.contains("FICLONE") ? "ioctl FICLONE" : name;
    }
  }

  /** The finished calls, ordered by their ends. */
  static List<Call> calls(String text) {
    List<Call> calls = new ArrayList<>();
    Map<String, Call> begun = new HashMap<>();
    for (String line : text.split("\n", -1)) {
      Matcher matcher = WHOLE.matcher(line);
      if (matcher.matches()) {
        calls.add(
            new Call(
                matcher.group(1),
                nameOf(matcher.group(2)),
                matcher.group(3),
                number(matcher.group(4))));
        continue;
      }
      matcher = BEGUN.matcher(line);
      if (matcher.matches()) {
        String thread = matcher.group(1);
        begun.put(thread, new Call(thread, nameOf(matcher.group(2)), matcher.group(3), 0));
        continue;
      }
      matcher = ENDED.matcher(line);
      if (matcher.matches()) {
        Call first = begun.remove(matcher.group(1));
        if (first != null) {
          String all = first.arguments() + matcher.group(2);
          calls.add(new Call(first.thread(), first.name(), all, number(matcher.group(3))));
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

  /**
   * System calls that are newer than the strace in use. Their numbers are the same on all
   * processors.
   *
   * @implNote Linux scripts/syscall.tbl
   */
  private static final Map<String, String> YOUNG_CALLS =
      Map.of(
          "syscall_0x1c4", "fchmodat2",
          "syscall_0x1c9", "statmount",
          "syscall_0x1ca", "listmount",
          "syscall_0x1cf", "setxattrat",
          "syscall_0x1d0", "getxattrat",
          "syscall_0x1d1", "listxattrat",
          "syscall_0x1d2", "removexattrat",
          "syscall_0x1d3", "open_tree_attr",
          "syscall_0x1d4", "file_getattr",
          "syscall_0x1d5", "file_setattr");

  private static String nameOf(String name) {
    return YOUNG_CALLS.getOrDefault(name, name);
  }

  /**
   * The calls of threads that read requests of the kernel. Other threads compile code and collect
   * garbage.
   */
  static List<Call> ofWorkers(List<Call> calls) {
    Set<String> workers =
        calls.stream()
            .filter(call -> call.arguments().contains("</dev/fuse"))
            .map(Call::thread)
            .collect(Collectors.toSet());
    return calls.stream().filter(call -> workers.contains(call.thread())).toList();
  }

  /** Number of calls by kind. */
  static SortedMap<String, Integer> counts(List<Call> calls) {
    SortedMap<String, Integer> counts = new TreeMap<>();
    calls.forEach(call -> counts.merge(call.kind(), 1, Integer::sum));
    return counts;
  }
}
