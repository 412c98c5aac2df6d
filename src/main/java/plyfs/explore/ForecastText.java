package plyfs.explore;

import java.util.ArrayList;
import java.util.List;
import plyfs.sys.Errno;
import plyfs.sys.Linux;
import plyfs.sys.Name;
import plyfs.union.api.Forecast;

/** Describes what a change would do: one line for each step. */
final class ForecastText {
  private ForecastText() {}

  static List<String> lines(Forecast forecast) {
    if (forecast.errno() != 0) {
      return List.of("refused: " + refusal(forecast.errno()));
    }
    if (forecast.steps().isEmpty()) {
      return List.of("changed in place, in the upper layer");
    }
    List<String> lines = new ArrayList<>();
    for (Forecast.Step step : forecast.steps()) {
      lines.add(line(step));
    }
    return lines;
  }

  private static String refusal(int errno) {
    String name = Errno.describe(errno);
    if (errno == Errno.EXDEV) {
      return name
          + "; this mount cannot rename a directory of a lower layer, so programs copy it"
          + " instead";
    }
    if (errno == Errno.ENOTEMPTY) {
      return name + "; 'rm -r' deletes its entries first";
    }
    return errno == Errno.EPERM
        ? name + "; chattr +i or +a is set, or its owner has no id in this user namespace"
        : name;
  }

  private static String line(Forecast.Step step) {
    String path = Name.printable(step.path());
    Forecast.Copy copy = step.copy();
    return switch (step.kind()) {
      case COPY_UP -> "copy up " + path + ": " + (copy == null ? "" : copied(copy));
      case DATA_COPY ->
          "copy the data of " + path + " into the upper file: " + (copy == null ? "" : data(copy));
      case LINK_UP -> "link the copy in the index to " + path;
      case WHITEOUT_MADE -> "leave a whiteout at " + path + ": lower layers have the name";
      case WHITEOUT_REMOVED -> "replace the whiteout at " + path;
      case OPAQUE_SET -> "mark " + path + " opaque";
      case REDIRECT_SET -> "mark " + path + " with a redirect to its lower directory";
      case RENAMED -> "rename the upper object";
      case REMOVED -> "remove " + path + " from the upper layer: no lower layer has the name";
      case LOOKUP -> "look " + path + " up";
    };
  }

  private static String copied(Forecast.Copy copy) {
    StringBuilder text = new StringBuilder();
    if ((copy.type() & Linux.S_IFMT) == Linux.S_IFREG) {
      text.append(
          copy.dataStaysBelow()
              ? "attributes only, " + Sizes.of(copy.size()) + " of data stay below"
              : data(copy));
    } else {
      text.append(FileType.name(copy.type()));
    }
    if (copy.xattrs() > 0) {
      text.append(", ").append(count(copy.xattrs(), "extended attribute"));
    }
    if (copy.separatedLinks() > 0) {
      int others = copy.separatedLinks() - 1;
      text.append(", separated from ").append(count(others, "other hard link"));
    }
    if (copy.intoIndex()) {
      text.append(", into the index");
    }
    if (copy.sync()) {
      text.append(", synced before it becomes visible");
    }
    return text.toString();
  }

  private static String data(Forecast.Copy copy) {
    if (copy.size() == 0) {
      return "empty file";
    }
    String text = Sizes.of(copy.dataBytes()) + " of data";
    boolean hasHoles = copy.dataBytes() < copy.size();
    return hasHoles
        ? text + " in " + count(copy.extents(), "piece") + " of a file of " + Sizes.of(copy.size())
        : text;
  }

  static String count(int number, String what) {
    return number + " " + what + (number == 1 ? "" : "s");
  }
}
