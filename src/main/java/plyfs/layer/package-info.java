/** One directory tree that takes part in a union: reading any layer, changing the upper layer. */
@NullMarked
package plyfs.layer;

import org.jspecify.annotations.NullMarked;
