package plyfs.explore;

/**
 * The history of one layer in its image.
 *
 * @param id the first digits of its chain id
 * @param createdBy the command that created it, as the builder recorded it; empty if unknown
 */
public record LayerOrigin(String id, String createdBy) {
  private static final String SHELL = "/bin/sh -c ";
  private static final String NO_COMMAND = "#(nop)";
  private static final String BUILDKIT = "# buildkit";

  /**
   * The command as in a Dockerfile, in one line; empty if unknown.
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
