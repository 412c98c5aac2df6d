/**
 * What {@code --format} takes: Go templates over rows and objects, as Docker's commands have them,
 * and the tables, filters and words for sizes and ages that go with them.
 */
@NullMarked
package plyfs.cli.format;

import org.jspecify.annotations.NullMarked;
