/** The entries of all layers as one list. */
@NullMarked
package plyfs.union.listing;

import org.jspecify.annotations.NullMarked;
