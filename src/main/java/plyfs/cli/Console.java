package plyfs.cli;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Where commands write for people: text in UTF-8, names as the bytes they are. */
final class Console {
  /** Exit code of a program whose reader has gone, as SIGPIPE gives it. */
  private static final int READER_GONE = 141;

  private static final NotedFailure WRITTEN =
      new NotedFailure(new FileOutputStream(FileDescriptor.out));

  /** Standard output, buffered until flushed. */
  static final PrintStream OUT =
      new PrintStream(new BufferedOutputStream(WRITTEN, 1 << 16), false, StandardCharsets.UTF_8);

  /** Remembers why it could not be written to, which a PrintStream keeps to itself. */
  private static final class NotedFailure extends FilterOutputStream {
    private @Nullable IOException first;

    NotedFailure(OutputStream out) {
      super(out);
    }

    @Override
    public void write(byte[] bytes, int offset, int count) throws IOException {
      try {
        out.write(bytes, offset, count);
      } catch (IOException e) {
        first = first == null ? e : first;
        throw e;
      }
    }
  }

  private Console() {}

  /**
   * Writes out what is still buffered.
   *
   * @param code exit code of the command
   * @return that code, or another one if standard output was not written whole
   */
  static int end(int code) {
    OUT.flush();
    IOException failure = WRITTEN.first;
    if (failure == null) {
      return code;
    }
    String reason = FailureText.of(failure);
    if (reason.equals("Broken pipe")) {
      return READER_GONE; // its reader wanted no more, which is no news to a person
    }
    complain("cannot write to standard output: " + reason);
    return code == 0 ? CommandFailure.FAILED : code;
  }

  /** One sentence on standard error, as {@code plyfs: sentence}. */
  static void complain(String sentence) {
    PrintStream err =
        new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
    err.println("plyfs: " + harmless(sentence.replace('\n', ' ')));
  }

  /**
   * A sentence that no terminal obeys: what it quotes from a file of others may hold control
   * characters, which are shown as {@code \xHH}.
   */
  static String harmless(String sentence) {
    if (sentence.chars().noneMatch(Character::isISOControl)) {
      return sentence;
    }
    StringBuilder shown = new StringBuilder();
    for (int i = 0; i < sentence.length(); i++) {
      char c = sentence.charAt(i);
      if (Character.isISOControl(c)) {
        shown.append(String.format("\\x%02x", (int) c));
      } else {
        shown.append(c);
      }
    }
    return shown.toString();
  }

  /** Text on standard error as it is, for a line that is written anew. */
  static void status(String text) {
    PrintStream err =
        new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
    err.print(text);
    err.flush();
  }
}
