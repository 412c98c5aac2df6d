package plyfs.union;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import plyfs.contract.JimfsLayer;
import plyfs.layer.Layer;
import plyfs.sys.ErrnoException;
import plyfs.union.api.InodeNumbering;
import plyfs.union.number.InodeNumbers;

/** SEMANTICS 3.15: which inode numbers are shown. */
class InodeNumbersTest {
  private static final long WIDE = 0xfedcba9876543210L;

  private static List<Layer> layersOnDevices(long... devices) throws Exception {
    List<Layer> layers = new ArrayList<>();
    for (long device : devices) {
      layers.add(
          new JimfsLayer(JimfsLayer.newFileSystem().getPath("/layer"), layers.size() + 1, device));
    }
    return layers;
  }

  @Test
  void oneFileSystem_keepsItsNumbers() throws Exception {
    for (InodeNumbering each : InodeNumbering.values()) {
      InodeNumbers numbers = new InodeNumbers(layersOnDevices(7, 7), each);
      assertThat(numbers.of(7, WIDE)).isEqualTo(WIDE);
    }
  }

  @Test
  void severalFileSystems_shareNoNumber_unlessThatIsAskedFor() throws Exception {
    InodeNumbers unique = new InodeNumbers(layersOnDevices(7, 8), InodeNumbering.AUTO);
    assertThat(unique.of(7, 5)).isEqualTo(5);
    assertThat(unique.of(8, 5)).isEqualTo(1L << 56 | 5);
    assertThat(unique.of(9, 5)).isNotEqualTo(5).isNotEqualTo(unique.of(8, 5));
    assertThat(unique.of(8, WIDE)).isEqualTo(unique.of(8, WIDE)).isNotEqualTo(WIDE);
    InodeNumbers plain = new InodeNumbers(layersOnDevices(7, 8), InodeNumbering.OFF);
    assertThat(plain.of(8, 5)).isEqualTo(5);
    assertThat(plain.of(8, WIDE)).isEqualTo(WIDE);
    assertThat(plain.of(9, 5)).isEqualTo(5);
  }

  @Test
  void moreFileSystemsThanNumbersHaveRoomFor_areRefusedWhereNumbersMustStay() throws Exception {
    long[] devices = new long[256];
    for (int i = 0; i < devices.length; i++) {
      devices[i] = i + 1L;
    }
    List<Layer> many = layersOnDevices(devices);
    assertThatThrownBy(() -> new InodeNumbers(many, InodeNumbering.ON))
        .isInstanceOf(ErrnoException.class);
    assertThatCode(() -> new InodeNumbers(many, InodeNumbering.AUTO)).doesNotThrowAnyException();
    assertThatCode(() -> new InodeNumbers(many.subList(0, 255), InodeNumbering.ON))
        .doesNotThrowAnyException();
  }

  /**
   * As bcachefs and NTFS number, or a layer that is a union itself: the upper bits say something.
   */
  @Test
  void manyFilesWhoseNumbersUseTheUpperBits_takeNoMemoryEach() throws Exception {
    InodeNumbers numbers = new InodeNumbers(layersOnDevices(7, 8), InodeNumbering.AUTO);
    Set<Long> shown = new HashSet<>();
    for (long upper = 0; upper < 4; upper++) {
      for (long ino = 1; ino <= 50_000; ino++) {
        shown.add(numbers.of(7, upper << 62 | ino));
        shown.add(numbers.of(8, upper << 62 | ino));
        shown.add(numbers.of(9, upper << 62 | ino)); // a subvolume
      }
    }
    assertThat(shown).hasSize(3 * 4 * 50_000);
    assertThat(numbers.size()).isEqualTo(3 * 4);
  }

  @Test
  void moreFileSystemsThanPlaces_shareNoNumber_andTakeABlockEach() throws Exception {
    InodeNumbers numbers = new InodeNumbers(layersOnDevices(1, 2), InodeNumbering.AUTO);
    Set<Long> shown = new HashSet<>();
    for (int again = 0; again < 2; again++) { // at any time the same
      for (long device = 1; device <= 1000; device++) {
        for (long ino = 256; ino < 356; ino++) {
          shown.add(numbers.of(device, ino));
        }
      }
    }
    assertThat(shown).hasSize(1000 * 100);
    assertThat(numbers.size()).isEqualTo(1000);
  }

  /** As hashes are: the worst case. */
  @Test
  void numbersThatFillAllBits_shareNone_andMostFindAPlace() throws Exception {
    InodeNumbers numbers = new InodeNumbers(layersOnDevices(7, 8), InodeNumbering.AUTO);
    Set<Long> shown = new HashSet<>();
    int files = 100_000;
    long ino = 1;
    for (int i = 0; i < files; i++) {
      ino = ino * 0x5851f42d4c957f2dL + 0x14057b7ef767814fL; // all different
      long first = numbers.of(8, ino);
      assertThat(numbers.of(8, ino)).isEqualTo(first);
      shown.add(first);
      shown.add(numbers.of(7, i));
    }
    assertThat(shown).hasSize(2 * files);
    assertThat(numbers.size()).isLessThan(files / 50);
  }
}
