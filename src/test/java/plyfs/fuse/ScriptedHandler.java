package plyfs.fuse;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Answers by one given function, and remembers what it was asked and what was taken back. */
final class ScriptedHandler implements RequestHandler {
  /** What to do with a request. */
  interface Script {
    void handle(Request request, Reply reply) throws Exception;
  }

  private final Script script;
  final List<Opcode> handled = new CopyOnWriteArrayList<>();
  final List<Long> takenBack = new CopyOnWriteArrayList<>();

  ScriptedHandler(Script script) {
    this.script = script;
  }

  @Override
  public void handle(Request request, Reply reply) {
    handled.add(request.opcode());
    try {
      script.handle(request, reply);
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void takeBack(Request request, Reply reply) {
    takenBack.add(request.unique());
  }
}
