package plyfs.union.copyup;

import org.jspecify.annotations.Nullable;
import plyfs.layer.LayerFile;
import plyfs.layer.LayerRef;
import plyfs.sys.ErrnoException;

/** The files of one copy-up, each opened once, when it is first needed. */
public final class CopyUpFiles implements AutoCloseable {
  private final CopyUpJob job;
  private final LayerRef prepared;
  private @Nullable LayerFile lower;
  private @Nullable LayerFile copy;

  CopyUpFiles(CopyUpJob job, LayerRef prepared) {
    this.job = job;
    this.prepared = prepared;
  }

  /** The lower object, for reading: a regular file or a directory. */
  LayerFile lower() throws ErrnoException {
    LayerFile file = lower;
    if (file == null) {
      file = job.lower().layer().open(job.lower());
      lower = file;
    }
    return file;
  }

  /** The prepared file, for reading and writing. */
  LayerFile copy() throws ErrnoException {
    LayerFile file = copy;
    if (file == null) {
      file = job.layer().openWritable(prepared);
      copy = file;
    }
    return file;
  }

  /** Passes the open prepared file to the caller that asked for it. */
  void leaveCopyOpen() {
    CopyUp.OpenCopy wanted = job.open();
    if (wanted != null) {
      wanted.file = copy;
      copy = null;
    }
  }

  @Override
  public void close() {
    LayerFile read = lower;
    if (read != null) {
      read.close();
    }
    LayerFile written = copy;
    if (written != null) {
      written.close();
    }
  }
}
