package plyfs.image.store;

import java.nio.file.Path;
import java.util.List;
import plyfs.image.model.Digest;

/**
 * What a mount needs to know of an image.
 *
 * @param id digest of its configuration
 * @param directories of its layers, topmost first; empty for an image without layers
 */
public record ImageLayers(Digest id, List<Path> directories) {}
