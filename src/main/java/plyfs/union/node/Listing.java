package plyfs.union.node;

import java.util.Arrays;
import plyfs.sys.Name;

/**
 * A snapshot of the entries of a directory, in memory close together: names in one array of bytes,
 * with where each starts, its type and its inode number.
 *
 * <p>{@link #sort} gives it an order and each entry a cookie, which depends on its name alone (but
 * for the rare names of one hash): so a cookie means the same place in every later snapshot,
 * whatever was made and deleted meanwhile.
 */
public final class Listing {
  /** Cookies below are those of {@code .} and {@code ..}. */
  public static final long FIRST_COOKIE = 16;

  /** Names of one hash are told apart by these bits. */
  private static final int SEQUENCE_BITS = 4;

  private byte[] names = new byte[512];
  private int[] ends = new int[32];
  private byte[] types = new byte[32];
  private long[] numbers = new long[32];
  private short[] layers = new short[32];
  private long[] cookies = {};

  /** Entries in the order of their cookies. */
  private int[] order = {};

  private int count;

  /** {@link Directory#version} of the directory before it was read. */
  public int version;

  /**
   * Adds an entry.
   *
   * @param type {@code DT_*}
   * @param number inode number that programs see; 0 if it has to be looked up
   * @param layer index of the topmost layer that has it
   */
  public void add(byte[] name, int type, long number, int layer) {
    int start = start(count);
    if (start + name.length > names.length) {
      names = Arrays.copyOf(names, Math.max(names.length * 2, start + name.length));
    }
    if (count == ends.length) {
      ends = Arrays.copyOf(ends, count * 2);
      types = Arrays.copyOf(types, count * 2);
      numbers = Arrays.copyOf(numbers, count * 2);
      layers = Arrays.copyOf(layers, count * 2);
    }
    System.arraycopy(name, 0, names, start, name.length);
    ends[count] = start + name.length;
    types[count] = (byte) type;
    numbers[count] = number;
    layers[count] = (short) layer;
    count++;
  }

  /**
   * Puts the entries into the order of their cookies.
   *
   * @param seed of the hash: a secret of the mount, so that no user can create names with equal
   *     hashes
   */
  public void sort(long seed) {
    long[] hashes = new long[count];
    for (int i = 0; i < count; i++) {
      hashes[i] = hash(i, seed);
    }
    order = IndexOrder.of(hashes, this::compareNames);
    cookies = new long[count];
    long last = FIRST_COOKIE - 1;
    for (int i = 0; i < count; i++) {
      last = Math.max(hashes[order[i]], last + 1);
      cookies[i] = last;
    }
  }

  /** In {@link #FIRST_COOKIE} to 2^63 - 1, the sequence bits 0. */
  private long hash(int index, long seed) {
    long hash = seed;
    for (int i = start(index); i < ends[index]; i++) {
      hash = (hash ^ names[i]) * 0x9E3779B97F4A7C15L;
      hash ^= hash >>> 29;
    }
    hash = (hash ^ hash >>> 32) * 0xD6E8FEB86659FD93L;
    hash ^= hash >>> 32;
    return Math.max(FIRST_COOKIE, hash >>> 1 & -1L << SEQUENCE_BITS);
  }

  private int compareNames(int a, int b) {
    return Arrays.compare(names, start(a), ends[a], names, start(b), ends[b]);
  }

  private int start(int index) {
    return index == 0 ? 0 : ends[index - 1];
  }

  public int size() {
    return count;
  }

  /** Rank of the first entry after a position, {@link #size} if there is none. */
  public int after(long position) {
    int found = Arrays.binarySearch(cookies, position);
    return found >= 0 ? found + 1 : -found - 1;
  }

  /** Position after the entry of a rank. */
  public long cookie(int rank) {
    return cookies[rank];
  }

  public byte[] name(int rank) {
    int index = order[rank];
    return Arrays.copyOfRange(names, start(index), ends[index]);
  }

  /** As {@link #name}, to look it up. */
  public Name entry(int rank) {
    int index = order[rank];
    return Name.of(names, start(index), ends[index]);
  }

  public int nameBytes(int rank) {
    int index = order[rank];
    return ends[index] - start(index);
  }

  public int type(int rank) {
    return types[order[rank]];
  }

  public long number(int rank) {
    return numbers[order[rank]];
  }

  /** No lower layer above this one has the entry. 0: nothing is known. */
  public int layer(int rank) {
    return layers[order[rank]] & 0xffff;
  }
}
