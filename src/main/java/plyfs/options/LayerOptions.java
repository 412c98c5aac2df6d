package plyfs.options;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The layers that options name. Lower layers come in one list, {@code lowerdir=A:B::DATA}, or one
 * by one without escapes, {@code lowerdir+=A}, {@code datadir+=DATA}.
 *
 * @implNote Linux fs/overlayfs/params.c, ovl_parse_param_lowerdir and ovl_parse_layer
 */
final class LayerOptions {
  private final List<byte[]> lowers = new ArrayList<>();
  private final List<byte[]> dataOnly = new ArrayList<>();
  private final byte @Nullable [] upper;
  private final byte @Nullable [] work;

  LayerOptions(OptionValues values) throws MountOptionException {
    boolean oneByOne = false;
    for (OptionValues.Given given : values.all()) {
      if (given.row() == MountOptionTable.ONE_LOWER) {
        addLower((byte[]) given.value(), given.option());
        oneByOne = true;
      } else if (given.row() == MountOptionTable.ONE_DATA_ONLY) {
        dataOnly.add((byte[]) given.value());
        oneByOne = true;
      }
    }
    List<byte[]> list = values.find(MountOptionTable.LOWERS);
    if (list != null && oneByOne) {
      throw new MountOptionException(
          "option 'lowerdir' contradicts 'lowerdir+' and 'datadir+': use one of the two"
              + " forms");
    }
    if (list != null) {
      addAll(list);
    }
    upper = values.find(MountOptionTable.UPPER);
    work = values.find(MountOptionTable.WORK);
  }

  private void addLower(byte[] path, GivenOption option) throws MountOptionException {
    if (!dataOnly.isEmpty()) {
      throw new MountOptionException(
          "option '" + option + "' comes after a data-only layer: name data-only layers last");
    }
    lowers.add(path);
  }

  /** Adds the directories of a list. An empty part, from two colons, precedes a data-only layer. */
  private void addAll(List<byte[]> parts) throws MountOptionException {
    boolean isDataOnly = false;
    for (int i = 0; i < parts.size(); i++) {
      boolean isEmpty = parts.get(i).length == 0;
      boolean isSeparator = i > 0 && i + 1 < parts.size() && parts.get(i - 1).length > 0;
      if (isEmpty && !isSeparator) {
        throw new MountOptionException("option 'lowerdir': a directory name is empty");
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
            "option 'lowerdir=': a lower layer follows a data-only layer ('::'): name"
                + " data-only layers last");
      }
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
