package plyfs.differential;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import plyfs.contract.DiskTree;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.FileSyscalls;
import plyfs.sys.Linux;
import plyfs.sys.Stat;

/**
 * Makes the trees of lower layers up, the bottom one first: all types, hard links, holes,
 * whiteouts, opaque and redirected directories, attributes, times that lie in the past.
 */
final class LayerSource {
  private final Random random;
  private final SharedOptions options;
  private final String opaque;
  private final String redirect;

  /** Topmost first. */
  private final List<DiskTree> made = new ArrayList<>();

  private final List<String> files = new ArrayList<>();

  /** Regular files of the layers below, and of a data-only one: where data may be. */
  private final List<String> filesBelow = new ArrayList<>();

  private @Nullable DiskTree dataOnly;

  LayerSource(Random random, SharedOptions options) {
    this.random = random;
    this.options = options;
    this.opaque = options.mark("opaque");
    this.redirect = options.mark("redirect");
  }

  /** Fills an empty directory as the next layer up. */
  void fill(DiskTree layer) throws ErrnoException {
    made.add(0, layer);
    filesBelow.addAll(files);
    files.clear();
    int objects = 4 + random.nextInt(16);
    for (int i = 0; i < objects; i++) {
      String path = directory(layer);
      if (path != null) {
        add(layer, path + OpSource.name(random));
      }
    }
    if (random.nextInt(2) == 0 && !options.isUserXattr()) { // there a redirect is an error
      redirect(layer);
    }
    if (options.has("metacopy=on")) {
      for (int i = random.nextInt(4); i > 0; i--) {
        metacopy(layer);
      }
    }
    age(layer, "");
  }

  /** Fills a directory as a layer that has data for the others, and shows no names. */
  void fillDataOnly(DiskTree layer) throws ErrnoException {
    dataOnly = layer;
    layer.mkdir("data");
    for (int i = 0; i < 4; i++) {
      String path = "data/" + i;
      layer.write(path, ("data " + i).repeat(1 + random.nextInt(2000)));
      filesBelow.add(path);
    }
    age(layer, "");
  }

  /** A file of attributes alone, for data that is below at the same path or at another. */
  private void metacopy(DiskTree layer) throws ErrnoException {
    String parent = directory(layer);
    if (parent == null || filesBelow.isEmpty()) {
      return;
    }
    String from = filesBelow.get(random.nextInt(filesBelow.size()));
    String path = parent + OpSource.name(random);
    List<DiskTree> below = made.subList(1, made.size());
    boolean isData = dataOnly != null && dataOnly.exists(from);
    DiskTree at = isData ? dataOnly : holderOf(from, below);
    if (at == null || layer.exists(path)) {
      return;
    }
    layer.write(path, ".".repeat((int) at.stat(from).size()));
    attributes(layer, path);
    layer.setXattr(path, options.mark("metacopy"), "");
    layer.setXattr(path, redirect, "/" + from);
    files.add(path);
  }

  /** The layer of a union that has a regular file with content at a path; null if none shows it. */
  private @Nullable DiskTree holderOf(String path, List<DiskTree> layers) throws ErrnoException {
    int slash = path.lastIndexOf('/');
    for (DiskTree layer : directories(slash < 0 ? "" : path.substring(0, slash), layers)) {
      if (layer.exists(path)) {
        return layer.stat(path).isRegular() && layer.stat(path).size() > 0 ? layer : null;
      }
    }
    return null;
  }

  /** A directory of the layer, made if it is not there, with a final slash; null if it cannot. */
  private @Nullable String directory(DiskTree layer) throws ErrnoException {
    String path = "";
    for (int depth = random.nextInt(4); depth > 0; depth--) {
      path += OpSource.name(random);
      if (!layer.exists(path)) {
        layer.mkdir(path);
        attributes(layer, path);
        if (random.nextInt(7) == 0) {
          layer.setXattr(path, opaque, "y");
        }
      } else if (!layer.stat(path).isDirectory()) {
        return null;
      }
      path += "/";
    }
    return path;
  }

  private void add(DiskTree layer, String path) throws ErrnoException {
    if (layer.exists(path)) {
      return;
    }
    switch (random.nextInt(16)) {
      case 0, 1 -> layer.mkdir(path);
      case 2 -> layer.symlink(OpSource.name(random) + "/" + OpSource.name(random), path);
      case 3, 4, 5 -> {
        whiteout(layer, path);
        return;
      }
      case 6 -> layer.mknod(path, Linux.S_IFIFO | 0666, 0);
      case 7 -> {
        int[] types = {Linux.S_IFCHR, Linux.S_IFBLK, Linux.S_IFSOCK};
        int type = types[random.nextInt(types.length)];
        // The null device, or a number of no driver.
        int rdev = type == Linux.S_IFCHR ? 0x0103 : type == Linux.S_IFBLK ? 0xf001 : 0;
        layer.mknod(path, type | 0666, rdev);
      }
      case 8, 9 -> {
        if (files.isEmpty()) {
          return;
        }
        layer.link(files.get(random.nextInt(files.size())), path);
        return;
      }
      case 10, 11 -> sparse(layer, path);
      default -> {
        layer.write(path, "x".repeat(random.nextInt(9000)));
        files.add(path);
      }
    }
    attributes(layer, path);
  }

