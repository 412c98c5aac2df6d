package plyfs.sys;

import org.jspecify.annotations.Nullable;

/**
 * Loggers by name. A program that says where they write gets them from there; otherwise they are
 * those of {@link System#getLogger}, which looks through everything on the class path for somebody
 * who says it: 10 to 20 ms of a start.
 */
public final class Loggers {
  private static volatile System.@Nullable LoggerFinder finder;

  private Loggers() {}

  /** Has all loggers made from now on come from one place. */
  public static void comeFrom(System.LoggerFinder source) {
    finder = source;
  }

  /** The logger of a package. */
  public static System.Logger named(String name) {
    System.LoggerFinder source = finder;
    return source == null
        ? System.getLogger(name)
        : source.getLogger(name, Loggers.class.getModule());
  }
}
