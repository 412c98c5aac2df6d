package plyfs.daemon;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The options that name layers. Lower ones come in one list, {@code lowerdir=A:B::DATA}, or one by
 * one, {@code lowerdir+=A}, {@code datadir+=DATA}, and then as they are, without escapes.
 *
 * @implNote Linux fs/overlayfs/params.c, ovl_parse_param_lowerdir and ovl_parse_layer
 */
final class LayerOptions {
  private static final String ONE_LOWER = "lowerdir+";
  private static final String ONE_DATA_ONLY = "datadir+";

  private final List<byte[]> lowers = new ArrayList<>();
  private final List<byte[]> dataOnly = new ArrayList<>();
  private boolean asList;
  private boolean oneByOne;
  private byte @Nullable [] upper;
  private byte @Nullable [] work;

  /** Whether an option may be given more than once, and adds to what was given. */
  static boolean addsUp(MountOption option) {
    return option.key().equals(ONE_LOWER) || option.key().equals(ONE_DATA_ONLY);
  }

  /** Takes an option if it is one of these. */
  boolean take(MountOption option) throws MountOptionException {
    switch (option.key()) {
      case "lowerdir" -> takeList(option);
      case ONE_LOWER -> {
        if (!dataOnly.isEmpty()) {
          throw new MountOptionException(
              "option '" + option + "' comes after a data-only layer: those are the lowest");
        }
        lowers.add(one(option));
      }
      case ONE_DATA_ONLY -> dataOnly.add(one(option));
      case "upperdir" -> upper = option.unescaped();
      case "workdir" -> work = option.unescaped();
      default -> {
        return false;
      }
    }
    return true;
  }

  private byte[] one(MountOption option) throws MountOptionException {
    oneByOne = true;
    requireOneForm();
    byte[] path = option.value();
    if (path == null || path.length == 0) {
      throw new MountOptionException(
          "option '" + option.key() + "' needs a value: " + option.key() + "=...");
    }
    return path;
  }

  /** An empty part, which only two colons make, says that a data-only layer follows. */
  private void takeList(MountOption option) throws MountOptionException {
    asList = true;
    requireOneForm();
    List<byte[]> parts = option.unescapedParts((byte) ':');
    boolean isDataOnly = false;
    for (int i = 0; i < parts.size(); i++) {
      boolean isEmpty = parts.get(i).length == 0;
      boolean isSeparator = i > 0 && i + 1 < parts.size() && parts.get(i - 1).length > 0;
      if (isEmpty && !isSeparator) {
        throw new MountOptionException("option 'lowerdir=': a directory name is empty");
      }
      if (isEmpty) {
        isDataOnly = true;
      } else if (isDataOnly) {
        dataOnly.add(parts.get(i));
        isDataOnly = false;
      } else if (dataOnly.isEmpty()) {
        lowers.add(parts.get(i));
      } else {
        throw new MountOptionException(
            "option 'lowerdir=': after a data-only layer ('::') only others can follow");
      }
    }
  }

  private void requireOneForm() throws MountOptionException {
    if (asList && oneByOne) {
      throw new MountOptionException(
          "options 'lowerdir=' and 'lowerdir+=' or 'datadir+=' contradict each other");
    }
  }

  /** Lower layers, topmost first. */
  ImmutableList<byte[]> lowers() {
    return ImmutableList.copyOf(lowers);
  }

  /** Data-only layers, topmost first. */
  ImmutableList<byte[]> dataOnly() {
    return ImmutableList.copyOf(dataOnly);
  }

  byte @Nullable [] upper() {
    return upper;
  }

  byte @Nullable [] work() {
    return work;
  }
}
