package plyfs.explore;

import com.google.common.collect.ImmutableList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plyfs.layer.LayerRef;
import plyfs.sys.ErrnoException;
import plyfs.sys.Name;
import plyfs.sys.Stat;
import plyfs.union.api.LookupTrace;
import plyfs.union.inspect.Inspection;

/**
 * Turns the traces of lookups into a result for each layer. It includes the layers that the lookup
 * did not reach: what they have, and what hides it.
 */
final class LayerAnswers {
  private static final String THE_NAME = "it";

  private final ExploredLayers layers;
  private final List<Explain.Ancestor> ancestors;
  private final LookupTrace trace;
  private final List<LayerRef> parentParts;
  private final Name name;

  /**
   * The results for one name.
   *
   * @param ancestors the directories of the path, from the root down
   * @param trace trace of the lookup of the name
   * @param parentParts the parts of the directory that holds the name
   */
  LayerAnswers(
      ExploredLayers layers,
      List<Explain.Ancestor> ancestors,
      LookupTrace trace,
      List<LayerRef> parentParts,
      Name name) {
    this.layers = layers;
    this.ancestors = ancestors;
    this.trace = trace;
    this.parentParts = parentParts;
    this.name = name;
  }

  ImmutableList<Explanation.Answer> all() throws ErrnoException {
    ImmutableList.Builder<Explanation.Answer> answers = ImmutableList.builder();
    int last = layers.lowers() + layers.plan().dataOnly().size();
    for (int layer = layers.hasUpper() ? 0 : 1; layer <= last; layer++) {
      answers.add(answer(layer));
    }
    return answers.build();
  }

  private Explanation.Answer answer(int layer) throws ErrnoException {
    LookupTrace.LayerVerdict said = null;
    boolean hidesBelow = false;
    for (LookupTrace.LayerVerdict step : trace.steps()) {
      if (step.layer() == layer) {
        hidesBelow |= step.verdict() == LookupTrace.Verdict.WHITEOUT_BESIDE;
        said = said == null || said.verdict() == LookupTrace.Verdict.ABSENT ? step : said;
      }
    }
    return said == null ? unasked(layer) : asked(said, hidesBelow);
  }

  private Explanation.Answer asked(LookupTrace.LayerVerdict step, boolean hidesBelow)
      throws ErrnoException {
    Stat stat = new Stat();
    boolean there = Inspection.stat(step.object(), stat);
    byte[] redirect = step.redirect();
    String to = redirect == null ? "" : Name.printable(redirect);
    String why =
        switch (step.verdict()) {
          case ABSENT, FOUND, MERGED -> "";
          case WHITEOUT ->
              stat.isWhiteout()
                  ? "character device 0:0: the name is deleted, here and below"
                  : "an empty file with the whiteout attribute: the name is deleted, here and below";
          case WHITEOUT_BESIDE -> "a file .wh." + name + " deletes the name below";
          case OPAQUE_STOP -> "marked opaque, so it hides the layers below";
          case HIDDEN_BY_NON_DIRECTORY ->
              "not a directory, so it is not merged with the directory above; it hides the"
                  + " layers below";
          case REDIRECTED -> "a redirect: the layers below have it as " + to;
          case ATTRIBUTES_ONLY ->
              "only owner, mode and times (metacopy); the data is below"
                  + (to.isEmpty() ? "" : " as " + to);
          case DATA -> "the data of the file";
        };
    if (hidesBelow && step.verdict() != LookupTrace.Verdict.WHITEOUT_BESIDE) {
      why = (why.isEmpty() ? "" : why + "; ") + "a file .wh." + name + " deletes the name below";
    }
    return new Explanation.Answer(
        step.layer(),
        verdict(step.verdict()),
        why,
        there && !stat.isWhiteout() ? Explain.shown(stat) : null,
        Explain.pathIn(step.object()));
  }

