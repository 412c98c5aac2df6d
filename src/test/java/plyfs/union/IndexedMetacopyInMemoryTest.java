package plyfs.union;

/** The same over layers in memory: no root needed. */
final class IndexedMetacopyInMemoryTest extends IndexedMetacopyTest {
  @Override
  boolean onHost() {
    return false;
  }
}
