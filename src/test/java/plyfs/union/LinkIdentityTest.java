package plyfs.union;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import plyfs.contract.JimfsUpperLayer;
import plyfs.contract.LayerTree;
import plyfs.layer.UpperLayer;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.sys.Name;
import plyfs.union.api.AttributeChange;
import plyfs.union.api.NodeView;

/**
 * One upper inode is one node as long as anybody knows it, whatever its link count is when another
 * of its names is looked up: SEMANTICS 4.22, 4.26, 4.48, 4.52.
 */
class LinkIdentityTest extends UnionCase {
  /** Upper names {@code a} and {@code d/b} of one file, made before the mount. */
  private UnionFixture linked() throws Exception {
    UnionFixture fixture = over("low=");
    fixture.upper("a=old", "d/", "other=", "pure/");
    fixture.onLayer(0, upper -> link(upper, "a", "d", "b"));
    return fixture;
  }

  private static void link(UpperLayer layer, String from, String directory, String name)
      throws ErrnoException {
    layer.link(LayerTree.ref(layer, from), LayerTree.ref(layer, directory), LayerTree.name(name));
  }

  /** Makes the name {@code a} go. */
  private interface Loss {
    void of(UnionPaths union) throws ErrnoException;
  }

  private static final List<Loss> LOSSES =
      List.of(
          union -> union.unlink("a"),
          union -> union.rename("other", "a", 0),
          union -> {
            union.rename("a", "pure/moved", 0);
            union.unlink("pure/moved");
          },
          union -> {
            union.rename("a", "other", Linux.RENAME_EXCHANGE);
            union.unlink("other");
          });

  @Test
  void changesByADescriptor_whoseNameWent_areSeenUnderTheNameThatIsLeft() throws Exception {
    for (Loss loss : LOSSES) {
      UnionFixture fixture = linked();
      UnionPaths union = fixture.mount();
      long held = union.resolve("a");
      long handle = fixture.fs().open(held, Linux.O_RDWR, false, union.caller);
      loss.of(union);
      assertSame(fixture, union, held, handle, "d/b");
      fixture.fs().release(handle);
      fixture.fs().forget(held, 1);
      assertThat(fixture.mount().read("d/b")).isEqualTo("new");
    }
  }

  /** What is done by a descriptor of a file shows under a name, and the reverse. */
  private static void assertSame(
      UnionFixture fixture, UnionPaths union, long held, long handle, String name)
      throws ErrnoException {
    long again = union.resolve(name);
    assertThat(again).as("node of " + name).isEqualTo(held);
    fixture.fs().forget(again, 1);
    union.writeAt(handle, 0, "new text");
    fixture.fs().setAttributes(held, new AttributeChange().size(3), union.caller, new NodeView());
    assertThat(union.read(name)).isEqualTo("new");
    union.chmod(name, 0600);
    NodeView view = new NodeView();
    fixture.fs().getAttributes(held, view);
    assertThat(view.stat().mode() & 07777).isEqualTo(0600);
    assertThat(view.stat().size()).isEqualTo(3);
    assertThat(view.nlink()).isEqualTo(1);
  }

  @Test
  void nameMadeInTheMount_forgotten_leadsToTheNodeThatIsHeld() throws Exception {
    UnionFixture fixture = over("d/");
    UnionPaths union = fixture.mount();
    union.create("a", "old");
    long held = union.resolve("a");
    union.link("a", "d/b");
    union.unlink("a");
    union.rename("d/b", "d/c", 0);
    assertThat(union.resolve("d/c")).isEqualTo(held);
    fixture.fs().forget(held, 2);
    assertAllForgotten(fixture);
  }

  @Test
  void copiedUpFile_withASecondName_leadsToTheNodeThatIsHeld_afterTheFirstIsGone()
      throws Exception {
    UnionFixture fixture = over("a=lower", "d/");
    UnionPaths first = fixture.mount();
    first.link("a", "d/b");
    long ino = first.view("a").ino();
    UnionPaths union = fixture.mount();
    long held = union.resolve("d/b");
    union.unlink("d/b");
    long again = union.resolve("a");
    assertThat(again).isEqualTo(held);
    assertThat(union.view("a").ino()).isEqualTo(ino);
    fixture.fs().forget(held, 2);
    assertAllForgotten(fixture);
  }

