package plyfs.explore;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import plyfs.sys.Errno;
import plyfs.sys.Name;
import plyfs.trace.CopyUpTimes;
import plyfs.trace.Event;
import plyfs.trace.EventKind;
import plyfs.trace.EventLog;
import plyfs.union.api.LookupTrace;

/** Writes the events of a mount as lines. */
public final class TraceTail {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm:ss.SSSSSS", Locale.ROOT).withZone(ZoneId.systemDefault());

  private static final int STEP_BYTES = 3;
  private static final String RESET = "\u001b[0m";

  private final boolean colour;
  private final LayerNumbers numbers;

  /**
   * A writer, with one colour for each kind of event or without.
   *
   * @param numbers of the layers of the mount
   */
  public TraceTail(boolean colour, LayerNumbers numbers) {
    this.colour = colour;
    this.numbers = numbers;
  }

  // Text

  /** One line. */
  public String text(Event event) {
    Instant when = Instant.ofEpochSecond(0, event.timeNanos());
    String kind = String.format(Locale.ROOT, "%-17s", event.kind().word());
    String path = (event.has(EventLog.CUT) ? "..." : "") + Name.printable(event.path());
    String line = path + words(event);
    return TIME.format(when)
        + "  "
        + (colour ? colourOf(event.kind()) + kind + RESET : kind)
        + line;
  }

  private String words(Event event) {
    return switch (event.kind()) {
      case LOOKUP -> ": " + said(event) + ", " + time(event.durationNanos());
      case COPY_UP, DATA_COPY -> copied(event);
      case LINK_UP, WHITEOUT_MADE, WHITEOUT_REMOVED, OPAQUE_SET, REMOVED -> "";
      case REDIRECT_SET -> ": its lower part is " + Name.printable(event.other());
      case RENAMED ->
          (event.has(EventLog.EXCHANGED) ? " <-> " : " -> ") + Name.printable(event.other());
    };
  }

  private String said(Event event) {
    List<String> said = new ArrayList<>();
    for (Said each : steps(event)) {
      said.add(numbers.brief(each.layer()) + " " + each.word());
    }
    return String.join(", ", said);
  }

  private String copied(Event event) {
    StringBuilder text = new StringBuilder(": ");
    if (event.has(EventLog.FAILED)) {
      text.append("FAILED").append(event.error() == 0 ? "" : " with " + Errno.name(event.error()));
      text.append(", ");
    }
    if (event.has(EventLog.WITHOUT_DATA)) {
      text.append("attributes only ");
    } else if (event.method() == CopyUpTimes.Method.REFLINK) {
      text.append("data shared ");
    } else if (event.bytes() > 0) {
      text.append(Sizes.of(event.bytes())).append(' ');
    }
    text.append("from layer ").append(numbers.number(event.layer()));
    text.append(" in ").append(time(event.durationNanos())).append(" (");
    String comma = "";
    for (CopyUpTimes.Step step : CopyUpTimes.Step.values()) {
      long nanos = event.nanosOf(step);
      boolean matters = step != CopyUpTimes.Step.DATA || event.method() != CopyUpTimes.Method.NONE;
      if (nanos > 0 && matters) {
        text.append(comma).append(step.word()).append(' ').append(time(nanos));
        comma = ", ";
      }
    }
    return text.append(')').toString();
  }

  /** A time with three digits and a suitable unit: {@code 34.1us}, {@code 1.42ms}. */
  static String time(long nanos) {
    double micros = nanos / 1e3;
    if (micros < 1000) {
      return digits(micros) + "us";
    }
    return micros < 1e6 ? digits(micros / 1e3) + "ms" : digits(micros / 1e6) + "s";
  }

  private static String digits(double value) {
    String format = value < 9.995 ? "%.2f" : value < 99.95 ? "%.1f" : "%.0f";
    return String.format(Locale.ROOT, format, value);
  }

