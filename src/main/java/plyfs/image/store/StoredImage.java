package plyfs.image.store;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plyfs.image.model.Digest;

/**
 * An image in a store.
 *
 * @param id digest of its configuration
 * @param tags names that lead to it, such as {@code busybox:latest}; perhaps none
 * @param created null where the configuration does not say
 * @param size bytes of all files of all layers
 * @param chainIds its layers, lowest first
 * @param commands that made them, as the builder wrote them; empty texts where that is unknown
 */
public record StoredImage(
    Digest id,
    List<String> tags,
    @Nullable Instant created,
    long size,
    List<Digest> chainIds,
    List<String> commands) {}
