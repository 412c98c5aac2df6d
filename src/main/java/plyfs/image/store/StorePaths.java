package plyfs.image.store;

import com.google.common.io.BaseEncoding;
import java.nio.file.Path;
import plyfs.image.model.Digest;

/**
 * All file names of a store, which is laid out as Docker's overlay2 driver does it:
 *
 * <pre>
 * overlay2/&lt;cache id&gt;/{diff/,link,lower,work/,committed}
 * overlay2/l/&lt;26 characters&gt; -&gt; ../&lt;cache id&gt;/diff
 * image/overlay2/imagedb/content/sha256/&lt;image id&gt;      the configuration
 * image/overlay2/layerdb/sha256/&lt;chain id&gt;/{cache-id,diff,parent,size}
 * image/overlay2/repositories.json
 * tmp/&lt;load&gt;/                                              loads under way, each one locked
 * lock
 * </pre>
 *
 * <p>The cache id is the chain id, where Docker draws a random number, and the 26 characters are
 * derived from it: whoever unpacks a layer, it has the same name.
 */
public record StorePaths(Path root) {
  /** How the names of loads under way begin; whatever else is in {@link #loads} is not ours. */
  static final String LOAD_PREFIX = "load-";

  private static final int LINK_CHARACTERS = 26;

  Path lock() {
    return root.resolve("lock");
  }

  Path loads() {
    return root.resolve("tmp");
  }

  Path layers() {
    return root.resolve("overlay2");
  }

  Path layer(String cacheId) {
    return layers().resolve(cacheId);
  }

  Path links() {
    return layers().resolve("l");
  }

  private Path images() {
    return root.resolve("image").resolve("overlay2");
  }

  Path configs() {
    return images().resolve("imagedb").resolve("content").resolve("sha256");
  }

  Path config(Digest imageId) {
    return configs().resolve(imageId.hex());
  }

  /** What is known of an image besides its configuration. */
  Path metadata(Digest imageId) {
    return images().resolve("imagedb").resolve("metadata").resolve("sha256").resolve(imageId.hex());
  }

  Path layerRecords() {
    return images().resolve("layerdb").resolve("sha256");
  }

  Path layerRecord(Digest chainId) {
    return layerRecords().resolve(chainId.hex());
  }

  Path repositories() {
    return images().resolve("repositories.json");
  }

  /** Short name of a layer, so that many fit into one page of mount options. */
  public static String link(String cacheId) {
    byte[] id = BaseEncoding.base16().lowerCase().decode(cacheId);
    return BaseEncoding.base32().omitPadding().encode(id).substring(0, LINK_CHARACTERS);
  }
}
