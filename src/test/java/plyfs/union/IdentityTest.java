package plyfs.union;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import plyfs.contract.LayerTree;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.sys.Name;
import plyfs.union.api.AttributeChange;
import plyfs.union.api.DirSink;
import plyfs.union.api.NodeView;

/** Nodes, numbers, links and what is open: SEMANTICS 4.20 to 4.29, 4.43, 4.48, 4.52, 4.53, 4.99. */
class IdentityTest extends UnionCase {
  private static UnionFixture linked(UnionFixture fixture, int layer) throws Exception {
    fixture.lower(layer, "a=1", "d/");
    fixture.onLayer(
        layer,
        upper ->
            upper.link(LayerTree.ref(upper, "a"), LayerTree.ref(upper, "d"), LayerTree.name("b")));
    return fixture;
  }

  private static long nodeOf(UnionFixture fixture, UnionPaths union, String path)
      throws ErrnoException {
    long node = union.resolve(path);
    fixture.fs().forget(node, 1);
    return node;
  }

  @Test
  void hardLinksOfUpper_shareANode_ofLowerOnlyWithoutUpper() throws Exception {
    UnionFixture upper = linked(layers(1), 0);
    UnionPaths union = upper.mount();
    long held = union.resolve("a");
    assertThat(nodeOf(upper, union, "d/b")).isEqualTo(held);
    upper.fs().forget(held, 1);
    assertAllForgotten(upper);

    UnionFixture lower = linked(layers(1), 1);
    UnionPaths writable = lower.mount();
    held = writable.resolve("a");
    assertThat(nodeOf(lower, writable, "d/b")).isNotEqualTo(held);
    assertThat(writable.view("d/b").ino()).isEqualTo(writable.view("a").ino());
    assertThat(writable.view("a").nlink()).isEqualTo(2);
    lower.writable = false;
    UnionPaths readOnly = lower.mount();
    held = readOnly.resolve("a");
    assertThat(nodeOf(lower, readOnly, "d/b")).isEqualTo(held);
  }

  @Test
  void writeToOneLowerLink_breaksIt_eachNameKeepsItsOwnContent() throws Exception {
    UnionFixture fixture = linked(layers(1), 1);
    UnionPaths union = fixture.mount();
    union.write("a", 0, "A");
    assertThat(union.read("d/b")).isEqualTo("1");
    assertThat(union.view("a").nlink()).isEqualTo(1);
    assertThat(union.view("d/b").nlink()).isEqualTo(2);
    assertThat(union.view("a").ino()).isNotEqualTo(union.view("d/b").ino());
    long ino = union.view("a").ino();
    UnionPaths again = fixture.mount();
    again.write("d/b", 1, "+");
    assertThat(again.tree()).containsExactly("a=A", "d/", "d/b=1+");
    assertThat(again.view("a").ino()).isEqualTo(ino);
    assertThat(again.list("", false))
        .anyMatch(entry -> entry.name().equals("a") && entry.ino() == ino);
  }

  @Test
  void unlinkOfOneLowerLink_leavesTheCountOfTheOther() throws Exception {
    UnionFixture fixture = linked(layers(1), 1);
    UnionPaths union = fixture.mount();
    union.unlink("a");
    assertThat(union.view("d/b").nlink()).isEqualTo(2);
  }

  @Test
  void openLowerFile_unlinked_canStillBeChanged() throws Exception {
    UnionFixture fixture = over("f=lower");
    UnionPaths union = fixture.mount();
    long node = union.resolve("f");
    long reader = fixture.fs().open(node, Linux.O_RDONLY, false, union.caller);
    union.unlink("f");
    NodeView view = new NodeView();
    fixture.fs().getAttributes(node, view);
    assertThat(view.nlink()).isZero();
    fixture.fs().setAttributes(node, new AttributeChange().mode(0600), union.caller, view);
    assertThat(view.nlink()).isZero();
    assertThat(view.stat().mode() & 07777).isEqualTo(0600);
    byte[] value = {1};
    fixture.fs().setXattr(node, UnionPaths.bytes("user.a"), value, 0, false, union.caller);
    assertThat(fixture.fs().getXattr(node, UnionPaths.bytes("user.a"))).isEqualTo(value);
    long writer = fixture.fs().open(node, Linux.O_RDWR, false, union.caller);
    union.writeAt(writer, 0, "UP");
    assertThat(union.readAt(reader, 0, 10)).isEqualTo("UPwer");
    assertThat(errno(() -> union.linkNode(node, "again"))).isEqualTo("ENOENT");
    fixture.fs().release(reader);
    fixture.fs().release(writer);
    fixture.fs().forget(node, 1);
    assertAllForgotten(fixture);
    fixture.unmount();
    assertThat(fixture.raw(0)).containsExactly("f !");
  }

