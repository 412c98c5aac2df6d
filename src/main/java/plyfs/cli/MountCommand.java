package plyfs.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Help text of {@code mount}. {@link MountArguments} parses the arguments without picocli; a test
 * keeps the two consistent.
 */
@Command(
    name = "mount",
    header = "Mount an image, or a stack of directories, as one file system.",
    customSynopsis = {
      "plyfs mount [-fdr] [-o OPTIONS]... [--upper DIR] [--store DIR]",
      "                   [--layers-from KIND PATH] IMAGE MOUNTPOINT",
      "       plyfs mount --name NAME [-v VOLUME]... [--tmpfs PATH]... IMAGE",
      "                   MOUNTPOINT",
      "       plyfs mount [-fdr] -o lowerdir=A:B:C[,upperdir=U,workdir=W][,...]",
      "                   [SOURCE] MOUNTPOINT"
    },
    description = {
      "The command returns when the mount is ready. If the mount fails, the command"
          + " prints the reason.",
      "",
      "An image is mounted writable. Its changes are stored in a directory of the"
          + " store, one for each image and mount point, and the command prints its path."
          + " The next mount of the same image at the same mount point continues with these"
          + " changes. --upper stores them in another directory; --read-only mounts without"
          + " changes.",
      "",
      "With --name the mount becomes a container: it has a writable layer of its own, which"
          + " 'plyfs start' mounts again and 'plyfs rm' removes.",
      "",
      "Directories are mounted read-only unless upperdir= names an upper directory.",
      "",
      "A user other than root mounts through fusermount3. Such a mount is nosuid and"
          + " nodev, and other users cannot use it.",
      ""
    })
interface MountCommand {
  @Option(
      names = {"-o", "--options"},
      paramLabel = "OPTIONS",
      description = {
        "Comma-separated list of the options below; may be repeated. In a value, write"
            + " a comma, a colon and a backslash as '\\,', '\\:' and '\\\\'.",
      })
  String options();

  @Option(
      names = {"-f", "--foreground"},
      description = "Stay in the foreground and log to standard error.")
  boolean foreground();

  @Option(
      names = {"-d", "--debug"},
      description = "Log each request.")
  boolean debug();

  @Option(
      names = {"-r", "--read-only"},
      description = "Mount read-only, as with -o ro.")
  boolean readOnly();

  @Option(
      names = "--upper",
      paramLabel = "DIR",
      description =
          "Store changes in DIR/diff, with DIR/work as the workdir; both are created if"
              + " they do not exist.")
  String upper();

  @Option(names = "--name", paramLabel = "NAME", description = "Make a container with this name.")
  String name();

  @Option(
      names = {"-v", "--volume"},
      paramLabel = "VOLUME",
      description =
          "With --name: mount HOST-PATH:PATH, NAME:PATH (a volume, made if it does not exist) or"
              + " PATH (a volume without a name) below the mount; ':ro' at the end makes it"
              + " read-only, ':nocopy' does not fill an empty volume from the image. May be"
              + " repeated.")
  String volume();

  @Option(
      names = "--tmpfs",
      paramLabel = "PATH[:OPTIONS]",
      description =
          "With --name: mount a tmpfs at PATH; OPTIONS such as size=64m,mode=700,exec. May be"
              + " repeated.")
  String tmpfs();

  @Option(
      names = "--label",
      paramLabel = "KEY=VALUE",
      description = "With --name: note this about the container. May be repeated.")
  String label();

  @Option(
      names = "--store",
      paramLabel = "DIR",
      description = "Store of the images (default: $PLYFS_STORE, or /var/lib/plyfs for root).")
  String store();

  @Option(
      names = "--layers-from",
      arity = "2",
      paramLabel = "KIND PATH",
      description =
          "Mount an image of another engine, from its storage: docker and Docker's data"
              + " directory, or containers-storage and the graphRoot of podman. Nothing is"
              + " written there; changes go to the store of Plyfs. An image that the engine"
              + " removes meanwhile is gone for the mount, too.")
  String[] layersFrom();

  @Option(
      names = "--transport",
      paramLabel = "NAME",
      description =
          "How the daemon receives requests, as with -o transport=NAME: native (default)"
              + " reads /dev/fuse; jnr-fuse uses libfuse 2.9 and supports fewer operations.")
  String transport();

  @Parameters(
      index = "0",
      paramLabel = "IMAGE",
      description =
          "Name, name:tag or ID of a loaded image. With lowerdir=, the source that the"
              + " mount"
              + " table shows.")
  String source();

  @Parameters(index = "1", paramLabel = "MOUNTPOINT", description = "An existing directory.")
  String mountpoint();
}
