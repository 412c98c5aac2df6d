package plyfs.union;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import plyfs.union.node.LowerNames;

/** Layers are not asked again and again for what they do not have: {@link LowerNames}. */
final class MissingNamesTest extends UnionCase {
  private final AtomicInteger reads = new AtomicInteger();

  @Override
  boolean onHost() {
    return false;
  }

  private UnionFixture counting(int lowers) {
    UnionFixture fixture = layers(lowers);
    fixture.lowerReads = call -> reads.incrementAndGet();
    return fixture;
  }

  private static void missMany(UnionPaths union, String directory, int count) throws Exception {
    for (int i = 0; i < count; i++) {
      String path = directory + "/missing-" + i;
      assertThat(errno(() -> union.stat(path))).isEqualTo("ENOENT");
    }
  }

  private int readsOf(Attempt attempt) throws Exception {
    int before = reads.get();
    attempt.run();
    return reads.get() - before;
  }

  @Test
  void afterSomeMisses_noLayerIsAskedForAMissingName() throws Exception {
    UnionFixture fixture = counting(3);
    fixture.lower(1, "d/a=1");
    fixture.lower(2, "d/b=2");
    fixture.lower(3, "d/c=3");
    UnionPaths union = fixture.mount();
    union.resolve("d"); // kept, as the kernel keeps it
    missMany(union, "d", 8);
    int directory = readsOf(() -> union.resolve("d"));
    assertThat(readsOf(() -> errno(() -> union.stat("d/none")))).isEqualTo(directory);
    assertThat(union.read("d/a") + union.read("d/b") + union.read("d/c")).isEqualTo("123");
  }

  @Test
  void whiteoutsAndMarksBelow_countAsNames() throws Exception {
    UnionFixture fixture = counting(3);
    fixture.lower(1, "d/x !", "d/.wh.y=");
    fixture.lower(2, "d/a=2");
    fixture.lower(3, "d/x=3", "d/y=3", "d/z=3");
    UnionPaths union = fixture.mount();
    union.resolve("d");
    missMany(union, "d", 20);
    assertThat(errno(() -> union.stat("d/x"))).isEqualTo("ENOENT");
    assertThat(errno(() -> union.stat("d/y"))).isEqualTo("ENOENT");
    assertThat(union.read("d/z")).isEqualTo("3");
    assertThat(union.names("d")).containsExactly("a", "z");
  }

  @Test
  void namesMadeAndRemovedAbove_areSeenAtOnce() throws Exception {
    UnionFixture fixture = counting(2);
    fixture.lower(1, "d/a=1");
    fixture.lower(2, "d/b=2");
    UnionPaths union = fixture.mount();
    union.resolve("d");
    missMany(union, "d", 20);
    union.create("d/new", "n");
    assertThat(union.read("d/new")).isEqualTo("n");
    union.unlink("d/new");
    assertThat(errno(() -> union.stat("d/new"))).isEqualTo("ENOENT");
    union.unlink("d/b");
    assertThat(errno(() -> union.stat("d/b"))).isEqualTo("ENOENT");
    union.create("d/b", "again");
    assertThat(union.read("d/b")).isEqualTo("again");
  }

  @Test
  void listing_looksEachEntryUpOnlyWhereItIs() throws Exception {
    UnionFixture fixture = counting(10);
    for (int layer = 1; layer <= 9; layer++) {
      fixture.lower(layer, "d/of-" + layer + "=" + layer);
    }
    fixture.lower(10, "d/a=", "d/b=", "d/c=", "d/e=", "d/f=", "d/g=", "d/h=");
    UnionPaths union = fixture.mount();
    union.resolve("d");
    int few = readsOf(() -> assertThat(union.list("d", true)).hasSize(16));
    // Ten parts are listed, each of 16 entries takes a look at its attributes and at its marks.
    assertThat(few).isLessThan(100);
    assertThat(union.read("d/of-9")).isEqualTo("9");
  }

  @Test
  void fileInTheLowestLayer_isAskedOfThatAlone_afterSomeOthers() throws Exception {
    UnionFixture fixture = counting(10);
    for (int layer = 1; layer <= 9; layer++) {
      fixture.lower(layer, "d/of-" + layer + "=");
    }
    String[] lines = new String[20];
    for (int i = 0; i < lines.length; i++) {
      lines[i] = "d/f" + i + "=" + i;
    }
    fixture.lower(10, lines);
    UnionPaths union = fixture.mount();
    union.resolve("d");
    int first = readsOf(() -> union.resolve("d/f0"));
    for (int i = 1; i < 18; i++) {
      union.resolve("d/f" + i);
    }
    int later = readsOf(() -> union.resolve("d/f18"));
    assertThat(first - later).isEqualTo(2 * 9); // the name, and a mark beside it
    assertThat(union.read("d/f19")).isEqualTo("19");
  }

  @Test
  void whoListsManyParts_knowsWhereTheirNamesAre() throws Exception {
    UnionFixture fixture = counting(20);
    for (int layer = 1; layer < 20; layer++) {
      fixture.lower(layer, "d/of-" + layer + "=" + layer);
    }
    fixture.lower(15, "d/.wh.x=");
    fixture.lower(20, "d/a=a", "d/b=b", "d/x=x");
    UnionPaths union = fixture.mount();
    union.resolve("d");
    assertThat(union.names("d")).hasSize(21).contains("a", "b").doesNotContain("x");
    assertThat(errno(() -> union.stat("d/x"))).isEqualTo("ENOENT");
    int directory = readsOf(() -> union.resolve("d"));
    assertThat(readsOf(() -> errno(() -> union.stat("d/none")))).isEqualTo(directory);
    assertThat(union.read("d/a")).isEqualTo("a");
    assertThat(union.read("d/of-7")).isEqualTo("7");
  }

  private int readsOfFirstListing(int layers) throws Exception {
    UnionFixture fixture = counting(layers);
    for (int layer = 1; layer <= layers; layer++) {
      fixture.lower(layer, "d/of-" + layer + "=");
    }
    UnionPaths union = fixture.mount();
    return readsOf(
        () -> {
          union.resolve("d");
          assertThat(union.list("d", false)).hasSize(layers);
        });
  }

  /** Attributes, names of marks, the mark inside and the one beside; then the entries. */
  @Test
  void firstListing_costsFiveCallsOfEachLayer_howeverManyThereAre() throws Exception {
    int few = readsOfFirstListing(10);
    assertThat(readsOfFirstListing(40) - few).isEqualTo(5 * 30);
  }

  @Test
  void directoryWithManyEntries_isListedOnlyOnceThatPays() throws Exception {
    UnionFixture fixture = counting(1);
    String[] lines = new String[1000];
    for (int i = 0; i < lines.length; i++) {
      lines[i] = "d/entry-" + i + "=";
    }
    fixture.lower(1, lines);
    UnionPaths union = fixture.mount();
    union.resolve("d");
    missMany(union, "d", 8);
    int directory = readsOf(() -> union.resolve("d"));
    assertThat(readsOf(() -> errno(() -> union.stat("d/none")))).isGreaterThan(directory);
    missMany(union, "d", 200);
    assertThat(readsOf(() -> errno(() -> union.stat("d/nil")))).isEqualTo(directory);
    for (int i = 0; i < lines.length; i += 99) {
      assertThat(union.read("d/entry-" + i)).isEmpty();
    }
  }
}