  @Test
  void readerOfALowerFile_seesWhatIsWrittenLater_underItsNewName() throws Exception {
    UnionFixture fixture = over("f=lower", "d/");
    UnionPaths union = fixture.mount();
    long reader = union.open("f", Linux.O_RDONLY);
    union.rename("f", "d/g", 0);
    union.write("d/g", 0, "UPPER!");
    assertThat(union.readAt(reader, 0, 10)).isEqualTo("UPPER!");
    union.create("f", "other");
    assertThat(union.readAt(reader, 0, 10)).isEqualTo("UPPER!");
    fixture.fs().release(reader);
    assertAllForgotten(fixture);
  }

  @Test
  void removedDirectory_isEmpty_andTakesNoNames_butChanges() throws Exception {
    UnionFixture fixture = over("low/");
    UnionPaths union = fixture.mount();
    union.mkdir("up", 0755);
    for (String path : new String[] {"low", "up"}) {
      long node = union.resolve(path);
      union.rmdir(path);
      assertThat(union.list(node, true)).isEmpty();
      NodeView view = new NodeView();
      fixture.fs().setAttributes(node, new AttributeChange().mode(0700), union.caller, view);
      assertThat(view.stat().mode() & 07777).as(path).isEqualTo(0700);
      assertThat(view.nlink()).as(path).isZero();
      Name name = Name.of("x");
      assertThat(errno(() -> fixture.fs().makeDirectory(node, name, 0755, union.caller, view)))
          .isEqualTo("ENOENT");
      assertThat(errno(() -> fixture.fs().lookup(node, name, view))).isEqualTo("ok");
      assertThat(view.nodeId()).isZero();
      fixture.fs().forget(node, 1);
    }
    assertAllForgotten(fixture);
    fixture.unmount();
    assertThat(fixture.raw(0)).containsExactly("low !");
  }

  @Test
  void namelessFile_canBeLinkedOnce_andThenIsOrdinary() throws Exception {
    UnionFixture fixture = over("d/", "gone=");
    UnionPaths union = fixture.mount();
    union.unlink("gone");
    for (String path : new String[] {"d/linked", "gone"}) {
      long[] made = union.openNameless("d", 0640);
      union.writeAt(made[0], 0, "text");
      union.linkNode(made[1], path);
      union.writeAt(made[0], 4, "more");
      fixture.fs().release(made[0]);
      fixture.fs().forget(made[1], 1);
      assertThat(union.read(path)).isEqualTo("textmore");
    }
    long[] lost = union.openNameless("d", 0640);
    fixture.fs().release(lost[0]);
    fixture.fs().forget(lost[1], 1);
    assertAllForgotten(fixture);
    assertThat(fixture.mount().tree()).containsExactly("d/", "d/linked=textmore", "gone=textmore");
  }

  @Test
  void namelessFile_linkedAndUnlinkedWhileOpen_canBeOpenedForWriting() throws Exception {
    UnionFixture fixture = over("d/");
    UnionPaths union = fixture.mount();
    long[] made = union.openNameless("d", 0640);
    union.linkNode(made[1], "d/f");
    fixture.fs().release(made[0]);
    union.unlink("d/f");
    long handle = fixture.fs().open(made[1], Linux.O_RDWR, false, union.caller);
    union.writeAt(handle, 0, "text");
    fixture.fs().sync(handle, false);
    assertThat(union.readAt(handle, 0, 10)).isEqualTo("text");
    fixture.fs().release(handle);
    fixture.fs().forget(made[1], 1);
    assertAllForgotten(fixture);
  }

  @Test
  void directoryLinks_areOneWhereMerged_realWhereNot() throws Exception {
    UnionFixture fixture = layers(2);
    fixture.lower(2, "merged/x/", "pure/a/", "pure/b/");
    fixture.lower(1, "merged/y/");
    fixture.writable = false;
    UnionPaths union = fixture.mount();
    assertThat(union.view("").nlink()).isEqualTo(1);
    assertThat(union.view("merged").nlink()).isEqualTo(1);
    if (onHost()) {
      assertThat(union.view("pure").nlink()).isEqualTo(4);
    }
  }

  @Test
  void movedCopiedUpFile_afterARemount_keepsItsNumberInTheListingOfAPureDirectory()
      throws Exception {
    UnionFixture fixture = over("f=1");
    UnionPaths union = fixture.mount();
    union.mkdir("pure", 0755);
    union.chmod("f", 0600);
    UnionPaths again = fixture.mount();
    long ino = again.view("f").ino();
    again.rename("f", "pure/f", 0);
    assertThat(again.view("pure/f").ino()).isEqualTo(ino);
    assertThat(again.list("pure", false).get(0).ino()).isEqualTo(ino);
    fixture.unmount();
    if (onHost()) {
      assertThat(fixture.rawXattr(0, "pure", "trusted.overlay.impure")).isEqualTo("y");
    }
  }

