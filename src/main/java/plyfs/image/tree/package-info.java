/**
 * A layer between its tar and a directory tree: unpacked with whiteouts translated, and written
 * back.
 */
@NullMarked
package plyfs.image.tree;

import org.jspecify.annotations.NullMarked;
