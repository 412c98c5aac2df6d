package plyfs.union;

/** The same over layers in memory: no root needed. */
final class LookupInMemoryTest extends LookupTest {
  @Override
  boolean onHost() {
    return false;
  }
}
