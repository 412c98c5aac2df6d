package plyfs.jnrfuse;

import static org.assertj.core.api.Assertions.assertThat;

import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.union.UnionFixture;
import plyfs.union.UnionFs;
import plyfs.union.UnionPaths;

/**
 * The pieces of the adapter over a union in memory, without libfuse: what libfuse would tell of the
 * request is said by the test.
 */
final class MountedPaths implements AutoCloseable, PendingRequest {
  private static final int GETATTR = 3;

  final UnionFixture fixture;
  final UnionPaths union;
  final HiddenFiles hidden = new HiddenFiles(() -> this);
  final RecentDirectories recent;
  final PathWalk walk;
  final OpenNodes opens;
  final NameOperations names;
  final AttributeOperations attributes;
  final XattrOperations xattrs;

  int opcode = GETATTR;
  int uid;
  String newNameOfRename = "";

  /** Mounts one lower layer below an empty upper one. */
  MountedPaths(String... lowerLines) throws Exception {
    this.fixture = UnionFixture.inMemory(1);
    fixture.lower(1, lowerLines);
    this.union = fixture.mount();
    this.recent = new RecentDirectories(fixture.fs(), 1);
    this.walk = new PathWalk(fixture.fs(), hidden, recent);
    this.opens = new OpenNodes(fixture.fs(), walk, () -> this);
    this.names = new NameOperations(fixture.fs(), walk, hidden, () -> this);
    this.attributes = new AttributeOperations(fixture.fs(), walk, opens, () -> this, false);
    this.xattrs = new XattrOperations(fixture.fs(), walk, () -> this);
  }

  @Override
  public int opcode() {
    return opcode;
  }

  @Override
  public int uid() {
    return uid;
  }

  @Override
  public int gid() {
    return uid;
  }

  /** Nobody's: without any privilege. */
  @Override
  public int pid() {
    return 0;
  }

  @Override
  public String newNameOfRename() {
    return newNameOfRename;
  }

  /** Something that may fail. */
  interface Attempt {
    void run() throws ErrnoException;
  }

  /** Name of the error that an attempt ends with; {@code ok} without one. */
  static String errno(Attempt attempt) {
    try {
      attempt.run();
      return "ok";
    } catch (ErrnoException e) {
      return Errno.name(e.errno());
    }
  }

  /** Nothing is left but the root, and the one directory that is kept. */
  void assertAllForgotten() {
    recent.keep(UnionFs.ROOT_ID);
    assertThat(fixture.fs().nodeCount()).isEqualTo(1);
    assertThat(fixture.fs().handleCount()).isZero();
    assertThat(fixture.workdir()).isEmpty();
  }

  @Override
  public void close() {
    fixture.close();
  }
}
