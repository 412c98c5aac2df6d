/** The plyfs command: one class per subcommand. */
@NullMarked
package plyfs.cli;

import org.jspecify.annotations.NullMarked;
