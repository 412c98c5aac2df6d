package plyfs.cli.image;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import plyfs.cli.CommandFailure;
import plyfs.cli.Console;
import plyfs.cli.FormatChoice;
import plyfs.cli.StoreOption;
import plyfs.cli.format.RowFormat;
import plyfs.cli.format.UsageException;
import plyfs.image.store.LayerStore;
import plyfs.image.store.StoredImage;

/** Lists the images of the store. */
@Command(
    name = "images",
    header = "List the images in the store.",
    description = {
      "One line for each name of an image, the newest image first. SIZE is what the files of all"
          + " layers hold; layers that several images have count for each of them.",
      "",
      "Exit codes: 0 done; 1 failed, or an image cannot be read: it is named, and all others are"
          + " listed; 2 wrong usage.",
      ""
    })
final class ImagesCommand implements Callable<Integer> {
  private static final String TABLE =
      "{{.Repository}}\t{{.Tag}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}";
  private static final String TABLE_WITH_DIGESTS =
      "{{.Repository}}\t{{.Tag}}\t{{.Digest}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}";
  private static final String DIGEST = "Digest";

  @Option(
      names = {"-a", "--all"},
      description = "Show all images, as without it: Plyfs keeps no intermediate ones.")
  @SuppressWarnings("UnusedVariable") // no image is hidden without it
  private boolean all;

  @Option(names = "--digests", description = "Show the digests that registries know.")
  private boolean digests;

  @Option(
      names = {"-f", "--filter"},
      paramLabel = "KEY=VALUE",
      description =
          "Only images with dangling=true|false, label=KEY[=VALUE], before=IMAGE, since=IMAGE, or"
              + " reference=PATTERN.")
  private List<String> filters = new ArrayList<>();

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description =
          "'table', 'table TEMPLATE', 'json', or a Go template such as '{{.Repository}} {{.ID}}'.")
  private String format = "";

  @Option(names = "--json", description = "Print one JSON object a line, with exact values.")
  private boolean json;

  @Option(names = "--no-trunc", description = "Show IDs with all their digits.")
  private boolean isWhole;

  @Option(
      names = {"-q", "--quiet"},
      description = "Only show IDs.")
  private boolean quiet;

  @Mixin private StoreOption store = new StoreOption();

  @Parameters(
      arity = "0..1",
      paramLabel = "REPOSITORY[:TAG]",
      description = "Only images with this name; * and ? stand for any characters.")
  private String name = "";

  private boolean isDamaged;

  @Override
  public Integer call() throws CommandFailure, UsageException, IOException {
    FormatChoice.check(format, json, quiet);
    LayerStore images = store.choose();
    ImageFilter filter = ImageFilter.of(filters, name, images);
    List<StoredImage> found = images.images(this::notice);
    SharedLayers shared = new SharedLayers(found);
    found.removeIf(image -> !filter.accepts(image));
    if (json) {
      found.forEach(image -> Console.OUT.println(toJson(image, shared)));
    } else {
      print(found, filter, shared);
    }
    return isDamaged ? CommandFailure.FAILED : 0;
  }

  private void notice(String sentence) {
    Console.complain(sentence);
    isDamaged = true;
  }

  private void print(List<StoredImage> images, ImageFilter filter, SharedLayers shared)
      throws UsageException {
    RowFormat<ImageRow> rows =
        RowFormat.parse(
            quiet ? "{{.ID}}" : format,
            digests ? TABLE_WITH_DIGESTS : TABLE,
            ImageRow.fields(isWhole, shared));
    if (digests) {
      rows = rows.withColumn(DIGEST);
    }
    boolean withDigests = digests || rows.shows(DIGEST);
    List<ImageRow> lines = new ArrayList<>();
    for (StoredImage image : images) {
      lines.addAll(
          ImageRow.of(
              image, filter.names(image.tags()), filter.names(image.digests()), withDigests));
    }
    rows.print(lines, Console.OUT);
  }

  private static JsonObject toJson(StoredImage image, SharedLayers shared) {
    JsonObject to = new JsonObject();
    to.addProperty("id", image.id().toString());
    to.add("names", strings(image.tags()));
    to.add("digests", strings(image.digests()));
    if (image.created() != null) {
      to.addProperty("created", image.created().toString());
    }
    to.addProperty("bytes", image.size());
    to.addProperty("sharedBytes", shared.bytes(image));
    to.addProperty("layers", image.chainIds().size());
    JsonObject labels = new JsonObject();
    image.details().labels().forEach(labels::addProperty);
    to.add("labels", labels);
    return to;
  }

  private static JsonArray strings(List<String> texts) {
    JsonArray array = new JsonArray();
    texts.forEach(array::add);
    return array;
  }
}
