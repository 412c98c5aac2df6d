/** How images get out of a store, byte for byte. */
@NullMarked
package plyfs.image.save;

import org.jspecify.annotations.NullMarked;
