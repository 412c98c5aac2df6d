/**
 * Mount options: one table, its reader, and the records that the rest of the program uses.
 *
 * <p>{@link plyfs.options.MountOptionTable} has a row for each option, {@link
 * plyfs.options.OptionReader} reads the given options, and the {@code Rules} classes check
 * combinations.
 */
@NullMarked
package plyfs.options;

import org.jspecify.annotations.NullMarked;
