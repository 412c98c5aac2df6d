/**
 * Saved images and the store of their layers. Each package below uses those named before it only.
 */
@NullMarked
package plyfs.image;

import org.jspecify.annotations.NullMarked;
