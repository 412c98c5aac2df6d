package plyfs.union;

/** The same over layers in memory: no root needed. */
final class IndexInMemoryTest extends IndexTest {
  @Override
  boolean onHost() {
    return false;
  }
}
