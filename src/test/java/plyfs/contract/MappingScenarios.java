package plyfs.contract;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import plyfs.sys.Fd;
import plyfs.sys.Linux;

/** SEMANTICS 4, mappings of files. */
final class MappingScenarios {
  private static final int PAGE_BYTES = 4096;

  private MappingScenarios() {}

  /** A mapping would keep the mount busy until the collector finds it. */
  static void unmap(MappedByteBuffer mapping) throws ReflectiveOperationException {
    Class<?> unsafe = Class.forName("sun.misc.Unsafe");
    Field instance = unsafe.getDeclaredField("theUnsafe");
    instance.setAccessible(true);
    unsafe.getMethod("invokeCleaner", ByteBuffer.class).invoke(instance.get(null), mapping);
  }

  static MappedByteBuffer map(
      DiskTree at, String name, FileChannel.MapMode mode, int bytes, StandardOpenOption... options)
      throws Exception {
    try (FileChannel channel = FileChannel.open(Path.of(at.root(), name), options)) {
      return channel.map(mode, 0, bytes);
    }
  }

  @Item(value = "4.48, 1.3a, 5.1", needs = Promise.OLD_MAPPINGS_SEE_WRITES)
  static void oldMapping_seesWhatIsWrittenAfterCopyUp(MountedUnion union) throws Throwable {
    union.lower("f=old content");
    DiskTree at = union.mount();
    try (FileChannel reader = FileChannel.open(Path.of(at.root(), "f"), StandardOpenOption.READ)) {
      MappedByteBuffer mapping = reader.map(FileChannel.MapMode.READ_ONLY, 0, 11);
      assertThat(mapping.get(0)).isEqualTo((byte) 'o');
      try (Fd writer = at.open("f", Linux.O_RDWR)) {
        DiskTree.pwrite(writer, "NEW", 0);
      }
      assertThat(mapping.get(0)).isEqualTo((byte) 'N');
      assertThat(mapping.get(4)).isEqualTo((byte) 'c');
      unmap(mapping);
    }
  }

  @Item("4.50, 4.118")
  static void mappedWrite_isReadThroughAnotherDescriptor(MountedUnion union) throws Throwable {
    union.lower("f=" + "x".repeat(10_000));
    DiskTree at = union.mount();
    try (FileChannel channel =
            FileChannel.open(
                Path.of(at.root(), "f"), StandardOpenOption.READ, StandardOpenOption.WRITE);
        Fd reader = at.open("f", Linux.O_RDONLY)) {
      MappedByteBuffer mapping = channel.map(FileChannel.MapMode.READ_WRITE, 0, 10_000);
      mapping.put(5000, (byte) 'M');
      assertThat(DiskTree.pread(reader, 3, 4999)).isEqualTo("xMx");
      mapping.force();
      unmap(mapping);
    }
    at.open("f", Linux.O_WRONLY | Linux.O_TRUNC).close();
    assertThat(at.read("f")).isEmpty();
  }

