package plyfs.image.store;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plyfs.image.model.Digest;
import plyfs.image.model.ImageDetails;

/**
 * An image in a store.
 *
 * @param id digest of its configuration
 * @param tags names that lead to it, such as {@code busybox:latest}; perhaps none
 * @param created null where the configuration does not say
 * @param size bytes of all files of all layers
 * @param chainIds its layers, lowest first
 * @param commands that made them, as the builder wrote them; empty texts where that is unknown
 * @param digests names with the digest of a manifest, such as {@code busybox@sha256:<hex>}
 * @param layerSizes bytes of the files of each layer, lowest first
 * @param details what else the configuration says
 */
public record StoredImage(
    Digest id,
    List<String> tags,
    @Nullable Instant created,
    long size,
    List<Digest> chainIds,
    List<String> commands,
    List<String> digests,
    List<Long> layerSizes,
    ImageDetails details) {}
