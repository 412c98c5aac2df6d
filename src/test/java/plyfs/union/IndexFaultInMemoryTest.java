package plyfs.union;

/** Faults in a mount with an index over layers in memory. */
final class IndexFaultInMemoryTest extends IndexFaultTest {
  @Override
  boolean onHost() {
    return false;
  }
}