  /** Every way to write, and every way to read, at random places of one file. */
  @Item("4.50")
  static void mappingsAndCalls_seeOneFile_overCopyUp(MountedUnion union) throws Throwable {
    int pages = 96;
    union.lower("f=" + "x".repeat(pages * PAGE_BYTES));
    DiskTree at = union.mount();
    byte[] expected = new byte[pages * PAGE_BYTES];
    Arrays.fill(expected, (byte) 'x');
    Random random = new Random(450);
    List<MappedByteBuffer> mappings = new ArrayList<>();
    try (Fd oldReader = at.open("f", Linux.O_RDONLY)) {
      if (union.keeps(Promise.OLD_MAPPINGS_SEE_WRITES)) {
        mappings.add(
            map(at, "f", FileChannel.MapMode.READ_ONLY, expected.length, StandardOpenOption.READ));
        for (int page = 0; page < pages; page += 2) {
          assertThat(mappings.get(0).get(page * PAGE_BYTES)).isEqualTo((byte) 'x');
        }
      }
      MappedByteBuffer written =
          map(
              at,
              "f",
              FileChannel.MapMode.READ_WRITE,
              expected.length,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
      mappings.add(written);
      try (Fd file = at.open("f", Linux.O_RDWR)) {
        for (int i = 0; i < 10_000; i++) {
          int place = random.nextInt(pages) * PAGE_BYTES + random.nextInt(PAGE_BYTES);
          byte value = (byte) ('a' + random.nextInt(26));
          if (random.nextBoolean()) {
            written.put(place, value);
          } else {
            DiskTree.pwrite(file, String.valueOf((char) value), place);
          }
          expected[place] = value;
          int look = random.nextBoolean() ? place : random.nextInt(expected.length);
          String wanted = String.valueOf((char) expected[look]);
          assertThat(DiskTree.pread(random.nextBoolean() ? file : oldReader, 1, look))
              .as("step %d, byte %d", i, look)
              .isEqualTo(wanted);
          for (MappedByteBuffer each : mappings) {
            assertThat(each.get(look)).as("step %d, byte %d", i, look).isEqualTo(expected[look]);
          }
        }
        written.force();
      }
    } finally {
      for (MappedByteBuffer each : mappings) {
        unmap(each);
      }
    }
    assertThat(union.remount().read("f")).isEqualTo(new String(expected, US_ASCII));
  }

  @Item("4.118")
  static void mappedWrites_surviveTheDeathOfTheirWriter(MountedUnion union) throws Throwable {
    union.lower("f=lower");
    DiskTree at = union.mount();
    Process writer = MappedWriter.start(at.root() + "/f");
    writer.destroyForcibly().waitFor();
    assertThat(at.read("f")).isEqualTo("Wower");
    union.unmount();
    assertThat(union.upper().read("f")).isEqualTo("Wower");
  }

  @Item("4.118")
  static void accessPastTheNewEnd_isABusError(MountedUnion union) throws Throwable {
    union.lower("f=" + "x".repeat(2 * PAGE_BYTES));
    DiskTree at = union.mount();
    MappedByteBuffer mapping =
        map(
            at,
            "f",
            FileChannel.MapMode.READ_WRITE,
            2 * PAGE_BYTES,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
    try {
      assertThat(mapping.get(PAGE_BYTES)).isEqualTo((byte) 'x');
      at.truncate("f", 10);
      assertThat(mapping.get(9)).isEqualTo((byte) 'x');
      assertThat(mapping.get(10)).isZero();
      assertThatThrownBy(() -> readUntilTheFaultIsTold(mapping)).isInstanceOf(InternalError.class);
    } finally {
      unmap(mapping);
    }
  }

  /** The JVM makes an error of the signal, a little later. */
  private static void readUntilTheFaultIsTold(MappedByteBuffer mapping) {
    int sum = 0;
    for (int i = 0; i < 100_000; i++) {
      sum += mapping.get(PAGE_BYTES);
    }
    throw new AssertionError("read past the end of the file: " + sum);
  }

  @Item("4.118, 4.31")
  static void privateAndReadOnlyMappings_changeNothing(MountedUnion union) throws Throwable {
    union.lower("f=" + "x".repeat(PAGE_BYTES));
    DiskTree at = union.mount();
    union.unchangedUpper(
        () -> {
          MappedByteBuffer reading =
              map(at, "f", FileChannel.MapMode.READ_ONLY, PAGE_BYTES, StandardOpenOption.READ);
          assertThat(reading.get(7)).isEqualTo((byte) 'x');
          unmap(reading);
        });
    MappedByteBuffer mapping =
        map(
            at,
            "f",
            FileChannel.MapMode.PRIVATE,
            PAGE_BYTES,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
    mapping.put(3, (byte) 'P');
    assertThat(mapping.get(3)).isEqualTo((byte) 'P');
    unmap(mapping);
    assertThat(at.read("f")).isEqualTo("x".repeat(PAGE_BYTES));
    assertThat(union.remount().read("f")).isEqualTo("x".repeat(PAGE_BYTES));
  }
}
