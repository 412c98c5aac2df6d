package plyfs.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import plyfs.sys.Stat;

/** SEMANTICS 4.25, 4.120: inode numbers of layers on several file systems. */
final class InodeNumberScenarios {
  private InodeNumberScenarios() {}

  private static Map<String, Long> numbers(DiskTree at) throws Exception {
    Map<String, Long> all = new TreeMap<>();
    Map<Long, String> taken = new HashMap<>();
    long device = at.stat("").dev();
    for (String directory : List.of("", "a", "c", "both")) {
      Map<String, Long> listed = IdentityScenarios.listedInodes(at, directory);
      for (String name : at.list(directory)) {
        String path = directory.isEmpty() ? name : directory + "/" + name;
        Stat stat = at.stat(path);
        assertThat(stat.dev()).as(path).isEqualTo(device);
        assertThat(listed.get(name)).as("d_ino of " + path).isEqualTo(stat.ino());
        assertThat(taken.put(stat.ino(), path)).as("another with the number of " + path).isNull();
        all.put(path, stat.ino());
      }
    }
    return all;
  }

  @Item("4.120, 4.25, 6.24, 5.4, 3.15")
  static void layersOnSeveralFileSystems_haveUniqueNumbers_thatStay(MountedUnion union)
      throws Throwable {
    DiskTree first = union.lowerInMemory("a/x=1", "both/p=1", "m=1");
    DiskTree second = union.lowerInMemory("c/x=2", "both/q=2", "n=2");
    union.lower("e=3", "both/r=3");
    assertThat(first.stat("a").ino()).as("the numbers collide").isEqualTo(second.stat("c").ino());
    DiskTree at = union.mount("xino=on");
    Map<String, Long> before = numbers(at);
    assertThat(before).hasSize(11);
    assertThat(at.read("a/x") + at.read("c/x")).isEqualTo("12");
    for (String path : before.keySet()) {
      at.chmod(path, 0700);
    }
    at.rename("m", "a/m");
    at.rename("a/m", "m");
    assertThat(numbers(at)).isEqualTo(before);
    assertThat(numbers(union.remount("xino=on"))).isEqualTo(before);
  }
}
