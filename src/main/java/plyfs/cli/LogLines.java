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
import plyfs.sys.SystemLog;

/**
 * Writes each log record as one line to standard error, which is the log file of a background
 * mount: {@code TIME LEVEL LOGGER MESSAGE[ | EXCEPTION[ | FRAME]...]}.
 *
 * <p>{@link Main} passes this class to {@link plyfs.sys.Loggers}; {@link System#getLogger} finds it
 * through META-INF/services. Plyfs does not use the logging of the JDK, because its start alone
 * takes more time than all logging of a daemon.
 */
public final class LogLines extends System.LoggerFinder {
  private static final PrintStream ERR =
      new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);

  private static volatile Logger.Level least = Logger.Level.INFO;
  private static volatile @Nullable SystemLog system;

  /** Called by the service loader. */
  public LogLines() {}

  /** Shows debug records from now on. */
  static void showDebug() {
    least = Logger.Level.DEBUG;
  }

  /** Writes to syslog, which adds the time, from now on. */
  static void writeTo(SystemLog log) {
    system = log;
  }

  private static void write(
      Logger.Level level, String name, @Nullable String message, @Nullable Throwable thrown) {
    SystemLog log = system;
    if (log == null) {
      String time = Instant.now().truncatedTo(ChronoUnit.MILLIS).toString();
      ERR.println(time + ' ' + level + ' ' + line(name, message, thrown));
      return;
    }
    int priority =
        switch (level) {
          case ERROR, ALL, OFF -> SystemLog.ERROR;
          case WARNING -> SystemLog.WARNING;
          case INFO -> SystemLog.INFO;
          case DEBUG, TRACE -> SystemLog.DEBUG;
        };
    log.write(priority, line(name, message, thrown).getBytes(StandardCharsets.UTF_8));
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
        write(level, name, message, thrown);
      }
    }

    @Override
    public void log(
        Level level, @Nullable ResourceBundle bundle, String format, @Nullable Object... values) {
      if (isLoggable(level)) {
        boolean plain = values == null || values.length == 0;
        String message = plain ? format : MessageFormat.format(format, values);
        write(level, name, message, null);
      }
    }
  }

  /** One line, without its line end: {@code LOGGER MESSAGE[ | EXCEPTION[ | FRAME]...]}. */
  static String line(String name, @Nullable String message, @Nullable Throwable thrown) {
    StringBuilder line = new StringBuilder();
    line.append(name).append(' ').append(message);
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      line.append(" | ").append(cause);
      for (StackTraceElement frame : cause.getStackTrace()) {
        line.append(" | ").append(frame);
      }
    }
    return line.toString().replace('\n', ' ').replace('\r', ' ');
  }
}
