package plyfs.options;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import plyfs.union.api.IdMapping;
import plyfs.union.api.IdRange;

/** Options about owners: SEMANTICS 3.21, 3.22. */
final class IdOptionsTest {
  private static MountOptions parse(String options) throws MountOptionException {
    return MountOptions.parse(List.of(options.getBytes(US_ASCII)), Privilege.ROOT);
  }

  @Test
  void idsOfOwners_areMappedAndSquashed() throws Exception {
    IdMapping ids =
        parse("uidmapping=0:100000:65536:65536:7:1,gidmapping=5:0:4294967290").engine().ids();
    assertThat(ids.users())
        .containsExactly(new IdRange(0, 100000, 65536), new IdRange(65536, 7, 1));
    assertThat(ids.groups()).containsExactly(new IdRange(5, 0, 4294967290L));
    assertThat(ids.squashedUser()).isEqualTo(IdMapping.NOT_SQUASHED);
    IdMapping squashed = parse("squash_to_root,squash_to_gid=7").engine().ids();
    assertThat(squashed.squashedUser()).isZero();
    assertThat(squashed.squashedGroup()).isEqualTo(7);
    assertThat(parse("squash_to_uid=4294967294").engine().ids().squashedUser())
        .isEqualTo(4294967294L);
  }

  /** containers/storage 1.43 and older write {@code uidmapping=:0:200000:5000}. */
  @Test
  void aColonBeforeTheFirstRange_isTakenForNone() throws Exception {
    IdMapping ids = parse("uidmapping=:0:200000:5000,gidmapping=:0:1:7:7:0:1").engine().ids();
    assertThat(ids.users()).containsExactly(new IdRange(0, 200000, 5000));
    assertThat(ids.groups()).containsExactly(new IdRange(0, 1, 7), new IdRange(7, 0, 1));
  }
}
