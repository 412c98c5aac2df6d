package plyfs.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import plyfs.sys.MountSyscalls;

final class ProcessGroupsTest {
  @Test
  void groupForFilesAndSupplementaryGroups_count_othersDoNot() {
    assertThat(ProcessGroups.isIn("Gid:\t1\t2\t3\t4", "4")).isTrue();
    assertThat(ProcessGroups.isIn("Gid:\t1\t2\t3\t4", "1")).isFalse();
    assertThat(ProcessGroups.isIn("Groups:\t5 66 4294967294 ", "4294967294")).isTrue();
    assertThat(ProcessGroups.isIn("Groups:\t5 66 ", "6")).isFalse();
    assertThat(ProcessGroups.isIn("Uid:\t4\t4\t4\t4", "4")).isFalse();
  }

  @Test
  void processThatIsUnknown_isInNoGroup() {
    assertThat(ProcessGroups.contains(0, 0)).isFalse();
    assertThat(ProcessGroups.contains(Integer.MAX_VALUE, 0)).isFalse();
    assertThat(ProcessGroups.contains(MountSyscalls.processId(), 0x7ffffff0)).isFalse();
  }

  @Test
  void processThatIsUnknown_keepsNoSetuid() {
    assertThat(ProcessGroups.keepsSetuid(0)).isFalse();
    assertThat(ProcessGroups.keepsSetuid(Integer.MAX_VALUE)).isFalse();
  }

  @Test
  void processThatIsUnknown_isNoAdministrator() {
    assertThat(new Administrator(0).getAsBoolean()).isFalse();
    assertThat(new Administrator(Integer.MAX_VALUE).getAsBoolean()).isFalse();
  }
}
