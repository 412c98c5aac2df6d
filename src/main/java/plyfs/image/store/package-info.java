/** The store: unpacked layers, configurations and names, each shared by all images. */
@NullMarked
package plyfs.image.store;

import org.jspecify.annotations.NullMarked;
