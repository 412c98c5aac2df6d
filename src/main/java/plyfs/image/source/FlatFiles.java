package plyfs.image.source;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What {@code skopeo copy dir:} writes: {@code manifest.json}, and every blob in the same directory
 * under the digits of its digest; the manifests that an index leads to end in {@code
 * .manifest.json}.
 *
 * @implNote containers/image, directory/directory_transport.go, layerPath and manifestPath
 */
public final class FlatFiles implements ImageFiles {
  private final DirectoryFiles files;

  FlatFiles(DirectoryFiles files) {
    this.files = files;
  }

  @Override
  public @Nullable Blob find(String name) throws IOException {
    String digits = name.substring(name.lastIndexOf('/') + 1);
    Blob blob = files.find(digits);
    return blob != null ? blob : files.find(digits + ".manifest.json");
  }

  @Override
  public String label() {
    return files.label();
  }

  @Override
  public void close() {
    files.close();
  }
}
