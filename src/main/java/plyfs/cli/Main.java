package plyfs.cli;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plyfs.daemon.MountOptionException;

/** The {@code plyfs} command. */
public final class Main {
  private Main() {}

  /**
   * Runs one command and ends the process with its exit code.
   *
   * @param arguments only counted: their bytes are read from the kernel
   */
  public static void main(String[] arguments) {
    int code;
    try {
      code = run(RawArguments.ofThisProcess(arguments.length));
    } catch (IOException e) {
      Console.complain("cannot read the arguments: " + e);
      code = MountArguments.SYSTEM;
    }
    Console.OUT.flush();
    System.exit(code);
  }

  private static int run(List<byte[]> arguments) throws IOException {
    return isMount(arguments) ? mount(arguments) : WithHelp.execute(arguments);
  }

  /**
   * Whether this is a mount: by its name, or in the form of a mount program, {@code [-fd] [-o
   * OPTIONS] [SOURCE] MOUNTPOINT}.
   */
  private static boolean isMount(List<byte[]> arguments) {
    if (arguments.isEmpty()) {
      return false;
    }
    String first = RawArguments.text(arguments.get(0));
    return first.equals("mount")
        || first.startsWith("-o")
        || first.equals("-f")
        || first.equals("-d");
  }

  private static int mount(List<byte[]> arguments) {
    boolean named = RawArguments.text(arguments.get(0)).equals("mount");
    MountReport report = null;
    try {
      report = MountReport.open();
      MountArguments parsed =
          MountArguments.parse(named ? arguments.subList(1, arguments.size()) : arguments);
      if (parsed.isHelp()) {
        return WithHelp.execute(List.of(RawArguments.bytes("mount"), RawArguments.bytes("-h")));
      }
      MountRequest request = new MountPreparation(parsed, report).prepare();
      if (parsed.isFake()) {
        report.ready();
        return 0;
      }
      return new MountRun(report).run(request);
    } catch (CommandFailure e) {
      return refuse(report, e.exitCode(), e);
    } catch (MountOptionException e) {
      return refuse(report, MountArguments.USAGE, e);
    }
  }

  private static int refuse(@Nullable MountReport report, int code, Exception reason) {
    String sentence = String.valueOf(reason.getMessage());
    if (report != null) {
      return report.error(code, sentence);
    }
    Console.complain(sentence);
    return code;
  }
}
