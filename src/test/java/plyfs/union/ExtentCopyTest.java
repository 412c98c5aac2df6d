package plyfs.union;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.kenai.jffi.MemoryIO;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import plyfs.layer.LayerFile;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.sys.Stat;
import plyfs.sys.StatFiller;
import plyfs.union.copyup.ExtentCopy;

final class ExtentCopyTest {
  private static final StatFiller.Time NEVER = new StatFiller.Time(0, 0);

  private final Set<Long> cannotCopyRange = new HashSet<>();

  /** A file in an array, which copies ranges or does not, and notes what begins its way to disk. */
  private static final class ArrayFile {
    private static final MemoryIO MEMORY = MemoryIO.getInstance();

    final byte[] data;
    final boolean copiesRanges;

    /** Where reading ends, whatever the size. */
    int readable;

    /** What its attributes say. */
    int size;

    final List<String> writtenBack = new ArrayList<>();

    ArrayFile(int size, boolean copiesRanges) {
      this.data = new byte[size];
      this.copiesRanges = copiesRanges;
      this.readable = size;
      this.size = size;
    }

    LayerFile file() {
      return (LayerFile)
          Proxy.newProxyInstance(
              LayerFile.class.getClassLoader(), new Class<?>[] {LayerFile.class}, this::call);
    }

    private @Nullable Object call(Object self, Method method, Object[] arguments)
        throws ErrnoException {
      switch (method.getName()) {
        case "read" -> {
          int from = (int) (long) arguments[2];
          int count = Math.max(0, Math.min((int) arguments[1], readable - from));
          MEMORY.putByteArray((long) arguments[0], data, from, count);
          return count;
        }
        case "write" ->
            MEMORY.getByteArray(
                (long) arguments[0], data, (int) (long) arguments[2], (int) arguments[1]);
        case "copyRange" -> {
          if (!copiesRanges) {
            throw ErrnoException.of(Errno.EXDEV);
          }
          return Math.min((long) arguments[3], Math.max(0, readable - (long) arguments[1]));
        }
        case "stat" -> {
          fillSize((Stat) arguments[0], size);
          return null;
        }
        case "startWriteBack" -> {
          writtenBack.add(arguments[0] + "+" + arguments[1]);
          return null;
        }
        default -> throw new AssertionError(method);
      }
      return arguments[1]; // all of it
    }
  }

  private static void fillSize(Stat out, int size) {
    StatFiller.Fields fields = new StatFiller.Fields(Linux.S_IFREG | 0644, 1, 0, 0, 0, 1, size, 7);
    StatFiller.fill(out, fields, NEVER, NEVER, NEVER);
  }

  private ExtentCopy copy(ArrayFile from, ArrayFile to, boolean isSynced) {
    Stat source = new Stat();
    fillSize(source, from.data.length);
    return new ExtentCopy(
        from.file(), source, to.file(), cannotCopyRange, () -> false, null, isSynced);
  }

  @Test
  void extentLargerThanTheOneBefore_isCopiedByReadingAndWriting() throws Exception {
    ArrayFile from = new ArrayFile(2 << 20, false);
    ArrayFile to = new ArrayFile(2 << 20, false);
    new Random(1).nextBytes(from.data);
    ExtentCopy copy = copy(from, to, false);

    assertThat(copy.extent(0, 100)).isEqualTo(100);
    assertThat(copy.extent(1 << 20, 2 << 20)).isEqualTo(2 << 20);

    byte[] wanted = from.data.clone();
    Arrays.fill(wanted, 100, 1 << 20, (byte) 0);
    assertThat(to.data).isEqualTo(wanted);
    assertThat(cannotCopyRange).hasSize(1);
  }

  /** Zeros in place of what was not given would be the file from then on. */
  @Test
  void sourceThatGivesLessThanItHas_isAnError_andOneThatHasShrunkIsNot() throws Exception {
    for (boolean copiesRanges : new boolean[] {true, false}) {
      ArrayFile from = new ArrayFile(3 << 20, copiesRanges);
      ArrayFile to = new ArrayFile(3 << 20, copiesRanges);
      from.readable = (1 << 20) + 5;
      to.readable = from.readable; // copies of ranges are asked of the target
      assertThatThrownBy(() -> copy(from, to, false).all(3 << 20)).hasMessageContaining("EIO");
      from.size = from.readable;
      assertThat(copy(from, to, false).all(3 << 20)).isEqualTo(from.readable);
    }
  }

  @Test
  void copyThatIsToBeDurable_beginsItsWayToTheDiskInPieces() throws Exception {
    ArrayFile from = new ArrayFile(20 << 20, true);
    ArrayFile to = new ArrayFile(20 << 20, true);

    assertThat(copy(from, to, true).all(20 << 20)).isEqualTo(20 << 20);

    int piece = 8 << 20;
    assertThat(to.writtenBack)
        .containsExactly("0+" + piece, piece + "+" + piece, 2 * piece + "+" + (4 << 20));
  }

  @Test
  void otherCopy_doesNot() throws Exception {
    ArrayFile from = new ArrayFile(20 << 20, true);
    ArrayFile to = new ArrayFile(20 << 20, true);

    copy(from, to, false).all(20 << 20);

    assertThat(to.writtenBack).isEmpty();
  }
}
