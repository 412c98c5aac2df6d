package plyfs.daemon;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plyfs.layer.MountRefusedException;
import plyfs.sys.MountSyscalls;

final class VolatileMarkTest {
  @TempDir Path workdir;

  private byte[] path() {
    return workdir.toString().getBytes(UTF_8);
  }

  @Test
  void mark_refusesTheNextMount_untilItIsRemoved() throws Exception {
    assumeTrue(MountSyscalls.effectiveUser() == 0, "needs root: directories of mode 000");
    assertThatCode(() -> VolatileMark.refuseIfPresent(path())).doesNotThrowAnyException();
    Path work = Files.createDirectory(workdir.resolve("work"));
    VolatileMark.make(path());
    VolatileMark.make(path());
    assertThat(work.resolve("incompat/volatile/dirty")).isEmptyFile();
    assertThatThrownBy(() -> VolatileMark.refuseIfPresent(path()))
        .isInstanceOf(MountRefusedException.class)
        .hasMessageContaining("workdir " + workdir)
        .hasMessageContaining("remove work/incompat/volatile");
    Files.delete(work.resolve("incompat/volatile/dirty"));
    Files.delete(work.resolve("incompat/volatile"));
    VolatileMark.refuseIfPresent(path());
  }

  @Test
  void markOfAnUnknownKind_refusesToo() throws Exception {
    Files.createDirectories(workdir.resolve("work/incompat/later"));
    assertThatThrownBy(() -> VolatileMark.refuseIfPresent(path()))
        .hasMessageContaining("remove work/incompat/later");
  }

  @Test
  void missingWorkdir_isRefusedByName() {
    byte[] missing = workdir.resolve("none").toString().getBytes(UTF_8);
    assertThatThrownBy(() -> VolatileMark.refuseIfPresent(missing))
        .hasMessage("workdir " + workdir.resolve("none") + ": No such file or directory (ENOENT)");
  }
}
