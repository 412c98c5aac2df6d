/**
 * The options of a mount: {@link plyfs.options.MountOptionTable} has a row for each, {@link
 * plyfs.options.OptionReader} reads what was given by it, and the {@code Options} records are what
 * the rest of the program sees.
 */
@NullMarked
package plyfs.options;

import org.jspecify.annotations.NullMarked;
