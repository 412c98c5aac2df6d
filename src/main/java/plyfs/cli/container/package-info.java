/** The commands for containers and volumes, with Docker's flags, columns and words. */
@NullMarked
package plyfs.cli.container;

import org.jspecify.annotations.NullMarked;
