package plyfs.image;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.github.luben.zstd.Zstd;
import com.google.gson.Gson;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;
import plyfs.image.load.ImageLoader;
import plyfs.image.model.Digest;
import plyfs.image.model.Platform;

/**
 * Builds saved images for tests, in every form that {@link ImageLoader} reads. A form is a map of
 * file names to contents, which a test may damage before it is written with {@link #tar} or {@link
 * #directory}.
 */
public final class TestImage {
  private static final String OCI = "application/vnd.oci.image.";

  private final List<byte[]> layers = new ArrayList<>();
  private final List<String> tags = new ArrayList<>();
  private UnaryOperator<byte[]> compression = UnaryOperator.identity();
  private String architecture = Platform.current().architecture();

  /** Adds a layer, uncompressed, above those before. */
  public TestImage layer(byte[] tar) {
    layers.add(tar);
    return this;
  }

  public TestImage tag(String tag) {
    tags.add(tag);
    return this;
  }

  public TestImage architecture(String name) {
    architecture = name;
    return this;
  }

  /** How the forms that compress layers do it. */
  public TestImage compression(UnaryOperator<byte[]> method) {
    compression = method;
    return this;
  }

  public static byte[] gzip(byte[] bytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  /** Two members one after the other, as pigz and others write them. */
  public static byte[] gzipInTwoMembers(byte[] bytes) {
    int half = bytes.length / 2;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(gzip(Arrays.copyOf(bytes, half)));
    out.writeBytes(gzip(Arrays.copyOfRange(bytes, half, bytes.length)));
    return out.toByteArray();
  }

  public static byte[] zstd(byte[] bytes) {
    return Zstd.compress(bytes);
  }

  public static byte[] xz(byte[] bytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (XZOutputStream xz = new XZOutputStream(out, new LZMA2Options(1))) {
      xz.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  public static byte[] bzip2(byte[] bytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (BZip2CompressorOutputStream bzip2 = new BZip2CompressorOutputStream(out, 1)) {
      bzip2.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  public byte[] config() {
    List<String> diffIds = layers.stream().map(l -> Digest.sha256(l).toString()).toList();
    return json(
        map(
            "created",
            "2024-02-03T04:05:06Z",
            "architecture",
            architecture,
            "os",
            "linux",
            "rootfs",
            map("type", "layers", "diff_ids", diffIds)));
  }

  /** The image ID. */
  public Digest id() {
    return Digest.sha256(config());
  }

  /** {@code docker save} up to version 24; a repeated layer is a symbolic link. */
  public Map<String, byte[]> docker24() {
    Map<String, byte[]> files = new LinkedHashMap<>();
    List<String> names = new ArrayList<>();
    Map<Digest, String> written = new LinkedHashMap<>();
    for (int i = 0; i < layers.size(); i++) {
      String directory = Digest.sha256(new byte[] {(byte) i}).hex();
      String name = directory + "/layer.tar";
      String first = written.putIfAbsent(Digest.sha256(layers.get(i)), name);
      files.put(directory + "/VERSION", "1.0".getBytes(UTF_8));
      files.put(
          first == null ? name : name + " -> ../" + first,
          first == null ? layers.get(i) : new byte[0]);
      names.add(name);
    }
    files.put(id().hex() + ".json", config());
    files.put("manifest.json", dockerManifest(id().hex() + ".json", names));
    return files;
  }

  /** {@code skopeo copy docker-archive:} and {@code podman save}. */
  public Map<String, byte[]> skopeo() {
    Map<String, byte[]> files = new LinkedHashMap<>();
    List<String> names = new ArrayList<>();
    for (byte[] layer : layers) {
      String name = Digest.sha256(layer).hex() + ".tar";
      files.put(name, layer);
      files.put(
          Digest.sha256(name.getBytes(UTF_8)).hex() + "/layer.tar -> ../" + name, new byte[0]);
      names.add(name);
    }
    files.put(id().hex() + ".json", config());
    files.put("manifest.json", dockerManifest(id().hex() + ".json", names));
    return files;
  }

  /** Docker 25 with the graph-driver store, with the empty list of layers that 25.0.0 wrote. */
  public Map<String, byte[]> docker25() {
    Map<String, byte[]> files = new LinkedHashMap<>();
    List<String> names = new ArrayList<>();
    layers.forEach(layer -> names.add(blob(files, layer)));
    String config = blob(files, config());
    byte[] manifest =
        json(
            map(
                "schemaVersion", 2,
                "config", descriptor("config.v1+json", config()),
                "layers", List.of()));
    blob(files, manifest);
    files.put("index.json", index(manifest, "manifest.v1+json"));
    files.put("oci-layout", layout());
    files.put("manifest.json", dockerManifest(config, names));
    return files;
  }

  /** Docker with containerd's image store: compressed layers, nested index, an attestation. */
  public Map<String, byte[]> containerd() {
    Map<String, byte[]> files = nestedOci();
    List<String> names = new ArrayList<>();
    layers.forEach(layer -> names.add("blobs/sha256/" + stored(layer).hex()));
    files.put("manifest.json", dockerManifest("blobs/sha256/" + id().hex(), names));
    return files;
  }

  /** An OCI layout whose index leads straight to the manifest. */
  public Map<String, byte[]> oci() {
    Map<String, byte[]> files = new LinkedHashMap<>();
    byte[] manifest = manifest(files);
    files.put("index.json", index(manifest, "manifest.v1+json"));
    files.put("oci-layout", layout());
    return files;
  }

  /** An OCI layout with an index inside the index, one platform that is not ours, attestations. */
  public Map<String, byte[]> nestedOci() {
    Map<String, byte[]> files = new LinkedHashMap<>();
    byte[] manifest = manifest(files);
    byte[] foreign = json(map("schemaVersion", 2, "mediaType", "of another machine"));
    blob(files, foreign);
    List<Object> manifests = new ArrayList<>();
    manifests.add(forPlatform(foreign, "linux", "pdp11"));
    manifests.add(forPlatform(manifest, "linux", architecture));
    manifests.add(forPlatform(foreign, "unknown", "unknown"));
    byte[] inner = json(map("schemaVersion", 2, "manifests", manifests));
    blob(files, inner);
    files.put("index.json", index(inner, "index.v1+json"));
    files.put("oci-layout", layout());
    return files;
  }

  /** {@code skopeo copy dir:}. */
  public Map<String, byte[]> flat() {
    Map<String, byte[]> blobs = new LinkedHashMap<>();
    byte[] manifest = manifest(blobs);
    Map<String, byte[]> files = new LinkedHashMap<>();
    blobs.forEach((name, content) -> files.put(name.substring(name.lastIndexOf('/') + 1), content));
    files.put("manifest.json", manifest);
    files.put("version", "Directory Transport Version: 1.1\n".getBytes(UTF_8));
    return files;
  }

  private byte[] manifest(Map<String, byte[]> files) {
    List<Object> descriptors = new ArrayList<>();
    for (byte[] layer : layers) {
      byte[] compressed = compression.apply(layer);
      blob(files, compressed);
      descriptors.add(descriptor("layer.v1.tar", compressed));
    }
    blob(files, config());
    byte[] manifest =
        json(
            map(
                "schemaVersion",
                2,
                "config",
                descriptor("config.v1+json", config()),
                "layers",
                descriptors));
    blob(files, manifest);
    return manifest;
  }

  private Digest stored(byte[] layer) {
    return Digest.sha256(compression.apply(layer));
  }

  private byte[] index(byte[] target, String type) {
    List<Object> manifests = new ArrayList<>();
    if (tags.isEmpty()) {
      manifests.add(descriptor(type, target));
    }
    for (String tag : tags) {
      Map<String, Object> descriptor = descriptor(type, target);
      descriptor.put("annotations", map("org.opencontainers.image.ref.name", tag));
      manifests.add(descriptor);
    }
    return json(map("schemaVersion", 2, "manifests", manifests));
  }

  private byte[] dockerManifest(String config, List<String> layerNames) {
    return json(List.of(map("Config", config, "RepoTags", tags, "Layers", layerNames)));
  }

  private static Map<String, Object> forPlatform(byte[] manifest, String os, String architecture) {
    Map<String, Object> descriptor = descriptor("manifest.v1+json", manifest);
    descriptor.put("platform", map("os", os, "architecture", architecture));
    return descriptor;
  }

  private static Map<String, Object> descriptor(String type, byte[] content) {
    return map(
        "mediaType",
        OCI + type,
        "digest",
        Digest.sha256(content).toString(),
        "size",
        content.length);
  }

  private static byte[] layout() {
    return json(map("imageLayoutVersion", "1.0.0"));
  }

  private static String blob(Map<String, byte[]> files, byte[] content) {
    String name = "blobs/sha256/" + Digest.sha256(content).hex();
    files.put(name, content);
    return name;
  }

  private static Map<String, Object> map(Object... keysAndValues) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      map.put((String) keysAndValues[i], keysAndValues[i + 1]);
    }
    return map;
  }

  private static byte[] json(Object value) {
    return new Gson().toJson(value).getBytes(UTF_8);
  }

  /** The images of two OCI layouts in one. */
  public static Map<String, byte[]> oneLayout(Map<String, byte[]> a, Map<String, byte[]> b) {
    Map<String, byte[]> files = new LinkedHashMap<>(a);
    files.putAll(b);
    String first = new String(a.get("index.json"), UTF_8).replaceAll("\\]\\}$", ",");
    String second = new String(b.get("index.json"), UTF_8).replaceAll("^.*?\\[", "");
    files.put("index.json", (first + second).getBytes(UTF_8));
    return files;
  }

  /** Files as a tar; a name {@code a -> b} is a symbolic link. */
  public static byte[] tarBytes(Map<String, byte[]> files) {
    TestTar tar = new TestTar();
    files.forEach(
        (name, content) -> {
          int arrow = name.indexOf(" -> ");
          if (arrow < 0) {
            tar.file(name, content);
          } else {
            tar.symlink(name.substring(0, arrow), name.substring(arrow + 4));
          }
        });
    return tar.bytes();
  }

  /** Writes files as a tar. */
  public static Path tar(Path file, Map<String, byte[]> files) throws IOException {
    return Files.write(file, tarBytes(files));
  }

  /** Writes files into a new directory. */
  public static Path directory(Path directory, Map<String, byte[]> files) throws IOException {
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      Path path = directory.resolve(file.getKey());
      Files.createDirectories(path.getParent());
      Files.write(path, file.getValue());
    }
    return directory;
  }
}
