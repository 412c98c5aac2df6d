/** The commands for the images of a store. */
@NullMarked
package plyfs.cli.image;

import org.jspecify.annotations.NullMarked;
