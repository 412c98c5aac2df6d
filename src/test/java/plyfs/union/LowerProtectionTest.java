package plyfs.union;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import plyfs.layer.Layer;
import plyfs.sys.FlagsForm;
import plyfs.union.mark.LowerProtection;
import plyfs.union.mark.Protection;

/** EROFS says immutable of every object (STATX_ATTR_IMMUTABLE), and has no FS_IOC_GETFLAGS. */
final class LowerProtectionTest {
  /** A layer that says only whether its file system overstates. */
  private static Layer layer(boolean overstates) {
    return (Layer)
        Proxy.newProxyInstance(
            Layer.class.getClassLoader(), new Class<?>[] {Layer.class}, (self, m, a) -> overstates);
  }

  private static int of(boolean overstates, byte @Nullable [] flags, int reported) {
    return LowerProtection.of(layer(overstates), flags, reported);
  }

  private static byte[] flags(int bits) {
    return ByteBuffer.allocate(4).order(ByteOrder.nativeOrder()).putInt(bits).array();
  }

  @Test
  void immutableForItsWholeFileSystem_isNotProtected() {
    assertThat(of(true, null, Protection.IMMUTABLE)).isEqualTo(Protection.NONE);
    assertThat(of(true, flags(0), Protection.IMMUTABLE)).isEqualTo(Protection.NONE);
  }

  @Test
  void whatChattrSet_isProtected_onAReadOnlyFileSystemToo() {
    byte[] immutable = flags(FlagsForm.FLAGS.immutable());
    assertThat(of(true, immutable, Protection.IMMUTABLE)).isEqualTo(Protection.IMMUTABLE);
    byte[] appendOnly = flags(FlagsForm.FLAGS.appendOnly());
    assertThat(of(true, appendOnly, Protection.APPEND_ONLY)).isEqualTo(Protection.APPEND_ONLY);
  }

  @Test
  void withoutFlags_whatAWritableFileSystemReports_isProtected() {
    assertThat(of(false, null, Protection.IMMUTABLE)).isEqualTo(Protection.IMMUTABLE);
  }
}
