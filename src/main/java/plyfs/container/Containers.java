package plyfs.container;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import plyfs.image.disk.DirectoryAttributes;
import plyfs.image.disk.StoreDisk;
import plyfs.image.disk.StoreFiles;
import plyfs.image.disk.TreeSize;
import plyfs.image.model.Digest;
import plyfs.image.model.ProgressListener;
import plyfs.image.store.LayerStore;
import plyfs.image.store.StoreChange;
import plyfs.image.store.StoreLock;
import plyfs.image.store.StorePaths;
import plyfs.image.store.StoredImage;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;

/**
 * The containers of a store. Each change is prepared in {@code tmp}, and one renaming of {@code
 * containers/<id>} makes it happen: the last one when a container is made, the first one when it is
 * removed. What a killed change leaves belongs to no container, and the next change removes it.
 */
public final class Containers {
  static final int PASSABLE = 0711;
  private static final int ID_DIGITS = 64;

  private final LayerStore store;
  private final StorePaths paths;
  private final StoreDisk disk;

  public Containers(LayerStore store) {
    this.store = store;
    this.paths = store.paths();
    this.disk = store.disk();
  }

  /** A directory whose names only root sees, and whose children others may reach. */
  static void makePassable(StoreDisk disk, Path directory) throws IOException {
    if (!disk.exists(directory)) {
      disk.makeDirectories(directory);
      DirectoryAttributes.setMode(directory, PASSABLE);
    }
  }

  /**
   * All containers, newest first.
   *
   * @throws IOException one of them cannot be read
   */
  public List<Container> list() throws IOException {
    return read(
        (id, failure) -> {
          throw failure;
        });
  }

  /**
   * All containers that can be read, newest first.
   *
   * @param notice hears a sentence about each one that cannot
   */
  public List<Container> list(Consumer<String> notice) throws IOException {
    return read((id, failure) -> notice.accept(unreadable(id, failure)));
  }

  private static String unreadable(String id, IOException failure) {
    return "container " + id + " cannot be read: " + failure.getMessage();
  }

  /** What to do about a container that cannot be read. */
  @FunctionalInterface
  private interface Unreadable {
    void found(String id, IOException failure) throws IOException;
  }

  private List<Container> read(Unreadable damage) throws IOException {
    List<Container> containers = new ArrayList<>();
    for (String id : ids()) {
      try {
        Container container = readIfThere(id);
        if (container != null) {
          containers.add(container);
        }
      } catch (IOException e) {
        damage.found(id, e);
      }
    }
    containers.sort(Comparator.comparing(Container::created).reversed());
    return containers;
  }

  private List<String> ids() throws IOException {
    if (!disk.exists(paths.containers())) {
      return List.of();
    }
    return disk.names(paths.containers()).stream()
        .filter(name -> name.length() == ID_DIGITS && Digest.isHex(name))
        .toList();
  }

  private @Nullable Container readIfThere(String id) throws IOException {
    Path file = paths.container(id).resolve(ContainerFile.NAME);
    byte[] content = disk.readIfThere(file);
    return content == null ? null : ContainerFile.decode(file.toString(), content);
  }

  /**
   * The container that a person means: by ID, by name, or by the first digits of an ID.
   *
   * @throws IOException there is none, or the digits fit several
   * @implNote the order and the sentences are Docker's
   */
  public Container find(String text) throws IOException {
    List<String> unreadable = new ArrayList<>();
    Container found = findIfThere(text, unreadable);
    if (found == null) {
      String why = unreadable.isEmpty() ? "" : "; " + unreadable.get(0);
      throw new NoSuchContainerException("No such container: " + text + why);
    }
    return found;
  }

  /**
   * As {@link #find}, for a text that may mean something else.
   *
   * @return null if there is none
   * @throws IOException the digits fit several
   */
  public @Nullable Container findIfThere(String text) throws IOException {
    return findIfThere(text, new ArrayList<>());
  }

  private @Nullable Container findIfThere(String text, List<String> unreadable) throws IOException {
    List<Container> all = list(unreadable::add);
    String name = text.startsWith("/") ? text.substring(1) : text;
    List<Container> matches = new ArrayList<>();
    Container named = null;
    for (Container container : all) {
      if (container.id().equals(text)) {
        return container;
      }
      if (container.name().equals(name)) {
        named = container;
      }
      if (!text.isEmpty() && container.id().startsWith(text)) {
        matches.add(container);
      }
    }
    if (named != null) {
      return named;
    }
    if (matches.size() > 1) {
      throw new IOException("multiple IDs found with provided prefix: " + text);
    }
    return matches.isEmpty() ? null : matches.get(0);
  }

