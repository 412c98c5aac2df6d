package plyfs.options;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import plyfs.union.api.IdRange;

/**
 * {@code L:S:N[:L:S:N...]}: shows the ids L to L+N-1 of the layers as S to S+N-1. A colon may
 * precede the list, because containers/storage writes one.
 */
final class IdRangesForm implements ValueForm<ImmutableList<IdRange>> {
  private static final int NUMBERS_OF_RANGE = 3;

  @Override
  public ImmutableList<IdRange> parse(GivenOption option) throws MountOptionException {
    String text = option.text();
    String[] numbers = (text.startsWith(":") ? text.substring(1) : text).split(":", -1);
    if (numbers.length % NUMBERS_OF_RANGE != 0) {
      throw malformed(option, "each range needs three numbers, LAYER_ID:SHOWN_ID:COUNT");
    }
    List<IdRange> ranges = new ArrayList<>();
    for (int i = 0; i < numbers.length; i += NUMBERS_OF_RANGE) {
      IdRange range =
          new IdRange(
              IdForm.id(option, numbers[i]),
              IdForm.id(option, numbers[i + 1]),
              IdForm.id(option, numbers[i + 2]));
      if (range.count() == 0
          || Math.max(range.stored(), range.shown()) + range.count() - 1 > IdRange.MOST) {
        throw malformed(
            option, "a range must have at least one id, and no id above " + IdRange.MOST);
      }
      if (ranges.stream().anyMatch(range::overlaps)) {
        throw malformed(option, "two ranges overlap");
      }
      ranges.add(range);
    }
    return ImmutableList.copyOf(ranges);
  }

  private static MountOptionException malformed(GivenOption option, String why) {
    return new MountOptionException("option '" + option + "': " + why);
  }

  @Override
  public String syntax() {
    return "=L:S:N[:L:S:N...]";
  }

  @Override
  public String[] examples() {
    return new String[] {"=0:100000:65536", "=0:0:1:1:1001:10"};
  }
}
