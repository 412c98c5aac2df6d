package plyfs.cli;

import java.time.Duration;
import plyfs.cli.format.Units;
import plyfs.explore.Sizes;

/** Durations and sizes for people. */
public final class Ages {
  private Ages() {}

  /** See {@link Units#age}. */
  public static String about(Duration age) {
    return Units.age(age);
  }

  /** See {@link Sizes#of}. */
  public static String size(long bytes) {
    return Sizes.of(bytes);
  }
}