  /**
   * The container with an upper directory; null if it is not one of a container, or of one that
   * cannot be read.
   */
  public @Nullable Container above(Path upper) throws IOException {
    for (String id : ids()) {
      if (paths.layer(id).resolve("diff").equals(upper)) {
        return readable(id);
      }
    }
    return null;
  }

  private @Nullable Container readable(String id) {
    try {
      return readIfThere(id);
    } catch (IOException e) {
      return null;
    }
  }

  /** The containers of an image. */
  public List<Container> of(Digest image) throws IOException {
    return list().stream().filter(container -> container.image().equals(image)).toList();
  }

  /** The upper directory of a container: what has changed. */
  public Path upper(Container container) {
    return paths.layer(container.id()).resolve("diff");
  }

  /** Its workdir. */
  public Path work(Container container) {
    return paths.layer(container.id()).resolve("work");
  }

  /** Where it is mounted while its program runs. */
  public Path merged(Container container) {
    return paths.layer(container.id()).resolve("merged");
  }

  /** Directory of what is known of it. */
  public Path directory(Container container) {
    return paths.container(container.id());
  }

  /** Lower directories of a container, topmost first; empty if its image has no layers. */
  public List<Path> lowers(Container container) throws IOException {
    return store.lowerDirectories(image(container));
  }

  /** Its image. */
  public StoredImage image(Container container) throws IOException {
    return store.find(container.image().toString());
  }

  /** Bytes of the files that it has changed. */
  public long bytes(Container container) throws IOException {
    return TreeSize.of(upper(container));
  }

  /** Notes with which code a program ended that was run in a container; it is not mounted now. */
  public void finish(Container container, int exitCode) throws IOException {
    try (ContainerHold hold = hold(container)) {
      hold.endedWith(exitCode, state(container).started());
    }
  }

  /** What it does now. */
  public ContainerState state(Container container) throws IOException {
    return ContainerHold.stateOf(disk, directory(container));
  }

  /**
   * Takes a container to mount it.
   *
   * @throws IOException another process has it, or it has been removed
   */
  public ContainerHold hold(Container container) throws IOException {
    ContainerHold hold = ContainerHold.take(disk, directory(container));
    if (hold == null) {
      throw new IOException(
          container + " is running: 'plyfs stop " + container.name() + "' stops it");
    }
    return hold;
  }

  /**
   * Makes a container, with the volumes that are missing.
   *
   * @param name empty for one that is drawn
   * @param image a name or an ID
   * @throws IOException there is no such image, or the name is taken
   */
  public Container create(
      String name, String image, ContainerSettings settings, ProgressListener listener)
      throws BadArgumentException, IOException {
    if (!name.isEmpty()) {
      ContainerNames.require(name);
    }
    try (StoreChange change = StoreChange.begin(store, listener)) {
      StoredImage of = store.find(image);
      List<Container> others = list(listener::notice);
      requireFree(name, others);
      Container container =
          new Container(
              ContainerNames.newId(),
              name.isEmpty() ? drawName(others) : name,
              Instant.now(),
              of.id(),
              image,
              settings.withMounts(withVolumes(change, settings.mounts())));
      prepareLayer(change, container, of);
      Path directory = change.prepared("container");
      disk.makePrivateDirectory(directory);
      disk.write(directory.resolve(ContainerFile.NAME), ContainerFile.encode(container));
      makePassable(disk, paths.containers());
      change.put(directory, directory(container));
      change.commit();
      return container;
    }
  }

  private static String drawName(List<Container> others) {
    String name = ContainerNames.draw();
    for (int i = 2; nameIsTaken(name, others); i++) {
      name = ContainerNames.draw() + i;
    }
    return name;
  }

  private static boolean nameIsTaken(String name, List<Container> others) {
    return others.stream().anyMatch(other -> other.name().equals(name));
  }

  private static void requireFree(String name, List<Container> others) throws IOException {
    for (Container other : others) {
      if (other.name().equals(name)) {
        throw new NameTakenException(other);
      }
    }
  }

  private List<ContainerMount> withVolumes(StoreChange change, List<ContainerMount> mounts)
      throws IOException {
    Volumes volumes = new Volumes(store);
    List<ContainerMount> all = new ArrayList<>();
    List<String> made = new ArrayList<>();
    for (ContainerMount mount : mounts) {
      if (mount.kind() != ContainerMount.Kind.VOLUME) {
        all.add(mount);
      } else if (made.contains(mount.volume())) {
        all.add(mount); // the same volume at two places
      } else {
        String volume = volumes.create(change, mount.volume(), Map.of());
        made.add(volume);
        all.add(mount.ofVolumeNamed(volume));
      }
    }
    return List.copyOf(all);
  }

