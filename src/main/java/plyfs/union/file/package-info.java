/** Open files, and what fsync promises. */
@NullMarked
package plyfs.union.file;

import org.jspecify.annotations.NullMarked;
