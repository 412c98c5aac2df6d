package plyfs.union;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import plyfs.contract.LayerTree;
import plyfs.layer.MountRefusedException;
import plyfs.layer.UpperLayer;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.sys.StatFs;
import plyfs.union.api.NodeView;
import plyfs.union.api.UnionOptions;

/**
 * Each call that reads a layer fails once: whoever looks gets all that is there, or the error, and
 * never less than is there.
 */
final class ReadFaultTest extends UnionCase {
  /** What somebody sees. */
  interface Look {
    Object at(UnionPaths union) throws ErrnoException;
  }

  @Override
  boolean onHost() {
    return false;
  }

  private static Map<String, Look> looks() {
    Map<String, Look> looks = new LinkedHashMap<>();
    for (String file :
        List.of("low", "up", "both", "d/x", "d/y", "moved/z", "meta", "link1", "i")) {
      looks.put("attributes of " + file, u -> attributes(u, file));
      looks.put("content of " + file, u -> u.read(file));
      looks.put("part of " + file, u -> part(u, file));
      looks.put("data and holes of " + file, u -> holes(u, file));
      looks.put("xattrs of " + file, u -> u.xattrs(file));
    }
    looks.put("symlink", u -> Arrays.toString(u.on("symlink", u.fs()::readLink)));
    for (String gone : List.of("gone", "d/gone", "d/none", "opaque/hidden", "xgone")) {
      looks.put(gone + ", which is not there", u -> u.exists(gone));
    }
    for (String directory : List.of("", "d", "opaque", "moved", "deep/one")) {
      looks.put("attributes of " + directory, u -> attributes(u, directory));
      looks.put("list of " + directory, u -> sorted(u.list(directory, false)));
      looks.put("list with attributes of " + directory, u -> sorted(u.list(directory, true)));
    }
    looks.put("free space", ReadFaultTest::freeSpace);
    return looks;
  }

  private static Object freeSpace(UnionPaths union) throws ErrnoException {
    union.fs().statFs(new StatFs());
    return "told";
  }

  private static Object sorted(List<UnionPaths.Entry> entries) {
    return entries.stream().sorted(Comparator.comparing(UnionPaths.Entry::name)).toList();
  }

  private static Object attributes(UnionPaths union, String path) throws ErrnoException {
    NodeView view = union.view(path);
    return List.of(
        view.ino(), view.nlink(), view.stat().mode(), view.stat().size(), view.stat().blocks());
  }

  private static Object part(UnionPaths union, String path) throws ErrnoException {
    long handle = union.open(path, Linux.O_RDONLY);
    try {
      return union.readAt(handle, 1, 3);
    } finally {
      union.release(handle);
    }
  }

  private static Object holes(UnionPaths union, String path) throws ErrnoException {
    long handle = union.open(path, Linux.O_RDONLY);
    try {
      return List.of(
          union.fs().seek(handle, 0, Linux.SEEK_DATA), union.fs().seek(handle, 0, Linux.SEEK_HOLE));
    } finally {
      union.release(handle);
    }
  }

  private UnionFixture fixture() throws ErrnoException, MountRefusedException {
    UnionFixture fixture = layers(2);
    fixture.index = true;
    fixture.options = UnionOptions.DEFAULT.withMetacopy(true);
    fixture.lower(2, "low=lower data", "both=below", "d/x=1234", "d/gone=", "gone=", "xgone=");
    fixture.lower(2, "opaque/hidden=", "was/z=moved data", "meta=lower bytes", "deep/one/a=1");
    fixture.lower(2, "symlink -> target", "link1=links");
    fixture.onLayer(2, ReadFaultTest::linkTwice);
    fixture.lower(1, "d/y=5678", "d/.wh.gone=", "xgone=", "deep/one/b=2");
    fixture.mark(1, "xgone", "trusted.overlay.whiteout", "y");
    fixture.mark(1, "", "trusted.overlay.opaque", "x");
    fixture.mark(2, "low", "user.a", "1");
    UnionPaths union = fixture.mount();
    union.create("up", "upper data");
    union.write("both", 0, "abov");
    union.unlink("gone");
    union.rename("was", "moved", 0);
    union.chmod("meta", 0600);
    union.rmdirAll("opaque");
    union.mkdir("opaque", 0755);
    union.setXattr("both", "user.b", "2");
    union.link("up", "i");
    union.write("link1", 0, "L");
    return fixture;
  }

  private static void linkTwice(UpperLayer on) throws ErrnoException {
    on.link(LayerTree.ref(on, "link1"), on.root(), LayerTree.name("link2"));
  }

  @Test
  void readErrorAtAnyCall_isToldOrDoesNoHarm_andIsNeverTheEndOfAnything() throws Exception {
    UnionFixture fixture = fixture();
    Faults faults = new Faults();
    fixture.mount();
    Map<String, Object> expected = new LinkedHashMap<>();
    for (Map.Entry<String, Look> look : looks().entrySet()) {
      expected.put(look.getKey(), look.getValue().at(fixture.mount()));
    }
    fixture.lowerReads = faults::before;
    fixture.upperReads = faults::before;
    List<String> calls = new ArrayList<>();
    for (Map.Entry<String, Look> look : looks().entrySet()) {
      faults.failed = "";
      for (int k = 1; faults.failed != null; k++) {
        UnionPaths union = fixture.mount();
        faults.fail(k, Errno.EIO);
        Object seen = seen(look.getValue(), union);
        faults.heal();
        String what = look.getKey() + ", call " + k + " (" + faults.failed + ")";
        if (!seen.equals("EIO")) {
          assertComplete(what, seen, Objects.requireNonNull(expected.get(look.getKey())));
        }
        assertThat(fixture.fs().nodeCount()).as(what).isEqualTo(1);
        assertThat(seen(look.getValue(), union))
            .as("later: " + what)
            .isEqualTo(expected.get(look.getKey()));
        calls.add(faults.failed == null ? "" : faults.failed);
      }
    }
    assertThat(calls)
        .contains(
            "stat", "read", "list", "readLink", "xattr", "xattrNames", "seek", "statByHandle");
  }

  private static Object seen(Look look, UnionPaths union) {
    try {
      return look.at(union);
    } catch (ErrnoException e) {
      return Errno.name(e.errno());
    }
  }

  /** A listing tells at least the names that are there, of the types that they have. */
  private static void assertComplete(String what, Object seen, Object expected) {
    if (seen instanceof List<?> list && expected instanceof List<?> entries && isListing(entries)) {
      assertThat(namesOf(list)).as(what).containsAll(namesOf(entries));
    } else {
      assertThat(seen).as(what).isEqualTo(expected);
    }
  }

  private static boolean isListing(List<?> entries) {
    return !entries.isEmpty() && entries.get(0) instanceof UnionPaths.Entry;
  }

  private static List<String> namesOf(List<?> entries) {
    return entries.stream()
        .map(UnionPaths.Entry.class::cast)
        .map(entry -> entry.name() + " of type " + entry.type())
        .toList();
  }
}
