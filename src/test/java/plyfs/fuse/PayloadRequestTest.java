package plyfs.fuse;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static plyfs.fuse.GoldenRequest.parse;
import static plyfs.fuse.GoldenRequest.string;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import plyfs.fuse.abi.BatchForgetIn;
import plyfs.fuse.abi.ForgetOne;
import plyfs.fuse.abi.InitFlags;
import plyfs.fuse.abi.IoctlIn;
import plyfs.fuse.abi.SetxattrIn;
import plyfs.fuse.abi.WriteIn;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;

/** Requests with data behind the struct or the names. */
@Timeout(60)
final class PayloadRequestTest {
  @Test
  void write() throws Exception {
    parse(
        Opcode.WRITE,
        """
        0100000000000000 # fh
        0010000000000000 # offset
        05000000         # size
        04000000         # write_flags: KILL_SUIDGID
        0300000000000000 # lock_owner
        01000000         # flags: O_WRONLY
        00000000         # padding
        68656c6c6f       # data
        """,
        r -> {
          assertThat(WriteIn.fh(r)).isEqualTo(1);
          assertThat(WriteIn.offset(r)).isEqualTo(4096);
          assertThat(WriteIn.size(r)).isEqualTo(5);
          assertThat(WriteIn.writeFlags(r)).isEqualTo(WriteIn.FUSE_WRITE_KILL_SUIDGID);
          assertThat(WriteIn.lockOwner(r)).isEqualTo(3);
          assertThat(WriteIn.flags(r)).isEqualTo(1);
          assertThat(r.payloadBytes(0, 5)).isEqualTo("hello".getBytes(US_ASCII));
        });
  }

  @Test
  void setxattr_valueWithNul() throws Exception {
    parse(
        Opcode.SETXATTR,
        """
        03000000       # size of the value
        01000000       # flags: XATTR_CREATE
        01000000       # setxattr_flags: ACL_KILL_SGID
        00000000       # padding
        757365722e6100 # "user.a"
        00ff00         # value
        """,
        r -> {
          assertThat(SetxattrIn.size(r)).isEqualTo(3);
          assertThat(SetxattrIn.flags(r)).isEqualTo(1);
          assertThat(SetxattrIn.setxattrFlags(r)).isEqualTo(SetxattrIn.FUSE_SETXATTR_ACL_KILL_SGID);
          assertThat(string(r, 0)).isEqualTo("user.a");
          assertThat(r.payloadBytes(offsetAfterName(r), 3)).containsExactly(0, -1, 0);
        });
  }

  private static int offsetAfterName(Request request) {
    try {
      return request.offsetAfterStrings(1);
    } catch (ErrnoException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void setxattr_withoutTheExtension_isShort() throws Exception {
    ScriptedConnection kernel = ScriptedConnection.withInit(31, InitFlags.BIG_WRITES);
    kernel.add(RequestBytes.of(Opcode.SETXATTR, 4, 1).u32(1).u32(2).string("user.a").hex("41"));
    kernel.unmount();
    ScriptedHandler handler =
        new ScriptedHandler(
            (request, reply) -> {
              assertThat(SetxattrIn.flags(request)).isEqualTo(2);
              assertThat(SetxattrIn.setxattrFlags(request)).isZero();
              assertThat(string(request, 0)).isEqualTo("user.a");
              assertThat(request.payloadBytes(offsetAfterName(request), 1)).containsExactly('A');
              reply.empty();
            });
    Session.start(kernel, handler, InitOptions.defaults(), 1).awaitEnd();
    assertThat(kernel.answer().unique()).isEqualTo(2);
    assertThat(kernel.answer()).isEqualTo(ScriptedConnection.Answer.of(4, 0, new byte[0]));
  }

  @Test
  void batchForget() throws Exception {
    parse(
        Opcode.BATCH_FORGET,
        """
        02000000 00000000 # count, dummy
        0500000000000000  # nodeid
        0700000000000000  # nlookup
        0600000001000000  # nodeid
        0100000000000000  # nlookup
        """,
        r -> {
          assertThat(BatchForgetIn.count(r)).isEqualTo(2);
          assertThat(ForgetOne.nodeid(r, 0)).isEqualTo(5);
          assertThat(ForgetOne.nlookup(r, 0)).isEqualTo(7);
          assertThat(ForgetOne.nodeid(r, 1)).isEqualTo(0x1_0000_0006L);
          assertThat(ForgetOne.nlookup(r, 1)).isEqualTo(1);
        });
  }

  @Test
  void ioctl() throws Exception {
    parse(
        Opcode.IOCTL,
        """
        0900000000000000 # fh
        00000000         # flags
        02660840         # cmd: FS_IOC_SETFLAGS
        0000000000000000 # arg
        04000000         # in_size
        00000000         # out_size
        10000000         # input
        """,
        r -> {
          assertThat(IoctlIn.fh(r)).isEqualTo(9);
          assertThat(IoctlIn.cmd(r)).isEqualTo(0x40086602);
          assertThat(IoctlIn.inSize(r)).isEqualTo(4);
          assertThat(r.payloadBytes(0, 4)).containsExactly(16, 0, 0, 0);
        });
  }

  @Test
  void namesThatAreNone_giveAnErrorNumber() throws Exception {
    parse(
        Opcode.SYMLINK,
        "2e2e00 61 # '..' and a string without its NUL",
        r -> {
          assertThat(errno(() -> r.name(0))).isEqualTo(Errno.EINVAL);
          assertThat(errno(() -> r.string(1))).isEqualTo(Errno.EINVAL);
          assertThat(errno(() -> r.name(2))).isEqualTo(Errno.EINVAL);
        });
    parse(
        Opcode.LOOKUP,
        "61".repeat(256) + "00",
        r -> assertThat(errno(() -> r.name(0))).isEqualTo(Errno.ENAMETOOLONG));
  }

  private interface Call {
    Object run() throws ErrnoException;
  }

  private static int errno(Call call) {
    try {
      call.run();
      return 0;
    } catch (ErrnoException e) {
      return e.errno();
    }
  }
}
