/** How saved images get into a store. */
@NullMarked
package plyfs.image.load;

import org.jspecify.annotations.NullMarked;
