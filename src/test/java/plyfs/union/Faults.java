package plyfs.union;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import plyfs.layer.LayerFile;
import plyfs.layer.UpperLayer;
import plyfs.sys.ErrnoException;

/**
 * An upper layer that fails: one call of it and of its files does not happen and ends with an error
 * number, or the process "dies", and then no later call happens either.
 */
final class Faults {
  /** What tells of the layer, or only cleans up. */
  private static final Set<String> NEVER_FAIL =
      Set.of(
          "root",
          "index",
          "indexDirectory",
          "device",
          "close",
          "makesAs",
          "preparesAs",
          "rename",
          "discard",
          "forget",
          "startWriteBack",
          "toString");

  /** The process is dead. */
  static final class Killed extends Error {
    private static final long serialVersionUID = 1L;
  }

  private int calls;
  private int failAt;
  private int errno;
  private boolean kills;
  private boolean dead;

  /** The call that failed, or null. */
  @Nullable String failed;

  /** Call number {@code k} from now on fails with an error number. */
  void fail(int k, int errnoOfFailure) {
    calls = 0;
    failAt = k;
    errno = errnoOfFailure;
    failed = null;
  }

  /** At call number {@code k} from now on the process dies. */
  void kill(int k) {
    fail(k, 0);
    kills = true;
  }

  void heal() {
    failAt = 0;
  }

  UpperLayer around(UpperLayer layer) {
    return proxy(UpperLayer.class, layer);
  }

  private <T> T proxy(Class<T> type, T target) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> call(target, method, arguments)));
  }

  private @Nullable Object call(Object target, Method method, Object @Nullable [] arguments)
      throws Throwable {
    before(method.getName());
    Object result;
    try {
      result = method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause() == null ? e : e.getCause();
    }
    return result instanceof LayerFile file ? proxy(LayerFile.class, file) : result;
  }

  /** Counts a call, which fails if it is its turn. */
  void before(String name) throws ErrnoException {
    if (name.equals("close")) {
      return;
    }
    if (dead) {
      throw new Killed();
    }
    if (NEVER_FAIL.contains(name) || ++calls != failAt) {
      return;
    }
    failed = name;
    if (kills) {
      dead = true;
      throw new Killed();
    }
    throw ErrnoException.of(errno);
  }
}
