package plyfs.fuse;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import plyfs.fuse.abi.InHeader;

/** Bytes of a request as the kernel would write them, field by field. */
final class RequestBytes {
  private final ByteBuffer bytes = ByteBuffer.allocate(1 << 18).order(ByteOrder.nativeOrder());

  private RequestBytes() {}

  /** A request from user 1000, group 1001, process 1002. */
  static RequestBytes of(int opcode, long unique, long nodeId) {
    RequestBytes request = new RequestBytes();
    request.bytes.putInt(0).putInt(opcode).putLong(unique).putLong(nodeId);
    request.bytes.putInt(1000).putInt(1001).putInt(1002).putInt(0);
    return request;
  }

  static RequestBytes of(Opcode opcode, long unique, long nodeId) {
    return of(opcode.number(), unique, nodeId);
  }

  RequestBytes u32(int value) {
    bytes.putInt(value);
    return this;
  }

  RequestBytes u64(long value) {
    bytes.putLong(value);
    return this;
  }

  /** Text and a NUL. */
  RequestBytes string(String text) {
    bytes.put(text.getBytes(UTF_8)).put((byte) 0);
    return this;
  }

  RequestBytes bytes(byte[] data) {
    bytes.put(data);
    return this;
  }

  /** Hexadecimal digits in any grouping, each line with a comment after {@code #}. */
  RequestBytes hex(String text) {
    bytes.put(parseHex(text));
    return this;
  }

  static byte[] parseHex(String text) {
    return HexFormat.of().parseHex(text.replaceAll("#.*", "").replaceAll("\\s", ""));
  }

  byte[] build() {
    bytes.putInt(InHeader.LEN, bytes.position());
    byte[] result = new byte[bytes.position()];
    bytes.get(0, result);
    return result;
  }
}
