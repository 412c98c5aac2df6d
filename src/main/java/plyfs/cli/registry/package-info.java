/** The commands that talk to registries. */
@NullMarked
package plyfs.cli.registry;

import org.jspecify.annotations.NullMarked;
