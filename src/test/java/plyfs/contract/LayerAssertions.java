package plyfs.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import plyfs.layer.Layer;
import plyfs.layer.LayerRef;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Stat;

/** What the layer contracts ask again and again. */
final class LayerAssertions {
  private LayerAssertions() {}

  /** Attributes of an object that must exist. */
  static Stat statOf(Layer layer, LayerRef object) throws ErrnoException {
    Stat stat = new Stat();
    assertThat(layer.stat(object, stat)).as("%s exists", object).isTrue();
    return stat;
  }

  /** The call must fail with this error number. */
  static void assertErrno(int errno, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            ErrnoException.class,
            e -> assertThat(Errno.name(e.errno())).isEqualTo(Errno.name(errno)));
  }
}
