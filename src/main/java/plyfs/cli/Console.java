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

/** Output for a person: text in UTF-8, names as raw bytes. */
public final class Console {
  /** Exit code of a program whose reader has ended, as after SIGPIPE. */
  public static final int READER_GONE = 141;

  private static final NotedFailure WRITTEN =
      new NotedFailure(new FileOutputStream(FileDescriptor.out));

  /** Standard output, buffered until flushed. */
  public static final PrintStream OUT =
      new PrintStream(new BufferedOutputStream(WRITTEN, 1 << 16), false, StandardCharsets.UTF_8);

  /** Remembers the first write error, which PrintStream hides. */
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
   * Flushes standard output.
   *
   * @param code exit code of the command
   * @return that code, or another one if the output was not written completely
   */
  public static int end(int code) {
    OUT.flush();
    IOException failure = WRITTEN.first;
    if (failure == null) {
      return code;
    }
    String reason = FailureText.of(failure);
    if (reason.equals("Broken pipe")) {
      return READER_GONE; // the reader ended early, which is no error
    }
    complain("cannot write to standard output: " + reason);
    return code == 0 ? CommandFailure.FAILED : code;
  }

  /** Prints one sentence on standard error, as {@code plyfs: sentence}. */
  public static void complain(String sentence) {
    PrintStream err =
        new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
    err.println("plyfs: " + harmless(sentence.replace('\n', ' ')));
  }

  /**
   * A sentence that no terminal obeys: what it quotes from a file of others may hold control
   * characters, which are shown as {@code \xHH}.
   */
  public static String harmless(String sentence) {
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

  /** Prints text on standard error unchanged, for a line that is overwritten. */
  public static void status(String text) {
    PrintStream err =
        new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
    err.print(text);
    err.flush();
  }
}
