/** The protocol of image registries: requests, authentication, blobs up and down. No store. */
@NullMarked
package plyfs.image.registry;

import org.jspecify.annotations.NullMarked;
