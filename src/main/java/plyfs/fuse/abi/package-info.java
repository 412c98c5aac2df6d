/** Offsets and accessors of the kernel's FUSE structures, one final class each. */
@NullMarked
package plyfs.fuse.abi;

import org.jspecify.annotations.NullMarked;
