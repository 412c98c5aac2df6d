package plyfs.union;

/** The same over layers in memory: no root needed. */
final class NameInMemoryTest extends NameTest {
  @Override
  boolean onHost() {
    return false;
  }
}
