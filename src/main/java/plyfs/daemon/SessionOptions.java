package plyfs.daemon;

/**
 * How requests are served.
 *
 * @param transport how requests reach the union
 * @param threads workers, 1 to 256
 * @param maxWrite longest write that the kernel sends in one request, bytes
 * @param debug whether each request is logged
 */
public record SessionOptions(TransportKind transport, int threads, int maxWrite, boolean debug) {}
