package plyfs.image.foreign;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The engines whose storage Plyfs reads. */
public enum ForeignStoreKind {
  DOCKER("docker") {
    @Override
    public ForeignStore open(Path root) throws IOException {
      return DockerRoot.open(root);
    }
  },
  /** Of podman, buildah, skopeo and CRI-O. */
  CONTAINERS_STORAGE("containers-storage") {
    @Override
    public ForeignStore open(Path root) throws IOException {
      return ContainersStorage.open(root);
    }
  };

  private final String word;

  ForeignStoreKind(String word) {
    this.word = word;
  }

  /** The kind that a person names; null if there is none of that name. */
  public static @Nullable ForeignStoreKind named(String word) {
    for (ForeignStoreKind kind : values()) {
      if (kind.word.equals(word)) {
        return kind;
      }
    }
    return null;
  }

  /** The names of all kinds. */
  public static List<String> words() {
    List<String> words = new ArrayList<>();
    for (ForeignStoreKind kind : values()) {
      words.add(kind.word);
    }
    return words;
  }

  /**
   * Opens a storage directory.
   *
   * @throws IOException it is not one, or one whose layers are no directories for an overlay
   */
  public abstract ForeignStore open(Path root) throws IOException;
}
