package plyfs.union;

/** The same over layers in memory: no root needed. */
final class ShownNumbersInMemoryTest extends ShownNumbersTest {
  @Override
  boolean onHost() {
    return false;
  }
}
