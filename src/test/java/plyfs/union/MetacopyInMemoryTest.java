package plyfs.union;

/** The same over layers in memory: no root needed. */
final class MetacopyInMemoryTest extends MetacopyTest {
  @Override
  boolean onHost() {
    return false;
  }
}
