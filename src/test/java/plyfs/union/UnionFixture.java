package plyfs.union;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import plyfs.contract.JimfsLayer;
import plyfs.contract.JimfsUpperLayer;
import plyfs.contract.LayerTree;
import plyfs.layer.Layer;
import plyfs.layer.LayerRef;
import plyfs.layer.LayerStack;
import plyfs.layer.MountPlan;
import plyfs.layer.MountRefusedException;
import plyfs.layer.OverlayXattr;
import plyfs.layer.OverrideAttribute;
import plyfs.layer.UpperLayer;
import plyfs.layer.WhiteoutForm;
import plyfs.sys.ErrnoException;
import plyfs.sys.MountSyscalls;
import plyfs.sys.OpenDescriptors;
import plyfs.union.api.UnionListener;
import plyfs.union.api.UnionOptions;

/**
 * Layers to be, in real directories or in memory, and the union over them. Layer 0 is the upper
 * one, 1 the topmost lower one.
 */
public final class UnionFixture implements AutoCloseable {
  private static final int UMASK_OF_TESTS = MountSyscalls.umask(0);

  private static final int DESCRIPTORS = 64;

  private final Path directory;
  private final @Nullable FileSystem memory;
  private final int lowers;

  /** Whether there is an upper layer. */
  public boolean writable = true;

  public UnionOptions options = UnionOptions.DEFAULT;

  /** Whether hard links of lower files stay together over copy-up. */
  public boolean index;

  /** What device the lower layers are on, in memory; the upper one is on 7. */
  public long deviceOfLowers = 7;

  /** How many of the lower layers, the lowest, are data-only. */
  public int dataOnly;

  /** How deletions are stored in real directories. */
  public WhiteoutForm whiteouts = WhiteoutForm.CHAR;

  /** Where owner, mode and type are, in real directories. */
  public OverrideAttribute overrides = OverrideAttribute.NONE;

  /** Put around the upper layer at each mount. */
  public UnaryOperator<UpperLayer> around = upper -> upper;

  /** Is asked before the lower layers are read, in memory. */
  public JimfsLayer.Reads lowerReads = call -> {};

  /** Is asked before the upper layer is read, in memory. */
  public JimfsLayer.Reads upperReads = call -> {};

  /** Is asked before the upper layer is changed, in memory. */
  public JimfsLayer.Reads upperChanges = call -> {};

  private @Nullable UnionFs fs;
  private UnionListener listener = UnionListener.NONE;

  private UnionFixture(Path directory, @Nullable FileSystem memory, int lowers) {
    MountSyscalls.umask(0); // as the daemon has it
    this.directory = directory;
    this.memory = memory;
    this.lowers = lowers;
  }

