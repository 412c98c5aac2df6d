package plyfs.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Help text of {@code mount}. The arguments themselves are read by {@link MountArguments}, without
 * the option library; a test holds the two together.
 */
@Command(
    name = "mount",
    header = "Mount an image, or directories, as one file system.",
    customSynopsis = {
      "plyfs mount [-fdr] [-o OPTIONS]... [--upper DIR] [--store DIR] IMAGE",
      "                   MOUNTPOINT",
      "       plyfs mount [-fdr] -o lowerdir=A:B:C[,upperdir=U,workdir=W][,...]",
      "                   [SOURCE] MOUNTPOINT"
    },
    description = {
      "The call returns when the mount can be used, or with the reason why it cannot.",
      "",
      "An image is mounted writable: what is changed is kept in the store, in a directory that"
          + " belongs to this image at this mount point and that is printed. The same mount made"
          + " again continues with these changes. --upper chooses another directory for them,"
          + " --read-only does without.",
      "",
      "Directories are mounted read-only unless an upper directory is named.",
      "",
      "A user without root mounts with fusermount3, nosuid and nodev; other users cannot use the mount.",
      ""
    })
interface MountCommand {
  @Option(
      names = {"-o", "--options"},
      paramLabel = "OPTIONS",
      description = {
        "Comma-separated list; may be repeated. A backslash before a comma, a colon or a backslash"
            + " makes it ordinary.",
        "The options are explained below."
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
      description = "Mount without an upper directory, as -o ro.")
  boolean readOnly();

  @Option(
      names = "--upper",
      paramLabel = "DIR",
      description = "Keep changes in DIR/diff, with the workdir DIR/work; both are made if needed.")
  String upper();

  @Option(
      names = "--store",
      paramLabel = "DIR",
      description = "Where the images are (default: $PLYFS_STORE, else /var/lib/plyfs for root).")
  String store();

  @Option(
      names = "--transport",
      paramLabel = "NAME",
      description =
          "How requests of the kernel arrive, as -o transport=NAME: native (default) reads"
              + " /dev/fuse, jnr-fuse goes through libfuse 2.9 and can do less.")
  String transport();

  @Parameters(
      index = "0",
      paramLabel = "IMAGE",
      description =
          "Name, name:tag or ID of a loaded image; with lowerdir= a word for the mount" + " table.")
  String source();

  @Parameters(index = "1", paramLabel = "MOUNTPOINT", description = "An existing directory.")
  String mountpoint();
}
