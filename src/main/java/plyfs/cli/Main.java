package plyfs.cli;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plyfs.daemon.MountState;
import plyfs.daemon.OverlayMount;
import plyfs.daemon.Remount;
import plyfs.daemon.RuntimeDir;
import plyfs.layer.MountRefusedException;
import plyfs.options.MountOptionException;
import plyfs.sys.Loggers;

/** The {@code plyfs} command. */
public final class Main {
  private Main() {}

  /**
   * Runs one command and ends the process with its exit code.
   *
   * @param arguments used only for their number: the bytes come from the kernel
   */
  public static void main(String[] arguments) {
    Loggers.comeFrom(new LogLines());
    int code;
    try {
      code = run(RawArguments.ofThisProcess(arguments.length));
    } catch (IOException e) {
      Console.complain("cannot read the arguments: " + FailureText.of(e));
      code = MountArguments.SYSTEM;
    }
    System.exit(Console.end(code));
  }

  private static int run(List<byte[]> arguments) throws IOException {
    if (isStart(arguments)) {
      return start(arguments);
    }
    return isMount(arguments) ? mount(arguments) : WithHelp.execute(arguments);
  }

  /** Whether the command is mount: the launcher adds this word to all forms of it. */
  private static boolean isMount(List<byte[]> arguments) {
    return !arguments.isEmpty() && RawArguments.text(arguments.get(0)).equals("mount");
  }

  private static boolean isStart(List<byte[]> arguments) {
    return !arguments.isEmpty() && RawArguments.text(arguments.get(0)).equals("start");
  }

  private static int start(List<byte[]> arguments) {
    MountReport report = null;
    try {
      report = MountReport.open();
      StartArguments parsed = StartArguments.parse(arguments.subList(1, arguments.size()));
      if (parsed.isHelp()) {
        return WithHelp.execute(List.of(RawArguments.bytes("start"), RawArguments.bytes("-h")));
      }
      StartPreparation start = new StartPreparation(parsed, report);
      if (start.isRunning()) {
        report.out(start.name());
        report.ready();
        return 0;
      }
      keepLog(report, start.mountpoint());
      return new MountRun(report).run(start.prepare());
    } catch (CommandFailure e) {
      return refuse(report, e.exitCode(), e);
    } catch (MountOptionException e) {
      return refuse(report, MountArguments.USAGE, e);
    } catch (IOException e) {
      return refuse(report, CommandFailure.FAILED, e);
    }
  }

  private static int mount(List<byte[]> arguments) {
    MountReport report = null;
    try {
      report = MountReport.open();
      MountArguments parsed = MountArguments.parse(arguments.subList(1, arguments.size()));
      if (parsed.isHelp()) {
        return WithHelp.execute(List.of(RawArguments.bytes("mount"), RawArguments.bytes("-h")));
      }
      if (!parsed.isFake()) {
        keepLog(report, parsed.mountpoint());
      }
      Remount remount = Remount.asked(parsed.allOptions());
      if (remount != null) {
        remount(parsed, remount);
        report.ready();
        return 0;
      }
      MountRequest request = new MountPreparation(parsed, report).prepare();
      if (parsed.isFake()) {
        OverlayMount.check(request.options(), request.mountpoint());
        report.ready();
        return 0;
      }
      int code = new MountRun(report).run(request);
      MountedContainer made = request.container();
      if (code != 0 && made != null) {
        made.undo();
      }
      return code;
    } catch (CommandFailure e) {
      return refuse(report, e.exitCode(), e);
    } catch (MountOptionException e) {
      return refuse(report, MountArguments.USAGE, e);
    } catch (MountRefusedException e) {
      return refuse(report, MountArguments.REFUSED, e);
    } catch (IOException e) {
      return refuse(report, MountArguments.SYSTEM, e);
    }
  }

  /**
   * Opens the log, whose name depends on the mount point. A missing mount point has a log too if
   * its parent exists.
   */
  private static void keepLog(MountReport report, byte[] mountpoint) throws CommandFailure {
    byte[] path = GivenPath.absoluteEvenIfMissing(mountpoint);
    if (path != null) {
      report.keepLog(path);
    }
  }

  private static void remount(MountArguments parsed, Remount remount)
      throws CommandFailure, MountOptionException, MountRefusedException, IOException {
    byte[] at =
        GivenPath.absoluteDirectory("mount point", parsed.mountpoint(), MountArguments.REFUSED);
    MountState state = RuntimeDir.standard().find(at);
    Remount.Extent extent =
        parsed.isForMountProgram() ? Remount.Extent.WHOLE : Remount.Extent.CHANGES;
    if (parsed.isFake()) {
      remount.check(at, state, extent);
    } else {
      remount.apply(at, state, extent);
    }
  }

  private static int refuse(@Nullable MountReport report, int code, Exception reason) {
    String sentence = FailureText.of(reason);
    if (report != null) {
      return report.error(code, sentence);
    }
    Console.complain(sentence);
    return code;
  }
}
