/** Changes of owner, mode, times, extended attributes and flags. */
@NullMarked
package plyfs.union.attribute;

import org.jspecify.annotations.NullMarked;
