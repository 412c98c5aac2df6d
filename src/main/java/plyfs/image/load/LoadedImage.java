package plyfs.image.load;

import java.util.List;
import plyfs.image.model.Digest;

/**
 * An image that was loaded.
 *
 * @param id digest of its configuration: the image ID
 * @param tags names that now lead to it, such as {@code busybox:latest}; none where the archive
 *     gives none
 * @param layers lowest first
 */
public record LoadedImage(Digest id, List<String> tags, List<LoadedLayer> layers) {}
