package plyfs.contract;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import plyfs.layer.Layer;
import plyfs.layer.LayerFile;
import plyfs.layer.LayerRef;
import plyfs.layer.OverlayXattr;
import plyfs.layer.UpperLayer;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.sys.Name;
import plyfs.sys.Stat;
import plyfs.sys.Syscalls;

/**
 * The content of a layer as text, to make it and to look at it. One line an object, each character
 * one byte (ISO-8859-1):
 *
 * <ul>
 *   <li>{@code bin/} a directory, mode 0755
 *   <li>{@code etc/passwd=root} a regular file, mode 0644, with its content
 *   <li>{@code lib -> usr/lib} a symbolic link
 *   <li>{@code etc/group !} a whiteout
 *   <li>{@code etc/ opaque} a directory with the mark; only where it is made
 * </ul>
 *
 * Directories above are made where they are missing.
 */
public final class LayerTree {
  private LayerTree() {}

  /** A reference to a path below the root, each component a name. */
  public static LayerRef ref(Layer layer, String path) {
    LayerRef at = layer.root();
    for (String name : path.split("/", -1)) {
      at = new LayerRef(at, name(name));
    }
    return at;
  }

  /** A name of ISO-8859-1 characters. */
  public static Name name(String latin1) {
    return Name.of(bytes(latin1));
  }

  /** One byte a character. */
  public static byte[] bytes(String latin1) {
    return latin1.getBytes(ISO_8859_1);
  }

  /** Makes objects, in the order given. */
  public static void make(UpperLayer layer, String... lines) throws ErrnoException {
    for (String line : lines) {
      makeOne(layer, line);
    }
  }

  private static void makeOne(UpperLayer layer, String line) throws ErrnoException {
    if (line.contains(" -> ")) {
      int arrow = line.indexOf(" -> ");
      LayerRef.Place at = place(layer, line.substring(0, arrow));
      LayerRef link = layer.prepareSymlink(bytes(line.substring(arrow + 4)));
      layer.publish(link, at.directory(), at.name());
    } else if (line.endsWith("/ opaque")) {
      LayerRef directory = directory(layer, line.substring(0, line.length() - 8));
      layer.setXattr(directory, OverlayXattr.TRUSTED.opaque(), OverlayXattr.yes(), 0);
    } else if (line.endsWith("/")) {
      directory(layer, line.substring(0, line.length() - 1));
    } else if (line.endsWith(" !")) {
      LayerRef.Place at = place(layer, line.substring(0, line.length() - 2));
      layer.whiteout(at.directory(), at.name());
    } else {
      int equals = line.indexOf('=');
      file(layer, line.substring(0, equals), line.substring(equals + 1));
    }
  }

  private static LayerRef.Place place(UpperLayer layer, String path) throws ErrnoException {
    int slash = path.lastIndexOf('/');
    LayerRef parent = slash < 0 ? layer.root() : directory(layer, path.substring(0, slash));
    return new LayerRef.Place(parent, name(path.substring(slash + 1)));
  }

  /** A directory, made with those above it where they are missing. */
  public static LayerRef directory(UpperLayer layer, String path) throws ErrnoException {
    LayerRef.Place at = place(layer, path);
    LayerRef there = new LayerRef(at.directory(), at.name());
    if (layer.stat(there, new Stat())) {
      return there;
    }
    LayerRef made = layer.prepareDirectory();
    layer.chmod(made, 0755);
    layer.publish(made, at.directory(), at.name());
    return made;
  }

  /** A regular file, mode 0644. */
  public static LayerRef file(UpperLayer layer, String path, String content) throws ErrnoException {
    LayerRef.Place at = place(layer, path);
    LayerRef made = layer.prepareFile();
    try (LayerFile file = layer.openWritable(made)) {
      write(file, bytes(content), 0);
    }
    layer.chmod(made, 0644);
    layer.publish(made, at.directory(), at.name());
    return made;
  }

  /** Writes all bytes at an offset. */
  public static void write(LayerFile file, byte[] bytes, long offset) throws ErrnoException {
    if (bytes.length == 0) {
      return;
    }
    ByteBuffer memory = ByteBuffer.allocateDirect(bytes.length);
    long address = Syscalls.addressOf(memory);
    memory.put(0, bytes);
    for (int done = 0; done < bytes.length; ) {
      done += file.write(address + done, bytes.length - done, offset + done);
    }
  }

  /** What one read gives. */
  public static byte[] read(LayerFile file, int count, long offset) throws ErrnoException {
    ByteBuffer memory = ByteBuffer.allocateDirect(Math.max(count, 1));
    byte[] bytes = new byte[file.read(Syscalls.addressOf(memory), count, offset)];
    memory.get(0, bytes);
    return bytes;
  }

  /** Content of a small file, one character a byte. */
  public static String content(Layer layer, LayerRef file) throws ErrnoException {
    try (LayerFile open = layer.open(file)) {
      return new String(read(open, 1 << 16, 0), ISO_8859_1);
    }
  }

  /** A whole layer in the notation above, sorted; devices and FIFOs with their mode in octal. */
  public static List<String> render(Layer layer) throws ErrnoException {
    List<String> lines = new ArrayList<>();
    renderBelow(layer, layer.root(), "", lines);
    Collections.sort(lines);
    return lines;
  }

  private static void renderBelow(Layer layer, LayerRef directory, String prefix, List<String> out)
      throws ErrnoException {
    List<Name> names = new ArrayList<>();
    layer.list(directory, (name, type, ino) -> names.add(Name.of(name)));
    Stat stat = new Stat();
    for (Name name : names) {
      LayerRef child = new LayerRef(directory, name);
      String path = prefix + new String(name.bytes(), ISO_8859_1);
      if (!layer.stat(child, stat)) {
        out.add(path + " vanished");
      } else if (stat.isDirectory()) {
        out.add(path + "/");
        renderBelow(layer, child, path + "/", out);
      } else if (stat.isSymlink()) {
        out.add(path + " -> " + new String(layer.readLink(child), ISO_8859_1));
      } else if (stat.isWhiteout()) {
        out.add(path + " !");
      } else if (stat.type() == Linux.S_IFREG) {
        out.add(path + "=" + content(layer, child));
      } else {
        out.add(path + " mode " + Integer.toOctalString(stat.mode()));
      }
    }
  }
}
