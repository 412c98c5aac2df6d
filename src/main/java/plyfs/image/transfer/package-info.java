/** Images between registries and a store. */
@NullMarked
package plyfs.image.transfer;

import org.jspecify.annotations.NullMarked;
