package plyfs.union.copyup;

import plyfs.layer.LayerFile;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.sys.Stat;

/** The parts of a file that are no holes: what copy-up copies, and nothing else. */
public final class DataExtents {
  private static final int SECTOR_BYTES = 512;

  private DataExtents() {}

  /** Takes one extent. */
  @FunctionalInterface
  public interface Visitor {
    /**
     * From {@code start} to before {@code end}.
     *
     * @return where the work ended; before {@code end} if the file has shrunk, which ends the visit
     */
    long extent(long start, long end) throws ErrnoException;
  }

  /**
   * Visits the extents below {@code wanted} bytes, in their order.
   *
   * @param source attributes of {@code file}
   * @return where the last visit ended; 0 if there was none
   */
  public static long visit(LayerFile file, Stat source, long wanted, Visitor visitor)
      throws ErrnoException {
    boolean sparse = source.blocks() * SECTOR_BYTES < source.size();
    long at = 0;
    while (at < wanted) {
      long data = sparse ? file.seek(at, Linux.SEEK_DATA) : at;
      if (data < 0 || data >= wanted) {
        break;
      }
      long hole = sparse ? file.seek(data, Linux.SEEK_HOLE) : wanted;
      long end = hole < 0 ? wanted : Math.min(hole, wanted);
      at = visitor.extent(data, end);
      if (at < end) {
        break;
      }
    }
    return at;
  }
}
