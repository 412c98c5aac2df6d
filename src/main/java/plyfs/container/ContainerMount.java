package plyfs.container;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.google.common.base.Splitter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import plyfs.sys.Name;

/**
 * One mount of a container, below its root.
 *
 * @param source directory or file of the host, absolute; or the name of a volume; empty for tmpfs,
 *     and for a volume without a name that is still to be made
 * @param target absolute path in the container, without {@code .}, {@code ..} and double slashes
 * @param isReadOnly whether programs in the container cannot change it
 * @param isCopied whether an empty volume is filled from the image
 * @param options of a tmpfs, comma-separated, as mount(8) takes them
 */
public record ContainerMount(
    Kind kind, byte[] source, byte[] target, boolean isReadOnly, boolean isCopied, String options) {
  /** What is mounted. */
  public enum Kind {
    BIND,
    VOLUME,
    TMPFS
  }

  private static final Pattern TMPFS_OPTION =
      Pattern.compile(
          "rw|ro|noexec|exec|nosuid|suid|nodev|dev|noatime|relatime|strictatime"
              + "|size=[0-9]+[kKmMgG%]?|nr_inodes=[0-9]+[kKmMgG]?|nr_blocks=[0-9]+[kKmMgG]?"
              + "|mode=[0-7]{1,4}|uid=[0-9]+|gid=[0-9]+");

  /**
   * Reads the value of {@code -v}: {@code [SOURCE:]TARGET[:OPTIONS]}, one character for each byte.
   *
   * @param directory what a relative SOURCE such as {@code ./data} is relative to
   */
  public static ContainerMount ofVolume(String text, byte[] directory) throws BadArgumentException {
    List<String> parts = Splitter.on(':').splitToList(text);
    if (parts.size() > 3 || parts.stream().anyMatch(String::isEmpty)) {
      throw new BadArgumentException(
          "'" + shown(text) + "' is not a volume: expected [HOST-PATH:|NAME:]PATH[:ro]");
    }
    String target = parts.get(parts.size() == 1 ? 0 : 1);
    boolean isReadOnly = false;
    boolean isCopied = true;
    if (parts.size() == 3) {
      for (String option : Splitter.on(',').split(parts.get(2))) {
        switch (option) {
          case "ro" -> isReadOnly = true;
          case "rw" -> isReadOnly = false;
          case "nocopy" -> isCopied = false;
          default ->
              throw new BadArgumentException(
                  "volume '"
                      + shown(text)
                      + "': option '"
                      + shown(option)
                      + "' is not known: use ro, rw or nocopy");
        }
      }
    }
    byte[] path = target(text, target);
    if (parts.size() == 1) {
      return new ContainerMount(Kind.VOLUME, new byte[0], path, isReadOnly, isCopied, "");
    }
    String source = parts.get(0);
    if (source.startsWith("/")
        || source.startsWith("./")
        || source.startsWith("../")
        || source.equals(".")
        || source.equals("..")) {
      byte[] from = source.startsWith("/") ? bytes(source) : inside(directory, source);
      return new ContainerMount(Kind.BIND, from, path, isReadOnly, false, "");
    }
    Volumes.requireName(source);
    return new ContainerMount(Kind.VOLUME, bytes(source), path, isReadOnly, isCopied, "");
  }

  /** Reads the value of {@code --tmpfs}: {@code PATH[:OPTIONS]}. */
  public static ContainerMount ofTmpfs(String text) throws BadArgumentException {
    int colon = text.indexOf(':');
    String options = colon < 0 ? "" : text.substring(colon + 1);
    for (String option : Splitter.on(',').omitEmptyStrings().split(options)) {
      if (!TMPFS_OPTION.matcher(option).matches()) {
        throw new BadArgumentException(
            "tmpfs '"
                + shown(text)
                + "': option '"
                + shown(option)
                + "' is not known: use ro, exec, suid, dev, size=, mode=, uid=, gid=, nr_inodes= or"
                + " nr_blocks=");
      }
    }
    byte[] path = target(text, colon < 0 ? text : text.substring(0, colon));
    boolean isReadOnly = Splitter.on(',').splitToList(options).contains("ro");
    return new ContainerMount(Kind.TMPFS, new byte[0], path, isReadOnly, false, options);
  }

  /** A volume without a name, as the configuration of an image asks for it. */
  public static ContainerMount ofImage(String target) throws BadArgumentException {
    return new ContainerMount(Kind.VOLUME, new byte[0], target(target, target), false, true, "");
  }

  private static byte[] target(String text, String path) throws BadArgumentException {
    if (!path.startsWith("/")) {
      throw new BadArgumentException(
          "'"
              + shown(text)
              + "': the path in the container, '"
              + shown(path)
              + "', is not absolute");
    }
    List<String> names = new ArrayList<>();
    for (String name : Splitter.on('/').omitEmptyStrings().split(path)) {
      if (name.equals("..")) {
        if (!names.isEmpty()) {
          names.remove(names.size() - 1);
        }
      } else if (!name.equals(".")) {
        names.add(name);
      }
    }
    if (names.isEmpty()) {
      throw new BadArgumentException(
          "'" + shown(text) + "': the path in the container cannot be '/'");
    }
    return bytes("/" + String.join("/", names));
  }

  private static byte[] inside(byte[] directory, String source) {
    return bytes(new String(directory, ISO_8859_1) + "/" + source);
  }

  /**
   * Puts mounts in the order in which they are mounted: what is above comes first.
   *
   * @throws BadArgumentException two are at the same place
   */
  public static List<ContainerMount> inOrder(List<ContainerMount> mounts)
      throws BadArgumentException {
    List<ContainerMount> sorted = new ArrayList<>(mounts);
    sorted.sort((one, other) -> Integer.compare(one.depth(), other.depth()));
    for (int i = 0; i < sorted.size(); i++) {
      for (int k = 0; k < i; k++) {
        if (Arrays.equals(sorted.get(i).target, sorted.get(k).target)) {
          throw new BadArgumentException(
              "Duplicate mount point: " + Name.printable(sorted.get(i).target));
        }
      }
    }
    return List.copyOf(sorted);
  }

  private int depth() {
    int depth = 0;
    for (byte b : target) {
      depth += b == '/' ? 1 : 0;
    }
    return depth;
  }

  /** Whether this is a volume of that name. */
  public boolean isVolume(String name) {
    return kind == Kind.VOLUME && volume().equals(name);
  }

  /** The name of the volume; empty for one that is still to be made. */
  public String volume() {
    return text(source);
  }

  ContainerMount ofVolumeNamed(String name) {
    return new ContainerMount(kind, bytes(name), target, isReadOnly, isCopied, options);
  }

  private static String shown(String text) {
    return Name.printable(bytes(text));
  }

  private static String text(byte[] bytes) {
    return new String(bytes, ISO_8859_1);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(ISO_8859_1);
  }
}
