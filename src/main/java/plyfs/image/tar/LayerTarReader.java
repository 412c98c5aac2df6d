package plyfs.image.tar;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveStructSparse;
import org.jspecify.annotations.Nullable;
import plyfs.image.model.BadImageException;

/**
 * Reads a tar entry by entry. commons-compress keeps the structure (where entries begin and end,
 * GNU, star and PAX variants, sparse maps); every name, number and value comes from the raw bytes
 * that {@link PaxTap} kept, because the library decodes them as text. An archive may end right
 * after its last file.
 */
public final class LayerTarReader {
  private final PaxTap tap;
  private final TarArchiveInputStream tar;
  private @Nullable TarArchiveEntry current;
  private boolean holesAreRead;

  /**
   * Reads from a stream, which stays the caller's to close.
   *
   * @param in at the first block
   */
  public LayerTarReader(InputStream in) {
    tap = new PaxTap(in);
    tar = new TarArchiveInputStream(tap, 10240, PaxTap.BLOCK_BYTES, "ISO-8859-1");
  }

  /**
   * Steps to the next entry; null at the end.
   *
   * @throws BadImageException if the tar is malformed or ends too early
   */
  public @Nullable TarEntry next() throws IOException {
    try {
      drain();
      tap.beginSearch();
      current = tar.getNextEntry();
      return current == null ? null : entry(current);
    } catch (BadImageException e) {
      throw e;
    } catch (IllegalArgumentException e) {
      throw new BadImageException("malformed tar: " + e.getMessage(), e);
    } catch (IOException e) {
      // The cause carries a message of our own where the stream beneath failed.
      throw e.getCause() instanceof BadImageException bad
          ? bad
          : new BadImageException("malformed tar: " + e.getMessage(), e);
    }
  }

  /** Bytes of the tar before the data of the current entry, once {@link #next} returned. */
  public long position() {
    return tap.position();
  }

  /** Data of the current entry; -1 at its end. Holes are to be passed over with the next method. */
  public int read(byte[] into, int length) throws IOException {
    try {
      return tar.read(into, 0, length);
    } catch (BadImageException e) {
      throw e;
    } catch (IOException e) {
      throw new BadImageException("truncated tar: " + e.getMessage(), e);
    }
  }

  /** Passes over a hole of the current entry. */
  public void skipHole(long bytes) throws IOException {
    // Only the old GNU format is expanded by the library.
    long left = holesAreRead ? bytes : 0;
    while (left > 0) {
      long skipped = tar.skip(left);
      if (skipped <= 0) {
        throw new BadImageException("malformed sparse file");
      }
      left -= skipped;
    }
  }

  private void drain() throws IOException {
    if (current == null) {
      return;
    }
    long skipped;
    do {
      skipped = tar.skip(Long.MAX_VALUE);
    } while (skipped > 0);
  }

  private TarEntry entry(TarArchiveEntry entry) throws IOException {
    RawHeader header = new RawHeader(tap.header());
    PaxRecords pax = tap.records();
    if (!header.hasGoodChecksum()) {
      throw new BadImageException(
          "malformed tar: wrong checksum in the header before byte " + tap.position());
    }
    byte[] given = first(pax.bytes("GNU.sparse.name"), pax.bytes("path"), tap.longName());
    byte[] path = given != null ? given : header.name();
    byte[] target = first(pax.bytes("linkpath"), tap.longLink(), null);
    char type = type(entry, header.type(), path);
    boolean isFile = type == TarEntry.FILE;
    if (!isFile && type != TarEntry.DIRECTORY && entry.getSize() != 0) {
      throw new BadImageException(
          "an entry of type '" + type + "' carries " + entry.getSize() + " bytes of data");
    }
    SparseMap map = isFile ? sparseMap(entry, pax) : null;
    return new TarEntry(
        header,
        pax,
        type,
        !isFile ? 0 : map != null ? map.size() : entry.getSize(),
        map == null ? null : map.extents(),
        path,
        target != null ? target : header.linkTarget());
  }

  private @Nullable SparseMap sparseMap(TarArchiveEntry entry, PaxRecords pax) throws IOException {
    holesAreRead = entry.isSparse();
    if (!holesAreRead) {
      return SparseMap.of(pax, this::readFully);
    }
    List<TarEntry.Extent> extents = new ArrayList<>();
    for (TarArchiveStructSparse part : entry.getOrderedSparseHeaders()) {
      extents.add(new TarEntry.Extent(part.getOffset(), part.getNumbytes()));
    }
    long size = entry.getRealSize();
    return new SparseMap(size, SparseMap.inOrder(size, extents));
  }

  private void readFully(byte[] block) throws IOException {
    int filled = 0;
    while (filled < block.length) {
      int read = tar.read(block, filled, block.length - filled);
      if (read < 0) {
        throw new BadImageException("truncated tar: it ends in the map of a sparse file");
      }
      filled += read;
    }
  }

  private static byte @Nullable [] first(
      byte @Nullable [] a, byte @Nullable [] b, byte @Nullable [] c) {
    return a != null ? a : b != null ? b : c;
  }

  /** Old archives mark a directory only by a slash at the end of its name. */
  private static char type(TarArchiveEntry entry, char raw, byte[] path) throws BadImageException {
    boolean regular = raw == TarEntry.FILE || raw == 0 || raw == '7' || raw == 'S';
    if (!regular) {
      return raw;
    }
    boolean slash = path.length > 0 && path[path.length - 1] == '/';
    if (!slash && !entry.isDirectory()) {
      return TarEntry.FILE;
    }
    if (entry.getSize() != 0) {
      throw new BadImageException(
          "a file whose name ends in '/' carries " + entry.getSize() + " bytes of data");
    }
    return TarEntry.DIRECTORY;
  }
}
