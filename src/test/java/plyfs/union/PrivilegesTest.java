package plyfs.union;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import plyfs.contract.LayerTree;
import plyfs.layer.LayerRef;
import plyfs.layer.MountRefusedException;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.sys.Stat;
import plyfs.union.api.AttributeChange;
import plyfs.union.api.Caller;
import plyfs.union.api.UnionOptions;

/**
 * Setuid, setgid and capabilities go before the data of a file changes: SEMANTICS 4.70. Looked at
 * before each call that changes the upper layer, for there the daemon may die.
 */
final class PrivilegesTest extends UnionCase {
  private static final Caller SOMEBODY = new Caller(1, 1, 0, () -> false);
  private static final String CONTENT = "data of a program";
  private static final String CAPABILITY = "security.capability";
  private static final List<String> FILES = List.of("low", "up", "meta");

  interface Change {
    void to(UnionPaths union, String file) throws ErrnoException;
  }

  @Override
  boolean onHost() {
    return false;
  }

  private static Map<String, Change> changes() {
    Map<String, Change> changes = new LinkedHashMap<>();
    changes.put("write", PrivilegesTest::write);
    changes.put("write without a handle", PrivilegesTest::writeByNode);
    changes.put("truncate", (u, file) -> resize(u, file, 4));
    changes.put("truncate to nothing", (u, file) -> resize(u, file, 0));
    changes.put("extend", (u, file) -> resize(u, file, 100));
    changes.put("open truncated", PrivilegesTest::openTruncated);
    changes.put("allocate", PrivilegesTest::allocate);
    return changes;
  }

  private static void write(UnionPaths union, String file) throws ErrnoException {
    long handle = union.open(file, Linux.O_WRONLY);
    try {
      union.writeAsSomebody(handle, "X");
    } finally {
      union.release(handle);
    }
  }

  private static void writeByNode(UnionPaths union, String file) throws ErrnoException {
    union.on(
        file,
        node -> {
          union.writeAsSomebody(node, "X");
          return true;
        });
  }

  private static void resize(UnionPaths union, String file, long size) throws ErrnoException {
    union.change(file, new AttributeChange().size(size).killSuidgid(true));
  }

  private static void openTruncated(UnionPaths union, String file) throws ErrnoException {
    union.release(
        union.on(
            file, node -> union.fs().open(node, Linux.O_RDWR | Linux.O_TRUNC, true, SOMEBODY)));
  }

  private static void allocate(UnionPaths union, String file) throws ErrnoException {
    union.on(
        file,
        node -> {
          union.fs().allocate(node, 0, 0, 100, true, SOMEBODY);
          return true;
        });
  }

  private UnionFixture fixture() throws ErrnoException, MountRefusedException {
    UnionFixture fixture = over("low=" + CONTENT, "meta=" + CONTENT);
    fixture.upper("up=" + CONTENT, "meta=" + ".".repeat(CONTENT.length()));
    fixture.mark(0, "meta", "trusted.overlay.metacopy", "");
    fixture.options = UnionOptions.DEFAULT.withMetacopy(true);
    for (String file : FILES) {
      int layer = file.equals("low") ? 1 : 0;
      fixture.mark(layer, file, CAPABILITY, "c");
      fixture.onLayer(layer, on -> on.chmod(LayerTree.ref(on, file), 06755));
    }
    return fixture;
  }

  /** Data and mode of a file of the upper layer, as it would be found after a crash. */
  private static List<String> inUpper(UnionFixture fixture, String file) throws Exception {
    List<String> found = new ArrayList<>();
    fixture.onLayer(
        0,
        on -> {
          LayerRef ref = LayerTree.ref(on, file);
          Stat stat = new Stat();
          if (on.stat(ref, stat)) {
            found.add(
                on.xattr(ref, LayerTree.bytes("trusted.overlay.metacopy")) == null
                    ? LayerTree.content(on, ref)
                    : CONTENT);
            found.add(Integer.toOctalString(stat.mode() & 07777));
          }
        });
    return found;
  }

  private static void assertNeverChangedAndPrivileged(UnionFixture fixture, String what) {
    for (String file : FILES) {
      List<String> found;
      try {
        found = inUpper(fixture, file);
      } catch (Exception e) {
        throw new AssertionError(e);
      }
      if (!found.isEmpty() && !found.get(0).equals(CONTENT)) {
        assertThat(found.get(1)).as(what).isEqualTo("755");
      }
    }
  }

