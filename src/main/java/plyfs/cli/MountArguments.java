package plyfs.cli;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plyfs.options.CallForm;
import plyfs.sys.Name;

/**
 * Arguments of {@code mount}, parsed without picocli, which would take more time than all other
 * Java code before the mount is ready. {@link MountCommand} has the help text.
 */
final class MountArguments {
  /** Exit codes of mount. */
  static final int USAGE = 1;

  static final int SYSTEM = 2;
  static final int REFUSED = 32;

  /** The launcher adds these options to tell how it was called. */
  private static final String FOR_MOUNT = "--for-mount-program";

  private static final String AS_FUSE_OVERLAYFS = "--as-fuse-overlayfs";

  private static final String NAME = "--name";

  private final List<byte[]> options = new ArrayList<>();
  private final List<byte[]> positionals = new ArrayList<>();
  private boolean foreground;
  private boolean debug;
  private boolean readOnly;
  private boolean help;
  private CallForm form = CallForm.PLYFS;
  private boolean tolerant;
  private boolean fake;
  private byte @Nullable [] store;
  private byte @Nullable [] upper;
  private byte @Nullable [] name;
  private final List<byte[]> volumes = new ArrayList<>();
  private final List<byte[]> tmpfs = new ArrayList<>();
  private final List<byte[]> labels = new ArrayList<>();
  private @Nullable ForeignLayers layersFrom;

  private MountArguments() {}

  /**
   * Parses the arguments after the word {@code mount}: options and up to two positionals, in any
   * order.
   *
   * @throws CommandFailure with exit code 1
   */
  static MountArguments parse(List<byte[]> arguments) throws CommandFailure {
    MountArguments parsed = new MountArguments();
    int i = 0;
    boolean onlyPositionals = false;
    while (i < arguments.size()) {
      byte[] argument = arguments.get(i++);
      String text = RawArguments.text(argument);
      if (onlyPositionals || !text.startsWith("-") || text.equals("-")) {
        parsed.positionals.add(argument);
      } else if (text.equals("--")) {
        onlyPositionals = true;
      } else if (text.startsWith("--")) {
        i = parsed.takeLong(text, arguments, i);
      } else {
        i = parsed.takeShort(text, arguments, i);
      }
    }
    return parsed;
  }

  private int takeLong(String text, List<byte[]> arguments, int next) throws CommandFailure {
    int equals = text.indexOf('=');
    String name = equals < 0 ? text : text.substring(0, equals);
    switch (name) {
      case "--foreground", "--debug", "--read-only", "--help", FOR_MOUNT, AS_FUSE_OVERLAYFS -> {
        if (equals >= 0) {
          throw new CommandFailure(USAGE, "option '" + name + "' takes no value");
        }
        takeSwitch(name);
        return next;
      }
      case "--options",
          "--store",
          "--upper",
          "--transport",
          NAME,
          "--volume",
          "--tmpfs",
          "--label" -> {
        byte[] value =
            equals >= 0
                ? RawArguments.bytes(text.substring(equals + 1))
                : valueAt(name, arguments, next);
        takeValue(name, value);
        return equals >= 0 ? next : next + 1;
      }
      case "--layers-from" -> {
        return takeLayersFrom(equals < 0 ? null : text.substring(equals + 1), arguments, next);
      }
      default -> throw unknown(text);
    }
  }

  /** Takes the two words KIND and PATH; the first may follow a {@code =}. */
  private int takeLayersFrom(@Nullable String given, List<byte[]> arguments, int next)
      throws CommandFailure {
    if (layersFrom != null) {
      throw new CommandFailure(USAGE, "option '--layers-from' is given twice");
    }
    int at = next;
    String kind =
        given != null ? given : RawArguments.text(valueAt("--layers-from", arguments, at++));
    if (at >= arguments.size()) {
      throw new CommandFailure(
          USAGE, "option '--layers-from' needs two values: KIND and a directory");
    }
    layersFrom = ForeignLayers.of(kind, arguments.get(at++));
    return at;
  }

  private void takeSwitch(String name) {
    switch (name) {
      case "--foreground" -> foreground = true;
      case "--debug" -> debug = true;
      case "--read-only" -> readOnly = true;
      case "--help" -> help = true;
      case FOR_MOUNT -> form = CallForm.MOUNT_HELPER;
      default -> form = CallForm.FUSE_OVERLAYFS;
    }
  }

  private void takeValue(String name, byte[] value) throws CommandFailure {
    switch (name) {
      case "--store" -> store = onlyOne(name, store, value);
      case "--upper" -> upper = onlyOne(name, upper, value);
      case NAME -> this.name = onlyOne(name, this.name, value);
      case "--volume" -> volumes.add(value);
      case "--tmpfs" -> tmpfs.add(value);
      case "--label" -> labels.add(value);
      case "--transport" ->
          options.add(RawArguments.bytes("transport=" + RawArguments.text(value)));
      default -> options.add(value);
    }
  }

