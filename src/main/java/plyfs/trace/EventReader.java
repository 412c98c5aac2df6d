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
 * Reads the {@link EventLog} of a mount, from the moment at which this was made. The log is mapped
 * read-only; the one word by which readers say that they watch is written with write(2).
 */
public final class EventReader implements AutoCloseable {
  /** How far the writer may be ahead of a record that is not there before that is given up. */
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

  /** Bytes that the file takes once it is watched. */
  public static long fileBytes() {
    return EventFormat.BYTES;
  }

  /**
   * Opens a log.
   *
   * @throws IOException it cannot be opened, or is of another version
   */
  public static EventReader open(Path file) throws IOException {
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      if (channel.size() != EventFormat.BYTES) {
        throw new IOException("the mount was made by another version of plyfs");
      }
      MappedByteBuffer memory = channel.map(FileChannel.MapMode.READ_ONLY, 0, EventFormat.BYTES);
      memory.order(ByteOrder.nativeOrder());
      if (memory.getLong(EventFormat.MAGIC_AT) != EventFormat.MAGIC) {
        throw new IOException("the mount was made by another version of plyfs");
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
   * Says that somebody watches, for the next two seconds.
   *
   * @return nanoseconds for which nobody did since the last time; 0 if there was no gap
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

  /** Events that were overwritten before they were read, since the last call. */
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
        // Half a ring ahead, so that what is read now is not overwritten at once.
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
          continue; // of a kind that is not known here
        }
      } else if (there < next && last - next < PATIENCE) {
        return null; // it is being written
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
