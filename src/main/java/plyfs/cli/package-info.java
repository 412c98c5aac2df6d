/** The plyfs command: one class for each subcommand. */
@NullMarked
package plyfs.cli;

import org.jspecify.annotations.NullMarked;
