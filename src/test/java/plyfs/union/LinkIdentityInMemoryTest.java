package plyfs.union;

/** The same over layers in memory: no root needed. */
final class LinkIdentityInMemoryTest extends LinkIdentityTest {
  @Override
  boolean onHost() {
    return false;
  }
}
