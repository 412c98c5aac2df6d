package plyfs.sys;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One getdents64(2) call with a buffer of a given size, to stop in the middle of a directory.
 *
 * @param names without {@code .} and {@code ..}
 * @param inodes {@code d_ino} of each name, {@code .} and {@code ..} among them
 * @param lastOffset position after the last record
 */
public record RawListing(List<String> names, Map<String, Long> inodes, long lastOffset) {
  /** Reads from the position of the descriptor on. */
  public static RawListing read(Fd directory, int bytes) throws ErrnoException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    long address = Syscalls.addressOf(buffer);
    int end = (int) ErrnoException.check(FileSyscalls.getdents64(directory, address, bytes));
    List<String> names = new ArrayList<>();
    Map<String, Long> inodes = new TreeMap<>();
    long last = 0;
    for (int at = 0; at < end; at += buffer.getShort(at + 16) & 0xffff) {
      int length = 0;
      while (buffer.get(at + 19 + length) != 0) {
        length++;
      }
      byte[] name = new byte[length];
      buffer.get(at + 19, name);
      String text = new String(name, ISO_8859_1);
      inodes.put(text, buffer.getLong(at));
      if (!text.equals(".") && !text.equals("..")) {
        names.add(text);
      }
      last = buffer.getLong(at + 8);
    }
    return new RawListing(names, inodes, last);
  }
}
