package plyfs.cli;

import plyfs.daemon.MountOptions;

/**
 * What is to be mounted where.
 *
 * @param options with all layers
 * @param mountpoint absolute, without symbolic links
 */
record MountRequest(MountOptions options, byte[] mountpoint) {}
