package plyfs.fuse;

import java.nio.ByteBuffer;
import java.nio.LongBuffer;

/**
 * The reply to one request. It is open until {@link #error}, {@link #empty} or {@link #send}; a
 * second reply is an assertion failure, whether or not assertions are enabled (law L4).
 *
 * <p>The channel owns the memory: {@code [struct fuse_out_header]} and the content, which need not
 * be adjacent.
 */
public final class Reply {
  /** {@code struct fuse_direntplus} has 19, the reply to CREATE 18. */
  private static final int MOST_WORDS = 20;

  private final ByteBuffer content;
  private final LongBuffer contentWords;
  private final long[] words = new long[MOST_WORDS];
  private final long contentAddress;
  private final DirentWriter dirents;
  private boolean isDone;
  private int errno;
  private int length;

  /**
   * A reply with room for content.
   *
   * @param content a direct buffer at position 0, in native order, at a multiple of 8
   * @param contentAddress its address
   */
  Reply(ByteBuffer content, long contentAddress) {
    this.content = content;
    this.contentWords = content.asLongBuffer();
    this.contentAddress = contentAddress;
    this.dirents = new DirentWriter(this);
  }

  /** Withdraws a reply that must not leave, or resets the reply of the previous request. */
  void withdraw() {
    isDone = false;
    errno = 0;
    length = 0;
  }

  /**
   * Replies with an error.
   *
   * @param errno positive error number, 1 to 511
   */
  public void error(int errno) {
    if (errno <= 0 || errno >= 512) {
      throw new IllegalArgumentException("not an error number: " + errno);
    }
    finish(errno, 0);
  }

  /** Replies without content. */
  public void empty() {
    finish(0, 0);
  }

  /**
   * Replies with the first bytes of {@link #content}.
   *
   * @param length bytes
   */
  public void send(int length) {
    if (length < 0 || length > content.capacity()) {
      throw new IllegalArgumentException(length + " bytes in an answer of " + content.capacity());
    }
    finish(0, length);
  }

  /**
   * Replies with the first of {@link #words}.
   *
   * @param count how many
   */
  public void sendWords(int count) {
    putWords(0, count);
    send(count * Long.BYTES);
  }

  private void finish(int newErrno, int newLength) {
    if (isDone) {
      throw new AssertionError("a second reply to one request");
    }
    isDone = true;
    errno = newErrno;
    length = newLength;
  }

  /**
   * The buffer for the content. Fill it at absolute offsets before {@link #send}; it contains old
   * bytes at first.
   */
  public ByteBuffer content() {
    return content;
  }

  /** Space for a struct of at most 20 words, to be filled and then copied at once. */
  public long[] words() {
    return words;
  }

  /**
   * Copies the first of {@link #words} into {@link #content}.
   *
   * @param at offset in bytes, a multiple of 8
   */
  void putWords(int at, int count) {
    contentWords.put(at / Long.BYTES, words, 0, count);
  }

  /** Address of {@link #content}, for a system call. */
  public long contentAddress() {
    return contentAddress;
  }

  /** The maximum length for {@link #send}. */
  public int capacity() {
    return content.capacity();
  }

  /**
   * Starts a listing in {@link #content}.
   *
   * @param size most bytes that the kernel accepts, {@code ReadIn.size}
   * @return always the same object
   */
  public DirentWriter dirents(int size) {
    dirents.start(Math.min(size, content.capacity()));
    return dirents;
  }

  /** Whether the request is answered. */
  public boolean isDone() {
    return isDone;
  }

  /** Whether the reply is an error. */
  public boolean isError() {
    return errno != 0;
  }

  /** Positive error number of the reply, or 0. */
  public int errno() {
    return errno;
  }

  /** Bytes of content in the reply. */
  public int length() {
    return length;
  }
}
