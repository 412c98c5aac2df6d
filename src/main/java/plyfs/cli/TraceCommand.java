package plyfs.cli;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import plyfs.daemon.MountState;
import plyfs.daemon.RuntimeDir;
import plyfs.explore.LayerNumbers;
import plyfs.explore.TraceTail;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.FileSyscalls;
import plyfs.sys.Linux;
import plyfs.sys.Name;
import plyfs.trace.Event;
import plyfs.trace.EventKind;
import plyfs.trace.EventReader;

/** Prints the events of a mount as they happen. */
@Command(
    name = "trace",
    header = "Print lookups, copy-ups, whiteouts and renames of a mount as they happen.",
    description = {
      "The command prints events from its start until the mount ends or you press"
          + " Ctrl-C. A lookup is an event only if the kernel sends it to the daemon and"
          + " the daemon asks more than the topmost layer. The mount never waits for this"
          + " command: if the command is too slow, it prints how many events it lost. Kinds"
          + " of event: lookup, copy-up, data-copy, link-up, whiteout-made,"
          + " whiteout-removed, opaque-set, redirect-set, renamed, removed."
    })
final class TraceCommand implements Callable<Integer> {
  private static final int PAUSE_MILLISECONDS = 20;
  private static final int PAUSES_PER_WATCH = 12;
  private static final int WAIT_MILLISECONDS = 2000;
  private static final long SECOND_NANOS = 1_000_000_000L;

  @Option(names = "--json", description = "Print one JSON object for each event.")
  private boolean json;

  @Option(
      names = "--filter",
      split = ",",
      paramLabel = "KIND",
      description =
          "Print only these kinds of event, separated by commas; 'whiteout' selects every"
              + " kind that begins with this word.")
  private List<String> filter = new ArrayList<>();

  @Parameters(paramLabel = "MOUNTPOINT", description = "The mount point of a Plyfs mount.")
  private String mountpoint = "";

  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile boolean isToEnd;

  @Override
  public Integer call() throws CommandFailure, IOException {
    Set<EventKind> kinds = kinds();
    byte[] at = RawArguments.bytes(mountpoint);
    MountState state = LayerChoice.mountAt(at);
    if (state == null) {
      throw new CommandFailure(
          Name.printable(at) + " is not a Plyfs mount of this user: see 'plyfs ps'");
    }
    try (EventReader reader = open(state)) {
      reader.watch();
      Runtime.getRuntime().addShutdownHook(new Thread(this::end, "end"));
      Console.status("watching " + Name.printable(state.mountpoint()) + "; press Ctrl-C to stop\n");
      follow(reader, state, kinds);
    } finally {
      ended.countDown();
    }
    return 0;
  }

  private Set<EventKind> kinds() throws CommandFailure {
    if (filter.isEmpty()) {
      return EnumSet.allOf(EventKind.class);
    }
    Set<EventKind> kinds = EnumSet.noneOf(EventKind.class);
    for (String word : filter) {
      boolean known = false;
      for (EventKind kind : EventKind.values()) {
        if (!word.isEmpty() && kind.word().startsWith(word)) {
          kinds.add(kind);
          known = true;
        }
      }
      if (!known) {
        throw new CommandFailure(
            CommandFailure.USAGE, "unknown kind of event '" + word + "': see 'plyfs trace --help'");
      }
    }
    return kinds;
  }

  /** Opens the event log of a mount, which the daemon creates shortly after the mount. */
  private static EventReader open(MountState state) throws CommandFailure, IOException {
    Path file = RuntimeDir.standard().eventsOf(state);
    for (int waited = 0; ; waited += PAUSE_MILLISECONDS) {
      try {
        giveBlocks(file);
        return EventReader.open(file);
      } catch (NoSuchFileException e) {
        if (waited >= WAIT_MILLISECONDS) {
          throw new CommandFailure(
              "cannot watch the mount: its event log "
                  + file
                  + " is missing; another version of Plyfs made the mount, or its log has the"
                  + " reason");
        }
        pause();
      } catch (IOException e) {
        throw new CommandFailure("cannot read " + file + ": " + e.getMessage());
      }
    }
  }

  /** Allocates the blocks of the file, so that the daemon's writes find space. */
  private static void giveBlocks(Path file) throws CommandFailure, NoSuchFileException {
    try (Fd fd = Fd.open(GivenPath.bytes(file), Linux.O_RDWR)) {
      ErrnoException.check(FileSyscalls.fallocate(fd, 0, 0, EventReader.fileBytes()));
    } catch (ErrnoException e) {
      if (e.errno() == Errno.ENOENT) {
        throw new NoSuchFileException(file.toString());
      }
      if (e.errno() != Errno.EOPNOTSUPP) {
        throw new CommandFailure(
            "cannot reserve space for the event log " + file + ": " + Errno.describe(e.errno()));
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE_MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void follow(EventReader reader, MountState state, Set<EventKind> kinds)
      throws IOException {
    boolean colour = Boolean.getBoolean("plyfs.colour") && System.getenv("NO_COLOR") == null;
    LayerNumbers numbers = new LayerNumbers(state.lowers().size() + state.dataOnly().size());
    TraceTail tail = new TraceTail(colour, numbers);
    boolean isLast = false;
    for (int round = 0; !isLast; round++) {
      if (round % PAUSES_PER_WATCH == 0) {
        tellGap(reader.watch());
      }
      isLast = isToEnd || round % PAUSES_PER_WATCH == 0 && !RuntimeDir.isRunning(state);
      drain(reader, tail, kinds);
      if (Console.OUT.checkError()) { // also flushes
        return; // the reader of the output has ended
      }
      if (!isLast) {
        pause();
      }
    }
    if (!isToEnd) {
      Console.complain("the mount at " + Name.printable(state.mountpoint()) + " has ended");
    }
  }

  private void drain(EventReader reader, TraceTail tail, Set<EventKind> kinds) throws IOException {
    long since = System.nanoTime();
    for (@Nullable Event event = reader.poll(); event != null; event = reader.poll()) {
      tellLost(reader.takeLost());
      if (kinds.contains(event.kind())) {
        Console.OUT.println(json ? tail.json(event) : tail.text(event));
      }
      if (System.nanoTime() - since > SECOND_NANOS) {
        tellGap(reader.watch()); // busy output: renew the watch
        since = System.nanoTime();
      }
    }
    tellLost(reader.takeLost());
  }

  private void tellLost(long count) {
    if (count == 0) {
      return;
    }
    Console.OUT.println(
        json
            ? "{\"kind\":\"lost\",\"count\":" + count + "}"
            : count + " events were lost: 'plyfs trace' was too slow");
  }

  private void tellGap(long nanos) {
    if (nanos == 0) {
      return;
    }
    Console.OUT.println(
        json
            ? "{\"kind\":\"gap\",\"nanos\":" + nanos + "}"
            : "nothing was recorded for " + nanos / 1_000_000 + " ms: 'plyfs trace' was suspended");
  }

  /** Runs when a signal ends the process: prints the events recorded until now. */
  private void end() {
    isToEnd = true;
    try {
      if (!ended.await(1, TimeUnit.SECONDS)) {
        return; // the reader of the output has stopped
      }
      Console.OUT.flush();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
