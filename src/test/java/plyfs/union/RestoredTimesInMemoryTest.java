package plyfs.union;

/** The same over layers in memory: no root needed. */
final class RestoredTimesInMemoryTest extends RestoredTimesTest {
  @Override
  boolean onHost() {
    return false;
  }
}
