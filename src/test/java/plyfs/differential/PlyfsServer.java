package plyfs.differential;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import plyfs.daemon.NativeTransport;
import plyfs.daemon.OverlayMount;
import plyfs.daemon.Transport;
import plyfs.jnrfuse.JnrFuseTransport;
import plyfs.layer.MountRefusedException;
import plyfs.options.MountOptionException;
import plyfs.options.MountOptions;
import plyfs.options.Privilege;
import plyfs.sys.Errno;

/**
 * The process that {@link PlyfsProcess} starts. Reads {@code mount MOUNTPOINT OPTIONS}, {@code
 * umount MOUNTPOINT} and {@code nodes MOUNTPOINT} from its input, answers each with one line:
 * {@code ok}, a number, or why not, with the exit code that the command has. Ends with its input.
 */
public final class PlyfsServer {
  private final Map<String, OverlayMount> mounts = new HashMap<>();

  private PlyfsServer() {}

  /** Serves standard input. */
  public static void main(String[] args) throws IOException, InterruptedException {
    PlyfsServer server = new PlyfsServer();
    PrintStream out = new PrintStream(System.out, true, ISO_8859_1);
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, ISO_8859_1));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      out.println(server.answer(line.split(" ", 3)));
    }
    for (OverlayMount left : server.mounts.values()) {
      left.unmount(true);
    }
    System.exit(0); // detached mounts end with the process
  }

  private String answer(String[] words) throws IOException, InterruptedException {
    return switch (words[0]) {
      case "mount" -> mount(words[1], words[2]);
      case "umount" -> unmount(words[1]);
      case "nodes" -> nodes(words[1]);
      default -> "unknown request";
    };
  }

  private String mount(String mountPoint, String options) throws IOException {
    try {
      MountOptions parsed = MountOptions.parse(List.of(Bytes.of(options)), Privilege.current());
      mounts.put(mountPoint, OverlayMount.start(parsed, Bytes.of(mountPoint), transport(parsed)));
      return "ok";
    } catch (MountOptionException e) {
      return "exit code 1: " + e.getMessage();
    } catch (MountRefusedException e) {
      return "exit code 32: " + e.getMessage();
    }
  }

  private static Transport transport(MountOptions options) {
    return switch (options.session().transport()) {
      case NATIVE -> new NativeTransport();
      case JNR_FUSE -> new JnrFuseTransport();
    };
  }

  private String nodes(String mountPoint) {
    OverlayMount mount = mounts.get(mountPoint);
    return mount == null ? "not mounted" : Integer.toString(mount.nodeCount());
  }

  /** As {@code plyfs umount}: when it answers, the layers are closed. */
  private String unmount(String mountPoint) throws InterruptedException {
    OverlayMount mount = mounts.get(mountPoint);
    if (mount == null) {
      return "not mounted";
    }
    int result = mount.unmount(false);
    if (result < 0) {
      return Errno.name(-result);
    }
    mount.awaitEnd();
    mounts.remove(mountPoint);
    return "ok";
  }
}
