package plyfs.image;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;
import plyfs.image.disk.HostStoreDisk;
import plyfs.image.disk.StoreDisk;

/** Calls of a store that are counted and can fail, or end the process as SIGKILL would. */
public final class FaultyDisk implements StoreDisk {
  /** The process is gone: no clean-up of it runs to its end either. */
  public static final class Killed extends Error {
    private static final long serialVersionUID = 1;
  }

  private final StoreDisk real = new HostStoreDisk();
  private final IntPredicate fails;
  private final boolean kills;
  private final List<String> calls = new ArrayList<>();

  private FaultyDisk(IntPredicate fails, boolean kills) {
    this.fails = fails;
    this.kills = kills;
  }

  /** Calls fail with EIO; the first has number 0. */
  public static FaultyDisk failing(IntPredicate fails) {
    return new FaultyDisk(fails, false);
  }

  /** The process is killed before a call. */
  public static FaultyDisk killedBefore(int call) {
    return new FaultyDisk(number -> number >= call, true);
  }

  /** What was called, for messages. */
  public List<String> calls() {
    return calls;
  }

  private void call(String name, Path path) throws IOException {
    int number = calls.size();
    boolean fault = fails.test(number);
    calls.add(name + " " + path.getFileName() + (fault ? " FAILS" : ""));
    if (fault && kills) {
      throw new Killed();
    }
    if (fault) {
      throw new IOException("cannot " + name + " " + path + ": Input/output error (EIO)");
    }
  }

  @Override
  public void makeDirectories(Path directory) throws IOException {
    call("makeDirectories", directory);
    real.makeDirectories(directory);
  }

  @Override
  public void makePrivateDirectory(Path directory) throws IOException {
    call("makePrivateDirectory", directory);
    real.makePrivateDirectory(directory);
  }

  @Override
  public void write(Path file, byte[] content) throws IOException {
    call("write", file);
    real.write(file, content);
  }

  @Override
  public void makeSymbolicLink(Path link, Path target) throws IOException {
    call("makeSymbolicLink", link);
    real.makeSymbolicLink(link, target);
  }

  @Override
  public boolean exists(Path path) throws IOException {
    call("exists", path);
    return real.exists(path);
  }

  @Override
  public byte @Nullable [] readIfThere(Path file) throws IOException {
    call("readIfThere", file);
    return real.readIfThere(file);
  }

  @Override
  public @Nullable Path linkTarget(Path link) throws IOException {
    call("linkTarget", link);
    return real.linkTarget(link);
  }

  @Override
  public List<String> names(Path directory) throws IOException {
    call("names", directory);
    return real.names(directory);
  }

  @Override
  public void move(Path from, Path to) throws IOException {
    call("move", to);
    real.move(from, to);
  }

  @Override
  public void remove(Path directory, String name) throws IOException {
    call("remove", directory.resolve(name));
    real.remove(directory, name);
  }

  /** Nothing is written to the real disk, so that a test may load a thousand times. */
  @Override
  public void sync(Path directory) throws IOException {
    call("sync", directory);
  }
}
