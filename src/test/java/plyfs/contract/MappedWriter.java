package plyfs.contract;

import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A process that writes through a shared mapping and then waits to be killed. */
final class MappedWriter {
  private MappedWriter() {}

  /** Writes {@code W} over the first byte of the file named by the argument. */
  public static void main(String[] arguments) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            Path.of(arguments[0]), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      MappedByteBuffer mapping = channel.map(FileChannel.MapMode.READ_WRITE, 0, 1);
      mapping.put(0, (byte) 'W');
      System.out.write('w');
      System.out.flush();
      while (System.in.read() >= 0) {
        // until it is killed
      }
    }
  }

  /** Starts one; what it writes has been written when this returns. */
  static Process start(String path) throws IOException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                Path.of("target/test-classes").toAbsolutePath().toString(),
                MappedWriter.class.getName(),
                path)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    if (process.getInputStream().read() != 'w') {
      throw new IOException("the writer ended at once");
    }
    return process;
  }
}
