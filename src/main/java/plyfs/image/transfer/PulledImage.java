package plyfs.image.transfer;

import plyfs.image.model.Digest;

/**
 * An image that was pulled.
 *
 * @param id digest of its configuration
 * @param digest of the manifest or index that was asked for
 * @param isNew whether the name led to something else before, or to nothing
 */
public record PulledImage(Digest id, Digest digest, boolean isNew) {}
