package plyfs.union;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import plyfs.union.node.Listing;

/** Positions in directories: SEMANTICS 4.85. */
class ListingTest {
  private static final long SEED = 12345;

  private static Listing of(int from, int to) {
    Listing listing = new Listing();
    for (int i = from; i < to; i++) {
      listing.add(("name" + i).getBytes(US_ASCII), 8, i, 0);
    }
    listing.sort(SEED);
    return listing;
  }

  private static long cookieOf(Listing listing, String name) {
    for (int rank = 0; rank < listing.size(); rank++) {
      if (new String(listing.name(rank), US_ASCII).equals(name)) {
        return listing.cookie(rank);
      }
    }
    throw new AssertionError("no entry " + name);
  }

  @Test
  void cookies_rise_areAllDifferent_andFitTheKernel() {
    Listing listing = of(0, 20_000);
    long last = 2;
    for (int rank = 0; rank < listing.size(); rank++) {
      assertThat(listing.cookie(rank)).isGreaterThan(last);
      last = listing.cookie(rank);
    }
    assertThat(listing.after(last)).isEqualTo(listing.size());
    assertThat(listing.after(2)).isZero();
  }

  @Test
  void cookieOfAName_isTheSame_whateverElseIsInTheDirectory() {
    Listing before = of(0, 500);
    Listing after = of(250, 1000);
    for (int i = 250; i < 500; i++) {
      assertThat(cookieOf(after, "name" + i)).isEqualTo(cookieOf(before, "name" + i));
    }
  }

  @Test
  void readerThatGoesOnAfterDeletions_seesEveryNameThatIsLeft_once() {
    Listing before = of(0, 1000);
    Set<String> seen = new HashSet<>();
    for (int rank = 0; rank < 400; rank++) {
      seen.add(new String(before.name(rank), US_ASCII));
    }
    long position = before.cookie(399);
    Listing left = new Listing();
    for (int i = 0; i < 1000; i++) {
      if (!seen.contains("name" + i)) {
        left.add(("name" + i).getBytes(US_ASCII), 8, i, 0);
      }
    }
    left.sort(SEED);
    assertThat(left.after(position)).isZero();
    for (int rank = 0; rank < left.size(); rank++) {
      assertThat(seen.add(new String(left.name(rank), US_ASCII))).isTrue();
    }
    assertThat(seen).hasSize(1000);
  }

  @Test
  void otherSeed_givesAnotherOrder() {
    Listing one = of(0, 100);
    Listing other = new Listing();
    for (int i = 0; i < 100; i++) {
      other.add(("name" + i).getBytes(US_ASCII), 8, i, 0);
    }
    other.sort(SEED + 1);
    assertThat(other.cookie(0)).isNotEqualTo(one.cookie(0));
  }
}
