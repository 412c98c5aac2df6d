package plyfs.trace;

import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The events of a mount, in a ring of records in a file that readers map. New events overwrite the
 * oldest records, read or not, so no reader can delay the mount. While no reader watches, the mount
 * records nothing, and {@link #isWatched} is a single memory access. Thread-safe.
 *
 * <p>Readers announce periodically that they watch; the log forgets a reader two seconds after its
 * last announcement. Readers also allocate the blocks of the file, so the log of a mount that is
 * never watched occupies one page.
 */
public final class EventLog {
  /** The copy-up failed. */
  public static final int FAILED = 1;

  /** Only the attributes were copied. */
  public static final int WITHOUT_DATA = 2;

  /** Two names were exchanged. */
  public static final int EXCHANGED = 4;

  /** The path is too long for the record: its beginning is missing. */
  public static final int CUT = 8;

  private static final int METHOD_SHIFT = 8;
  private static final int METHOD_MASK = 0xff;
  private static final int ERROR_SHIFT = 16;
  private static final byte[] NO_TEXT = {};

  private final MappedByteBuffer memory;
  private final AtomicLong sequence = new AtomicLong();

  /** For each position of the ring, 1 while a thread writes there. */
  private final AtomicIntegerArray busy = new AtomicIntegerArray(EventFormat.RECORDS);

  private EventLog(MappedByteBuffer memory) {
    this.memory = memory;
  }

  /**
   * Creates the file, readable by its owner only, because names in a mount are private.
   *
   * @throws IOException the file exists, or the directory cannot be written
   */
  public static EventLog create(Path file) throws IOException {
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      MappedByteBuffer memory = channel.map(FileChannel.MapMode.READ_WRITE, 0, EventFormat.BYTES);
      memory.order(ByteOrder.nativeOrder());
      long epoch = System.currentTimeMillis() * 1_000_000 - System.nanoTime();
      memory.putLong(EventFormat.EPOCH_AT, epoch);
      VarHandle.releaseFence();
      memory.putLong(EventFormat.MAGIC_AT, EventFormat.MAGIC);
      return new EventLog(memory);
    }
  }

  /** Whether a reader watches. */
  public boolean isWatched() {
    long until = memory.getLong(EventFormat.WATCHED_AT);
    return until != 0 && isWatched(until);
  }

  private boolean isWatched(long until) {
    if (System.nanoTime() - until < 0) {
      return true;
    }
    memory.putLong(EventFormat.WATCHED_AT, 0); // a reader that comes now announces itself again
    return false;
  }

  /**
   * Records an event that has just ended.
   *
   * @param layer the affected layer; -1 for none
   * @param flags of this class
   * @param nanos how long it took; 0 if unknown
   * @param path of the name
   * @param other a second text, or null
   */
  public void record(
      EventKind kind, int layer, int flags, long nanos, byte[] path, byte @Nullable [] other) {
    write(kind, layer, flags, nanos, path, other == null ? NO_TEXT : other, null);
  }

  /** Records a copy-up, or a copy of data only, that has just ended. */
  public void recordCopy(EventKind kind, int layer, int flags, byte[] path, CopyUpTimes times) {
    int all = flags | times.method().code() << METHOD_SHIFT | times.error() << ERROR_SHIFT;
    write(kind, layer, all, times.total(), path, NO_TEXT, times);
  }

  static CopyUpTimes.Method methodOf(int flags) {
    return CopyUpTimes.Method.of(flags >> METHOD_SHIFT & METHOD_MASK);
  }

  static int errorOf(int flags) {
    return flags >>> ERROR_SHIFT;
  }

  private void write(
      EventKind kind,
      int layer,
      int flags,
      long nanos,
      byte[] path,
      byte[] other,
      @Nullable CopyUpTimes times) {
    long number = sequence.incrementAndGet();
    int place = (int) (number % EventFormat.RECORDS);
    memory.putLong(EventFormat.LAST_AT, number);
    if (!busy.compareAndSet(place, 0, 1)) {
      return; // another thread is still writing there, a whole ring behind: this event is lost
    }
    int at = EventFormat.placeOf(number);
    memory.putLong(at + EventFormat.SEQUENCE_AT, 0);
    VarHandle.releaseFence();
    memory.putLong(at + EventFormat.TIME_AT, System.nanoTime());
    memory.putLong(at + EventFormat.DURATION_AT, nanos);
    memory.putLong(at + EventFormat.BYTES_AT, times == null ? 0 : times.bytes());
    memory.putInt(at + EventFormat.KIND_AT, kind.code());
    memory.putInt(at + EventFormat.LAYER_AT, layer);
    for (int i = 0; i < CopyUpTimes.STEPS; i++) {
      memory.putLong(at + EventFormat.STEPS_AT + 8 * i, times == null ? 0 : times.nanos[i]);
    }
    int otherLength = Math.min(other.length, EventFormat.TEXT / 2);
    int pathLength = Math.min(path.length, EventFormat.TEXT - otherLength);
    boolean isCut = pathLength < path.length || otherLength < other.length;
    memory.putInt(at + EventFormat.FLAGS_AT, isCut ? flags | CUT : flags);
    memory.putShort(at + EventFormat.PATH_LENGTH_AT, (short) pathLength);
    memory.putShort(at + EventFormat.OTHER_LENGTH_AT, (short) otherLength);
    // The end of a path is more useful than its beginning.
    memory.put(at + EventFormat.TEXT_AT, path, path.length - pathLength, pathLength);
    memory.put(at + EventFormat.TEXT_AT + pathLength, other, 0, otherLength);
    VarHandle.releaseFence();
    memory.putLong(at + EventFormat.SEQUENCE_AT, number);
    busy.set(place, 0);
  }
}
