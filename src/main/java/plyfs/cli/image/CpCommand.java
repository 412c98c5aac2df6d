package plyfs.cli.image;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import plyfs.cli.CommandFailure;
import plyfs.cli.Console;
import plyfs.cli.RawArguments;
import plyfs.cli.StoreOption;
import plyfs.cli.format.Units;
import plyfs.copy.Destination;
import plyfs.copy.HostSource;
import plyfs.copy.SourceTree;
import plyfs.copy.TarEntries;
import plyfs.copy.TreeWriter;
import plyfs.copy.UnionSource;
import plyfs.daemon.MountState;
import plyfs.image.save.OutputException;
import plyfs.image.save.TarTarget;
import plyfs.image.source.Compression;
import plyfs.image.store.LayerHolds;
import plyfs.image.tar.TarWriter;
import plyfs.layer.MountRefusedException;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Linux;
import plyfs.sys.MountSyscalls;
import plyfs.sys.Name;
import plyfs.sys.Syscalls;

/** Copies files out of a mount, container or image, or into a mount or container. */
@Command(
    name = "cp",
    header = "Copy files out of a mount, a container or an image, or into a mount or container.",
    customSynopsis = {
      "plyfs cp [-aLq] [--store DIR] MOUNTPOINT|CONTAINER|IMAGE:SRC DEST|-",
      "       plyfs cp [-aLq] [--store DIR] SRC|- MOUNTPOINT|CONTAINER:DEST"
    },
    description = {
      "The rules are those of 'docker cp'. A file is put into DEST if that is a directory,"
          + " and takes its name if not. A directory is copied with all below it: into DEST if"
          + " that exists, else as DEST; SRC/. stands for its contents alone. The"
          + " directory above DEST must exist. '-' is a tar: on standard output, or on"
          + " standard input, which is then unpacked into DEST.",
      "",
      "Paths in a mount, container or image begin at its root, and symbolic links in them lead"
          + " inside it. An image can only be copied out of.",
      ""
    })
final class CpCommand implements Callable<Integer> {
  private static final byte[] ROOT = {'/'};

  @Option(
      names = {"-a", "--archive"},
      description =
          "Keep the owners of files. Without it they belong to root in a mount or container, and"
              + " to the caller elsewhere.")
  private boolean archive;

  @Option(
      names = {"-L", "--follow-link"},
      description = "Copy what SRC leads to, if it is a symbolic link.")
  private boolean followLink;

  @Option(
      names = {"-q", "--quiet"},
      description = "Do not say on standard error what was copied.")
  private boolean quiet;

  @Mixin private StoreOption store = new StoreOption();

  @Parameters(index = "0", paramLabel = "SRC", description = "What to copy.")
  private String source = "";

  @Parameters(index = "1", paramLabel = "DEST", description = "Where to.")
  private String destination = "";

  @Override
  public Integer call() throws CommandFailure, IOException {
    CopySide from = CopySide.parse(source, store);
    CopySide to = CopySide.parse(destination, store);
    if (from.tree() != null && to.tree() != null) {
      throw new CommandFailure(
          CommandFailure.USAGE,
          "copying from one mount, container or image to another is not supported: copy to a"
              + " directory between them, or use 'plyfs cp SRC - | plyfs cp - DEST'");
    }
    if (from.tree() == null && to.tree() == null) {
      throw new CommandFailure(
          CommandFailure.USAGE,
          "neither SRC nor DEST is MOUNTPOINT:PATH, CONTAINER:PATH or IMAGE:PATH");
    }
    MountState into = to.tree() == null ? null : mountOf(to.tree());
    try {
      if (from.isStream() && into != null) {
        unpack(to, into);
      } else if (to.isStream()) {
        pack(from);
      } else {
        copy(from, to, into);
      }
      return 0;
    } catch (OutputException e) {
      if (e.isReaderGone()) {
        return Console.READER_GONE;
      }
      throw e;
    } catch (MountRefusedException | ErrnoException e) {
      throw new CommandFailure(
          "cannot copy " + shown(source) + " to " + shown(destination) + ": " + e.getMessage());
    }
  }

  private static String shown(String argument) {
    return "'" + Name.printable(RawArguments.bytes(argument)) + "'";
  }

  private static MountState mountOf(NamedTree tree) throws CommandFailure {
    MountState mount = tree.mount();
    if (mount == null) {
      throw new CommandFailure(tree.whyNotWritten());
    }
    return mount;
  }

  /** The tree that is read: a mount as it is mounted, with volumes and all. */
  private static SourceTree open(CopySide side)
      throws CommandFailure, IOException, ErrnoException, MountRefusedException {
    NamedTree tree = side.tree();
    if (tree == null) {
      return new HostSource(ROOT, Console::complain);
    }
    MountState mount = tree.mount();
    return mount != null
        ? new HostSource(mount.mountpoint(), Console::complain)
        : new UnionSource(tree.layers(), Console::complain);
  }