  @Test
  void secondNameUnderWhichTheFileIsFoundAgain_servesItWithoutADescriptor() throws Exception {
    UnionFixture fixture = linked();
    UnionPaths union = fixture.mount();
    long held = union.resolve("a");
    int before = UnionFixture.descriptors();
    union.unlink("a");
    union.view("d/b");
    assertThat(UnionFixture.descriptors()).isLessThanOrEqualTo(before + 1); // that of d
    union.rename("d/b", "d/c", 0);
    union.rename("d", "e", 0);
    NodeView view = new NodeView();
    fixture.fs().setAttributes(held, new AttributeChange().mode(0640), union.caller, view);
    assertThat(union.view("e/c").stat().mode() & 07777).isEqualTo(0640);
    union.unlink("e/c");
    fixture.fs().getAttributes(held, view);
    assertThat(view.nlink()).isZero();
    fixture.fs().forget(held, 1);
    assertAllForgotten(fixture);
  }

  @Test
  void heldFileWithoutNames_sharesNothingWithNewFiles_whateverNumbersTheyGet() throws Exception {
    UnionFixture fixture = linked();
    UnionPaths union = fixture.mount();
    long held = union.resolve("a");
    long handle = fixture.fs().open(held, Linux.O_RDWR, false, union.caller);
    union.unlink("a");
    union.unlink("d/b");
    Set<Long> others = new HashSet<>();
    List<Long> looked = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      union.create("new" + i, "other");
      union.link("new" + i, "d/new" + i);
      union.unlink("new" + i);
      long node = union.resolve("d/new" + i);
      others.add(node);
      looked.add(node);
    }
    assertThat(others).hasSize(50).doesNotContain(held);
    assertThat(union.readAt(handle, 0, 10)).isEqualTo("old");
    fixture.fs().release(handle);
    fixture.fs().forget(held, 1);
    for (int i = 0; i < 50; i++) { // one of them may get the number of what was just let go
      union.create("d/late" + i, "late");
      assertThat(union.read("d/late" + i)).isEqualTo("late");
    }
    looked.forEach(node -> fixture.fs().forget(node, 1));
    assertAllForgotten(fixture);
  }

  @Test
  void lookUpThatSawOneName_whileAnotherWasMade_findsTheNodeThatGotIt() throws Exception {
    assumeFalse(onHost(), "layers in memory can be held up");
    UnionFixture fixture = over("d/");
    fixture.upper("a=1");
    AtomicReference<Attempt> meanwhile = new AtomicReference<>(() -> {});
    fixture.around =
        layer -> {
          ((JimfsUpperLayer) layer).setReads(call -> runOnce(call, meanwhile));
          return layer;
        };
    UnionPaths union = fixture.mount();
    meanwhile.set(() -> new UnionPaths(fixture.fs()).link("a", "d/b"));
    long node = union.resolve("a");
    assertThat(union.resolve("d/b")).isEqualTo(node);
    fixture.fs().forget(node, 2);
    assertAllForgotten(fixture);
  }

  /** After a name was looked at, when its file is asked for marks. */
  private static void runOnce(String call, AtomicReference<Attempt> action) throws ErrnoException {
    if (call.equals("xattrNames")) {
      action.getAndSet(() -> {}).run();
    }
  }

  @Test
  void indexedFile_whoseLinksGoWhileItIsHeld_isOneNodeWithTheOthers() throws Exception {
    for (boolean copiedUpBefore : new boolean[] {false, true}) {
      UnionFixture fixture = over("a=old", "d/", "other=");
      fixture.index = true;
      fixture.onLayer(1, layer -> link(layer, "a", "d", "b"));
      if (copiedUpBefore) {
        fixture.mount().chmod("a", 0644);
      }
      UnionPaths union = fixture.mount();
      long held = union.resolve("a");
      long handle = fixture.fs().open(held, Linux.O_RDWR, false, union.caller);
      union.rename("other", "a", 0);
      assertSame(fixture, union, held, handle, "d/b");
      union.link("d/b", "d/c");
      union.unlink("d/b");
      assertSame(fixture, union, held, handle, "d/c");
      fixture.fs().release(handle);
      fixture.fs().forget(held, 1);
      assertAllForgotten(fixture);
    }
  }

  @Test
  void hardLinkOfAnIndexedFile_madeOutside_isOneNodeAfterAllOtherNamesWent() throws Exception {
    UnionFixture fixture = over("a=old", "d/");
    fixture.index = true;
    fixture.onLayer(1, layer -> link(layer, "a", "d", "b"));
    fixture.mount().chmod("a", 0644);
    fixture.unmount();
    fixture.onLayer(0, layer -> layer.link(LayerTree.ref(layer, "a"), layer.root(), Name.of("o")));
    UnionPaths union = fixture.mount();
    long held = union.resolve("o");
    union.unlink("a");
    union.unlink("d/b");
    assertThat(union.view("o").nlink()).isEqualTo(1);
    assertThat(union.resolve("o")).isEqualTo(held);
    fixture.fs().forget(held, 2);
    assertAllForgotten(fixture);
  }
}
