package plyfs.options;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The values of the options of one mount, by the rows of the {@link MountOptionTable}. */
final class OptionValues {
  /** One given option. */
  record Given(MountOption<?> row, GivenOption option, Object value) {}

  private final List<Given> all = new ArrayList<>();
  private final @Nullable Given[] last = new @Nullable Given[MountOptionTable.rows().size()];

  /**
   * Parses and stores an option.
   *
   * @throws MountOptionException as {@link ValueForm#parse}
   */
  void take(MountOption<?> row, GivenOption option) throws MountOptionException {
    Given given = new Given(row, option, row.form().parse(option));
    all.add(given);
    last[row.index()] = given;
  }

  /** All given options, in their order. */
  List<Given> all() {
    return all;
  }

  /** The last given option of a row; null if there is none. */
  @Nullable GivenOption given(MountOption<?> row) {
    Given given = last[row.index()];
    return given == null ? null : given.option();
  }

  /** The value of a row: the given one, or the default, or null. */
  @SuppressWarnings("unchecked") // the form of a row returns values of the row's type
  <T> @Nullable T find(MountOption<T> row) {
    Given given = last[row.index()];
    return given == null ? row.preset() : (T) given.value();
  }

  /** The value of a row with a default. */
  <T> T get(MountOption<T> row) {
    T value = find(row);
    if (value == null) {
      throw new IllegalArgumentException(row.word());
    }
    return value;
  }
}
