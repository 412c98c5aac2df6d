/** What names and attributes on disk mean: the codecs of the marks, without a layer. */
@NullMarked
package plyfs.union.mark;

import org.jspecify.annotations.NullMarked;
