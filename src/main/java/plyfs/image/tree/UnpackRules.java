package plyfs.image.tree;

import plyfs.image.model.LoadLimits;
import plyfs.image.model.RefusedImageException;
import plyfs.image.tar.TarEntry;

/**
 * What an image may bring, as the person who loads it has chosen. What it may not bring makes the
 * load fail: a layer without it would be another one, and stands for the same digest.
 *
 * @param takesDevices whether device nodes are allowed
 * @param takesSetuid whether programs that run as another user are allowed: setuid, setgid, or with
 *     file capabilities
 */
public record UnpackRules(LoadLimits limits, boolean takesDevices, boolean takesSetuid) {
  /** As Docker does it. */
  public static final UnpackRules ALL = new UnpackRules(LoadLimits.NONE, true, true);

  private static final int SETUID_OR_SETGID = 06000;
  private static final String CAPABILITIES = "security.capability";

  void check(TarEntry entry) throws RefusedImageException {
    boolean isDevice =
        entry.type == TarEntry.CHARACTER_DEVICE || entry.type == TarEntry.BLOCK_DEVICE;
    if (isDevice && !takesDevices) {
      throw new RefusedImageException(
          "it is a device node, which '--no-devices' refuses; load it without the option if the"
              + " image may have devices");
    }
    boolean isSetuid =
        entry.type == TarEntry.FILE
            && ((entry.mode & SETUID_OR_SETGID) != 0 || entry.xattrs.containsKey(CAPABILITIES));
    if (isSetuid && !takesSetuid) {
      throw new RefusedImageException(
          "it is a setuid or setgid program, or has capabilities, which '--no-setuid' refuses;"
              + " load it without the option if programs of the image may run as another user");
    }
  }
}
