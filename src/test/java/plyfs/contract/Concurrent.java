package plyfs.contract;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Several threads of one scenario. */
final class Concurrent {
  private Concurrent() {}

  /** Does {@code work} once while another thread does {@code look} again and again. */
  static void whileLooking(ThrowingCallable work, ThrowingCallable look) throws Throwable {
    AtomicBoolean done = new AtomicBoolean();
    together(
        List.of(
            () -> {
              try {
                work.call();
              } finally {
                done.set(true);
              }
            },
            () -> {
              do {
                look.call();
              } while (!done.get());
            }));
  }

  /** Does all at once; throws what the first one threw. */
  static void together(List<ThrowingCallable> all) throws Throwable {
    ExecutorService threads = Executors.newFixedThreadPool(all.size());
    try {
      List<Future<?>> running = new ArrayList<>();
      for (ThrowingCallable each : all) {
        running.add(
            threads.submit(
                () -> {
                  try {
                    each.call();
                    return null;
                  } catch (Exception | Error e) {
                    throw e;
                  } catch (Throwable e) {
                    throw new IllegalStateException(e);
                  }
                }));
      }
      for (Future<?> each : running) {
        each.get();
      }
    } catch (ExecutionException e) {
      throw e.getCause();
    } finally {
      threads.shutdownNow();
    }
  }
}
