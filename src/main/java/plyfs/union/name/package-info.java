/** New names, deletions and moves. */
@NullMarked
package plyfs.union.name;

import org.jspecify.annotations.NullMarked;
