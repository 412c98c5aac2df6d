/** Saved images: archives and layouts, digests, layers unpacked into a content-addressed store. */
@NullMarked
package plyfs.image;

import org.jspecify.annotations.NullMarked;
