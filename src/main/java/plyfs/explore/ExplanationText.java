package plyfs.explore;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import plyfs.sys.Errno;
import plyfs.sys.Name;
import plyfs.union.api.Forecast;

/** Writes an explanation as lines for a person. */
public final class ExplanationText {
  private static final int NAME_COLUMNS = 40;

  private final Explanation told;
  private final ExploredLayers layers;
  private final @Nullable CopyUpCost cost;
  private final List<String> lines = new ArrayList<>();

  private ExplanationText(Explanation told, @Nullable CopyUpCost cost) {
    this.told = told;
    this.cost = cost;
    this.layers = told.layers();
  }

  /**
   * The lines of an explanation.
   *
   * @param cost estimates how long changes take; may be null
   */
  public static List<String> of(Explanation told, @Nullable CopyUpCost cost) {
    ExplanationText text = new ExplanationText(told, cost);
    text.headline();
    text.answers();
    text.forecasts();
    text.entries();
    return text.lines;
  }

  private void headline() {
    String path = Name.printable(told.path());
    for (Explanation.Followed link : told.followed()) {
      lines.add(
          Name.printable(link.link())
              + " is a symbolic link to "
              + Name.printable(link.target())
              + ", followed to "
              + path);
    }
    Explanation.Shown object = told.object();
    if (told.failure() != 0) {
      lines.add(path + ": cannot follow one of its marks: " + Errno.describe(told.failure()));
    } else if (object == null) {
      lines.add(path + ": does not exist");
    } else {
      String data =
          told.dataSource() < 0
              ? ""
              : ", its data from " + layers.numbers().name(told.dataSource());
      byte[] target = told.target();
      String leadsTo = target == null ? "" : " to " + Name.printable(target);
      lines.add(path + ": " + shown(object, leadsTo) + ", from " + source(object) + data);
      if (told.isByIndex()) {
        lines.add("found through the index: another of its hard links was copied up");
      }
    }
  }

  private String source(Explanation.Shown object) {
    List<Integer> parts = new ArrayList<>();
    for (Explanation.Answer answer : told.answers()) {
      switch (answer.verdict()) {
        case FOUND, MERGED, OPAQUE_STOP, REDIRECTED -> parts.add(answer.layer());
        default -> {}
      }
    }
    if (!Explain.isDirectory(object.mode()) || parts.size() < 2) {
      return layers.numbers().name(told.source())
          + ", "
          + Name.printable(layers.path(told.source()));
    }
    return "a merge of " + ForecastText.count(parts.size(), "layer");
  }

  private static String shown(Explanation.Shown object, String leadsTo) {
    String text = FileType.name(object.mode()) + leadsTo;
    text += String.format(Locale.ROOT, ", mode %04o", object.mode() & 07777);
    boolean isFile = FileType.name(object.mode()).equals("regular file");
    return isFile ? text + ", " + Sizes.of(object.size()) : text;
  }

  private static String brief(Explanation.Shown object) {
    String type = FileType.name(object.mode());
    return type.equals("regular file") ? type + ", " + Sizes.of(object.size()) : type;
  }

  private void answers() {
    lines.add("");
    for (Explanation.Answer answer : told.answers()) {
      String layer = layers.numbers().heading(answer.layer());
      String text = words(answer);
      lines.add(
          String.format(Locale.ROOT, "  %-9s %-11s %s", layer, verdict(answer), text)
              .stripTrailing());
    }
  }

  private static String verdict(Explanation.Answer answer) {
    return switch (answer.verdict()) {
      case ABSENT -> "absent";
      case FOUND -> "found";
      case MERGED -> "merged";
      case WHITEOUT -> "whiteout";
      case OPAQUE_STOP -> "opaque";
      case HIDDEN_BY_NON_DIRECTORY -> "not merged";
      case REDIRECTED -> "redirected";
      case ATTRIBUTES_ONLY -> "attributes";
      case DATA -> "data";
      case HIDDEN -> "hidden";
      case NOT_ASKED -> "not asked";
    };
  }

  private String words(Explanation.Answer answer) {
    Explanation.Shown object = answer.object();
    StringBuilder text = new StringBuilder(object == null ? "" : brief(object));
    if (!answer.why().isEmpty()) {
      text.append(text.length() == 0 ? "" : ": ").append(answer.why());
    }
    boolean elsewhere =
        !java.util.Arrays.equals(answer.at(), told.path())
            && (object != null || answer.verdict() == Explanation.Verdict.WHITEOUT);
    if (elsewhere) {
      text.append(", there as ").append(Name.printable(answer.at()));
    }
    LayerOrigin origin = layers.origin(answer.layer());
    return origin == null
        ? text.toString()
        : text + (text.length() == 0 ? "" : " ") + "(" + origin.id() + ")";
  }

  private void forecasts() {
    if (told.object() == null || told.path().length == 1) {
      return;
    }
    lines.add("");
    lines.add(
        layers.hasUpper()
            ? "What a change would do next:"
            : "What a change would do in a mount with an empty upper directory:");
    forecast("write", told.write());
    if (told.chmod() != null && told.chmod().equals(told.write())) {
      lines.add("  chmod     the same");
    } else {
      forecast("chmod", told.chmod());
    }
    forecast("delete", told.delete());
    forecast("rename", told.rename());
  }

  private void forecast(String change, @Nullable Forecast forecast) {
    if (forecast == null) {
      return;
    }
    String head = change;
    for (String line : ForecastText.lines(forecast)) {
      lines.add(String.format(Locale.ROOT, "  %-9s %s", head, line));
      head = "";
    }
    if (cost != null) {
      List<String> times = new ArrayList<>();
      cost.of(forecast).forEach((fs, nanos) -> times.add(TraceTail.time(nanos) + " on " + fs));
      if (!times.isEmpty()) {
        lines.add("            about " + String.join(", ", times) + " as measured");
      }
    }
  }

  private void entries() {
    if (told.entries().isEmpty()) {
      return;
    }
    lines.add("");
    lines.add("Its entries, and the layers they come from:");
    for (Explanation.Entry entry : told.entries()) {
      Explanation.Shown object = entry.object();
      String name = Name.printable(entry.name());
      if (object != null && Explain.isDirectory(object.mode())) {
        name += "/";
      }
      String from = entry.layers().isEmpty() ? "- " + entry.why() : from(entry.layers());
      lines.add(String.format(Locale.ROOT, "  %-" + NAME_COLUMNS + "s %s", name, from));
    }
  }

  private String from(List<Integer> parts) {
    List<String> names = new ArrayList<>();
    for (int layer : parts) {
      names.add(layers.numbers().brief(layer));
    }
    return String.join(" + ", names);
  }
}