  private static String colourOf(EventKind kind) {
    return switch (kind) {
      case LOOKUP -> "\u001b[2m";
      case COPY_UP, DATA_COPY, LINK_UP -> "\u001b[33m";
      case WHITEOUT_MADE, REMOVED -> "\u001b[31m";
      case WHITEOUT_REMOVED -> "\u001b[32m";
      case OPAQUE_SET, REDIRECT_SET, RENAMED -> "\u001b[36m";
    };
  }

  // JSON

  /** One JSON object, without a line end. */
  public String json(Event event) {
    JsonObject to = new JsonObject();
    to.addProperty("seq", event.sequence());
    to.addProperty("time", Instant.ofEpochSecond(0, event.timeNanos()).toString());
    to.addProperty("kind", event.kind().word());
    to.addProperty("path", Name.printable(event.path()));
    if (event.has(EventLog.CUT)) {
      to.addProperty("cut", true);
    }
    switch (event.kind()) {
      case LOOKUP -> {
        to.addProperty("nanos", event.durationNanos());
        if (event.layer() >= 0) {
          to.addProperty("layer", numbers.number(event.layer()));
        }
        to.add("layers", layers(event));
      }
      case COPY_UP, DATA_COPY -> putCopy(to, event);
      case REDIRECT_SET -> to.addProperty("redirect", Name.printable(event.other()));
      case RENAMED -> {
        to.addProperty("to", Name.printable(event.other()));
        to.addProperty("exchange", event.has(EventLog.EXCHANGED));
      }
      case LINK_UP, WHITEOUT_MADE, WHITEOUT_REMOVED, OPAQUE_SET, REMOVED -> {}
    }
    return to.toString();
  }

  private JsonArray layers(Event event) {
    JsonArray layers = new JsonArray();
    for (Said each : steps(event)) {
      JsonObject said = new JsonObject();
      said.addProperty("layer", numbers.number(each.layer()));
      said.addProperty("verdict", JsonWords.of(each.verdict()));
      layers.add(said);
    }
    return layers;
  }

  private void putCopy(JsonObject to, Event event) {
    to.addProperty("layer", numbers.number(event.layer()));
    to.addProperty("bytes", event.bytes());
    to.addProperty("method", event.method().word());
    to.addProperty("withoutData", event.has(EventLog.WITHOUT_DATA));
    to.addProperty("failed", event.has(EventLog.FAILED));
    if (event.error() != 0) {
      to.addProperty("error", Errno.name(event.error()));
    }
    to.addProperty("nanos", event.durationNanos());
    JsonObject steps = new JsonObject();
    for (CopyUpTimes.Step step : CopyUpTimes.Step.values()) {
      steps.addProperty(step.word(), event.nanosOf(step));
    }
    to.add("steps", steps);
  }

  // Results of layers

  private record Said(int layer, LookupTrace.Verdict verdict) {
    String word() {
      return switch (verdict) {
        case ABSENT -> "absent";
        case FOUND -> "found";
        case MERGED -> "merged";
        case WHITEOUT, WHITEOUT_BESIDE -> "whiteout";
        case OPAQUE_STOP -> "opaque";
        case HIDDEN_BY_NON_DIRECTORY -> "not merged";
        case REDIRECTED -> "redirected";
        case ATTRIBUTES_ONLY -> "attributes";
        case DATA -> "data";
      };
    }
  }

  private static List<Said> steps(Event event) {
    List<Said> said = new ArrayList<>();
    byte[] bytes = event.other();
    for (int at = 0; at + STEP_BYTES <= bytes.length; at += STEP_BYTES) {
      int layer = (bytes[at] & 0xff) << 8 | bytes[at + 1] & 0xff;
      LookupTrace.Verdict verdict = LookupTrace.Verdict.ofCode(bytes[at + 2]);
      if (verdict != null) {
        said.add(new Said(layer, verdict));
      }
    }
    return said;
  }
}
