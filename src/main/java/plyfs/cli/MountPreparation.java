package plyfs.cli;

import com.google.common.collect.ImmutableList;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plyfs.daemon.Remount;
import plyfs.image.foreign.ForeignStore;
import plyfs.layer.OverlayXattr;
import plyfs.options.MountOptionException;
import plyfs.options.MountOptions;
import plyfs.options.Privilege;
import plyfs.sys.Loggers;

/** Prepares a mount from the arguments of the command. */
final class MountPreparation {
  private static final Logger LOG = Loggers.named("plyfs");

  private final MountArguments arguments;
  private final MountReport report;
  private @Nullable ForeignStore foreign;
  private final ImmutableList.Builder<String> results = ImmutableList.builder();

  MountPreparation(MountArguments arguments, MountReport report) {
    this.arguments = arguments;
    this.report = report;
  }

  /**
   * Finds the layers and the mount point, and creates the upper directory if the arguments imply
   * one.
   *
   * @throws MountOptionException an option is wrong
   * @throws CommandFailure any other error, with the exit code of mount
   */
  MountRequest prepare() throws MountOptionException, CommandFailure {
    ForeignLayers layersFrom = arguments.layersFrom();
    foreign = layersFrom == null ? null : layersFrom.open();
    MountOptions options = parsed();
    if (options.session().debug()) {
      LogLines.showDebug();
    }
    byte[] mountpoint =
        GivenPath.absoluteDirectory("mount point", arguments.mountpoint(), MountArguments.REFUSED);
    byte[] source = arguments.source();
    if (source != null) {
      options = options.withDefaultSource(source);
    }
    if (layersFrom != null && (source == null || !options.lowers().isEmpty())) {
      throw new CommandFailure(
          MountArguments.USAGE,
          source == null
              ? "option '--layers-from' needs an image: give IMAGE MOUNTPOINT"
              : "options '--layers-from' and 'lowerdir' contradict each other");
    }
    MountedContainer container = null;
    if (NewContainer.isAsked(arguments)) {
      NewContainer wanted = new NewContainer(arguments, report);
      container = wanted.make(options, mountpoint);
      options = container.with(options);
      results.add("container " + container.container().id());
    } else {
      options = withLayers(options, source, mountpoint);
    }
    options.plan(); // refuses if there are no layers
    for (String notice : options.notices()) {
      report.notice(notice);
    }
    for (String notice : options.noticesOfLayers()) {
      report.notice(notice);
    }
    for (String remark : options.remarks()) {
      LOG.log(Level.WARNING, remark);
    }
    return new MountRequest(
        options, mountpoint, results.build(), Remount.words(arguments.options()), container);
  }

  private MountOptions withLayers(MountOptions options, byte @Nullable [] source, byte[] mountpoint)
      throws CommandFailure {
    return source != null && options.lowers().isEmpty()
        ? withImage(options, source, mountpoint)
        : withUpper(options);
  }

  private MountOptions parsed() throws MountOptionException, CommandFailure {
    MountOptions options = parsed(arguments.allOptions());
    ForeignStore store = foreign;
    boolean userAttributes =
        store != null && ForeignLayers.needUserAttributes(store, Privilege.current());
    if (!userAttributes || options.marks() == OverlayXattr.USER) {
      return options;
    }
    List<byte[]> more = new ArrayList<>(arguments.allOptions());
    more.add(RawArguments.bytes("userxattr"));
    return parsed(more);
  }

  private MountOptions parsed(List<byte[]> words) throws MountOptionException {
    return arguments.isTolerant()
        ? MountOptions.parseTolerantly(words, Privilege.current())
        : MountOptions.parse(words, Privilege.current(), arguments.form());
  }

  private MountOptions withImage(MountOptions options, byte[] image, byte[] mountpoint)
      throws CommandFailure {
    ImageMount images = new ImageMount(StoreChoice.of(arguments.store()), foreign);
    MountOptions layered = images.withLowers(options, image);
    boolean placeIsGiven = options.upper() != null || arguments.upper() != null;
    if (placeIsGiven || options.vfs().isReadOnly()) {
      return withUpper(layered);
    }
    Path place = images.changesOf(image, mountpoint);
    results.add("changes are stored in " + place.resolve("diff"));
    return UpperPlace.add(layered, place);
  }

  private MountOptions withUpper(MountOptions options) throws CommandFailure {
    byte[] upper = arguments.upper();
    return upper == null ? options : UpperPlace.add(options, GivenPath.javaPath(upper));
  }
}