  /** Layers in directories for temporary files; needs root. */
  public static UnionFixture onHost(int lowers) {
    try {
      Path directory = Files.createTempDirectory("plyfs-union");
      UnionFixture fixture = new UnionFixture(directory, null, lowers);
      for (int i = 0; i <= lowers; i++) {
        Files.createDirectory(fixture.layer(i));
        Files.createDirectory(fixture.work(i));
      }
      Files.createDirectory(directory.resolve("nothing"));
      return fixture;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Layers in memory. */
  public static UnionFixture inMemory(int lowers) {
    FileSystem memory = JimfsLayer.newFileSystem();
    UnionFixture fixture = new UnionFixture(memory.getPath("/layers"), memory, lowers);
    for (int i = 0; i <= lowers; i++) {
      JimfsUpperLayer layer = new JimfsUpperLayer(fixture.layer(i), 7);
      try {
        layer.setTimes(layer.root(), 1, 1, 1, 1); // until they are set, they are those of the clock
      } catch (ErrnoException e) {
        throw new IllegalStateException(e);
      }
    }
    return fixture;
  }

  Path layer(int index) {
    return directory.resolve("layer" + index);
  }

  /** Where an object of a layer in a real directory is. */
  public Path realPath(int index, String path) {
    return layer(index).resolve(path);
  }

  private Path work(int index) {
    return directory.resolve("work" + index);
  }

  private static byte[] bytes(Path path) {
    return path.toString().getBytes(UTF_8);
  }

  /** Something to do with a layer that is not mounted. */
  public interface OnLayer {
    void run(UpperLayer layer) throws ErrnoException;
  }

  /** Changes a layer while it is not mounted. */
  public void onLayer(int number, OnLayer action) throws ErrnoException, MountRefusedException {
    if (memory != null) {
      action.run(number == 0 ? upperInMemory() : new JimfsUpperLayer(layer(number), 7));
      return;
    }
    MountPlan plan =
        new MountPlan(
            ImmutableList.of(bytes(directory.resolve("nothing"))),
            ImmutableList.of(),
            bytes(layer(number)),
            bytes(work(number)),
            OverlayXattr.TRUSTED,
            WhiteoutForm.CHAR,
            OverrideAttribute.NONE,
            index && number == 0,
            false);
    try (LayerStack stack = LayerStack.open(plan, DESCRIPTORS)) {
      UpperLayer layer = stack.upper();
      if (layer == null) {
        throw new IllegalStateException("no upper layer");
      }
      action.run(layer);
    }
  }

  /** Changes the index while it is not mounted. */
  void onIndexed(IndexTest.OnIndex action) throws ErrnoException, MountRefusedException {
    boolean wasIndexed = index;
    index = true;
    onLayer(
        0,
        layer -> {
          LayerRef entries = layer.indexDirectory();
          if (entries == null) {
            throw new IllegalStateException("no index");
          }
          action.run(layer, entries);
        });
    index = wasIndexed;
  }

  /** Adds objects, in the notation of {@link LayerTree}. */
  public void lower(int index, String... lines) throws ErrnoException, MountRefusedException {
    onLayer(index, layer -> LayerTree.make(layer, lines));
  }

  /** Adds objects to the upper layer. */
  public void upper(String... lines) throws ErrnoException, MountRefusedException {
    lower(0, lines);
  }

  /** Gives an object of a layer an attribute. */
  public void mark(int index, String path, String name, String value)
      throws ErrnoException, MountRefusedException {
    onLayer(
        index,
        layer ->
            layer.setXattr(
                path.isEmpty() ? layer.root() : LayerTree.ref(layer, path),
                LayerTree.bytes(name),
                LayerTree.bytes(value),
                0));
  }

  /** A layer as it is on disk, marks left out. */
  public List<String> raw(int index) throws ErrnoException, MountRefusedException {
    List<String> lines = new ArrayList<>();
    onLayer(index, layer -> lines.addAll(LayerTree.render(layer)));
    return lines;
  }

  /** Value of an attribute on disk; null if there is none. */
  public @Nullable String rawXattr(int index, String path, String name)
      throws ErrnoException, MountRefusedException {
    List<@Nullable String> values = new ArrayList<>();
    onLayer(
        index,
        layer -> {
          byte[] value = layer.xattr(LayerTree.ref(layer, path), LayerTree.bytes(name));
          values.add(value == null ? null : new String(value, ISO_8859_1));
        });
    return values.get(0);
  }

  /** Names in the directory of prepared objects, without that of the shared whiteout. */
  public List<String> workdir() {
    Path prepared = memory != null ? directory.resolve(".work-of-layer0") : work(0).resolve("work");
    try (Stream<Path> names = Files.list(prepared)) {
      return names
          .map(path -> path.getFileName().toString())
          .filter(name -> !name.equals("#whiteout"))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Names in the index. */
  public List<String> indexEntries() {
    Path entries =
        memory != null ? directory.resolve(".index-of-layer0") : work(0).resolve("index");
    try (Stream<Path> names = Files.list(entries)) {
      return names.map(path -> path.getFileName().toString()).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As a mount of real directories does. */
  private void emptyWorkdirInMemory() {
    Path work = directory.resolve(".work-of-layer0");
    if (Files.exists(work)) {
      deleteTree(work);
    }
  }

  private static void deleteTree(Path top) {
    try (Stream<Path> all = Files.walk(top)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private LayerStack stack() throws MountRefusedException {
    if (memory != null) {
      emptyWorkdirInMemory();
      ImmutableList.Builder<Layer> layers = ImmutableList.builder();
      for (int i = 1; i <= lowers; i++) {
        JimfsLayer lower = new JimfsLayer(layer(i), i, deviceOfLowers);
        lower.setReads(lowerReads);
        layers.add(lower);
      }
      UpperLayer upper = writable ? around.apply(watchedUpperInMemory()) : null;
      ImmutableList<Layer> all = layers.build();
      return LayerStack.of(all.subList(0, lowers - dataOnly), upper, OverlayXattr.TRUSTED)
          .withDataOnly(all.subList(lowers - dataOnly, lowers));
    }
    ImmutableList.Builder<byte[]> layers = ImmutableList.builder();
    for (int i = 1; i <= lowers; i++) {
      layers.add(bytes(layer(i)));
    }
    MountPlan plan =
        new MountPlan(
            layers.build().subList(0, lowers - dataOnly),
            layers.build().subList(lowers - dataOnly, lowers),
            writable ? bytes(layer(0)) : null,
            writable ? bytes(work(0)) : null,
            OverlayXattr.TRUSTED,
            whiteouts,
            overrides,
            index,
            false);
    LayerStack opened = LayerStack.open(plan, DESCRIPTORS);
    UpperLayer upper = opened.upper();
    UpperLayer wrapped = upper == null ? null : around.apply(upper);
    return wrapped == upper ? opened : opened.withUpper(wrapped);
  }

  private JimfsUpperLayer watchedUpperInMemory() {
    JimfsUpperLayer upper = upperInMemory();
    upper.setReads(upperReads);
    upper.setChanges(upperChanges);
    return upper;
  }

  private JimfsUpperLayer upperInMemory() {
    JimfsUpperLayer upper = new JimfsUpperLayer(layer(0), 7);
    if (index) {
      upper.keepIndex();
    }
    return upper;
  }

  /** Who is told of changes by the mounts made from now on. */
  public void setListener(UnionListener newListener) {
    listener = newListener;
  }

  /** Mounts, after an unmount if need be. */
  public UnionPaths mount() throws ErrnoException, MountRefusedException {
    unmount();
    LayerStack stack = stack();
    UnionFs mounted = null;
    try {
      mounted = new UnionFs(stack, options, listener);
    } finally {
      if (mounted == null) {
        stack.close();
      }
    }
    fs = mounted;
    return new UnionPaths(mounted);
  }

  public void unmount() {
    if (fs != null) {
      fs.close();
      fs = null;
    }
  }

  /** The union; it is mounted. */
  public UnionFs fs() {
    UnionFs mounted = fs;
    if (mounted == null) {
      throw new IllegalStateException("not mounted");
    }
    return mounted;
  }

  /** Everything about a layer in a real directory that a change would change, content aside. */
  public List<String> fingerprint(int index) {
    try (Stream<Path> all = Files.walk(layer(index))) {
      List<String> lines = new ArrayList<>();
      for (Path path : all.sorted().toList()) {
        Map<String, Object> stat =
            Files.readAttributes(
                path,
                "unix:mode,ino,nlink,uid,gid,size,lastModifiedTime,lastAccessTime,ctime",
                LinkOption.NOFOLLOW_LINKS);
        lines.add(path + " " + new TreeMap<>(stat));
      }
      return lines;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Descriptors of files and directories that this process has open for itself, not for the JVM.
   */
  public static int descriptors() {
    return OpenDescriptors.count();
  }

  @Override
  public void close() {
    MountSyscalls.umask(UMASK_OF_TESTS);
    unmount();
    try {
      if (memory != null) {
        memory.close(); // a second time does nothing
        return;
      }
      if (Files.exists(directory)) {
        deleteTree(directory);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