  @Test
  void listingWithAttributes_ofSomeKnownNames_givesEachItsOwn() throws Exception {
    UnionFixture fixture = over("dir/", "file=1", "link -> file", "other=22");
    UnionPaths union = fixture.mount();
    long file = union.resolve("file");
    long link = union.resolve("link");
    for (UnionPaths.Entry entry : union.list("", true)) {
      assertThat(entry.type())
          .as(entry.name())
          .isEqualTo(Linux.direntType(union.view(entry.name()).stat().type()));
      assertThat(entry.ino()).as(entry.name()).isEqualTo(union.view(entry.name()).ino());
    }
    fixture.fs().forget(file, 1);
    fixture.fs().forget(link, 1);
    assertAllForgotten(fixture);
  }

  @Test
  void positionsInADirectory_stayGood_whateverGoesOrComes() throws Exception {
    UnionFixture fixture = over("d/a=", "d/b=", "d/c=", "d/e=", "d/f=", "d/g=", "d/h=");
    fixture.upper("d/i=", "d/j=");
    UnionPaths union = fixture.mount();
    long node = union.resolve("d");
    List<String> seen = new ArrayList<>();
    long[] cookie = {0};
    boolean more = true;
    while (more) {
      int before = seen.size();
      fixture
          .fs()
          .readDirectory(
              node,
              cookie[0],
              new DirSink() {
                @Override
                public boolean hasRoom(int nameBytes) {
                  return seen.size() < before + 2;
                }

                @Override
                public void entry(byte[] name, long after, int type, long ino) {
                  seen.add(new String(name, java.nio.charset.StandardCharsets.US_ASCII));
                  cookie[0] = after;
                }

                @Override
                public void entryPlus(byte[] name, long after, int type, NodeView view) {
                  throw new AssertionError("not asked for");
                }
              },
              null);
      more = seen.size() > before;
      for (String name : seen.subList(before, seen.size())) {
        if (!name.startsWith(".")) {
          union.unlink("d/" + name);
          union.create("d/new" + name, "");
        }
      }
    }
    assertThat(seen)
        .containsExactlyInAnyOrder(".", "..", "a", "b", "c", "e", "f", "g", "h", "i", "j");
    assertThat(union.list(node, false)).hasSize(9);
    fixture.fs().forget(node, 1);
    assertAllForgotten(fixture);
  }

  @Test
  void entryRemovedWhileAReaderIsHalfWay_isNotListedUnderAnotherNumber() throws Exception {
    UnionFixture fixture = over("d/a=", "d/b=", "d/c=", "d/e=", "d/f=", "d/g=", "d/h=");
    fixture.upper("d/i=", "d/j=");
    UnionPaths union = fixture.mount();
    union.chmod("d/a", 0600); // what is copied up has the number of its origin
    long node = union.resolve("d");
    List<UnionPaths.Entry> seen = new ArrayList<>();
    union.listPart(node, seen, 4);
    for (String name : List.of("a", "b", "c", "e", "f", "g", "h", "i", "j")) {
      if (seen.stream().noneMatch(entry -> entry.name().equals(name))) {
        union.unlink("d/" + name);
      }
    }
    while (union.listPart(node, seen, 4)) {
      assertThat(seen).as("the rest").isNotEmpty();
    }
    assertThat(seen).noneMatch(entry -> entry.ino() == 1); // others may be told of still
    fixture.fs().forget(node, 1);
    assertAllForgotten(fixture);
  }

  @Test
  void forgetOfUnknownIds_doesNothing_andHandlesLeftOpenEndWithTheMount() throws Exception {
    UnionFixture fixture = over("f=1", "d/");
    UnionPaths union = fixture.mount();
    fixture.fs().forget(12345, 1);
    fixture.fs().forget(-1, 1);
    fixture.fs().forget(UnionFs.ROOT_ID, 100);
    assertThat(errno(() -> fixture.fs().getAttributes(12345, new NodeView()))).isEqualTo("ESTALE");
    assertThat(errno(() -> fixture.fs().read(-99, 0, 0, 0))).isEqualTo("EBADF");
    long handle = union.open("f", Linux.O_RDONLY);
    assertThat(errno(() -> union.writeAt(handle, 0, "x"))).isEqualTo("EBADF");
    assertThat(fixture.fs().handleCount()).isEqualTo(1);
    fixture.fs().close();
    assertThat(fixture.fs().handleCount()).isZero();
    assertThat(fixture.fs().nodeCount()).isEqualTo(1);
  }
}
