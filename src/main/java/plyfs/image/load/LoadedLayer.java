package plyfs.image.load;

import plyfs.image.model.Digest;

/**
 * A layer of an image that was loaded.
 *
 * @param chainId identifies it together with those below
 * @param diffId digest of its uncompressed tar
 * @param alreadyPresent whether the store had it before, or another image of the same load brought
 *     it
 * @param size bytes of all its files
 */
public record LoadedLayer(Digest chainId, Digest diffId, boolean alreadyPresent, long size) {}
