/**
 * Mount options: one table, its reader, and the records that the rest of the program sees.
 *
 * <p>{@link plyfs.options.MountOptionTable} has a row for each, {@link plyfs.options.OptionReader}
 * reads what was given, and the {@code Rules} say which options go together.
 */
@NullMarked
package plyfs.options;

import org.jspecify.annotations.NullMarked;
