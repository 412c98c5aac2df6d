package plyfs.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.lang.System.Logger;
import java.nio.charset.StandardCharsets;
import java.text.MessageFormat;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ResourceBundle;
import org.jspecify.annotations.Nullable;

/**
 * Writes each log record as one line to standard error, which is the log file of a mount in the
 * background: {@code TIME LEVEL LOGGER MESSAGE[ | EXCEPTION[ | FRAME]...]}.
 *
 * <p>{@link Main} names it to {@link plyfs.sys.Loggers}; {@link System#getLogger} finds it through
 * META-INF/services. The logging of the JDK is not used: it needs more time to start than the rest
 * of the daemon's logging takes in its life.
 */
public final class LogLines extends System.LoggerFinder {
  private static final PrintStream ERR =
      new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);

  private static volatile Logger.Level least = Logger.Level.INFO;

  /** Called by the service loader. */
  public LogLines() {}

  /** Shows debug records too, from now on. */
  static void showDebug() {
    least = Logger.Level.DEBUG;
  }

  @Override
  public Logger getLogger(String name, Module module) {
    return new Lines(name);
  }

  private static final class Lines implements Logger {
    private final String name;

    Lines(String name) {
      this.name = name;
    }

    @Override
    public String getName() {
      return name;
    }

    @Override
    public boolean isLoggable(Level level) {
      return level.getSeverity() >= least.getSeverity();
    }

    @Override
    public void log(
        Level level, @Nullable ResourceBundle bundle, String message, @Nullable Throwable thrown) {
      if (isLoggable(level)) {
        ERR.println(line(level, name, message, thrown));
      }
    }

    @Override
    public void log(
        Level level, @Nullable ResourceBundle bundle, String format, @Nullable Object... values) {
      if (isLoggable(level)) {
        boolean plain = values == null || values.length == 0;
        String message = plain ? format : MessageFormat.format(format, values);
        ERR.println(line(level, name, message, null));
      }
    }
  }

  /** One line, without its end. */
  static String line(
      Logger.Level level, String name, @Nullable String message, @Nullable Throwable thrown) {
    StringBuilder line = new StringBuilder();
    line.append(Instant.now().truncatedTo(ChronoUnit.MILLIS)).append(' ');
    line.append(level).append(' ').append(name).append(' ').append(message);
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      line.append(" | ").append(cause);
      for (StackTraceElement frame : cause.getStackTrace()) {
        line.append(" | ").append(frame);
      }
    }
    return line.toString().replace('\n', ' ').replace('\r', ' ');
  }
}