  private SourceTree.Found find(SourceTree tree, CopySide side)
      throws CommandFailure, IOException, ErrnoException {
    boolean follows = followLink || side.assertsDirectory();
    SourceTree.Found found = tree.find(absolute(side), follows);
    if (found == null) {
      throw new CommandFailure(
          "there is no " + shown(source) + (follows ? ", or a link in it leads nowhere" : ""));
    }
    if (side.assertsDirectory() && !found.isDirectory()) {
      throw new CommandFailure(shown(source) + " is not a directory");
    }
    return found;
  }

  /** A path of this machine begins at its root, as one of a tree does. */
  private static byte[] absolute(CopySide side) throws ErrnoException {
    byte[] path = side.path();
    if (side.tree() != null || path.length > 0 && path[0] == '/') {
      return path;
    }
    try (Fd here = Fd.open(new byte[] {'.'}, Linux.O_PATH | Linux.O_DIRECTORY)) {
      byte[] directory = Syscalls.realPath(here);
      byte[] joined = Arrays.copyOf(directory, directory.length + 1 + path.length);
      joined[directory.length] = '/';
      System.arraycopy(path, 0, joined, directory.length + 1, path.length);
      return joined;
    }
  }

  /** What it is called in a tar: nothing for the contents of a directory. */
  private static byte[] nameOf(CopySide side) {
    return side.assertsContents() ? new byte[0] : side.base();
  }

  @SuppressWarnings("try")
  private void pack(CopySide from)
      throws CommandFailure, IOException, ErrnoException, MountRefusedException {
    if (Boolean.getBoolean("plyfs.colour")) {
      throw new CommandFailure("refusing to write a tar to a terminal: redirect standard output");
    }
    try (LayerHolds held = held(from);
        SourceTree tree = open(from)) {
      SourceTree.Found found = find(tree, from);
      ErrnoException[] failure = new ErrnoException[1];
      TarTarget.write(
          new FileOutputStream(FileDescriptor.out),
          "to standard output",
          () -> false,
          out -> {
            TarWriter tar = new TarWriter(out);
            try {
              found.copyTo(tar, nameOf(from));
              tar.finish();
            } catch (ErrnoException e) {
              failure[0] = e;
            }
          });
      if (failure[0] != null) {
        throw failure[0];
      }
    }
  }

  private static LayerHolds held(CopySide from) throws IOException {
    NamedTree tree = Objects.requireNonNull(from.tree());
    return tree.hold();
  }

  private void unpack(CopySide to, MountState mount)
      throws CommandFailure, IOException, ErrnoException {
    if (Boolean.getBoolean("plyfs.inputterminal")) {
      throw new CommandFailure("standard input is a terminal: pipe a tar in");
    }
    try (Fd root = Fd.open(mount.mountpoint(), Linux.O_PATH | Linux.O_DIRECTORY);
        InputStream in = new FileInputStream(FileDescriptor.in)) {
      byte[] none = {};
      Destination place = Destination.find(root, to.path(), true, false, none);
      InputStream plain = Compression.decompress(in, "standard input");
      try (TreeWriter writer = writer(root, place, true)) {
        TarEntries.copy(plain, writer);
        writer.finish();
        say(writer.bytes());
      }
    }
  }

  @SuppressWarnings("try")
  private void copy(CopySide from, CopySide to, @Nullable MountState mount)
      throws CommandFailure, IOException, ErrnoException, MountRefusedException {
    byte[] root = mount == null ? ROOT : mount.mountpoint();
    try (LayerHolds held = from.tree() == null ? null : from.tree().hold();
        SourceTree tree = open(from);
        Fd rootDirectory = Fd.open(root, Linux.O_PATH | Linux.O_DIRECTORY)) {
      SourceTree.Found found = find(tree, from);
      Destination place =
          Destination.find(
              rootDirectory,
              absolute(to),
              to.assertsDirectory(),
              found.isDirectory(),
              nameOf(from));
      try (TreeWriter writer = writer(rootDirectory, place, mount != null)) {
        found.copyTo(writer, place.name());
        writer.finish();
        say(writer.bytes());
      }
    }
  }

  private TreeWriter writer(Fd root, Destination place, boolean isMount) {
    TreeWriter.Owner owner = null;
    if (!archive) {
      owner =
          isMount
              ? new TreeWriter.Owner(0, 0)
              : new TreeWriter.Owner(MountSyscalls.effectiveUser(), MountSyscalls.effectiveGroup());
    }
    return new TreeWriter(root, place.directory(), owner, Console::complain);
  }

  private void say(long bytes) {
    if (!quiet) {
      Console.status(
          "Successfully copied "
              + Units.size(bytes)
              + " to "
              + Name.printable(RawArguments.bytes(destination))
              + "\n");
    }
  }
}
