package plyfs.union;

import java.util.LinkedHashMap;
import java.util.Map;
import plyfs.layer.MountRefusedException;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.union.api.UnionOptions;

/**
 * Each call of a copy-up of attributes alone, and of the copy of the data that follows, fails once
 * or is the last of the process (SEMANTICS 2.21, 4.41, 4.47).
 */
class MetacopyFaultTest extends FaultTest {
  @Override
  Map<String, Change> changes() {
    Map<String, Change> changes = new LinkedHashMap<>();
    changes.put("chmod", u -> u.chmod("d/f", 0600));
    changes.put("set xattr", u -> u.setXattr("d/f", "user.b", "2"));
    changes.put("open for writing at once", u -> closing(u, u.open("d/f", Linux.O_RDWR)));
    changes.put("rename at once", u -> u.rename("d/f", "d/new", 0));
    changes.put("link at once", u -> u.link("d/f", "d/sub/new"));
    changes.put("completion", u -> closing(u, u.open("meta", Linux.O_RDWR)));
    changes.put("completion truncated", u -> u.truncate("meta", 2));
    changes.put("completion truncated to nothing", u -> u.truncate("meta", 0));
    changes.put("completion extended", u -> u.truncate("meta", 14));
    changes.put("rename", u -> u.rename("meta", "d/moved", 0));
    changes.put("rename over", u -> u.rename("meta", "d/f", 0));
    changes.put("link", u -> u.link("meta", "d/second"));
    changes.put("exchange", u -> u.rename("meta", "d", Linux.RENAME_EXCHANGE));
    changes.put("unlink", u -> u.unlink("meta"));
    changes.put("chmod of an empty one", u -> u.chmod("empty", 0600));
    return changes;
  }

  @Override
  UnionFixture fixture(Faults faults) throws ErrnoException, MountRefusedException {
    UnionFixture fixture = over("d/f=lower data", "d/sub/", "meta=lower bytes", "empty=");
    fixture.mark(1, "d/f", "user.a", "1");
    fixture.upper("meta=............".substring(0, 5 + "lower bytes".length()), "empty=");
    fixture.mark(0, "meta", "trusted.overlay.metacopy", "");
    fixture.mark(0, "meta", "user.m", "1");
    fixture.mark(0, "empty", "trusted.overlay.metacopy", "");
    fixture.options = UnionOptions.DEFAULT.withMetacopy(true);
    install(fixture, faults);
    return fixture;
  }

  /** On real directories only what they do in their own way. */
  @Override
  boolean isWorthwhile(String change) {
    return !onHost() || change.startsWith("completion");
  }
}