  private void attributes(DiskTree layer, String path) throws ErrnoException {
    Stat stat = layer.stat(path);
    layer.chown(path, random.nextInt(3), random.nextInt(3));
    if (stat.isSymlink()) {
      return;
    }
    int[] modes =
        stat.isDirectory()
            ? new int[] {0755, 0777, 0777, 01777, 02775, 02777, 0700}
            : new int[] {0644, 0666, 04755, 0600, 02767, 06755, 0664};
    layer.chmod(path, modes[random.nextInt(modes.length)]);
    if (random.nextInt(4) == 0 && (stat.isDirectory() || stat.isRegular())) {
      layer.setXattr(path, "user.a", "v".repeat(random.nextInt(100)));
      layer.setXattr(path, "trusted.t", "layer " + made.size());
    }
    Op dice = new Op(Op.Kind.SET_ACL, path, "", random.nextInt(1_000_000), 0);
    if (random.nextInt(6) == 0) {
      layer.setXattr(path, "system.posix_acl_access", Acl.valid(dice));
    }
    if (random.nextInt(6) == 0 && stat.isDirectory()) {
      layer.setXattr(path, "system.posix_acl_default", Acl.valid(dice));
    }
    if (random.nextInt(8) == 0 && stat.isRegular()) {
      layer.setXattr(path, "security.capability", XattrOps.CAPABILITY);
    }
  }

  private void sparse(DiskTree layer, String path) throws ErrnoException {
    layer.write(path, "head");
    try (Fd file = layer.open(path, Linux.O_WRONLY)) {
      Bytes.pwrite(file, Bytes.of("middle"), 4096L * (1 + random.nextInt(8)));
      ErrnoException.check(FileSyscalls.ftruncate(file, random.nextInt(60_000)));
    }
    files.add(path);
  }

  /**
   * Hides a name, only where there is one to hide and the directory is merged: in all other
   * directories the kernel lists a whiteout, SEMANTICS 5.21.
   */
  private void whiteout(DiskTree layer, String path) throws ErrnoException {
    int slash = path.lastIndexOf('/');
    List<DiskTree> merged = directories(slash < 0 ? "" : path.substring(0, slash));
    if (merged.size() < 2 || merged.get(0) != layer) {
      return;
    }
    for (DiskTree below : merged.subList(1, merged.size())) {
      if (below.exists(path)) {
        if (!below.stat(path).isWhiteout()) {
          layer.mknod(path, Linux.S_IFCHR, 0);
        }
        return;
      }
    }
  }

  /** Layers that make up a directory of their union, redirects aside. */
  private List<DiskTree> directories(String path) throws ErrnoException {
    return directories(path, made);
  }

  private List<DiskTree> directories(String path, List<DiskTree> layers) throws ErrnoException {
    if (path.isEmpty()) {
      return layers;
    }
    int slash = path.lastIndexOf('/');
    List<DiskTree> out = new ArrayList<>();
    for (DiskTree layer : directories(slash < 0 ? "" : path.substring(0, slash), layers)) {
      if (!layer.exists(path)) {
        continue;
      }
      if (!layer.stat(path).isDirectory()) {
        break;
      }
      out.add(layer);
      if (layer.xattr(path, opaque) != null || layer.xattr(path, redirect) != null) {
        break;
      }
    }
    return out;
  }

  /** A directory of the layers below, as a rename in this layer would have moved it. */
  private void redirect(DiskTree layer) throws ErrnoException {
    String from = OpSource.name(random);
    String to = OpSource.name(random);
    List<DiskTree> below = new ArrayList<>(directories(from));
    if (below.isEmpty() || layer.exists(from) || layer.exists(to)) {
      return;
    }
    for (DiskTree other : made) {
      if (other.exists(to)) {
        return;
      }
    }
    layer.mkdir(to);
    layer.setXattr(to, redirect, random.nextBoolean() ? from : "/" + from);
    layer.mknod(from, Linux.S_IFCHR, 0);
    attributes(layer, to);
    layer.write(to + "/new", "in a moved directory");
  }

  private void age(DiskTree layer, String path) throws ErrnoException {
    if (layer.stat(path).isDirectory()) {
      for (String name : layer.list(path)) {
        age(layer, path.isEmpty() ? name : path + "/" + name);
      }
    }
    long seconds = 1_000_000_000L + random.nextInt(400_000_000);
    layer.utimens(path, seconds, random.nextInt(1000), seconds, random.nextInt(1_000_000_000));
  }
}
