package plyfs.explore;

/**
 * What an image says of one of its layers.
 *
 * @param id the first digits of its chain id
 * @param createdBy the command that made it, as the builder wrote it; empty if that is unknown
 */
public record LayerOrigin(String id, String createdBy) {
  private static final String SHELL = "/bin/sh -c ";
  private static final String NO_COMMAND = "#(nop)";
  private static final String BUILDKIT = "# buildkit";

  /**
   * The command as a Dockerfile has it, in one line; empty if it is unknown.
   *
   * @implNote the classic builder writes {@code /bin/sh -c #(nop) ADD ...} and {@code /bin/sh -c
   *     COMMAND}; BuildKit writes {@code COPY ... # buildkit} and {@code RUN /bin/sh -c COMMAND #
   *     buildkit}
   */
  String command() {
    String text = createdBy.strip().replaceAll("\\s+", " ");
    if (text.endsWith(BUILDKIT)) {
      text = text.substring(0, text.length() - BUILDKIT.length()).strip();
    }
    if (text.startsWith("RUN " + SHELL)) {
      return "RUN " + text.substring(4 + SHELL.length());
    }
    if (!text.startsWith(SHELL)) {
      return text;
    }
    String command = text.substring(SHELL.length()).strip();
    return command.startsWith(NO_COMMAND)
        ? command.substring(NO_COMMAND.length()).strip()
        : "RUN " + command;
  }
}
