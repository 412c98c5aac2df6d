/** How a lower object gets its upper one, and its data. */
@NullMarked
package plyfs.union.copyup;

import org.jspecify.annotations.NullMarked;
