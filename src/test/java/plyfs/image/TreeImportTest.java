package plyfs.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;
import plyfs.image.load.TreeImport;
import plyfs.image.model.BadImageException;
import plyfs.image.model.ConfigDraft;
import plyfs.image.model.Digest;
import plyfs.image.model.Platform;
import plyfs.image.model.ProgressListener;

/** Tars of file systems that become images. */
final class TreeImportTest {
  private static final byte[] TAR =
      new TestTar().directory("d").file("d/f", "x".repeat(300_000)).bytes();

  @TempDir Path directory;
  private TestStore test;

  @BeforeEach
  void makeStore() {
    TestStore.requireRoot();
    test = new TestStore(directory);
  }

  private Digest load(InputStream tar) throws IOException {
    return TreeImport.run(
        tar,
        "the tar",
        test.store,
        ConfigDraft.empty(new Platform("linux", "amd64", "")),
        new ConfigDraft.Step(Instant.EPOCH, "import", "", ""),
        null,
        ProgressListener.SILENT);
  }

  /** How a tar is compressed. */
  enum Method {
    GZIP,
    ZSTD,
    BZIP2,
    XZ;

    byte[] compress(byte[] plain) throws IOException {
      return switch (this) {
        case GZIP -> TestImage.gzip(plain);
        case ZSTD -> TestImage.zstd(plain);
        default -> {
          ByteArrayOutputStream bytes = new ByteArrayOutputStream();
          try (OutputStream out =
              this == XZ
                  ? new XZOutputStream(bytes, new LZMA2Options(0))
                  : new BZip2CompressorOutputStream(bytes)) {
            out.write(plain);
          }
          yield bytes.toByteArray();
        }
      };
    }
  }

  @ParameterizedTest
  @EnumSource
  void compressedTar_givesTheImageOfThePlainOne(Method method) throws IOException {
    Digest plain = load(new ByteArrayInputStream(TAR));
    byte[] compressed = method.compress(TAR);
    assertThat(load(new ByteArrayInputStream(compressed))).isEqualTo(plain);
    assertThat(test.store.find(plain.hex()).chainIds()).containsExactly(Digest.sha256(TAR));
  }

  /** The reading of the input ends with the unpacking. */
  @Test
  void garbageWithoutEnd_isRefused_andNothingIsLeft() {
    InputStream endless =
        new InputStream() {
          @Override
          public int read() {
            return 'x';
          }

          @Override
          public int read(byte[] into, int offset, int length) {
            Arrays.fill(into, offset, offset + length, (byte) 'x');
            return length;
          }
        };
    assertThatThrownBy(() -> load(endless))
        .isInstanceOf(BadImageException.class)
        .hasMessageStartingWith("the tar is not the tar of a file system, or is damaged: the new ");
    assertThat(directory.resolve("store/tmp")).isEmptyDirectory();
  }

  /** The reader of the tar must not take it for a malformed one. */
  @Test
  void inputThatCannotBeRead_isToldAsSuch() throws IOException {
    InputStream failing =
        new InputStream() {
          private final InputStream start = new ByteArrayInputStream(TAR, 0, 200_000);

          @Override
          public int read() throws IOException {
            throw new IOException("the cable is out");
          }

          @Override
          public int read(byte[] into, int offset, int length) throws IOException {
            int read = start.read(into, offset, length);
            return read < 0 ? read() : read;
          }
        };
    assertThatThrownBy(() -> load(failing))
        .hasMessage(
            "the tar is not the tar of a file system, or is damaged: it cannot be read: the cable"
                + " is out");
    assertThat(test.store.images()).isEmpty();
  }
}
