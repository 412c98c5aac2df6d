package plyfs.options;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import plyfs.layer.OverlayXattr;

/** Reads the options of one mount, one after the other, with the {@link MountOptionTable}. */
final class OptionReader {
  static final byte[] DEFAULT_SOURCE = "plyfs".getBytes(US_ASCII);

  private final Privilege privilege;
  private final CallForm form;
  private final boolean tolerant;
  private final Set<String> seen = new HashSet<>();
  private final List<String> notices = new ArrayList<>();
  private final List<String> remarks = new ArrayList<>();
  private final OptionValues values = new OptionValues();

  /**
   * A reader for one mount.
   *
   * @param tolerant whether an unknown option is a notice
   */
  OptionReader(Privilege privilege, CallForm form, boolean tolerant) {
    this.privilege = privilege;
    this.form = form;
    this.tolerant = tolerant;
  }

  MountOptions read(List<byte[]> arguments) throws MountOptionException {
    List<GivenOption> options = GivenOption.splitAll(arguments);
    for (GivenOption option : form.passesOver() ? lastOfEach(options) : options) {
      take(option);
    }
    return checked();
  }

  /**
   * The options without values that a later option of the same name replaces. mount(8) appends the
   * options of its command line to those of fstab, and libfuse uses the last value.
   */
  private static List<GivenOption> lastOfEach(List<GivenOption> options) {
    List<GivenOption> last = new ArrayList<>();
    Set<String> later = new HashSet<>();
    for (int i = options.size() - 1; i >= 0; i--) {
      GivenOption option = options.get(i);
      if (option.value() == null || addsUp(option) || later.add(option.key())) {
        last.add(0, option);
      }
    }
    return last;
  }

  private static boolean addsUp(GivenOption option) {
    MountOption<?> row = MountOptionTable.find(option);
    return row != null && row.addsUp();
  }

  private void take(GivenOption option) throws MountOptionException {
    MountOption<?> row = MountOptionTable.find(option);
    boolean addsUp = row != null && row.addsUp();
    if (option.value() != null && !addsUp && !seen.add(option.key())) {
      throw new MountOptionException("option '" + option.key() + "' is given twice");
    }
    if (row == null) {
      takeUnknown(option);
      return;
    }
    switch (row.group()) {
      case KERNEL_ONLY -> takeForKernelOverlay(row, option);
      case LIBFUSE -> remark("option '" + option + "' tunes libfuse and has no effect in Plyfs");
      case NOT_THERE -> row.form().parse(option);
      case PASSED_OVER -> {}
      default -> values.take(row, option);
    }
  }

  private void takeUnknown(GivenOption option) throws MountOptionException {
    String unknown = "unknown option '" + option + "'";
    if (tolerant) {
      notices.add(unknown);
    } else if (form == CallForm.FUSE_OVERLAYFS) {
      remark(unknown + " is ignored, as in fuse-overlayfs");
    } else {
      throw new MountOptionException(unknown);
    }
  }

  private void takeForKernelOverlay(MountOption<?> row, GivenOption option)
      throws MountOptionException {
    try {
      row.form().parse(option);
    } catch (MountOptionException e) {
      if (!form.passesOver()) {
        throw e;
      }
      remark(e.getMessage() + ", and is ignored, as in fuse-overlayfs");
    }
  }

  /**
   * Reports that an option has no effect, to the log or to the caller, depending on the form of the
   * call.
   */
  private void remark(String sentence) {
    (form.passesOver() ? remarks : notices).add(sentence);
  }

  private MountOptions checked() throws MountOptionException {
    LayerOptions layers = new LayerOptions(values);
    if (layers.upper() != null && layers.work() == null) {
      throw new MountOptionException(
          "option 'upperdir' needs 'workdir': name an empty directory on the same file"
              + " system");
    }
    VfsOptions vfs = new VfsRules(values, privilege, form).check(notices);
    EngineRules engine = new EngineRules(values, privilege, form, layers.upper() != null);
    return new MountOptions(
        layers.lowers(),
        layers.dataOnly(),
        layers.upper(),
        layers.work(),
        engine.hasUserMarks() ? OverlayXattr.USER : OverlayXattr.TRUSTED,
        vfs,
        engine.check(),
        new SessionRules(values).check(privilege),
        ImmutableList.copyOf(notices),
        ImmutableList.copyOf(remarks));
  }
}
