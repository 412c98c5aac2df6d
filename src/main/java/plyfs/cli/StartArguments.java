package plyfs.cli;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plyfs.sys.Name;

/** Arguments of {@code start}, parsed without picocli as those of {@code mount}. */
final class StartArguments {
  private static final String STORE = "--store";
  private static final String AT = "--at";

  /** The command run adds it: mount a container for its program. */
  static final String FOR_RUN = "--for-run";

  private final List<byte[]> names = new ArrayList<>();
  private byte @Nullable [] store;
  private byte @Nullable [] at;
  private boolean help;
  private boolean forRun;

  private StartArguments() {}

  /**
   * Parses the arguments after the word {@code start}.
   *
   * @throws CommandFailure with exit code 2
   */
  static StartArguments parse(List<byte[]> arguments) throws CommandFailure {
    StartArguments parsed = new StartArguments();
    boolean onlyNames = false;
    for (int i = 0; i < arguments.size(); i++) {
      String text = RawArguments.text(arguments.get(i));
      if (onlyNames || !text.startsWith("-")) {
        parsed.names.add(arguments.get(i));
      } else if (text.equals("--")) {
        onlyNames = true;
      } else if (text.equals(STORE) || text.equals(AT)) {
        if (++i == arguments.size()) {
          throw new CommandFailure(CommandFailure.USAGE, "option '" + text + "' needs a value");
        }
        parsed.take(text, arguments.get(i));
      } else {
        parsed.takeWord(text);
      }
    }
    if (!parsed.help && parsed.names.size() != 1) {
      throw new CommandFailure(
          CommandFailure.USAGE,
          parsed.names.isEmpty()
              ? "the container is missing: see 'plyfs start --help'"
              : "options '--at' and '-f' take one container only");
    }
    return parsed;
  }

  private void takeWord(String text) throws CommandFailure {
    if (text.equals(FOR_RUN)) {
      forRun = true;
    } else if (text.startsWith(STORE + "=") || text.startsWith(AT + "=")) {
      int equal = text.indexOf('=');
      take(text.substring(0, equal), RawArguments.bytes(text.substring(equal + 1)));
    } else if (text.equals("-h") || text.equals("--help")) {
      help = true;
    } else if (!text.equals("-f") && !text.equals("--foreground")) {
      throw new CommandFailure(
          CommandFailure.USAGE,
          "unknown option '" + Name.printable(RawArguments.bytes(text)) + "'");
    }
  }

  private void take(String name, byte[] value) {
    if (name.equals(STORE)) {
      store = value;
    } else {
      at = value;
    }
  }

  /** Name or ID of the container. */
  byte[] name() {
    return names.get(0);
  }

  byte @Nullable [] store() {
    return store;
  }

  /** The new mount point; null to keep the one before. */
  byte @Nullable [] at() {
    return at;
  }

  boolean isForRun() {
    return forRun;
  }

  boolean isHelp() {
    return help;
  }
}
