package plyfs.container.run;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.List;
import java.util.Map;
import plyfs.container.RunSettings;

/**
 * The file {@code config.json} of a bundle, from what a container is to run. It holds what Docker
 * gives a container by default, but for the seccomp filter.
 *
 * @implNote OCI runtime specification 1.0.2; Docker 28's oci/defaults.go and caps/defaults.go
 */
public final class OciBundle {
  private static final String VERSION = "1.0.2";

  /** Docker's default capabilities. */
  private static final List<String> CAPABILITIES =
      List.of(
          "CAP_CHOWN",
          "CAP_DAC_OVERRIDE",
          "CAP_FSETID",
          "CAP_FOWNER",
          "CAP_MKNOD",
          "CAP_NET_RAW",
          "CAP_SETGID",
          "CAP_SETUID",
          "CAP_SETFCAP",
          "CAP_SETPCAP",
          "CAP_NET_BIND_SERVICE",
          "CAP_SYS_CHROOT",
          "CAP_KILL",
          "CAP_AUDIT_WRITE");

  private static final List<String> MASKED =
      List.of(
          "/proc/asound",
          "/proc/acpi",
          "/proc/interrupts",
          "/proc/kcore",
          "/proc/keys",
          "/proc/latency_stats",
          "/proc/timer_list",
          "/proc/timer_stats",
          "/proc/sched_debug",
          "/proc/scsi",
          "/sys/firmware",
          "/sys/devices/virtual/powercap");

  private static final List<String> READ_ONLY =
      List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

  private OciBundle() {}

  /**
   * The configuration.
   *
   * @param root absolute path of the mounted layers, with volumes below
   * @param user resolved in the image
   * @param files of the host that are mounted over files of the container, by their paths there
   */
  public static String config(
      RunSettings run, String root, ContainerUser user, Map<String, String> files) {
    JsonObject to = new JsonObject();
    to.addProperty("ociVersion", VERSION);
    to.add("process", process(run, user));
    JsonObject rootfs = new JsonObject();
    rootfs.addProperty("path", root);
    rootfs.addProperty("readonly", run.isReadOnly());
    to.add("root", rootfs);
    to.addProperty("hostname", run.hostname());
    to.add("mounts", mounts(files));
    to.add("linux", linux(run));
    return new GsonBuilder().disableHtmlEscaping().setPrettyPrinting().create().toJson(to) + "\n";
  }

  private static JsonObject process(RunSettings run, ContainerUser user) {
    JsonObject process = new JsonObject();
    process.addProperty("terminal", run.isTerminal());
    JsonObject as = new JsonObject();
    as.addProperty("uid", user.uid());
    as.addProperty("gid", user.gid());
    JsonArray groups = new JsonArray();
    user.groups().forEach(groups::add);
    as.add("additionalGids", groups);
    process.add("user", as);
    process.add("args", strings(run.command()));
    process.add("env", strings(run.environment()));
    process.addProperty("cwd", run.workingDirectory());
    JsonObject capabilities = new JsonObject();
    for (String set : List.of("bounding", "effective", "permitted")) {
      capabilities.add(set, strings(CAPABILITIES));
    }
    process.add("capabilities", capabilities);
    process.addProperty("oomScoreAdj", 0);
    return process;
  }

  private static JsonArray mounts(Map<String, String> files) {
    JsonArray mounts = new JsonArray();
    mounts.add(mount("/proc", "proc", "proc", "nosuid", "noexec", "nodev"));
    mounts.add(mount("/dev", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k"));
    mounts.add(
        mount(
            "/dev/pts",
            "devpts",
            "devpts",
            "nosuid",
            "noexec",
            "newinstance",
            "ptmxmode=0666",
            "mode=0620",
            "gid=5"));
    mounts.add(mount("/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev", "ro"));
    mounts.add(
        mount("/sys/fs/cgroup", "cgroup", "cgroup", "ro", "nosuid", "noexec", "nodev", "relatime"));
    mounts.add(mount("/dev/mqueue", "mqueue", "mqueue", "nosuid", "noexec", "nodev"));
    mounts.add(
        mount(
            "/dev/shm", "tmpfs", "shm", "nosuid", "noexec", "nodev", "mode=1777", "size=67108864"));
    files.forEach((place, file) -> mounts.add(mount(place, "bind", file, "rbind", "rprivate")));
    return mounts;
  }

  private static JsonObject mount(String place, String type, String source, String... options) {
    JsonObject mount = new JsonObject();
    mount.addProperty("destination", place);
    mount.addProperty("type", type);
    mount.addProperty("source", source);
    mount.add("options", strings(List.of(options)));
    return mount;
  }

  private static JsonObject linux(RunSettings run) {
    JsonObject linux = new JsonObject();
    JsonArray namespaces = new JsonArray();
    for (String type : List.of("mount", "uts", "ipc", "pid", "cgroup")) {
      namespaces.add(namespace(type));
    }
    if (!run.network().equals(RunSettings.HOST)) {
      namespaces.add(namespace("network"));
    }
    linux.add("namespaces", namespaces);
    JsonObject denied = new JsonObject();
    denied.addProperty("allow", false);
    denied.addProperty("access", "rwm");
    JsonArray devices = new JsonArray();
    devices.add(denied);
    JsonObject resources = new JsonObject();
    resources.add("devices", devices);
    linux.add("resources", resources);
    linux.add("maskedPaths", strings(MASKED));
    linux.add("readonlyPaths", strings(READ_ONLY));
    return linux;
  }

  private static JsonObject namespace(String type) {
    JsonObject namespace = new JsonObject();
    namespace.addProperty("type", type);
    return namespace;
  }

  private static JsonArray strings(List<String> texts) {
    JsonArray array = new JsonArray();
    texts.forEach(array::add);
    return array;
  }
}
