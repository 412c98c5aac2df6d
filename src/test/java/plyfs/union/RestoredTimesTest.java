package plyfs.union;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import plyfs.contract.LayerTree;
import plyfs.layer.LayerRef;
import plyfs.layer.UpperLayer;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.sys.Name;
import plyfs.union.api.AttributeChange;
import plyfs.union.api.NodeView;

/**
 * A directory gets a name that nobody asked for, and its times back. Who touches it, or changes its
 * names, while that happens is not undone.
 */
class RestoredTimesTest extends UnionCase {
  private static final long TOUCHED = 1_700_000_000;

  /** Does something in another thread when the layer was told to do a certain thing. */
  private static final class Meanwhile {
    private final String call;
    private final List<Throwable> failures = new ArrayList<>();
    private @Nullable Attempt attempt;
    private @Nullable Thread thread;

    Meanwhile(String call) {
      this.call = call;
    }

    UpperLayer around(UpperLayer layer) {
      return (UpperLayer)
          Proxy.newProxyInstance(
              UpperLayer.class.getClassLoader(),
              new Class<?>[] {UpperLayer.class},
              (self, method, arguments) -> call(layer, method, arguments));
    }

    private @Nullable Object call(UpperLayer layer, Method method, Object @Nullable [] arguments)
        throws Throwable {
      try {
        Object result = method.invoke(layer, arguments);
        if (method.getName().equals(call)) {
          begin();
        }
        return result;
      } catch (InvocationTargetException e) {
        throw e.getCause() == null ? e : e.getCause();
      }
    }

    private void begin() {
      Attempt next = attempt;
      if (next == null) {
        return;
      }
      attempt = null;
      Thread other =
          new Thread(
              () -> {
                try {
                  next.run();
                } catch (ErrnoException | RuntimeException | Error e) {
                  failures.add(e);
                }
              });
      thread = other;
      other.start();
      while (other.isAlive() && other.getState() != Thread.State.WAITING) {
        Thread.onSpinWait(); // until it is done, or waits for a lock
      }
    }

    void end() throws InterruptedException {
      Objects.requireNonNull(thread, "it has not begun").join();
      assertThat(failures).isEmpty();
    }
  }

  private static AttributeChange touch() {
    return new AttributeChange().atime(TOUCHED, 1).mtime(TOUCHED, 2);
  }

  private static void assertTouched(UnionFixture fixture, NodeView told) throws ErrnoException {
    assertThat(told.stat().mtimeSeconds()).as("as the toucher was told").isEqualTo(TOUCHED);
    NodeView now = new UnionPaths(fixture.fs()).view("d");
    assertThat(now.stat().mtimeSeconds()).isEqualTo(TOUCHED);
    assertThat(now.stat().mtimeNanos()).isEqualTo(2);
    assertThat(now.stat().atimeSeconds()).isEqualTo(TOUCHED);
  }

  /** Touches the directory d when something in it is copied up, in a union where d is upper. */
  private void touchDuring(String call, boolean index) throws Exception {
    UnionFixture fixture = over("d/f=f", "d/other=other");
    fixture.index = index;
    Meanwhile meanwhile = new Meanwhile(call);
    fixture.around = meanwhile::around;
    UnionPaths union = fixture.mount();
    union.chmod("d", 0700);
    long directory = union.resolve("d");
    NodeView told = new NodeView();
    meanwhile.attempt = () -> fixture.fs().setAttributes(directory, touch(), UnionPaths.ROOT, told);
    union.chmod("d/f", 0600);
    meanwhile.end();
    fixture.fs().forget(directory, 1);
    assertTouched(fixture, told);
    assertAllForgotten(fixture);
  }

  @Test
  void touchOfADirectory_asAFileInItIsCopiedUp_stays() throws Exception {
    touchDuring("publish", false);
  }

  @Test
  void touchOfADirectory_asAFileInItIsLinkedToItsIndexEntry_stays() throws Exception {
    UnionFixture fixture = over("d/f=f", "e/");
    fixture.onLayer(
        1,
        layer -> layer.link(LayerTree.ref(layer, "d/f"), LayerTree.ref(layer, "e"), Name.of("g")));
    fixture.index = true;
    Meanwhile meanwhile = new Meanwhile("link");
    fixture.around = meanwhile::around;
    UnionPaths union = fixture.mount();
    union.chmod("d", 0700);
    long directory = union.resolve("d");
    NodeView told = new NodeView();
    meanwhile.attempt = () -> fixture.fs().setAttributes(directory, touch(), UnionPaths.ROOT, told);
    union.chmod("d/f", 0600);
    meanwhile.end();
    fixture.fs().forget(directory, 1);
    assertTouched(fixture, told);
  }

  /** What chmod(2) answers is kept by the kernel: it must not show what is about to be undone. */
  @Test
  void chmodOfADirectory_asAFileInItIsCopiedUp_tellsItsOwnTimes() throws Exception {
    UnionFixture fixture = over("d/f=f");
    Meanwhile meanwhile = new Meanwhile("publish");
    fixture.around = meanwhile::around;
    UnionPaths union = fixture.mount();
    union.change("d", touch());
    long directory = union.resolve("d");
    NodeView told = new NodeView();
    AttributeChange chmod = new AttributeChange().mode(0711);
    meanwhile.attempt = () -> fixture.fs().setAttributes(directory, chmod, UnionPaths.ROOT, told);
    union.chmod("d/f", 0600);
    meanwhile.end();
    fixture.fs().forget(directory, 1);
    assertTouched(fixture, told);
  }

  @Test
  void readingADirectory_asAFileInItIsCopiedUp_movesItsAccessTime() throws Exception {
    assumeTrue(!onHost()); // where a test can say that it is read
    UnionFixture fixture = over("d/f=f");
    Meanwhile meanwhile = new Meanwhile("publish");
    UpperLayer[] upper = new UpperLayer[1];
    fixture.around =
        layer -> {
          upper[0] = layer;
          return meanwhile.around(layer);
        };
    UnionPaths union = fixture.mount();
    union.chmod("d", 0700);
    meanwhile.attempt =
        () -> {
          LayerRef d = new LayerRef(upper[0].root(), Name.of("d"));
          upper[0].setTimes(d, TOUCHED, 1, 0, Linux.UTIME_OMIT);
        };
    union.chmod("d/f", 0600);
    meanwhile.end();
    assertThat(union.stat("d").atimeSeconds()).isEqualTo(TOUCHED);
  }
}
