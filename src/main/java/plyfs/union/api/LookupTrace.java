package plyfs.union.api;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plyfs.layer.LayerRef;

/**
 * What one lookup met, layer by layer: filled by {@code Lookup} itself, so what is told is what
 * runs. A layer in which the directory has no part, or that the lookup did not come to, has no
 * step; one that hides the layers below by a mark beside the name has two.
 */
public final class LookupTrace {
  /** What a layer said. */
  public enum Verdict {
    /** The layer has nothing there: the next one is asked. */
    ABSENT('-'),
    /** The object is here; a directory may have more parts below. */
    FOUND('f'),
    /** A further part of a directory that was found above. */
    MERGED('m'),
    /** A whiteout: the name is deleted, here and below. */
    WHITEOUT('w'),
    /** A file {@code .wh.NAME} beside the name, which deletes it below. */
    WHITEOUT_BESIDE('W'),
    /** A directory that is marked opaque: it counts, and hides what lies below. */
    OPAQUE_STOP('o'),
    /** Not a directory, so it is no part of the one found above, and hides what lies below. */
    HIDDEN_BY_NON_DIRECTORY('n'),
    /** A directory that counts, whose lower parts are elsewhere. */
    REDIRECTED('r'),
    /** A file with its attributes alone: its data is further down. */
    ATTRIBUTES_ONLY('a'),
    /** The file with the data of one that was found above. */
    DATA('d');

    private final char code;

    Verdict(char code) {
      this.code = code;
    }

    /** One ASCII character, for a record of an event. */
    public byte code() {
      return (byte) code;
    }

    /** The verdict with a code; null if there is none. */
    public static @Nullable Verdict ofCode(byte code) {
      for (Verdict verdict : values()) {
        if (verdict.code == code) {
          return verdict;
        }
      }
      return null;
    }

    /** Whether the object of the step is part of what the name stands for. */
    public boolean counts() {
      return switch (this) {
        case FOUND, MERGED, OPAQUE_STOP, REDIRECTED, ATTRIBUTES_ONLY, DATA -> true;
        default -> false;
      };
    }
  }

  /**
   * One step.
   *
   * @param layer index of the layer: 0 for the upper one, 1 for the topmost lower one
   * @param object where the layer was asked
   * @param redirect value of the redirect mark; null unless it was followed
   */
  public record LayerVerdict(
      int layer, Verdict verdict, LayerRef object, byte @Nullable [] redirect) {}

  private final List<LayerVerdict> steps = new ArrayList<>();

  /** The steps, in their order. */
  public List<LayerVerdict> steps() {
    return steps;
  }

  public void add(Verdict verdict, LayerRef object, byte @Nullable [] redirect) {
    steps.add(new LayerVerdict(object.layer().index(), verdict, object, redirect));
  }
}
