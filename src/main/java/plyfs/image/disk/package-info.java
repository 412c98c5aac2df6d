/** The file system calls of a store, with messages that name the file. */
@NullMarked
package plyfs.image.disk;

import org.jspecify.annotations.NullMarked;
