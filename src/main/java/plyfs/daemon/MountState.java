package plyfs.daemon;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plyfs.layer.ChangedDirectory;
import plyfs.layer.UpperMount;
import plyfs.options.MountOptionException;
import plyfs.options.MountOptions;
import plyfs.options.Privilege;
import plyfs.sys.Name;
import plyfs.sys.OctalText;

/**
 * The public state of a running mount. Paths are absolute.
 *
 * @param pid process that serves it
 * @param processStart start time of that process in clock ticks since boot; identifies the process
 *     together with {@code pid}
 * @param mountpoint the mount point
 * @param source image, or the source in the mount table
 * @param lowers lower directories, topmost first
 * @param dataOnly data-only directories, topmost first
 * @param upper upper directory, or null
 * @param work workdir, or null
 * @param options the mount options that determine its behaviour, in the form of {@code -o}
 * @param facts {@code KEY=VALUE}: facts that the daemon determined at mount
 * @param words the options of {@code -o}, one by one, as they were given
 * @param since when it was mounted
 * @param log the log file of the daemon, or the word {@code syslog}; empty for standard error
 */
public record MountState(
    int pid,
    long processStart,
    byte[] mountpoint,
    byte[] source,
    ImmutableList<byte[]> lowers,
    ImmutableList<byte[]> dataOnly,
    byte @Nullable [] upper,
    byte @Nullable [] work,
    ImmutableList<String> options,
    ImmutableList<String> facts,
    ImmutableList<byte[]> words,
    Instant since,
    byte[] log) {
  /**
   * The options that determine the marks and the behaviour of the mount, with its layers.
   *
   * @throws IOException another version of Plyfs serves the mount
   */
  public MountOptions standing() throws IOException {
    byte[] all = String.join(",", options).getBytes(ISO_8859_1);
    try {
      return MountOptions.parse(ImmutableList.of(all), Privilege.ROOT)
          .withLayers(lowers, dataOnly, upper, work);
    } catch (MountOptionException e) {
      throw new IOException(
          "cannot read the options of the "
              + this
              + "; perhaps another version of Plyfs serves it: "
              + e.getMessage(),
          e);
    }
  }

  /** The same mount with other options. */
  public MountState withOptions(ImmutableList<String> newOptions) {
    return with(newOptions, facts);
  }

  private MountState withFact(String fact) {
    return with(options, ImmutableList.<String>builder().addAll(facts).add(fact).build());
  }

  private MountState with(ImmutableList<String> newOptions, ImmutableList<String> newFacts) {
    return new MountState(
        pid,
        processStart,
        mountpoint,
        source,
        lowers,
        dataOnly,
        upper,
        work,
        newOptions,
        newFacts,
        words,
        since,
        log);
  }

  /** Prefix of the fact with the handle of the clone that leads to the upper directory. */
  private static final String UPPER_MOUNT = "upper_mount=";

  /** This state with the handle of the clone that leads to the upper layer. */
  public MountState withUpperMount(UpperMount mount) {
    return withFact(UPPER_MOUNT + mount.handle());
  }

  /** Prefix of the fact with the device number of the mount, as in the mount table. */
  private static final String DEVICE = "device=";

  /** This state with the device number of the mount, as in the mount table. */
  public MountState withDevice(String device) {
    return withFact(DEVICE + device);
  }

  /** Device number of the mount, as in the mount table; null if unknown. */
  public @Nullable String device() {
    return valueOf(DEVICE);
  }

  /** Prefix of the fact with the place of a mount below this one. */
  private static final String BELOW = "below=";

  /** This state with the places of the mounts that were made below it, in their order. */
  public MountState withBelow(List<byte[]> places) {
    MountState state = this;
    for (byte[] place : places) {
      state = state.withFact(BELOW + OctalText.encode(place));
    }
    return state;
  }

  /** The places of the mounts that were made below this one, in their order. */
  public List<byte[]> below() {
    List<byte[]> places = new ArrayList<>();
    for (String fact : facts) {
      if (fact.startsWith(BELOW)) {
        places.add(OctalText.decode(fact.substring(BELOW.length())));
      }
    }
    return places;
  }

  /** Prefix of the fact with a directory that the mount changes. */
  private static final String CHANGES = "changes=";

  /** This state with the directories that the mount changes. */
  public MountState withChanged(List<ChangedDirectory> changed) {
    MountState state = this;
    for (ChangedDirectory directory : changed) {
      if (!directory.device().isEmpty()) {
        state = state.withFact(CHANGES + directory.encoded());
      }
    }
    return state;
  }

  /** The directories that the mount changes. */
  List<ChangedDirectory> changed() {
    String mount = "the mount on " + Name.printable(mountpoint) + " (process " + pid + ")";
    List<ChangedDirectory> changed = new ArrayList<>();
    for (String fact : facts) {
      if (fact.startsWith(CHANGES)) {
        ChangedDirectory directory =
            ChangedDirectory.decode(fact.substring(CHANGES.length()), mount);
        if (directory != null) {
          changed.add(directory);
        }
      }
    }
    return changed;
  }

  /**
   * {@link UpperMount#handle} in the daemon; null if the upper layer is not reached through a
   * clone.
   */
  @Nullable String upperMount() {
    return valueOf(UPPER_MOUNT);
  }

  private @Nullable String valueOf(String start) {
    for (String fact : facts) {
      if (fact.startsWith(start)) {
        return fact.substring(start.length());
      }
    }
    return null;
  }

  /** Whether both mounts have the same layers and the same upper directory. */
  boolean hasLayersOf(MountState other) {
    return areEqual(lowers, other.lowers)
        && areEqual(dataOnly, other.dataOnly)
        && Arrays.equals(upper, other.upper)
        && Arrays.equals(work, other.work);
  }

  private static boolean areEqual(List<byte[]> some, List<byte[]> others) {
    boolean equal = some.size() == others.size();
    for (int i = 0; equal && i < some.size(); i++) {
      equal = Arrays.equals(some.get(i), others.get(i));
    }
    return equal;
  }

  /** Encodes the state as lines {@code key value}, with octal escapes in the values. */
  byte[] encoded() {
    StringBuilder text = new StringBuilder();
    line(text, "pid", Integer.toString(pid));
    line(text, "process-start", Long.toString(processStart));
    line(text, "mountpoint", OctalText.encode(mountpoint));
    line(text, "source", OctalText.encode(source));
    for (byte[] lower : lowers) {
      line(text, "lower", OctalText.encode(lower));
    }
    for (byte[] layer : dataOnly) {
      line(text, "data", OctalText.encode(layer));
    }
    if (upper != null) {
      line(text, "upper", OctalText.encode(upper));
    }
    if (work != null) {
      line(text, "work", OctalText.encode(work));
    }
    for (String option : options) {
      line(text, "option", option);
    }
    for (String fact : facts) {
      line(text, "fact", fact);
    }
    for (byte[] word : words) {
      line(text, "word", OctalText.encode(word));
    }
    line(text, "since", Long.toString(since.toEpochMilli()));
    line(text, "log", OctalText.encode(log));
    return text.toString().getBytes(ISO_8859_1);
  }

  private static void line(StringBuilder text, String key, String value) {
    text.append(key).append(' ').append(value).append('\n');
  }

  /**
   * Decodes the result of {@link #encoded}; ignores lines with unknown keys.
   *
   * @throws IllegalArgumentException a number is malformed, or the mount point is missing
   */
  static MountState decode(byte[] encoded) {
    int pid = 0;
    long processStart = 0;
    long since = 0;
    byte[] mountpoint = {};
    byte[] source = {};
    byte[] upper = null;
    byte[] work = null;
    byte[] log = {};
    ImmutableList.Builder<byte[]> lowers = ImmutableList.builder();
    ImmutableList.Builder<byte[]> dataOnly = ImmutableList.builder();
    ImmutableList.Builder<String> options = ImmutableList.builder();
    ImmutableList.Builder<String> facts = ImmutableList.builder();
    ImmutableList.Builder<byte[]> words = ImmutableList.builder();
    for (String line : new String(encoded, ISO_8859_1).split("\n", -1)) {
      int blank = line.indexOf(' ');
      String value = line.substring(blank + 1);
      switch (blank < 0 ? "" : line.substring(0, blank)) {
        case "pid" -> pid = Integer.parseInt(value);
        case "process-start" -> processStart = Long.parseLong(value);
        case "mountpoint" -> mountpoint = OctalText.decode(value);
        case "source" -> source = OctalText.decode(value);
        case "lower" -> lowers.add(OctalText.decode(value));
        case "data" -> dataOnly.add(OctalText.decode(value));
        case "upper" -> upper = OctalText.decode(value);
        case "work" -> work = OctalText.decode(value);
        case "option" -> options.add(value);
        case "fact" -> facts.add(value);
        case "word" -> words.add(OctalText.decode(value));
        case "since" -> since = Long.parseLong(value);
        case "log" -> log = OctalText.decode(value);
        default -> {}
      }
    }
    if (pid == 0 || mountpoint.length == 0) {
      throw new IllegalArgumentException("no pid or no mount point");
    }
    return new MountState(
        pid,
        processStart,
        mountpoint,
        source,
        lowers.build(),
        dataOnly.build(),
        upper,
        work,
        options.build(),
        facts.build(),
        words.build(),
        Instant.ofEpochMilli(since),
        log);
  }

  /** For people. */
  @Override
  public String toString() {
    return "mount at " + Name.printable(mountpoint) + " by process " + pid;
  }
}
