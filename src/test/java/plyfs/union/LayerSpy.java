package plyfs.union;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plyfs.layer.LayerFile;
import plyfs.layer.UpperLayer;

/** An upper layer that notes the calls of it and of its files, and can say that data was lost. */
final class LayerSpy {
  /** Names of the methods, in order. */
  final List<String> calls = new ArrayList<>();

  /** What {@link LayerFile#isWrittenBack} answers. */
  boolean isWrittenBack = true;

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
    calls.add(method.getName());
    if (method.getName().equals("isWrittenBack")) {
      return isWrittenBack;
    }
    try {
      Object result = method.invoke(target, arguments);
      return result instanceof LayerFile file ? proxy(LayerFile.class, file) : result;
    } catch (InvocationTargetException e) {
      throw e.getCause() == null ? e : e.getCause();
    }
  }
}
