package plyfs.union;

/** The same over layers in memory: no root needed. */
final class IdentityInMemoryTest extends IdentityTest {
  @Override
  boolean onHost() {
    return false;
  }
}
