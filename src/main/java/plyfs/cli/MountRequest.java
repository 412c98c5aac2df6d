package plyfs.cli;

import com.google.common.collect.ImmutableList;
import plyfs.options.MountOptions;

/**
 * What is to be mounted where.
 *
 * @param options with all layers
 * @param mountpoint absolute, without symbolic links
 * @param results lines for the caller once it is mounted
 * @param words what {@code -o} said, one by one as it was given
 */
record MountRequest(
    MountOptions options,
    byte[] mountpoint,
    ImmutableList<String> results,
    ImmutableList<byte[]> words) {}
