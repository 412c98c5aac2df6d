package plyfs.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import plyfs.sys.MountSyscalls;

class DescriptorTableTest {
  @Test
  void table_isAsLargeAsWanted_andNoDescriptorStaysOpen() throws Exception {
    long limit = MountSyscalls.raiseDescriptorLimit();
    int wanted = sizeOfTable() + 1;
    assumeTrue(wanted <= limit, "the table is as large as the limit of descriptors, " + limit);

    DescriptorTable.growFor(wanted, limit).join();

    assertTrue(sizeOfTable() >= wanted, () -> "wanted " + wanted);
    assertTrue(Files.notExists(Path.of("/proc/self/fd/" + (wanted - 1))));
  }

  @Test
  void moreThanTheLimit_isTheLimit() throws Exception {
    long limit = MountSyscalls.raiseDescriptorLimit();
    assumeTrue(limit <= 1 << 16, "a table of " + limit + " descriptors is too large for a test");

    DescriptorTable.growFor(Integer.MAX_VALUE, limit).join();

    assertTrue(sizeOfTable() >= limit, () -> "limit " + limit);
  }

  @Test
  void tableThatCannotGrow_staysAsItIs() throws Exception {
    int before = sizeOfTable();

    DescriptorTable.growFor(0, 1024).join(); // as with a limit of 0: EINVAL

    assertEquals(before, sizeOfTable());
  }

  /** FDSize: places for descriptors, not how many are open. */
  private static int sizeOfTable() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("FDSize:"))
        .mapToInt(line -> Integer.parseInt(line.substring("FDSize:".length()).strip()))
        .findFirst()
        .orElseThrow();
  }
}