  private static Explanation.Verdict verdict(LookupTrace.Verdict said) {
    return switch (said) {
      case ABSENT -> Explanation.Verdict.ABSENT;
      case FOUND -> Explanation.Verdict.FOUND;
      case MERGED -> Explanation.Verdict.MERGED;
      case WHITEOUT, WHITEOUT_BESIDE -> Explanation.Verdict.WHITEOUT;
      case OPAQUE_STOP -> Explanation.Verdict.OPAQUE_STOP;
      case HIDDEN_BY_NON_DIRECTORY -> Explanation.Verdict.HIDDEN_BY_NON_DIRECTORY;
      case REDIRECTED -> Explanation.Verdict.REDIRECTED;
      case ATTRIBUTES_ONLY -> Explanation.Verdict.ATTRIBUTES_ONLY;
      case DATA -> Explanation.Verdict.DATA;
    };
  }

  // Layers that the lookup did not reach

  private Explanation.Answer unasked(int layer) throws ErrnoException {
    if (layer > layers.lowers()) {
      return new Explanation.Answer(
          layer,
          Explanation.Verdict.NOT_ASKED,
          "data-only layer: reached only through metacopy redirects",
          null,
          PathWalk.pathOf(List.of()));
    }
    for (Explain.Ancestor ancestor : ancestors) {
      Explanation.Answer answer = becauseOf(ancestor, layer);
      if (answer != null) {
        return answer;
      }
    }
    LookupTrace.LayerVerdict stop = lastAbove(trace, layer);
    LayerRef hidden = partIn(layer);
    Stat stat = new Stat();
    boolean there = hidden != null && Inspection.stat(hidden, stat) && !stat.isWhiteout();
    return new Explanation.Answer(
        layer,
        there ? Explanation.Verdict.HIDDEN : Explanation.Verdict.NOT_ASKED,
        stop == null ? "" : reason(stop, THE_NAME),
        there ? Explain.shown(stat) : null,
        hidden == null ? PathWalk.pathOf(List.of(name)) : Explain.pathIn(hidden));
  }

  private @Nullable LayerRef partIn(int layer) {
    for (LayerRef part : parentParts) {
      if (part.layer().index() == layer) {
        return new LayerRef(part, name);
      }
    }
    return null;
  }

  /** Why a directory of the path has no part in a layer; null if it has one. */
  private Explanation.@Nullable Answer becauseOf(Explain.Ancestor ancestor, int layer) {
    for (LookupTrace.LayerVerdict step : ancestor.trace().steps()) {
      if (step.layer() != layer) {
        continue;
      }
      if (step.verdict().counts()) {
        return null;
      }
      String why =
          step.verdict() == LookupTrace.Verdict.ABSENT
              ? "there is no " + ancestor.path() + " here"
              : reason(step, ancestor.path());
      return new Explanation.Answer(
          layer, Explanation.Verdict.ABSENT, why, null, Explain.pathIn(step.object()));
    }
    LookupTrace.LayerVerdict stop = lastAbove(ancestor.trace(), layer);
    return stop == null
        ? null
        : new Explanation.Answer(
            layer,
            Explanation.Verdict.NOT_ASKED,
            reason(stop, ancestor.path()),
            null,
            Explain.pathIn(stop.object()));
  }

  /** The step that ended a lookup above a layer. */
  private static LookupTrace.@Nullable LayerVerdict lastAbove(LookupTrace trace, int layer) {
    LookupTrace.LayerVerdict last = null;
    for (LookupTrace.LayerVerdict step : trace.steps()) {
      if (step.layer() < layer) {
        last = step;
      }
    }
    return last == null || last.verdict() == LookupTrace.Verdict.ABSENT ? null : last;
  }

  private String reason(LookupTrace.LayerVerdict stop, String what) {
    String where = layers.numbers().name(stop.layer());
    return switch (stop.verdict()) {
      case WHITEOUT, WHITEOUT_BESIDE -> where + " deletes " + what;
      case OPAQUE_STOP -> what + " is opaque in " + where;
      case HIDDEN_BY_NON_DIRECTORY, FOUND, DATA ->
          what.equals(THE_NAME)
              ? where + " has it, and only directories are merged"
              : what + " is not a directory in " + where;
      default -> "the lookup of " + what + " ended in " + where;
    };
  }
}
