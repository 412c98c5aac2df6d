package plyfs.image.load;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import plyfs.image.disk.FileCopy;
import plyfs.image.model.BadImageException;
import plyfs.image.model.RefusedImageException;
import plyfs.image.source.LayerPipe;
import plyfs.image.source.SourceLayer;
import plyfs.image.store.StagedLayer;
import plyfs.image.tree.LayerUnpacker;
import plyfs.image.tree.UnpackRules;

/**
 * One layer that is read: unpacked, or only copied as it is stored. It works in directories of its
 * own, so several run at the same time.
 */
final class LayerJob {
  final SourceLayer layer;

  /** Null where the store has it unpacked. */
  final @Nullable StagedLayer staged;

  /** Where it goes as it is stored; null where that is not kept. */
  final @Nullable Path blob;

  /** How far it has come, as it is stored and uncompressed; written under the lock of the jobs. */
  long stored;

  long plain;

  private final LayerJobs jobs;
  private final UnpackRules rules;
  private final CompletableFuture<List<Path>> below = new CompletableFuture<>();
  private final CompletableFuture<Optional<LayerUnpacker.Result>> result =
      new CompletableFuture<>();

  LayerJob(
      LayerJobs jobs,
      UnpackRules rules,
      SourceLayer layer,
      @Nullable StagedLayer staged,
      @Nullable Path blob) {
    this.jobs = jobs;
    this.rules = rules;
    this.layer = layer;
    this.staged = staged;
    this.blob = blob;
  }

  /** The layers below are complete. */
  void isBasedOn(List<Path> directories) {
    below.complete(directories);
  }

  /** The layers below will never be complete. */
  void giveUp() {
    below.cancel(false);
  }

  /** Does the work; how it ended is told by {@link #result}. */
  void run() {
    try {
      result.complete(Optional.ofNullable(work()));
    } catch (Throwable e) {
      jobs.fail(e);
      result.completeExceptionally(e);
    }
  }

  /** What came of it, once it is complete and verified. */
  CompletableFuture<Optional<LayerUnpacker.Result>> result() {
    return result;
  }

  private LayerUnpacker.@Nullable Result work() throws IOException {
    try (OutputStream copy = blob == null ? OutputStream.nullOutputStream() : new FileCopy(blob)) {
      LayerUnpacker.Result unpacked = staged == null ? read(copy) : unpack(copy, staged);
      if (copy instanceof FileCopy kept) {
        kept.complete();
      }
      return unpacked;
    } catch (BadImageException e) {
      if (staged != null && !isRefused(e)) {
        // A damaged layer can look like anything: if its digest is wrong, that is what to say.
        layer.verify();
      }
      throw e;
    }
  }

  /** Whether it is not the layer's bytes that are at fault: nothing more of it is to be read. */
  private static boolean isRefused(Throwable failure) {
    for (Throwable at = failure; at != null; at = at.getCause()) {
      if (at instanceof RefusedImageException || at instanceof LayerJobs.Stopped) {
        return true;
      }
    }
    return false;
  }

  private LayerUnpacker.@Nullable Result read(OutputStream copy) throws IOException {
    try (LayerPipe pipe = new LayerPipe(layer, copy);
        Reporter tar = new Reporter(pipe)) {
      tar.readRest();
    }
    return null;
  }

  private LayerUnpacker.Result unpack(OutputStream copy, StagedLayer into) throws IOException {
    try (LayerPipe pipe = new LayerPipe(layer, copy)) {
      return StagedUnpack.run(
          new Reporter(pipe), into, () -> jobs.await(below), layer.label(), rules);
    }
  }

  /** Tells how much of the stored layer has been used, and ends early where the load has to. */
  private final class Reporter extends FilterInputStream {
    private static final int REST_BYTES = 1 << 16;

    /** A bomb needs no more stored bytes for a long time. */
    private static final long CHECKED_BYTES = 1 << 20;

    private final LayerPipe pipe;
    private long stored;
    private long plain;
    private long checked;

    Reporter(LayerPipe pipe) {
      super(pipe);
      this.pipe = pipe;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      int read = in.read(into, offset, length);
      plain += Math.max(read, 0);
      if (pipe.storedBytes() != stored || plain - checked >= CHECKED_BYTES || read < 0) {
        stored = pipe.storedBytes();
        checked = plain;
        jobs.progress(LayerJob.this, stored, plain);
      }
      return read;
    }

    void readRest() throws IOException {
      byte[] rest = new byte[REST_BYTES];
      while (read(rest, 0, rest.length) >= 0) {
        // The reading does the work.
      }
    }
  }
}
