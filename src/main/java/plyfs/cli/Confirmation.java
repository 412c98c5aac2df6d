package plyfs.cli;

import java.io.IOException;
import java.util.Locale;

/** Asks a person before something is lost. */
public final class Confirmation {
  private Confirmation() {}

  /**
   * Whether standard input says yes; its end says no.
   *
   * @param warning what will happen
   */
  public static boolean given(String warning) throws IOException {
    Console.OUT.println(warning);
    Console.OUT.print("Are you sure you want to continue? [y/N] ");
    Console.OUT.flush();
    StringBuilder line = new StringBuilder();
    int read;
    while ((read = System.in.read()) >= 0 && read != '\n') {
      line.append((char) read);
    }
    String answer = line.toString().strip().toLowerCase(Locale.ROOT);
    if (read < 0) {
      Console.OUT.println();
    }
    return answer.equals("y") || answer.equals("yes");
  }
}
