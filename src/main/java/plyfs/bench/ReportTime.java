package plyfs.bench;

import java.util.List;

/** The two times of a case, as the report shows them. */
enum ReportTime {
  FIRST_BYTE("first byte") {
    @Override
    Statistics of(CaseResult result) {
      return result.firstByte();
    }
  },
  DURABLE("durable") {
    @Override
    Statistics of(CaseResult result) {
      return result.durable();
    }
  };

  private final String word;

  ReportTime(String word) {
    this.word = word;
  }

  String word() {
    return word;
  }

  abstract Statistics of(CaseResult result);

  /** A scale that covers the quartiles of all cases. */
  LogScale scale(List<CaseResult> cases, double from, double to) {
    double low = cases.stream().mapToDouble(each -> of(each).quartile1()).min().orElse(1);
    double high = cases.stream().mapToDouble(each -> of(each).quartile3()).max().orElse(1);
    return LogScale.covering(low, high, from, to);
  }

  /** The tooltip of a dot. */
  String title(CaseResult result) {
    return result.engine()
        + ", "
        + result.pattern()
        + " of "
        + AxisText.size(result.size())
        + " at depth "
        + result.depth()
        + ", "
        + result.temperature()
        + ": "
        + GroupRun.withSpread(of(result))
        + ", "
        + result.method();
  }
}
