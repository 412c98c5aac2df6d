package plyfs.image.model;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One step of the making of an image.
 *
 * @param created null where it is not given or not a time
 * @param createdBy the command, as the builder wrote it; empty where it is not given
 * @param isEmpty whether it made no layer
 * @implNote OCI image specification, config.md, "history"
 */
public record HistoryStep(
    @Nullable Instant created, String createdBy, String author, String comment, boolean isEmpty) {}
