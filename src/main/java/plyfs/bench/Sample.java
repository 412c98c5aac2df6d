package plyfs.bench;

/**
 * One measurement.
 *
 * @param firstByteNanos from before the first system call until the change is visible
 * @param durableNanos from the same moment until fsync(2) has returned for all changed objects
 * @param io of the daemon, or of this process if there is none
 */
record Sample(long firstByteNanos, long durableNanos, IoCount io) {}
