package plyfs.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * The files that a case changes, or small files that are changed before a warm sample. Their paths
 * are relative to a root: a lower layer, a mount, or a plain directory.
 *
 * @param top directory in the root
 * @param count number of files
 * @param size bytes of each
 */
record CaseFiles(FileKind kind, String top, int depth, int count, long size) {
  private static final int BUFFER_BYTES = 1 << 20;
  private static final int WARM_UP_BYTES = 4 << 10;

  static CaseFiles of(Point point) {
    return new CaseFiles(
        point.pattern().kind(), point.directory(), point.depth(), point.files(), point.fileSize());
  }

  /**
   * Files of 4 KiB to change before a warm sample, each in its own directory, which is copied up as
   * well.
   */
  static List<CaseFiles> forWarmUp(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> new CaseFiles(FileKind.PLAIN, "before/" + i, 1, 1, WARM_UP_BYTES))
        .toList();
  }

  Path directory(Path root) {
    Path directory = root.resolve(top);
    for (int i = 1; i < depth; i++) {
      directory = directory.resolve("d");
    }
    return directory;
  }

  List<Path> paths(Path root) {
    Path directory = directory(root);
    List<Path> paths = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      paths.add(directory.resolve("f" + i));
    }
    return paths;
  }

  /** The change of these files below a root. */
  Change change(ChangePattern pattern, Path root, Change.Before before) {
    List<byte[]> files = paths(root).stream().map(CaseFiles::bytes).toList();
    return new Change(pattern, files, bytes(directory(root)), before);
  }

  /** The bytes of a path for a system call. */
  static byte[] bytes(Path path) {
    return path.toString().getBytes(UTF_8);
  }

  /**
   * Creates the files with random data and syncs them.
   *
   * @throws IOException no space, or the file system refuses them
   */
  void create(Path root, Random random) throws IOException {
    Files.createDirectories(directory(root));
    byte[] data = new byte[(int) Math.min(size, BUFFER_BYTES)];
    for (Path path : paths(root)) {
      random.nextBytes(data);
      try (FileChannel file =
          FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        fill(file, ByteBuffer.wrap(data));
        file.force(true);
      }
    }
  }

  private void fill(FileChannel file, ByteBuffer data) throws IOException {
    boolean sparse = kind == FileKind.SPARSE;
    int step = sparse ? FileKind.SPARSE_UNIT : data.capacity();
    int piece = sparse ? FileKind.SPARSE_DATA : data.capacity();
    for (long at = 0; at < size; at += step) {
      data.position(0).limit((int) Math.min(Math.min(piece, size - at), data.capacity()));
      writeAll(file, data, at);
    }
    if (file.size() < size) {
      writeAll(file, ByteBuffer.wrap(new byte[1]), size - 1);
    }
  }

  private static void writeAll(FileChannel file, ByteBuffer data, long at) throws IOException {
    long start = at - data.position();
    while (data.hasRemaining()) {
      file.write(data, start + data.position());
    }
  }

  /** Reads the files into the page cache. */
  void read(Path root) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
    for (Path path : paths(root)) {
      try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
        int read;
        do {
          read = file.read(buffer.clear());
        } while (read > 0);
      }
    }
  }

  /** Looks up each file once, by its full path. */
  void lookUp(Path root) throws IOException {
    for (Path path : paths(root)) {
      Files.size(path);
    }
  }
}
