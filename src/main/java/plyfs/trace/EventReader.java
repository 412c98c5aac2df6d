package plyfs.trace;

import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Reads the {@link EventLog} of a mount, from the creation of this reader on. It maps the log
 * read-only, and announces with write(2) that it watches.
 */
public final class EventReader implements AutoCloseable {
  /** How far the writer may advance past a missing record before the reader skips that record. */
  private static final int PATIENCE = 64;

  private final FileChannel channel;
  private final MappedByteBuffer memory;
  private final ByteBuffer word = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder());
  private final long epoch;
  private long next;
  private long lost;

  private EventReader(FileChannel channel, MappedByteBuffer memory) {
    this.channel = channel;
    this.memory = memory;
    this.epoch = memory.getLong(EventFormat.EPOCH_AT);
    this.next = memory.getLong(EventFormat.LAST_AT) + 1;
  }

  /** Size of the file while it is watched, bytes. */
  public static long fileBytes() {
    return EventFormat.BYTES;
  }

  /**
   * Opens a log.
   *
   * @throws IOException it cannot be opened, or another version of Plyfs wrote it
   */
  public static EventReader open(Path file) throws IOException {
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      if (channel.size() != EventFormat.BYTES) {
        throw new IOException("another version of Plyfs made the mount");
      }
      MappedByteBuffer memory = channel.map(FileChannel.MapMode.READ_ONLY, 0, EventFormat.BYTES);
      memory.order(ByteOrder.nativeOrder());
      if (memory.getLong(EventFormat.MAGIC_AT) != EventFormat.MAGIC) {
        throw new IOException("another version of Plyfs made the mount");
      }
      return new EventReader(channel, memory);
    } catch (Throwable e) {
      try {
        channel.close();
      } catch (IOException closing) {
        e.addSuppressed(closing); // as sys.Undo does, of which this package knows nothing
      }
      throw e;
    }
  }

  /**
   * Announces that this reader watches for the next two seconds.
   *
   * @return for how many nanoseconds no announcement was valid since the last call; 0 if there was
   *     no gap
   */
  public long watch() throws IOException {
    long now = System.nanoTime();
    long until = memory.getLong(EventFormat.WATCHED_AT);
    long gap = watchedUntil == 0 || until != 0 && now - until < 0 ? 0 : now - watchedUntil;
    watchedUntil = now + EventFormat.WATCH_NANOS;
    word.putLong(0, watchedUntil);
    word.clear();
    while (word.hasRemaining()) {
      channel.write(word, EventFormat.WATCHED_AT + word.position());
    }
    return Math.max(0, gap);
  }

  private long watchedUntil;

  /** How many events were overwritten before this reader read them, since the last call. */
  public long takeLost() {
    long count = lost;
    lost = 0;
    return count;
  }

  /** The next event; null if there is none yet. */
  public @Nullable Event poll() {
    while (true) {
      long last = memory.getLong(EventFormat.LAST_AT);
      if (last < next) {
        return null;
      }
      if (last - next >= EventFormat.RECORDS) {
        // Skip half a ring, so that the writer does not overwrite the next record at once.
        skipTo(last - EventFormat.RECORDS / 2);
      }
      int at = EventFormat.placeOf(next);
      long there = memory.getLong(at + EventFormat.SEQUENCE_AT);
      VarHandle.acquireFence();
      if (there == next) {
        Event event = read(at);
        VarHandle.acquireFence();
        if (memory.getLong(at + EventFormat.SEQUENCE_AT) == next) {
          next++;
          if (event != null) {
            return event;
          }
          continue; // of a kind that this version does not know
        }
      } else if (there < next && last - next < PATIENCE) {
        return null; // a thread is still writing it
      }
      skipTo(next + 1);
    }
  }

  private void skipTo(long sequence) {
    lost += sequence - next;
    next = sequence;
  }

  private @Nullable Event read(int at) {
    EventKind kind = EventKind.of(memory.getInt(at + EventFormat.KIND_AT));
    int pathLength = memory.getShort(at + EventFormat.PATH_LENGTH_AT);
    int otherLength = memory.getShort(at + EventFormat.OTHER_LENGTH_AT);
    boolean fits =
        pathLength >= 0 && otherLength >= 0 && pathLength + otherLength <= EventFormat.TEXT;
    if (kind == null || !fits) {
      return null;
    }
    byte[] path = new byte[pathLength];
    byte[] other = new byte[otherLength];
    memory.get(at + EventFormat.TEXT_AT, path);
    memory.get(at + EventFormat.TEXT_AT + pathLength, other);
    long[] steps = new long[CopyUpTimes.STEPS];
    for (int i = 0; i < steps.length; i++) {
      steps[i] = memory.getLong(at + EventFormat.STEPS_AT + 8 * i);
    }
    return new Event(
        memory.getLong(at + EventFormat.SEQUENCE_AT),
        memory.getLong(at + EventFormat.TIME_AT) + epoch,
        memory.getLong(at + EventFormat.DURATION_AT),
        memory.getLong(at + EventFormat.BYTES_AT),
        kind,
        memory.getInt(at + EventFormat.LAYER_AT),
        memory.getInt(at + EventFormat.FLAGS_AT),
        path,
        other,
        steps);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
