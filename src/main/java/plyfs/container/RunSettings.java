package plyfs.container;

import java.util.List;

/**
 * A program in a container. The image's configuration has been taken into account.
 *
 * @param command the program and its arguments
 * @param environment {@code NAME=VALUE} each
 * @param workingDirectory absolute
 * @param user {@code USER[:GROUP]}, names or numbers; empty for root
 * @param network {@code none} or {@code host}
 */
public record RunSettings(
    List<String> command,
    List<String> environment,
    String workingDirectory,
    String user,
    String hostname,
    boolean isReadOnly,
    boolean isTerminal,
    String network) {}
