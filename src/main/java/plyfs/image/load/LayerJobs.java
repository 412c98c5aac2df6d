package plyfs.image.load;

import com.google.common.util.concurrent.Uninterruptibles;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import plyfs.image.model.LoadLimits;
import plyfs.image.model.ProgressListener;
import plyfs.image.tree.LayerUnpacker;
import plyfs.sys.RankedLock;

/**
 * The layers of one image that are read, some at the same time, the lowest first. What fails first
 * stops the others. Threads are never interrupted: an interrupt would close the archive's file
 * under other layers.
 */
final class LayerJobs implements AutoCloseable {
  /** Before all others, because the listener is called with it. */
  private static final int RANK = 5;

  private final String label;
  private final LoadLimits limits;
  private final ProgressListener listener;
  private final List<LayerJob> jobs = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private final RankedLock lock = new RankedLock(RANK);
  private final AtomicInteger next = new AtomicInteger();
  private volatile @Nullable Throwable failure;
  private volatile boolean isStopped;
  private @Nullable LayerJob front;
  private long bytes;

  /** Says that another layer failed. */
  static final class Stopped extends IOException {
    private static final long serialVersionUID = 1L;

    Stopped() {
      super("the load has been given up");
    }
  }

  /**
   * No jobs yet.
   *
   * @param label how messages call the image
   */
  LayerJobs(String label, LoadLimits limits, ProgressListener listener) {
    this.label = label;
    this.limits = limits;
    this.listener = listener;
  }

  /** To be called before {@link #start}, the lowest layer first. */
  void add(LayerJob job) {
    jobs.add(job);
  }

  /** Begins with the work. */
  void start(int layersAtOnce) {
    for (int i = 0; i < Math.min(layersAtOnce, jobs.size()); i++) {
      Thread thread = new Thread(this::work, "plyfs-layer-" + i);
      thread.setDaemon(true);
      threads.add(thread);
      thread.start();
    }
  }

  /** In order, so that a job waits for none that has not begun. */
  private void work() {
    for (int i = next.getAndIncrement();
        i < jobs.size() && !isStopped;
        i = next.getAndIncrement()) {
      jobs.get(i).run();
    }
  }

  /** Waits for a job, of which the listener hears from now on. */
  LayerUnpacker.@Nullable Result finish(LayerJob job) throws IOException {
    lock.lock();
    try {
      front = job;
      listener.layerStarted(job.layer.label(), job.layer.size());
      if (job.stored > 0) {
        listener.layerProgress(job.layer.label(), job.stored, job.layer.size());
      }
    } finally {
      lock.unlock();
    }
    Optional<LayerUnpacker.Result> result = await(job.result());
    lock.lock();
    front = null;
    lock.unlock();
    return result.orElse(null);
  }

  /** Waits for something that a job or the load brings. */
  <T> T await(CompletableFuture<T> future) throws IOException {
    try {
      return future.join();
    } catch (CancellationException e) {
      throw new Stopped();
    } catch (CompletionException e) {
      Throwable first = failure;
      throw rethrown(first != null ? first : e);
    }
  }

  private static IOException rethrown(Throwable failure) {
    if (failure instanceof IOException io) {
      return io;
    }
    if (failure instanceof Error error) {
      throw error;
    }
    if (failure instanceof RuntimeException runtime) {
      throw runtime;
    }
    return new IOException(failure);
  }

  /** A job has failed, so all end. */
  void fail(Throwable e) {
    lock.lock();
    try {
      if (failure == null) {
        failure = e;
      }
    } finally {
      lock.unlock();
    }
    stop();
  }

  private void stop() {
    isStopped = true;
    jobs.forEach(LayerJob::giveUp);
  }

  /**
   * A job has come so far.
   *
   * @param stored bytes of the layer as it is stored
   * @param plain bytes that these have become
   */
  void progress(LayerJob job, long stored, long plain) throws IOException {
    if (isStopped) {
      throw new Stopped();
    }
    lock.lock();
    try {
      bytes += plain - job.plain;
      job.plain = plain;
      job.stored = stored;
      limits.checkBytes(label, bytes);
      limits.checkRatio(job.layer.label(), stored, plain);
      if (front == job) {
        listener.layerProgress(job.layer.label(), stored, job.layer.size());
      }
    } finally {
      lock.unlock();
    }
  }

  /** Ends all jobs, finished or not; nothing is read or written any more when it returns. */
  @Override
  public void close() {
    stop();
    threads.forEach(Uninterruptibles::joinUninterruptibly);
  }
}
