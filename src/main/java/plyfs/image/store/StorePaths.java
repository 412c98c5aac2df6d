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
 * image/overlay2/imagedb/metadata/sha256/&lt;image id&gt;/manifests   those that lead to it
 * image/overlay2/imagedb/metadata/sha256/&lt;image id&gt;/lastUpdated when it was named last
 * image/overlay2/layerdb/sha256/&lt;chain id&gt;/{cache-id,diff,parent,size,tar-split.json.gz}
 * image/overlay2/repositories.json
 * image/overlay2/layerdb/mounts/&lt;container id&gt;/{mount-id,parent}
 * containers/&lt;container id&gt;/{config.json,state.json}
 * volumes/&lt;name&gt;/{_data/,opts.json}
 * blobs/sha256/&lt;digest&gt;                                  manifests and compressed layers
 * tmp/&lt;load&gt;/                                              loads under way, each one locked
 * tmp/partial-&lt;algorithm&gt;-&lt;digest&gt;/blob                    what a pull has of a blob
 * version                                                 of this layout: StoreVersion
 * lock
 * </pre>
 *
 * <p>The cache id is the chain id, where Docker draws a random number, and the 26 characters are
 * derived from it, so a layer has the same name in each store. The writable layer of a container
 * has the container's ID.
 *
 * @param driver Docker's name of the layout, {@code overlay2} in the stores of Plyfs
 */
public record StorePaths(Path root, String driver) {
  private static final String OVERLAY2 = "overlay2";

  /** How the names of loads under way begin; whatever else is in {@link #loads} is not ours. */
  static final String LOAD_PREFIX = "load-";

  static final String TAR_SPLIT = "tar-split.json.gz";

  private static final int LINK_CHARACTERS = 26;

  StorePaths(Path root) {
    this(root, OVERLAY2);
  }

  Path version() {
    return root.resolve("version");
  }

  Path lock() {
    return root.resolve("lock");
  }

  Path loads() {
    return root.resolve("tmp");
  }

  Path layers() {
    return root.resolve(driver);
  }

  /** Directory of a layer, or of the writable layer of a container. */
  public Path layer(String cacheId) {
    return layers().resolve(cacheId);
  }

  public Path links() {
    return layers().resolve("l");
  }

  private Path images() {
    return root.resolve("image").resolve(driver);
  }

  Path configs() {
    return images().resolve("imagedb").resolve("content").resolve("sha256");
  }

  Path config(Digest imageId) {
    return configs().resolve(imageId.hex());
  }

  Path metadata() {
    return images().resolve("imagedb").resolve("metadata").resolve("sha256");
  }

  /** Directory of what is known of an image beyond its configuration. */
  Path metadata(Digest imageId) {
    return metadata().resolve(imageId.hex());
  }

  Path manifests(Digest imageId) {
    return metadata(imageId).resolve(ImageMetadata.MANIFESTS);
  }

  /** When a name was last given to the image. */
  Path lastUpdated(Digest imageId) {
    return metadata(imageId).resolve(ImageMetadata.LAST_UPDATED);
  }

  /** Directory of what came with digests of one algorithm. */
  Path blobs(String algorithm) {
    return root.resolve("blobs").resolve(algorithm);
  }

  /** A manifest or layer as it came. */
  Path blob(Digest digest) {
    return blobs(digest.algorithm()).resolve(digest.hex());
  }

  Path layerRecords() {
    return images().resolve("layerdb").resolve("sha256");
  }

  Path layerRecord(Digest chainId) {
    return layerRecords().resolve(chainId.hex());
  }

  Path tarSplit(Digest chainId) {
    return layerRecord(chainId).resolve(TAR_SPLIT);
  }

  /** Directory of what is known of the writable layers of containers. */
  public Path mountRecords() {
    return images().resolve("layerdb").resolve("mounts");
  }

  /** Directory of what is known of the writable layer of a container. */
  public Path mountRecord(String containerId) {
    return mountRecords().resolve(containerId);
  }

  /** Directory of all containers. */
  public Path containers() {
    return root.resolve("containers");
  }

  public Path container(String id) {
    return containers().resolve(id);
  }

  /** Directory of all volumes. */
  public Path volumes() {
    return root.resolve("volumes");
  }

  public Path volume(String name) {
    return volumes().resolve(name);
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
