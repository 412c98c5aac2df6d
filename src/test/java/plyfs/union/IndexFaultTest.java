package plyfs.union;

import java.util.LinkedHashMap;
import java.util.Map;
import plyfs.contract.LayerTree;
import plyfs.layer.LayerRef;
import plyfs.layer.MountRefusedException;
import plyfs.layer.UpperLayer;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.union.api.UnionOptions;

/**
 * Faults in a mount with an index: names of a lower file and of one that was copied up come, go and
 * change, and the counts with them.
 */
class IndexFaultTest extends FaultTest {
  @Override
  Map<String, Change> changes() {
    Map<String, Change> changes = new LinkedHashMap<>();
    changes.put("chmod of a link", u -> u.chmod("a", 0600));
    changes.put("chmod of all links", IndexFaultTest::chmodKnown);
    changes.put("truncation of a link", u -> u.truncate("d/b", 0));
    changes.put("open of a link", u -> closing(u, u.open("d/b", Linux.O_RDWR)));
    changes.put("link to a link", u -> u.link("a", "d/new"));
    changes.put("link to an indexed one", u -> u.link("i/a", "d/new"));
    changes.put("link of an indexed one by a lower name", u -> u.link("i/d/b", "i/new"));
    changes.put("link over a whiteout", u -> u.link("i/d/b", "gone"));
    changes.put("unlink of a link", u -> u.unlink("d/b"));
    changes.put("unlink of an indexed one", u -> u.unlink("i/a"));
    changes.put("unlink of a lower name of an indexed one", u -> u.unlink("i/d/b"));
    changes.put("unlink of the last name", u -> u.unlink("last"));
    changes.put("rename of a link", u -> u.rename("d/b", "new", 0));
    changes.put("rename of a lower name of an indexed one", u -> u.rename("i/d/b", "new", 0));
    changes.put("rename over a link", u -> u.rename("single", "d/b", 0));
    changes.put("rename over an indexed one", u -> u.rename("single", "i/a", 0));
    changes.put("rename over the last name", u -> u.rename("single", "last", 0));
    changes.put("rename over a lower name", u -> u.rename("i/a", "d/b", 0));
    changes.put("exchange of links", u -> u.rename("a", "i/d/b", Linux.RENAME_EXCHANGE));
    return changes;
  }

  private static void chmodKnown(UnionPaths union) throws ErrnoException {
    union.on("d/b", node -> union.stat("a"));
    union.on("d/c", node -> chmod(union));
  }

  private static Long chmod(UnionPaths union) throws ErrnoException {
    union.chmod("a", 0600);
    return 0L;
  }

  /** Of the mounts. */
  UnionOptions options() {
    return UnionOptions.DEFAULT;
  }

  @Override
  UnionFixture fixture(Faults faults) throws ErrnoException, MountRefusedException {
    UnionFixture fixture = layers(1);
    fixture.index = true;
    fixture.options = options();
    fixture.lower(1, "i/", "last=3", "gone=");
    IndexTest.link(fixture, 1);
    fixture.onLayer(1, IndexFaultTest::more);
    UnionPaths union = fixture.mount();
    union.chmod("i/a", 0640);
    union.unlink("other");
    union.unlink("gone");
    fixture.unmount();
    install(fixture, faults);
    return fixture;
  }

  @Override
  boolean isWorthwhile(String change) {
    return !onHost() || change.contains("last name") || change.contains("over a whiteout");
  }

  private static void more(UpperLayer on) throws ErrnoException {
    LayerTree.make(on, "i/a=2", "i/d/");
    on.link(ref(on, "i/a"), ref(on, "i/d"), LayerTree.name("b"));
    on.link(ref(on, "last"), on.root(), LayerTree.name("other"));
  }

  private static LayerRef ref(UpperLayer on, String path) {
    return LayerTree.ref(on, path);
  }
}
