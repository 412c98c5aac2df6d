/**
 * Where saved images come from: archives and layouts, whose blobs are verified as they are read.
 */
@NullMarked
package plyfs.image.source;

import org.jspecify.annotations.NullMarked;
