package plyfs.cli;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** Where commands write for people: text in UTF-8, names as the bytes they are. */
final class Console {
  /** Standard output, buffered until flushed. */
  static final PrintStream OUT =
      new PrintStream(
          new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 1 << 16),
          false,
          StandardCharsets.UTF_8);

  private Console() {}

  /** One sentence on standard error, as {@code plyfs: sentence}. */
  static void complain(String sentence) {
    PrintStream err =
        new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
    err.println("plyfs: " + sentence.replace('\n', ' '));
  }

  /** Text on standard error as it is, for a line that is written anew. */
  static void status(String text) {
    PrintStream err =
        new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
    err.print(text);
    err.flush();
  }
}
