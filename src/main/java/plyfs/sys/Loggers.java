package plyfs.sys;

import org.jspecify.annotations.Nullable;

/**
 * Creates loggers by name. A program that sets a source gets them from there. Otherwise they come
 * from {@link System#getLogger}, which searches the whole class path for a provider: 10 to 20 ms at
 * the start.
 */
public final class Loggers {
  private static volatile System.@Nullable LoggerFinder finder;

  private Loggers() {}

  /** Sets the source of all loggers created from now on. */
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
