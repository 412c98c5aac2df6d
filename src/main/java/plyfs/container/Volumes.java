package plyfs.container;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import plyfs.image.disk.DirectoryAttributes;
import plyfs.image.disk.StoreDisk;
import plyfs.image.disk.StoreFiles;
import plyfs.image.disk.TreeSize;
import plyfs.image.model.BadImageException;
import plyfs.image.model.Json;
import plyfs.image.model.ProgressListener;
import plyfs.image.store.LayerStore;
import plyfs.image.store.StoreChange;
import plyfs.sys.Linux;
import plyfs.sys.Name;

/** The volumes of a store: {@code volumes/<name>/_data}, and {@code opts.json} beside it. */
public final class Volumes {
  static final String DATA = "_data";
  private static final String OPTIONS = "opts.json";
  private static final Pattern NAMES = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]+");
  private static final int DATA_MODE = 0755;

  private final LayerStore store;
  private final StoreDisk disk;

  public Volumes(LayerStore store) {
    this.store = store;
    this.disk = store.disk();
  }

  /**
   * Refuses what cannot be a name.
   *
   * @implNote the sentences are Docker's (volume/local)
   */
  static void requireName(String name) throws BadArgumentException {
    if (!NAMES.matcher(name).matches()) {
      throw new BadArgumentException(
          name.length() == 1
              ? "volume name is too short, names should be at least two alphanumeric characters"
              : "\""
                  + Name.printable(name.getBytes(UTF_8))
                  + "\" includes invalid characters for a local volume name, only"
                  + " \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you intended to pass a host"
                  + " directory, use absolute path");
    }
  }

  /**
   * All volumes, by name.
   *
   * @param notice hears a sentence about each one that cannot be read
   */
  public List<Volume> list(Consumer<String> notice) throws IOException {
    List<Volume> volumes = new ArrayList<>();
    Path directory = store.paths().volumes();
    if (!disk.exists(directory)) {
      return volumes;
    }
    for (String name : disk.names(directory)) {
      if (isVolume(name)) {
        try {
          volumes.add(read(name));
        } catch (IOException e) {
          notice.accept("volume " + name + " cannot be read: " + e.getMessage());
        }
      }
    }
    return volumes;
  }

  private boolean isVolume(String name) throws IOException {
    return NAMES.matcher(name).matches()
        && StoreFiles.type(store.paths().volume(name).resolve(DATA)) == Linux.S_IFDIR;
  }

  /** Whether there is a volume of this name. */
  public boolean isThere(String name) throws IOException {
    return isVolume(name);
  }

  private Volume read(String name) throws IOException {
    Path directory = store.paths().volume(name);
    Path file = directory.resolve(OPTIONS);
    byte[] content = disk.readIfThere(file);
    if (content == null) {
      return new Volume(name, directory.resolve(DATA), Instant.EPOCH, Map.of());
    }
    Json options = Json.object(file.toString(), content);
    try {
      Instant created = Instant.parse(options.text("CreatedAt"));
      return new Volume(name, directory.resolve(DATA), created, options.textMap("Labels"));
    } catch (DateTimeException e) {
      throw new BadImageException(file + " is damaged: " + e.getMessage(), e);
    }
  }

  /** A volume. */
  public Volume find(String name) throws IOException {
    if (!isVolume(name)) {
      throw new IOException("get " + name + ": no such volume");
    }
    return read(name);
  }

  /**
   * Makes a volume; one that is there already stays as it is.
   *
   * @param name empty for one without a name
   * @return its name
   */
  public String create(String name, Map<String, String> labels, ProgressListener listener)
      throws BadArgumentException, IOException {
    if (!name.isEmpty()) {
      requireName(name);
    }
    try (StoreChange change = StoreChange.begin(store, listener)) {
      String made = create(change, name, labels);
      change.commit();
      return made;
    }
  }

  /** The same as a part of another change. */
  String create(StoreChange change, String name, Map<String, String> labels) throws IOException {
    String called = name.isEmpty() ? ContainerNames.newId() : name;
    if (isVolume(called)) {
      return called;
    }
    Path prepared = change.prepared("volume-" + called);
    disk.makePrivateDirectory(prepared);
    DirectoryAttributes.setMode(prepared, Containers.PASSABLE);
    Path data = prepared.resolve(DATA);
    disk.makeDirectories(data);
    DirectoryAttributes.setMode(data, DATA_MODE);
    JsonObject options = new JsonObject();
    options.addProperty("CreatedAt", Instant.now().toString());
    JsonObject to = new JsonObject();
    labels.forEach(to::addProperty);
    if (name.isEmpty()) {
      to.addProperty(Volume.ANONYMOUS, "");
    }
    options.add("Labels", to);
    String text = new GsonBuilder().disableHtmlEscaping().create().toJson(options);
    disk.write(prepared.resolve(OPTIONS), (text + "\n").getBytes(UTF_8));
    Containers.makePassable(disk, store.paths().volumes());
    change.put(prepared, store.paths().volume(called));
    return called;
  }

  /**
   * Removes a volume with all that is in it.
   *
   * @throws IOException there is none, or containers use it; the message names them
   */
  public void remove(String name, ProgressListener listener) throws IOException {
    try (StoreChange change = StoreChange.begin(store, listener)) {
      find(name);
      List<String> users = users(name, new Containers(store).list());
      if (!users.isEmpty()) {
        throw new IOException(
            "remove " + name + ": volume is in use - [" + String.join(", ", users) + "]");
      }
      change.discard(store.paths().volume(name));
      change.commit();
    }
  }

  /** Names of the containers that mount a volume. */
  public static List<String> users(String name, Collection<Container> containers) {
    List<String> users = new ArrayList<>();
    for (Container container : containers) {
      if (container.settings().mounts().stream().anyMatch(mount -> mount.isVolume(name))) {
        users.add(container.name());
      }
    }
    return users;
  }

  /** Which volumes a removal of several takes. */
  @FunctionalInterface
  public interface Choice {
    boolean takes(Volume volume);
  }

  /** Removes all volumes that are chosen and that no container uses; those that were removed. */
  public List<Volume> removeAll(Choice choice, ProgressListener listener) throws IOException {
    List<Volume> removed = new ArrayList<>();
    if (!disk.exists(store.paths().volumes())) {
      return removed;
    }
    try (StoreChange change = StoreChange.begin(store, listener)) {
      List<Container> containers = new Containers(store).list();
      for (Volume volume : list(listener::notice)) {
        if (choice.takes(volume) && users(volume.name(), containers).isEmpty()) {
          change.discard(store.paths().volume(volume.name()));
          removed.add(volume);
        }
      }
      change.commit();
    }
    return removed;
  }

  /** Bytes of the files in a volume. */
  public static long bytes(Volume volume) throws IOException {
    return TreeSize.of(volume.data());
  }
}