  private void prepareLayer(StoreChange change, Container container, StoredImage image)
      throws IOException {
    String id = container.id();
    Path layer = change.prepared("layer");
    List<Path> lowers = store.lowerDirectories(image);
    disk.makePrivateDirectory(layer);
    DirectoryAttributes.setMode(layer, PASSABLE);
    disk.makeDirectories(layer.resolve("diff"));
    disk.makeDirectories(layer.resolve("work"));
    if (!lowers.isEmpty()) {
      copyAttributes(lowers.get(0), layer.resolve("diff"));
    }
    write(layer.resolve("link"), StorePaths.link(id));
    List<String> below = store.shortNames(image);
    if (!below.isEmpty()) {
      write(layer.resolve("lower"), String.join(":", below));
    }
    Path link = change.prepared("link");
    disk.makeSymbolicLink(link, Path.of("..", id, "diff"));
    Path record = change.prepared("record");
    disk.makePrivateDirectory(record);
    write(record.resolve("mount-id"), id);
    if (!image.chainIds().isEmpty()) {
      write(record.resolve("parent"), image.chainIds().get(image.chainIds().size() - 1).toString());
    }
    disk.makeDirectories(paths.mountRecords());
    change.put(layer, paths.layer(id));
    change.put(link, paths.links().resolve(StorePaths.link(id)));
    change.put(record, paths.mountRecord(id));
  }

  private static void copyAttributes(Path from, Path to) throws IOException {
    try {
      DirectoryAttributes.copy(StoreFiles.bytes(from), StoreFiles.bytes(to));
    } catch (ErrnoException e) {
      throw new IOException(
          "cannot give " + to + " the owner and mode of " + from + ": " + e.getMessage(), e);
    }
  }

  private void write(Path file, String content) throws IOException {
    disk.write(file, content.getBytes(UTF_8));
  }

  /**
   * Gives a container another name.
   *
   * @throws IOException there is no such container, or the name is taken
   */
  public Container rename(String text, String name, ProgressListener listener)
      throws BadArgumentException, IOException {
    ContainerNames.require(name);
    try (StoreChange change = StoreChange.begin(store, listener)) {
      Container container = find(text);
      requireFree(name, list(listener::notice));
      return replace(change, container.renamed(name));
    }
  }

  /** Gives a container another mount point, for the next time that it is mounted. */
  public Container move(Container container, byte[] mountPoint, ProgressListener listener)
      throws IOException {
    try (StoreChange change = StoreChange.begin(store, listener)) {
      Container now = find(container.id());
      return replace(change, now.with(now.settings().at(mountPoint)));
    }
  }

  private Container replace(StoreChange change, Container container) throws IOException {
    Path file = change.prepared(ContainerFile.NAME);
    disk.write(file, ContainerFile.encode(container));
    change.replace(file, directory(container).resolve(ContainerFile.NAME));
    change.commit();
    return container;
  }

  /**
   * Removes a container with its changes.
   *
   * @param withVolumes whether its volumes without a name go, too, unless others use them
   * @return bytes of its changes
   * @throws IOException there is none, or it is mounted
   */
  public long remove(String text, boolean withVolumes, ProgressListener listener)
      throws IOException {
    try (StoreChange change = StoreChange.begin(store, listener)) {
      Container container = find(text);
      long bytes = bytes(container);
      try (ContainerHold hold = ContainerHold.take(disk, directory(container));
          StoreLock layer = StoreLock.tryDirectory(paths.layer(container.id()), Linux.LOCK_EX)) {
        if (hold == null || layer == null) {
          throw new IOException(
              "cannot remove container \"/"
                  + container.name()
                  + "\": container is running: stop the container before removing or force"
                  + " remove");
        }
        discard(change, container);
        if (withVolumes) {
          discardVolumes(change, container);
        }
        change.commit();
      }
      return bytes;
    }
  }

  private void discard(StoreChange change, Container container) throws IOException {
    String id = container.id();
    change.discard(paths.container(id));
    change.discard(paths.mountRecord(id));
    change.discard(paths.links().resolve(StorePaths.link(id)));
    change.discard(paths.layer(id));
  }

  private void discardVolumes(StoreChange change, Container container) throws IOException {
    List<Container> others = new ArrayList<>(list());
    others.removeIf(other -> other.id().equals(container.id()));
    for (Volume volume : new Volumes(store).list(notice -> {})) {
      boolean isOurs =
          container.settings().mounts().stream().anyMatch(mount -> mount.isVolume(volume.name()));
      if (isOurs && volume.isAnonymous() && Volumes.users(volume.name(), others).isEmpty()) {
        change.discard(paths.volume(volume.name()));
      }
    }
  }
}
