package plyfs.union;

/** The same over layers in memory: no root needed. */
final class CopyUpInMemoryTest extends CopyUpTest {
  @Override
  boolean onHost() {
    return false;
  }
}
