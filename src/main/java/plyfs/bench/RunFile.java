package plyfs.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Reads and writes a run as JSON, with one line for each field and each case. */
public final class RunFile {
  private static final Gson GSON = new GsonBuilder().disableHtmlEscaping().create();

  private static final String NOT_A_RUN =
      " is not a result of this version's 'plyfs bench copy-up --json'";

  private RunFile() {}

  /** Reads the result of {@link #write}. */
  public static BenchRun read(Path file) throws IOException {
    try {
      BenchRun run = parse(new String(bytes(file), UTF_8));
      if (run == null || run.isIncomplete() || run.format() != BenchRun.FORMAT) {
        throw new IOException(file + NOT_A_RUN);
      }
      return run;
    } catch (JsonParseException e) {
      throw new IOException(file + NOT_A_RUN, e);
    }
  }

  private static byte[] bytes(Path file) throws IOException {
    try {
      return Files.readAllBytes(file);
    } catch (FileSystemException e) {
      throw e; // the message contains the name of the file
    } catch (IOException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  /** Null for an empty text. */
  static BenchRun parse(String text) {
    return GSON.fromJson(text, BenchRun.class);
  }

  /** Writes a run, replacing an existing file. */
  public static void write(BenchRun run, Path file) throws IOException {
    Files.writeString(file, text(run));
  }

  static String text(BenchRun run) {
    JsonObject top = GSON.toJsonTree(run).getAsJsonObject();
    StringBuilder text = new StringBuilder("{\n");
    String separator = "";
    for (Map.Entry<String, JsonElement> field : top.entrySet()) {
      text.append(separator).append(GSON.toJson(field.getKey())).append(": ");
      boolean isCases = field.getKey().equals("cases");
      text.append(
          isCases ? lines(field.getValue().getAsJsonArray()) : GSON.toJson(field.getValue()));
      separator = ",\n";
    }
    return text.append("\n}\n").toString();
  }

  private static String lines(JsonArray array) {
    StringBuilder text = new StringBuilder("[");
    String separator = "\n";
    for (JsonElement element : array) {
      text.append(separator).append(GSON.toJson(element));
      separator = ",\n";
    }
    return text.append("\n]").toString();
  }

  /**
   * Writes one line for each sample, with the medians of its case, and one line for a case without
   * samples.
   */
  public static void writeCsv(BenchRun run, Path file) throws IOException {
    Files.writeString(file, csv(run));
  }

  static String csv(BenchRun run) {
    StringBuilder text =
        new StringBuilder(
            "fs,pattern,size,depth,files,temperature,engine,sample,first_byte_ns,durable_ns,"
                + "median_calls_read,median_calls_written,median_disk_read,median_disk_written,method,failure\n");
    for (CaseResult each : run.cases()) {
      for (int i = 0; i < Math.max(1, each.firstByteNanos().size()); i++) {
        text.append(line(each, i)).append('\n');
      }
    }
    return text.toString();
  }

  private static String line(CaseResult result, int sample) {
    boolean isThere = sample < result.firstByteNanos().size();
    IoCount io = result.io();
    String failure = result.failure();
    return String.join(
        ",",
        result.fs(),
        result.pattern(),
        "" + result.size(),
        "" + result.depth(),
        "" + result.files(),
        result.temperature(),
        quoted(result.engine()),
        isThere ? "" + (sample + 1) : "",
        isThere ? "" + result.firstByteNanos().get(sample) : "",
        isThere ? "" + result.durableNanos().get(sample) : "",
        "" + io.callsRead(),
        "" + io.callsWritten(),
        "" + io.diskRead(),
        "" + io.diskWritten(),
        result.method(),
        failure == null ? "" : quoted(failure));
  }

  /** RFC 4180. */
  private static String quoted(String value) {
    return value.matches("[^,\"\r\n]*") ? value : '"' + value.replace("\"", "\"\"") + '"';
  }
}
