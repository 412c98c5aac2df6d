package plyfs.fuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import plyfs.fuse.ScriptedConnection.Answer;
import plyfs.fuse.abi.InitFlags;
import plyfs.sys.Errno;
import plyfs.sys.MountSyscalls;

@Timeout(60)
final class HandshakeTest {
  private static final long EVERYTHING = (1L << 43) - 1;
  private static final byte[] NOTHING = {};

  private static InitResult negotiate(ScriptedConnection kernel, InitOptions options)
      throws Exception {
    Session session =
        Session.start(kernel, new ScriptedHandler((request, reply) -> reply.empty()), options, 1);
    kernel.unmount();
    session.awaitEnd();
    return session.negotiated();
  }

  private static void assertRefused(ScriptedConnection kernel, String message) {
    assertThatThrownBy(() -> negotiate(kernel, InitOptions.defaults()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(message);
    assertThat(kernel.isAborted).isTrue();
    assertThat(kernel.isClosed).isTrue();
  }

  @Test
  void modernKernel_getsAllThatIsAskedFor_inTheBytesOfTheProtocol() throws Exception {
    ScriptedConnection kernel = ScriptedConnection.withInit(45, EVERYTHING);
    InitResult result = negotiate(kernel, InitOptions.defaults());
    assertThat(result.minor()).isEqualTo(45);
    assertThat(result.has(InitFlags.ALLOW_IDMAP | InitFlags.SETXATTR_EXT)).isTrue();
    assertThat(result.has(InitFlags.POSIX_LOCKS)).isFalse();
    String pages = "%02x%02x".formatted(result.maxPages() & 0xff, result.maxPages() >> 8);
    assertThat(result.maxPages()).isEqualTo((1 << 20) / MountSyscalls.pageSize());
    assertThat(kernel.answer())
        .isEqualTo(
            Answer.of(
                2,
                0,
                RequestBytes.parseHex(
                    """
                    07000000 # major
                    2d000000 # minor 45
                    00000200 # max_readahead, as the kernel has it
                    6960f473 # flags
                    0000     # max_background
                    0000     # congestion_threshold
                    00001000 # max_write 1 MiB
                    01000000 # time_gran 1 ns
                    PAGES    # max_pages
                    0000     # map_alignment
                    40010000 # flags2: NO_EXPORT_SUPPORT, ALLOW_IDMAP
                    00000000 # max_stack_depth
                    0000     # request_timeout
                    00000000000000000000000000000000000000000000
                    """
                        .replace("PAGES", pages))));
  }

  @Test
  void newerKernel_isSpokenToInOurVersion() throws Exception {
    InitResult result =
        negotiate(ScriptedConnection.withInit(60, EVERYTHING), InitOptions.defaults());
    assertThat(result.minor()).isEqualTo(45);
    assertThat(result.kernelMinor()).isEqualTo(60);
  }

  @Test
  void olderKernel_getsOnlyWhatItOffers() throws Exception {
    long offered = InitFlags.BIG_WRITES | InitFlags.FLOCK_LOCKS | InitFlags.ASYNC_READ;
    InitResult result = negotiate(ScriptedConnection.withInit(31, offered), InitOptions.defaults());
    assertThat(result.minor()).isEqualTo(31);
    assertThat(result.flags()).isEqualTo(InitFlags.BIG_WRITES | InitFlags.ASYNC_READ);
    assertThat(result.maxPages()).isEqualTo(32);
    assertThat(result.maxWrite()).isEqualTo(32 * MountSyscalls.pageSize());
  }

  @Test
  void flagsAbove31_withoutInitExt_areNotOffered() throws Exception {
    InitResult result =
        negotiate(
            ScriptedConnection.withInit(45, EVERYTHING & ~InitFlags.INIT_EXT),
            InitOptions.defaults());
    assertThat(result.flags() >>> 30).isZero();
  }

  @Test
  void shortInit_ofOldKernels_isRead() throws Exception {
    ScriptedConnection kernel = new ScriptedConnection();
    kernel.add(RequestBytes.of(Opcode.INIT, 2, 0).u32(7).u32(34).u32(0).u32(-1));
    InitResult result = negotiate(kernel, InitOptions.defaults());
    assertThat(result.has(InitFlags.PARALLEL_DIROPS)).isTrue();
    assertThat(result.flags() >>> 32).isZero();
  }

  @Test
  void passthrough_bringsItsStackDepth_andOptionsTakeFlagsAway() throws Exception {
    ScriptedConnection kernel = ScriptedConnection.withInit(45, EVERYTHING);
    InitOptions options =
        InitOptions.defaults().withPassthrough(2).without(InitFlags.POSIX_ACL).withMaxWrite(65536);
    InitResult result = negotiate(kernel, options);
    assertThat(result.has(InitFlags.PASSTHROUGH)).isTrue();
    assertThat(result.has(InitFlags.POSIX_ACL)).isFalse();
    assertThat(result.maxWrite()).isEqualTo(65536);
    assertThat(kernel.answer().content().get(36)).isEqualTo((byte) 2);
  }

  @Test
  void kernelThatIsTooOld_isRefusedWithASentence() throws Exception {
    ScriptedConnection kernel = ScriptedConnection.withInit(30, EVERYTHING);
    assertRefused(kernel, "the kernel speaks FUSE protocol 7.30, but Plyfs needs 7.31");
    assertThat(kernel.answer()).isEqualTo(Answer.of(2, -Errno.EIO, NOTHING));
  }

  @Test
  void otherMajorVersion_isRefusedWithASentence() {
    ScriptedConnection kernel = new ScriptedConnection();
    kernel.add(RequestBytes.of(Opcode.INIT, 2, 0).u32(8).u32(0).u32(0).u32(0));
    assertRefused(kernel, "the kernel speaks FUSE protocol 8.0");
  }

  @Test
  void mountThatIsGoneBeforeInit_isRefusedWithASentence() {
    ScriptedConnection kernel = new ScriptedConnection();
    kernel.unmount();
    assertRefused(kernel, "ended before it was ready");
  }

  @Test
  void firstRequestThatIsNotInit_isRefusedWithASentence() {
    ScriptedConnection kernel = new ScriptedConnection();
    kernel.add(RequestBytes.of(Opcode.STATFS, 2, 1));
    assertRefused(kernel, "INIT was expected");
  }

  @Test
  void optionsThatExcludeEachOther_areRefused() {
    InitOptions passthrough = InitOptions.defaults().withPassthrough(1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> passthrough.with(InitFlags.WRITEBACK_CACHE))
        .withMessageContaining("writeback");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> InitOptions.defaults().withPassthrough(3))
        .withMessageContaining("max_stack_depth is 3");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> InitOptions.defaults().withMaxWrite(100))
        .withMessageContaining("max_write is 100 bytes");
  }
}
