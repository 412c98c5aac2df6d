package plyfs.options;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the options of one mount say, by the rows of the {@link MountOptionTable}. */
final class OptionValues {
  /** One option that was given. */
  record Given(MountOption<?> row, GivenOption option, Object value) {}

  private final List<Given> all = new ArrayList<>();
  private final @Nullable Given[] last = new @Nullable Given[MountOptionTable.rows().size()];

  /**
   * Takes an option in.
   *
   * @throws MountOptionException as {@link ValueForm#parse}
   */
  void take(MountOption<?> row, GivenOption option) throws MountOptionException {
    Given given = new Given(row, option, row.form().parse(option));
    all.add(given);
    last[row.index()] = given;
  }

  /** All that was given, in its order. */
  List<Given> all() {
    return all;
  }

  /** What was given last of a row; null if nothing was. */
  @Nullable GivenOption given(MountOption<?> row) {
    Given given = last[row.index()];
    return given == null ? null : given.option();
  }

  /** What holds: the value that was given, or else the preset, or null. */
  @SuppressWarnings("unchecked") // a row's form gives values of the row's type
  <T> @Nullable T find(MountOption<T> row) {
    Given given = last[row.index()];
    return given == null ? row.preset() : (T) given.value();
  }

  /** What holds, for a row with a preset. */
  <T> T get(MountOption<T> row) {
    T value = find(row);
    if (value == null) {
      throw new IllegalArgumentException(row.word());
    }
    return value;
  }
}
