package plyfs.union;

import java.util.Map;
import plyfs.sys.Linux;
import plyfs.union.api.UnionOptions;

/** Faults in a mount with an index where copy-up leaves data below, in memory. */
final class IndexedMetacopyFaultTest extends IndexFaultTest {
  @Override
  Map<String, Change> changes() {
    Map<String, Change> changes = super.changes();
    changes.put("completion", u -> closing(u, u.open("i/a", Linux.O_RDWR)));
    changes.put("completion by a lower name", u -> closing(u, u.open("i/d/b", Linux.O_RDWR)));
    changes.put("completion truncated", u -> u.truncate("i/d/b", 0));
    changes.put("completion extended", u -> u.truncate("i/a", 9));
    changes.put("move of an indexed one", u -> u.rename("i/a", "d/moved", 0));
    return changes;
  }

  @Override
  UnionOptions options() {
    return UnionOptions.DEFAULT.withMetacopy(true);
  }

  @Override
  boolean onHost() {
    return false;
  }
}
