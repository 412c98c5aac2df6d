package plyfs.cli;

import com.google.common.collect.ImmutableList;
import org.jspecify.annotations.Nullable;
import plyfs.options.MountOptions;

/**
 * A mount to make.
 *
 * @param options with all layers
 * @param mountpoint absolute, without symbolic links
 * @param results lines for the caller once the mount is ready
 * @param words the options of {@code -o}, one by one, as they were given
 * @param container that the mount belongs to, or null
 */
record MountRequest(
    MountOptions options,
    byte[] mountpoint,
    ImmutableList<String> results,
    ImmutableList<byte[]> words,
    @Nullable MountedContainer container) {}
