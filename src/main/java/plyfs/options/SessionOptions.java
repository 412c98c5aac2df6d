package plyfs.options;

/**
 * How requests are served.
 *
 * @param transport how requests reach the union
 * @param open how the kernel treats opens
 * @param writeback whether the kernel keeps what is written for a while and writes many small
 *     pieces as one
 * @param rings whether requests come through io_uring where the kernel offers it
 * @param threads workers, 1 to 256
 * @param busyPollMicros how long a worker looks for the next request before it sleeps, while they
 *     follow each other that fast; 0 for never
 * @param maxWrite longest write that the kernel sends in one request, bytes
 * @param debug whether each request is logged
 */
public record SessionOptions(
    TransportKind transport,
    OpenPolicy open,
    boolean writeback,
    boolean rings,
    int threads,
    int busyPollMicros,
    int maxWrite,
    boolean debug) {}
