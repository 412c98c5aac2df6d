/**
 * Containers of images, with a writable layer each, and volumes: what the store knows of them, and
 * how both are changed.
 */
@NullMarked
package plyfs.container;

import org.jspecify.annotations.NullMarked;
