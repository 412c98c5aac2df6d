package plyfs.options;

/**
 * How the daemon serves requests.
 *
 * @param transport how requests reach the union
 * @param open how the kernel handles opens
 * @param writeback whether the kernel caches written data and sends many small writes as one
 * @param rings whether requests come through io_uring if the kernel supports it
 * @param threads number of workers, 1 to 256
 * @param busyPollMicros how long a worker polls for the next request before it sleeps, while
 *     requests arrive in such short intervals; 0 for never
 * @param maxWrite most bytes that the kernel sends in one write request
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