  @Test
  void setuid_isGoneBeforeTheDataChanges_atEveryCall() throws Exception {
    for (Map.Entry<String, Change> change : changes().entrySet()) {
      for (String file : FILES) {
        UnionFixture fixture = fixture();
        List<String> calls = new ArrayList<>();
        fixture.upperChanges =
            call -> {
              calls.add(call);
              String what = change.getKey() + " of " + file + " after " + calls;
              assertNeverChangedAndPrivileged(fixture, what);
            };
        UnionPaths union = fixture.mount();
        union.caller = SOMEBODY;
        change.getValue().to(union, file);
        String what = change.getKey() + " of " + file + ": " + calls;
        assertNeverChangedAndPrivileged(fixture, what);
        assertThat(calls).as(what).isNotEmpty();
        assertThat(union.stat(file).mode() & 07777).as(what).isEqualTo(0755);
        assertThat(union.read(file)).as(what).isNotEqualTo(CONTENT);
        fixture.close();
      }
    }
  }

  /** As an upper file system that cannot write its inodes. */
  @Test
  void modeThatCannotBeChanged_leavesTheDataAlone() throws Exception {
    for (Map.Entry<String, Change> change : changes().entrySet()) {
      for (String file : FILES) {
        UnionFixture fixture = fixture();
        boolean[] fails = {true};
        fixture.upperChanges =
            call -> {
              if (fails[0] && call.equals("chmod")) {
                throw ErrnoException.of(Errno.EIO);
              }
            };
        UnionPaths union = fixture.mount();
        union.caller = SOMEBODY;
        String what = change.getKey() + " of " + file;
        assertThat(errno(() -> change.getValue().to(union, file))).as(what).isEqualTo("EIO");
        fails[0] = false;
        assertThat(union.read(file)).as(what).isEqualTo(CONTENT);
        assertThat(inUpper(fixture, file).stream().limit(1).toList())
            .as(what)
            .isIn(List.of(), List.of(CONTENT));
        change.getValue().to(union, file);
        assertThat(union.stat(file).mode() & 07777).as(what).isEqualTo(0755);
        fixture.close();
      }
    }
  }

  /** Layers in memory keep it over a write; that of a copy that is a truncation never was there. */
  @Test
  void capability_doesNotComeWithATruncatedCopy() throws Exception {
    for (String file : List.of("low", "meta")) {
      UnionFixture fixture = fixture();
      UnionPaths union = fixture.mount();
      union.truncate(file, 4);
      assertThat(union.stat(file).mode() & 07777).as("by root").isEqualTo(06755);
      if (file.equals("low")) {
        assertThat(union.xattrs(file)).doesNotContainKey(CAPABILITY);
      }
      fixture.close();
    }
  }

  @Test
  void setgidOfAnotherGroup_isGoneBeforeTheGroupChanges() throws Exception {
    UnionFixture fixture = fixture();
    fixture.onLayer(0, on -> on.chmod(LayerTree.ref(on, "up"), 02644));
    List<String> calls = new ArrayList<>();
    fixture.upperChanges = calls::add;
    UnionPaths union = fixture.mount();
    union.caller = SOMEBODY;
    union.change("up", new AttributeChange().gid(5));
    assertThat(calls).containsExactly("chmod", "chown");
    assertThat(union.stat("up").mode() & 07777).isEqualTo(0644);
  }

  @Test
  void setgid_isGoneBeforeAnAclIsGiven() throws Exception {
    UnionFixture fixture = fixture();
    List<String> calls = new ArrayList<>();
    fixture.upperChanges = calls::add;
    UnionPaths union = fixture.mount();
    union.on(
        "up",
        node -> {
          union
              .fs()
              .setXattr(node, LayerTree.bytes("system.posix_acl_access"), acl(), 0, true, SOMEBODY);
          return true;
        });
    assertThat(calls).containsExactly("chmod", "setXattr");
  }

  /** Version 2, and owner, group and others with rwx, r-x and r-x. */
  private static byte[] acl() {
    return new byte[] {
      2, 0, 0, 0, 1, 0, 7, 0, -1, -1, -1, -1, 4, 0, 5, 0, -1, -1, -1, -1, 32, 0, 5, 0, -1, -1, -1,
      -1
    };
  }
}
