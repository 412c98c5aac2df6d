package plyfs.container;

import java.util.ArrayList;
import java.util.List;

/**
 * A program in a container. The image's configuration has been taken into account.
 *
 * @param command the program and its arguments
 * @param environment {@code NAME=VALUE} each
 * @param workingDirectory absolute
 * @param user {@code USER[:GROUP]}, names or numbers; empty for root
 * @param network {@code none} or {@code host}
 */
public record RunSettings(
    List<String> command,
    List<String> environment,
    String workingDirectory,
    String user,
    String hostname,
    boolean isReadOnly,
    boolean isTerminal,
    String network) {
  /** The network of the host. */
  public static final String HOST = "host";

  /** A network of its own, which has a loopback device only. */
  public static final String NONE = "none";

  /** The same with what only the container itself gives. */
  public RunSettings completed(String newHostname, String home) {
    List<String> all = new ArrayList<>();
    all.addAll(environment);
    addIfMissing(all, "HOSTNAME", newHostname);
    addIfMissing(all, "HOME", home);
    return new RunSettings(
        command,
        List.copyOf(all),
        workingDirectory,
        user,
        newHostname,
        isReadOnly,
        isTerminal,
        network);
  }

  private static void addIfMissing(List<String> variables, String name, String value) {
    if (variables.stream().noneMatch(each -> each.startsWith(name + "="))) {
      variables.add(name + "=" + value);
    }
  }

  /** The value of a variable; empty where it is not set. */
  public String variable(String name) {
    for (String each : environment) {
      if (each.startsWith(name + "=")) {
        return each.substring(name.length() + 1);
      }
    }
    return "";
  }
}
