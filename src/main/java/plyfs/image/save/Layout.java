package plyfs.image.save;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import plyfs.image.model.Digest;

/** The files of an OCI image layout, by name: each blob once, however many images need it. */
final class Layout {
  static final String CONFIG_TYPE = "application/vnd.oci.image.config.v1+json";
  static final String MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";
  static final String LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar";
  static final String INDEX_TYPE = "application/vnd.oci.image.index.v1+json";

  private static final Gson GSON = new GsonBuilder().disableHtmlEscaping().create();

  private final TreeMap<String, Content> files = new TreeMap<>();

  /** What there is, sorted by name. */
  Map<String, Content> files() {
    return files;
  }

  /** Adds a document. */
  void json(String name, Object value) {
    files.put(name, Content.of(bytes(value)));
  }

  /** A document of maps, lists, texts and numbers; the same value always gives the same bytes. */
  static byte[] bytes(Object value) {
    return GSON.toJson(value).getBytes(UTF_8);
  }

  static String blobName(Digest digest) {
    return "blobs/" + digest.algorithm() + "/" + digest.hex();
  }

  /** Adds a blob. */
  void blob(Digest digest, Content content) {
    files.putIfAbsent(blobName(digest), content);
  }

  /** Points to a blob that was added. */
  Map<String, Object> descriptor(String mediaType, Digest digest) throws IOException {
    Map<String, Object> descriptor = new LinkedHashMap<>();
    descriptor.put("mediaType", mediaType);
    descriptor.put("digest", digest.toString());
    Content content = files.get(blobName(digest));
    if (content == null) {
      throw new IllegalStateException("no blob " + digest);
    }
    descriptor.put("size", content.size());
    return descriptor;
  }
}
