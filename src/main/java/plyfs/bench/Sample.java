package plyfs.bench;

/**
 * One measurement.
 *
 * @param firstByteNanos from before the first system call until the change can be seen
 * @param durableNanos from the same moment until fsync(2) has returned for all that was changed
 * @param io of the daemon, or of this process where there is none
 */
record Sample(long firstByteNanos, long durableNanos, IoCount io) {}
