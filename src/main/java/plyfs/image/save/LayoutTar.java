package plyfs.image.save;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.HashSet;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** Writes a layout as tar: owner 0, time 0, so that only contents make a difference. */
final class LayoutTar {
  private static final int RECORD_BYTES = 10240;
  private static final int FILE_MODE = 0100644;
  private static final int DIRECTORY_MODE = 040755;

  private final OutputStream out;
  private final TarArchiveOutputStream tar;
  private final Set<String> directories = new HashSet<>();

  LayoutTar(OutputStream out) {
    this.out = new BufferedOutputStream(out, Content.BUFFER_BYTES);
    this.tar = new TarArchiveOutputStream(this.out, RECORD_BYTES, "UTF-8");
    tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_STAR);
  }

  /** Writes a file, and the directories above it if they are new. */
  void file(String name, Content content) throws IOException {
    for (int slash = name.indexOf('/'); slash >= 0; slash = name.indexOf('/', slash + 1)) {
      String directory = name.substring(0, slash + 1);
      if (directories.add(directory)) {
        put(directory, DIRECTORY_MODE, 0);
        tar.closeArchiveEntry();
      }
    }
    put(name, FILE_MODE, content.size());
    content.write(tar);
    tar.closeArchiveEntry();
  }

  private void put(String name, int mode, long size) throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name);
    entry.setMode(mode);
    entry.setSize(size);
    entry.setModTime(0);
    entry.setIds(0, 0);
    entry.setNames("", "");
    tar.putArchiveEntry(entry);
  }

  void finish() throws IOException {
    tar.finish();
    tar.flush();
    out.flush();
  }
}
