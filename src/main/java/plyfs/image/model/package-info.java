/** What image formats name: digests, descriptors, references, configurations, manifests. */
@NullMarked
package plyfs.image.model;

import org.jspecify.annotations.NullMarked;
