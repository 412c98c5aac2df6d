/** One directory tree that can take part in a union: reading any layer, changing the upper one. */
@NullMarked
package plyfs.layer;

import org.jspecify.annotations.NullMarked;
