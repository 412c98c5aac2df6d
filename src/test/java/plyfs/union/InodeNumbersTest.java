package plyfs.union;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import plyfs.contract.JimfsLayer;
import plyfs.layer.Layer;
import plyfs.sys.ErrnoException;

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
}