  private static byte[] onlyOne(String name, byte @Nullable [] before, byte[] value)
      throws CommandFailure {
    if (before != null) {
      throw new CommandFailure(USAGE, "option '" + name + "' is given twice");
    }
    if (value.length == 0) {
      String what = name.equals(NAME) ? "a name" : "a directory";
      throw new CommandFailure(USAGE, "option '" + name + "' needs " + what);
    }
    return value;
  }

  /**
   * Parses short options in one word, such as {@code -fd}; {@code -o} takes the rest of the word.
   */
  private int takeShort(String text, List<byte[]> arguments, int next) throws CommandFailure {
    for (int i = 1; i < text.length(); i++) {
      char option = text.charAt(i);
      boolean takesValue =
          option == 'o' || (isForMountProgram() ? option == 't' || option == 'N' : option == 'v');
      if (takesValue) {
        boolean inWord = i + 1 < text.length();
        byte[] value =
            inWord
                ? RawArguments.bytes(text.substring(i + 1))
                : valueAt("-" + option, arguments, next);
        takeShortValue(option, value);
        return inWord ? next : next + 1;
      }
      takeShortSwitch(option, text);
    }
    return next;
  }

  private void takeShortValue(char option, byte[] value) throws CommandFailure {
    if (option == 'N') {
      throw new CommandFailure(
          USAGE, "option '-N' (another mount namespace) is not implemented yet");
    }
    if (option == 'o') {
      options.add(value);
    } else if (option == 'v') {
      volumes.add(value);
    }
  }

  private void takeShortSwitch(char option, String word) throws CommandFailure {
    switch (option) {
      case 'd' -> debug = true;
      case 'h' -> help = true;
      case 'f' -> {
        fake = isForMountProgram();
        foreground = !isForMountProgram();
      }
      case 'r' -> readOnly = true;
      case 's', 'n', 'v' -> {
        if (!isForMountProgram()) {
          throw unknown(word);
        }
        tolerant |= option == 's';
      }
      default -> throw unknown(word);
    }
  }

  private static byte[] valueAt(String name, List<byte[]> arguments, int at) throws CommandFailure {
    if (at >= arguments.size()) {
      throw new CommandFailure(USAGE, "option '" + name + "' needs a value");
    }
    return arguments.get(at);
  }

  private static CommandFailure unknown(String word) {
    return new CommandFailure(
        USAGE, "unknown option '" + Name.printable(RawArguments.bytes(word)) + "'");
  }

  /** The {@code -o} arguments. */
  List<byte[]> options() {
    return options;
  }

  /** The {@code -o} arguments, and the options that other arguments imply. */
  List<byte[]> allOptions() {
    List<byte[]> all = new ArrayList<>(options);
    if (readOnly) {
      all.add(RawArguments.bytes("ro"));
    }
    if (debug) {
      all.add(RawArguments.bytes("debug"));
    }
    return all;
  }

  /**
   * The mount point.
   *
   * @throws CommandFailure there are no positionals, or more than two
   */
  byte[] mountpoint() throws CommandFailure {
    if (positionals.isEmpty()) {
      throw new CommandFailure(USAGE, "the mount point is missing: see 'plyfs mount --help'");
    }
    if (positionals.size() > 2) {
      throw new CommandFailure(
          USAGE,
          "unexpected argument '"
              + Name.printable(positionals.get(2))
              + "': give an image or a source, and a mount point");
    }
    return positionals.get(positionals.size() - 1);
  }

  /** The image, or the source for the mount table; null if only the mount point is given. */
  byte @Nullable [] source() {
    return positionals.size() == 2 ? positionals.get(0) : null;
  }

  boolean isForeground() {
    return foreground;
  }

  boolean isHelp() {
    return help;
  }

  /** Whether an unknown option is only a notice: {@code -s} of mount(8). */
  boolean isTolerant() {
    return tolerant;
  }

  /** Whether mount(8) is the caller, which passes all options that shall apply. */
  boolean isForMountProgram() {
    return form == CallForm.MOUNT_HELPER;
  }

  /** The form of the call. */
  CallForm form() {
    return form;
  }

  /** Whether to check everything but mount nothing: {@code -f} of mount(8). */
  boolean isFake() {
    return fake;
  }

  /** Another engine's storage that has the image; null for the store of Plyfs. */
  @Nullable ForeignLayers layersFrom() {
    return layersFrom;
  }

  byte @Nullable [] store() {
    return store;
  }

  /** The name of the container that the mount becomes; null for none. */
  byte @Nullable [] name() {
    return name;
  }

  /** The values of {@code -v}. */
  List<byte[]> volumes() {
    return volumes;
  }

  List<byte[]> tmpfs() {
    return tmpfs;
  }

  /** The values of {@code --label}. */
  List<byte[]> labels() {
    return labels;
  }

  /** The directory that contains {@code diff} and {@code work}. */
  byte @Nullable [] upper() {
    return upper;
  }
}
