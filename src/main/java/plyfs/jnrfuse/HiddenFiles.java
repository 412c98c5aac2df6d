package plyfs.jnrfuse;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;

/**
 * Files without a name that are still open. libfuse only has paths: it renames such a file to
 * {@code .fuse_hidden...} and removes that name when the file is closed. Here these names lead to
 * the node, which stays alive, and they exist in no directory.
 *
 * @implNote libfuse 2.9, lib/fuse.c, hide_node: the names never come twice
 */
final class HiddenFiles {
  private static final String PREFIX = ".fuse_hidden";

  private final Supplier<PendingRequest> requests;
  private final Map<String, Long> nodes = new ConcurrentHashMap<>();

  HiddenFiles(Supplier<PendingRequest> requests) {
    this.requests = requests;
  }

  /** Whether the current request is a rename by which libfuse hides a file. */
  boolean isHiding(String newName) {
    if (!newName.startsWith(PREFIX)) {
      return false;
    }
    PendingRequest request = requests.get();
    return switch (request.opcode()) {
      case PendingRequest.UNLINK -> true;
      case PendingRequest.RENAME -> !request.newNameOfRename().equals(newName);
      default -> false;
    };
  }

  /** Stores a node and takes over one lookup of it. */
  void keep(String name, long ownedNode) {
    nodes.put(name, ownedNode);
  }

  /**
   * The node, or 0.
   *
   * @throws ErrnoException ENOENT for a lookup by the kernel: only libfuse knows the name
   */
  long find(String name) throws ErrnoException {
    long node = name.startsWith(PREFIX) ? nodes.getOrDefault(name, 0L) : 0;
    if (node != 0 && requests.get().opcode() == PendingRequest.LOOKUP) {
      throw ErrnoException.of(Errno.ENOENT);
    }
    return node;
  }

  /** Removes a name; returns the node with its lookup, or 0. */
  long drop(String name) {
    Long node = name.startsWith(PREFIX) ? nodes.remove(name) : null;
    return node == null ? 0 : node;
  }
}
