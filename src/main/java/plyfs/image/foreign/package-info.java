/** Images in the storage of other container engines, to mount straight from there. */
@NullMarked
package plyfs.image.foreign;

import org.jspecify.annotations.NullMarked;
