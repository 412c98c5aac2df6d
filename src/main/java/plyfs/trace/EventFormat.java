package plyfs.trace;

/**
 * The file of an {@link EventLog}, in the byte order of the CPU: a header of {@link #HEADER} bytes,
 * then {@link #RECORDS} records of {@link #RECORD} bytes. The record with sequence number n is at
 * place {@code n % RECORDS}.
 */
final class EventFormat {
  static final int HEADER = 4096;
  static final int RECORD = 512;
  static final int RECORDS = 4096;
  static final long BYTES = HEADER + (long) RECORD * RECORDS;

  /** Marks the header. */
  static final long MAGIC = 0x3130545645594c50L; // "PLYEVT01", read little-endian

  static final int MAGIC_AT = 0;

  /** Sequence number of the newest event whose record was begun. */
  static final int LAST_AT = 8;

  /** {@code System.nanoTime} until which a reader watches; 0 for none. Readers write it. */
  static final int WATCHED_AT = 16;

  /** Nanoseconds since 1970 when {@code System.nanoTime} was 0. */
  static final int EPOCH_AT = 24;

  /** In a record: 0 while a thread writes it. */
  static final int SEQUENCE_AT = 0;

  static final int TIME_AT = 8;
  static final int DURATION_AT = 16;
  static final int BYTES_AT = 24;
  static final int KIND_AT = 32;
  static final int LAYER_AT = 36;
  static final int FLAGS_AT = 40;
  static final int PATH_LENGTH_AT = 44;
  static final int OTHER_LENGTH_AT = 46;
  static final int STEPS_AT = 48;
  static final int TEXT_AT = STEPS_AT + 8 * CopyUpTimes.STEPS;

  /** Bytes for the path and the second text of a record. */
  static final int TEXT = RECORD - TEXT_AT;

  /** How long a reader's announcement that it watches is valid. */
  static final long WATCH_NANOS = 2_000_000_000L;

  private EventFormat() {}

  static int placeOf(long sequence) {
    return HEADER + (int) (sequence % RECORDS) * RECORD;
  }
}
