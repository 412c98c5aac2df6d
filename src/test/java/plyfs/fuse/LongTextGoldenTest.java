package plyfs.fuse;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import plyfs.fuse.abi.SetxattrIn;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.sys.Name;

/**
 * Every request that carries texts, with texts up to the longest that the kernel sends, right after
 * a request with another text: whichever part of it a handler reads first, it is its own.
 */
@Timeout(60)
final class LongTextGoldenTest {
  /** A name and a link target that the kernel sends have at most so many bytes. */
  private static final int MOST_TEXT_BYTES = 4095;

  private static final int[] LENGTHS = {1, Name.MAX_BYTES, 600, MOST_TEXT_BYTES};

  /** An opcode and the lengths of its texts. */
  record Row(Opcode opcode, List<Integer> lengths) {
    List<String> texts() {
      List<String> texts = new ArrayList<>();
      for (int i = 0; i < lengths.size(); i++) {
        texts.add("tu".substring(i, i + 1).repeat(lengths.get(i)));
      }
      return texts;
    }

    byte[] value() {
      byte[] value = new byte[opcode == Opcode.SETXATTR ? Linux.XATTR_SIZE_MAX : 0];
      Arrays.fill(value, (byte) 'v');
      return value;
    }

    /** The request, whose struct says nothing but the size of the value. */
    RequestBytes request(long unique) {
      RequestBytes request = RequestBytes.of(opcode, unique, 5);
      int struct = opcode == Opcode.SETXATTR ? SetxattrIn.SIZEOF : opcode.inSize();
      for (int i = 0; i < struct; i += Integer.BYTES) {
        request.u32(i == 0 ? value().length : 0);
      }
      texts().forEach(request::string);
      return request.bytes(value());
    }
  }

  /** What a handler may read first. */
  private interface Reading {
    void check(Request request, Row row) throws ErrnoException;
  }

  static Stream<Row> rows() {
    List<Row> rows = new ArrayList<>();
    for (Opcode opcode : Opcode.values()) {
      assertThat(opcode.names()).isBetween(0, 2);
      if (opcode.names() > 0) {
        for (int first : LENGTHS) {
          if (opcode.names() == 1) {
            rows.add(new Row(opcode, List.of(first)));
          } else {
            for (int second : LENGTHS) {
              rows.add(new Row(opcode, List.of(first, second)));
            }
          }
        }
      }
    }
    return rows.stream();
  }

  private static List<Reading> readings(Row row) {
    List<Reading> readings = new ArrayList<>();
    for (int i = 0; i < row.lengths.size(); i++) {
      int index = i;
      readings.add(
          (request, of) ->
              assertThat(new String(request.string(index), UTF_8))
                  .isEqualTo(of.texts().get(index)));
      readings.add((request, of) -> checkName(request, index, of.texts().get(index)));
    }
    readings.add(
        (request, of) -> {
          int at = request.offsetAfterStrings(of.lengths.size());
          assertThat(at).isEqualTo(of.texts().stream().mapToInt(text -> text.length() + 1).sum());
          assertThat(request.payloadBytes(at, request.payloadSize() - at)).isEqualTo(of.value());
        });
    return readings;
  }

  private static void checkName(Request request, int index, String text) throws ErrnoException {
    if (text.length() <= Name.MAX_BYTES) {
      assertThat(request.name(index)).isEqualTo(Name.of(text));
    } else {
      assertThatThrownBy(() -> request.name(index))
          .isInstanceOfSatisfying(
              ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENAMETOOLONG));
    }
  }

  @ParameterizedTest
  @MethodSource("rows")
  void longText_isNotReadFromTheRequestBefore(Row row) throws Exception {
    for (Reading reading : readings(row)) {
      Reader reader = new Reader(row, reading);
      ScriptedConnection kernel = ScriptedConnection.modern();
      kernel.add(RequestBytes.of(Opcode.LOOKUP, 4, 1).string("bbbb"));
      kernel.add(row.request(6));
      kernel.unmount();
      Session.start(kernel, reader, InitOptions.defaults(), 1).awaitEnd();
      if (reader.failure != null) {
        throw new AssertionError(row.toString(), reader.failure);
      }
      assertThat(reader.count).isEqualTo(2);
    }
  }

  /** Reads the name of the first request as a LOOKUP does, and the second as it is told. */
  private static final class Reader implements RequestHandler {
    private final Row row;
    private final Reading reading;
    private volatile @Nullable Throwable failure;
    private volatile int count;

    Reader(Row row, Reading reading) {
      this.row = row;
      this.reading = reading;
    }

    @Override
    @SuppressWarnings("NonAtomicVolatileUpdate") // there is one worker
    public void handle(Request request, Reply reply) {
      count++;
      try {
        if (request.unique() == 4) {
          assertThat(request.name(0)).isEqualTo(Name.of("bbbb"));
        } else {
          reading.check(request, row);
        }
      } catch (Throwable e) {
        failure = e;
      }
      reply.empty();
    }

    @Override
    public void takeBack(Request request, Reply reply) {}
  }
}
