/** Which inode numbers programs see. */
@NullMarked
package plyfs.union.number;

import org.jspecify.annotations.NullMarked;
