#!/usr/bin/env python3
"""The floor under each row: the requests it makes, and what a request costs with an idle server."""
from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import alone
import commands
import figures
import ladder
import layers
import measure
import place
import roundtrips
import rows
import targets
import tracing
from roundtrips import SERVERS
from systems import BY_NAME, DEFAULT, KERNEL, MIRROR, Mounted

TRIPS = {"full": (5, 3_000), "quick": (3, 700), "tiny": (1, 20)}  # rounds, names
QUICK_ROWS = ("miss", "create", "rename", "unlink", "copyup_4k", "randwrite", "fsync", "untar")
LEFT_ALONE = "alone"
NOT_BY_MIRROR = "not by mirror"
LEAST, PART = 0.05, 0.01  # requests of an operation that are told by name: so many, of all of them


def run(quick: bool, options: argparse.Namespace) -> dict[str, Any]:
    """Measures the round trips, and counts the requests of the rows that the options name."""
    rounds, count = TRIPS[options.form]
    with place.Place(options.dir) as work:
        trips = roundtrips.measure(work.folder, rounds, count)
        result = {"trips": trips, "rounds": rounds, "names": count, "rows": {}, "uncounted": ""}
        try:
            with tracing.Tracing() as traced:
                result["rows"] = _rows(traced, work.folder, options)
        except tracing.Unavailable as why:
            result["uncounted"] = str(why)
            print(f"bench: requests are not counted: {why}", file=sys.stderr, flush=True)
    return result


