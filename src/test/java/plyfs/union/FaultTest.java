package plyfs.union;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import plyfs.contract.LayerTree;
import plyfs.layer.MountRefusedException;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.sys.Name;
import plyfs.union.api.UnionListener;

/**
 * Each call of each change fails once, or is the last of the process: the union shows the old state
 * or the new one (SEMANTICS 4.37, 4.41).
 */
class FaultTest extends UnionCase {
  private boolean areReadsFaulty;

  interface Change {
    void run(UnionPaths union) throws ErrnoException;
  }

  Map<String, Change> changes() {
    Map<String, Change> changes = new LinkedHashMap<>();
    changes.put("chmod", u -> u.chmod("d/f", 0600));
    changes.put("chmod of a directory", u -> u.chmod("d/sub", 0700));
    changes.put("truncate", u -> u.truncate("d/f", 2));
    changes.put("open truncated", u -> closing(u, u.open("d/f", Linux.O_RDWR | Linux.O_TRUNC)));
    changes.put("open", u -> closing(u, u.open("d/f", Linux.O_RDWR)));
    changes.put("set xattr", u -> u.setXattr("d/f", "user.b", "2"));
    changes.put("create", u -> closing(u, u.openNew("d/new", 0640)));
    changes.put("create over a whiteout", u -> closing(u, u.openNew("gone", 0640)));
    changes.put("mkdir", u -> u.mkdir("d/new", 0750));
    changes.put("mkdir over a whiteout", u -> u.mkdir("gone", 0750));
    changes.put("symlink", u -> u.symlink("there", "d/new"));
    changes.put("link", u -> u.link("d/f", "d/new"));
    changes.put("link over a whiteout", u -> u.link("up", "gone"));
    changes.put("unlink", u -> u.unlink("d/f"));
    changes.put("unlink of an upper one", u -> u.unlink("up"));
    changes.put("rmdir", u -> u.rmdir("hollow"));
    changes.put("rmdir of an upper one", u -> u.rmdir("updir"));
    changes.put("rename", u -> u.rename("d/f", "d/new", 0));
    changes.put("rename over", u -> u.rename("up", "d/f", 0));
    changes.put("rename of a directory", u -> u.rename("d", "updir/d", 0));
    changes.put("rename over a hollow directory", u -> u.rename("updir", "hollow", 0));
    changes.put("rename of a directory over a whiteout", u -> u.rename("d", "gone", 0));
    changes.put("exchange", u -> u.rename("d", "up", Linux.RENAME_EXCHANGE));
    return changes;
  }

  static void closing(UnionPaths union, long handle) {
    union.release(handle);
  }

  UnionFixture fixture(Faults faults) throws ErrnoException, MountRefusedException {
    UnionFixture fixture = over("d/f=lower data", "d/sub/x=", "gone=", "hollow/a=");
    fixture.onLayer(
        1, layer -> layer.setXattr(LayerTree.ref(layer, "d/f"), bytes("user.a"), bytes("1"), 0));
    fixture.upper("up=2", "updir/", "gone !", "hollow/a !");
    fixture.onLayer(
        0,
        layer -> {
          layer.chmod(LayerTree.ref(layer, "hollow"), 0711);
          layer.setXattr(LayerTree.ref(layer, "hollow"), bytes("user.h"), bytes("1"), 0);
        });
    install(fixture, faults);
    return fixture;
  }

  /** Has the changes of the upper layer fail, or what reads any layer. */
  final void install(UnionFixture fixture, Faults faults) {
    if (areReadsFaulty) {
      fixture.lowerReads = faults::before;
      fixture.upperReads = faults::before;
    } else {
      fixture.around = faults::around;
    }
  }

  private static byte[] bytes(String text) {
    return UnionPaths.bytes(text);
  }

  private List<String> after(Change change) throws ErrnoException, MountRefusedException {
    UnionFixture fixture = fixture(new Faults());
    UnionPaths union = fixture.mount();
    change.run(union);
    List<String> after = union.snapshot();
    assertThat(fixture.mount().snapshot()).isEqualTo(after);
    fixture.close();
    return after;
  }

  /** On real directories only what they do in their own way. */
  boolean isWorthwhile(String change) {
    return !onHost() || change.contains("over") || change.contains("upper");
  }

  void eachCallFails(int errno) throws Exception {
    eachCallFails(errno, changes().keySet());
  }

  /** In memory alone. */
  void eachReadFails(int errno) throws Exception {
    areReadsFaulty = true;
    eachCallFails(errno);
  }

