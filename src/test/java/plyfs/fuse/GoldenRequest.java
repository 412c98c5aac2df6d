package plyfs.fuse;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import plyfs.sys.ErrnoException;

/** Sends the bytes of one request through a session, and has them read where a handler reads. */
final class GoldenRequest {
  private GoldenRequest() {}

  /** Serves one request whose body is given, and runs the checks where its handler runs. */
  static void parse(Opcode opcode, String body, Consumer<Request> checks) throws Exception {
    Seen seen = new Seen(checks);
    ScriptedConnection kernel = ScriptedConnection.modern();
    kernel.add(RequestBytes.of(opcode, 6, 5).hex(body));
    kernel.unmount();
    Session.start(kernel, seen, InitOptions.defaults(), 1).awaitEnd();
    if (seen.failure != null) {
      throw new AssertionError(opcode.toString(), seen.failure);
    }
    assertThat(seen.count).isEqualTo(1);
  }

  private static final class Seen implements RequestHandler {
    private final Consumer<Request> checks;
    private volatile @Nullable Throwable failure;
    private volatile int count;

    Seen(Consumer<Request> checks) {
      this.checks = checks;
    }

    @Override
    @SuppressWarnings("NonAtomicVolatileUpdate") // there is one worker
    public void handle(Request request, Reply reply) {
      count++;
      try {
        assertThat(request.unique()).isEqualTo(6);
        assertThat(request.nodeId()).isEqualTo(5);
        assertThat(request.uid()).isEqualTo(1000);
        assertThat(request.gid()).isEqualTo(1001);
        assertThat(request.pid()).isEqualTo(1002);
        checks.accept(request);
      } catch (Throwable e) {
        failure = e;
      }
      if (!request.opcode().hasNoReply()) {
        reply.empty();
      }
    }

    @Override
    public void takeBack(Request request, Reply reply) {}
  }

  static String string(Request request, int index) {
    try {
      return new String(request.string(index), UTF_8);
    } catch (ErrnoException e) {
      throw new AssertionError(e);
    }
  }
}