def _rows(
    traced: tracing.Tracing, folder: Path, options: argparse.Namespace
) -> dict[str, dict[str, Any]]:
    form = options.form
    chosen = [rows.BY_NAME[name] for name in rows.BY_NAME
              if name in options.rows and (form != "quick" or name in QUICK_ROWS)]
    sources = measure.Sources(folder / "sources", measure.TREE_FILES // rows.SCALES[form])
    made = folder / "files"
    largest = layers.LARGEST // ladder.SMALLER[form]
    layers.copy_up(made, measure.HERE / "workloads.c", rows.WHOLE_SCALES[form], largest)
    lower = [str(made), *ladder.lower_layers(options)]
    counted: dict[str, dict[str, Any]] = {}
    for row in chosen:
        if row.absolute:
            continue  # a start and a size in memory: no operation with requests
        base = folder / row.name
        base.mkdir()
        try:
            with Mounted(BY_NAME[DEFAULT], lower, base) as mounted:
                bench = tracing.CountedBench(mounted, sources.folder, lower, 0).counting(traced)
                row.measure(bench, row.count_at(form))
                counted[row.name] = {"requests": bench.per_operation(), "threads": bench.threads}
                said = _requests(counted[row.name])
        except (commands.Failed, OSError) as failure:
            counted[row.name] = {"failed": str(failure)}
            said = f"FAILED: {failure}"
        print(f"floors: {row.name}: {said}", file=sys.stderr, flush=True)
        if row.bulky:
            place.Place.remove(base)
    return counted


def render(result: dict[str, Any], charts_dir: Path) -> str:
    """The two tables, as Markdown."""
    trips = result["trips"]
    parts = [_trips_text(result), _trips_table(trips)]
    parts += [f"* {SERVERS[name].text}: not measured, {why}.\n"
              for name, why in trips["left_out"].items()]
    if result["uncounted"]:
        parts.append(f"Requests were not counted: {result['uncounted']}.\n")
    elif LEFT_ALONE in trips["servers"]:
        compared = _compared(result)
        parts += [_rows_text(trips, bool(compared)), _rows_table(result, compared)]
        parts += [_below(result, compared)]
        parts += [f"* `{name}` was not counted: {row['failed']}."
                  for name, row in result["rows"].items() if "failed" in row]
    return "\n".join(part for part in parts if part) + "\n"


def _trips_text(result: dict[str, Any]) -> str:
    nobody = figures.amount(figures.median(result["trips"]["nobody"]) or 0)
    runs = f"medians of {result['rounds']} runs of {result['names']:,} names each, with the least "\
        "and the most" if result["rounds"] > 1 else f"one run of {result['names']:,} names each"
    return (
        "What a request costs if the server does nothing: a FUSE server in C that knows no file "
        "(src/bench/null-server.c) is asked by one process for one name after the other. Time of "
        f"one stat(2): {runs}. \"Works\" is how long the server computes before it answers. A stat "
        f"of a missing name where no server is asked takes {nobody}.\n")


def _trips_table(trips: dict[str, Any]) -> str:
    header = ["the server", "answers at once", *(f"works {n} µs" for n in roundtrips.WORK[1:])]
    lines = [[SERVERS[name].text, *(_spread(results.get(str(n))) for n in roundtrips.WORK)]
             for name, results in trips["servers"].items()]
    return ladder.table(header, lines, "l" + "r" * len(roundtrips.WORK))


def _spread(result: dict[str, Any] | None) -> str:
    middle = figures.median(result)
    if result is None or middle is None:
        return "–"
    samples = result["samples"]
    if len(samples) == 1:
        return figures.amount(middle)
    least, most = (figures.amount(each).split(" ")[0] for each in (min(samples), max(samples)))
    return f"{figures.amount(middle)} ({least} to {most})"


def _trip(trips: dict[str, Any], server: str) -> float:
    """Nanoseconds of a request beside the system call that makes it."""
    whole = figures.median(trips["servers"][server]["0"]) or 0.0
    return max(0.0, whole - (figures.median(trips["nobody"]) or 0.0))


def _best(trips: dict[str, Any]) -> str:
    return min(trips["servers"], key=lambda server: _trip(trips, server))


def _compared(result: dict[str, Any]) -> dict[str, Any]:
    """The rows of a ladder that did the same, if there is one."""
    other = result.get("ladder", {})
    return other.get("rows", {}) if other.get("form") == result.get("form") else {}


def _rows_text(trips: dict[str, Any], is_compared: bool) -> str:
    best = _best(trips)
    said = (
        "What the rows of the ladder ask of a fresh mount of Plyfs, counted by the tracepoint "
        "fuse:fuse_request_send in a run of its own: requests of one operation, the most frequent "
        "first. Those of which there are few are in the sum only, and FORGETs, for which nobody "
        "waits, are not counted. Then the time of so many round trips (of half of them where two "
        "threads work at once); a round trip is what a stat above takes beyond one that asks no "
        f"server. Best: {figures.amount(_trip(trips, best))} ({SERVERS[best].text}); left alone: "
        f"{figures.amount(_trip(trips, LEFT_ALONE))}.\n")
    if not is_compared:
        return said + "\nThere is no ladder beside this to compare with.\n"
    return said + (
        "\nThe least ratio is (kernel + round trips) / kernel. It supposes that the file system "
        "does what the kernel's overlayfs does in the same time, that the server itself takes "
        "none, and that requests follow each other. So a row can be below it: where requests "
        "overlap (read-ahead), or where less is done than by overlayfs. Within reach, of a target: "
        "\"met\", Plyfs meets it; \"yes\", it is above the least ratio; \"at best\", at the best "
        "round trip only; \"no\", it is below both; \"less work\", it is at most 1, and who asks a "
        "server meets it only by doing less than overlayfs.\n"
        "\nThe least ratio is a sum, and too kind: not all requests follow each other at once, and "
        "a server makes system calls. So another one is measured as a whole: `mirror` "
        f"({BY_NAME[MIRROR].text()}; src/bench/mirror) does the least that a server does which has "
        "the work done by overlayfs. \"Not by mirror\": it is above the least ratio, but that "
        "server misses it as well.\n")


def _number(value: float) -> str:
    if value >= 999.5:
        return f"{value / 1000:.1f}k"
    return f"{value:.0f}" if value >= 99.5 else f"{round(value, 2):g}"


def _requests(row: dict[str, Any]) -> str:
    least = max(LEAST, PART * sum(row["requests"].values()))
    named = [f"{kind} {_number(number)}" for kind, number in row["requests"].items()
             if number >= least]
    return ", ".join(named) or "none"


def _rows_table(result: dict[str, Any], compared: dict[str, Any]) -> str:
    header = ["row", "requests of one operation", "sum", "best", "left alone"]
    if compared:
        header += ["kernel", "Plyfs", "Plyfs / kernel", "least ratio: best", "left alone",
                   "mirror / kernel", "target", "within reach"]
    lines = []
    for name, row in result["rows"].items():
        if "failed" in row:
            continue
        floors = _floors(result["trips"], row)
        line = [f"`{name}`", _requests(row), _number(sum(row["requests"].values())),
                *("–" if each < 1 else figures.amount(each) for each in floors)]
        if compared:
            line += _beside(compared.get(name), name, floors)
        lines.append(line)
    sides = "llrrr" + ("rrrrrrrl" if compared else "")
    return ladder.table(header, lines, sides)


def _floors(trips: dict[str, Any], row: dict[str, Any]) -> tuple[float, float]:
    """Nanoseconds of an operation's requests, at best and with a server that is left alone."""
    requests = sum(row["requests"].values()) / row["threads"]
    return requests * _trip(trips, _best(trips)), requests * _trip(trips, LEFT_ALONE)


def _beside(row: dict[str, Any] | None, name: str, floors: tuple[float, float]) -> list[str]:
    """Cells of a row of the ladder, and how they compare to its floors."""
    results = (row or {}).get("results", {})
    kernel, own = figures.median(results.get(KERNEL)), figures.median(results.get(DEFAULT))
    target = targets.OF.get((name, DEFAULT))
    ratios = [(kernel + each) / kernel if kernel else None for each in floors]
    times = ["–" if each is None else figures.amount(each) for each in (kernel, own)]
    actual = own / kernel if kernel and own is not None else None
    mirror = figures.median(results.get(MIRROR))
    mirrored = mirror / kernel if kernel and mirror is not None else None
    return [*times, figures.ratio(actual), *map(figures.ratio, [*ratios, mirrored]),
            targets.text(target), _reach(target, actual, ratios, mirrored)]


def _reach(
    target: targets.Target | None, actual: float | None, ratios: list[float | None],
    mirrored: float | None
) -> str:
    best, left_alone = ratios
    if target is None or best is None or left_alone is None:
        return ""
    if actual is not None and target.met(actual):
        return "met"
    if target.met(left_alone):
        return "yes" if mirrored is None or target.met(mirrored) else NOT_BY_MIRROR
    return "at best" if target.met(best) else "less work" if target.limit <= 1 else "no"


def _below(result: dict[str, Any], compared: dict[str, Any]) -> str:
    """A sentence: which targets no server can meet here."""
    names: dict[str, list[str]] = {"no": [], "at best": []}
    for name, row in result["rows"].items():
        if "failed" not in row and name in compared:
            word = _beside(compared[name], name, _floors(result["trips"], row))[-1]
            names.setdefault(word, []).append(f"`{name}`")
    said = []
    if names["no"]:
        said.append(f"Targets below the floor on this machine: {', '.join(names['no'])}.")
    if NOT_BY_MIRROR in names:
        said.append(f"Not met by `mirror` either: {', '.join(names[NOT_BY_MIRROR])}.")
    if names["at best"]:
        said.append("Within reach only where a request costs as little as at best: "
                    f"{', '.join(names['at best'])}.")
    return " ".join(said) + "\n" if said else ""


if __name__ == "__main__":
    alone.main("floors", run, render)