  private void eachCallFails(int errno, Set<String> which) throws Exception {
    for (Map.Entry<String, Change> entry : changes().entrySet()) {
      if (!isWorthwhile(entry.getKey()) || !which.contains(entry.getKey())) {
        continue;
      }
      List<String> after = after(entry.getValue());
      boolean failed = true;
      for (int k = 1; failed; k++) {
        failed = failsOnce(entry.getKey(), entry.getValue(), k, errno, after);
      }
    }
  }

  /** The last components of what a snapshot shows. */
  private static Set<String> namesIn(List<String> snapshot) {
    Set<String> names = new TreeSet<>();
    for (String line : snapshot) {
      String path = line.replaceFirst("(/ |=| -> | mode ).*", "");
      names.add(path.substring(path.lastIndexOf('/') + 1));
    }
    return names;
  }

  /** False if the change makes fewer than {@code k} calls. */
  private boolean failsOnce(String name, Change change, int k, int errno, List<String> after)
      throws Exception {
    Faults faults = new Faults();
    UnionFixture fixture = fixture(faults);
    int descriptors = UnionFixture.descriptors();
    Set<String> toldNames = new TreeSet<>();
    fixture.setListener(
        new UnionListener() {
          @Override
          public void nameCame(long directory, Name told) {
            toldNames.add(told.toString());
          }
        });
    UnionPaths union = fixture.mount();
    List<String> before = union.snapshot();
    faults.fail(k, errno);
    String result = errno(() -> change.run(union));
    faults.heal();
    String what = name + ", call " + k + " (" + faults.failed + "): " + result;
    List<String> now = union.snapshot();
    assertThat(now).as(what).isIn(before, after);
    if (!result.equals("ok")) { // the kernel goes on as if nothing had happened
      assertThat(namesIn(now)).as("names after a failure: " + what).containsAll(namesIn(before));
      Set<String> came = namesIn(now);
      came.removeAll(namesIn(before));
      assertThat(toldNames).as("told: " + what).containsExactlyElementsOf(came);
    }
    if (faults.failed != null && !result.equals("ok")) {
      assertThat(result).as(what).isEqualTo(Errno.name(errno));
    }
    assertThat(fixture.fs().nodeCount()).as(what).isEqualTo(1);
    assertThat(fixture.fs().handleCount()).as(what).isZero();
    if (!result.equals("ok")) { // what a success leaves goes at the next mount
      assertThat(fixture.workdir()).as(what).isEmpty();
    }
    if (now.equals(before)) {
      assertThat(errno(() -> change.run(union))).as("later: " + what).isEqualTo("ok");
    }
    assertThat(union.snapshot()).as("later: " + what).isEqualTo(after);
    assertThat(fixture.mount().snapshot()).as("after a mount: " + what).isEqualTo(after);
    fixture.unmount();
    if (onHost()) {
      assertThat(UnionFixture.descriptors()).as(what).isLessThanOrEqualTo(descriptors);
    }
    fixture.close();
    return faults.failed != null;
  }

  @Test
  void noSpaceAtAnyCall_leavesTheOldStateOrTheNewOne() throws Exception {
    eachCallFails(Errno.ENOSPC);
  }

  @Test
  void noQuotaAtAnyCallOfACopyUp_isReported_andTheLowerFileStays() throws Exception {
    eachCallFails(Errno.EDQUOT, Set.of("chmod", "chmod of a directory", "truncate", "open"));
  }

  /** SEMANTICS 4.66. */
  @Test
  void tooManyLinks_areReported_andNothingIsLost() throws Exception {
    eachCallFails(Errno.EMLINK, Set.of("link", "link over a whiteout"));
  }

  @Test
  void processDiesAtAnyCall_theNextMountShowsTheOldStateOrTheNewOne() throws Exception {
    for (Map.Entry<String, Change> entry : changes().entrySet()) {
      if (!isWorthwhile(entry.getKey())) {
        continue;
      }
      List<String> after = after(entry.getValue());
      boolean died = true;
      for (int k = 1; died; k++) {
        died = diesOnce(entry.getKey(), entry.getValue(), k, after);
      }
    }
  }

  private boolean diesOnce(String name, Change change, int k, List<String> after) throws Exception {
    Faults faults = new Faults();
    UnionFixture fixture = fixture(faults);
    UnionPaths union = fixture.mount();
    List<String> before = union.snapshot();
    faults.kill(k);
    try {
      change.run(union);
    } catch (Faults.Killed e) {
      assertThat(faults.failed).isNotNull();
    }
    fixture.unmount();
    fixture.around = upper -> upper;
    String what = name + ", killed at call " + k + " (" + faults.failed + ")";
    assertThat(fixture.mount().snapshot()).as(what).isIn(before, after);
    assertThat(fixture.workdir()).as(what).isEmpty();
    fixture.close();
    return faults.failed != null;
  }
}
