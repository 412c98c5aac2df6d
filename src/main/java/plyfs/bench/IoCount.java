package plyfs.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Bytes that a process has read and written.
 *
 * @param callsRead by read(2), copy_file_range(2) and similar calls
 * @param callsWritten by write(2) and similar calls
 * @param diskRead from block devices
 * @param diskWritten dirtied for block devices
 * @implNote /proc/PID/io, proc(5)
 */
record IoCount(long callsRead, long callsWritten, long diskRead, long diskWritten) {
  static final IoCount NONE = new IoCount(0, 0, 0, 0);

  /** The counts of a process so far. */
  static IoCount of(int pid) throws IOException {
    return parse(Files.readString(Path.of("/proc", Integer.toString(pid), "io")));
  }

  static IoCount parse(String text) {
    return new IoCount(
        value(text, "rchar"),
        value(text, "wchar"),
        value(text, "read_bytes"),
        value(text, "write_bytes"));
  }

  private static long value(String text, String key) {
    return text.lines()
        .filter(line -> line.startsWith(key + ": "))
        .mapToLong(line -> Long.parseLong(line.substring(key.length() + 2).strip()))
        .findFirst()
        .orElse(0);
  }

  IoCount minus(IoCount before) {
    return new IoCount(
        callsRead - before.callsRead,
        callsWritten - before.callsWritten,
        diskRead - before.diskRead,
        diskWritten - before.diskWritten);
  }
}
