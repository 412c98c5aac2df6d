#!/usr/bin/env python3
"""The ladder: every row on every system, and how the times compare to the kernel's overlayfs."""
from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import alone
import charts
import commands
import figures
import layers
import measure
import place
import rows
import targets
from systems import BY_NAME, CHECKOUT, DEFAULT, KERNEL, SYSTEMS, System

SPACE = {"full": 8 << 30, "quick": 3 << 30, "tiny": 256 << 20}
SMALLER = {"full": 1, "quick": 4, "tiny": 32}  # the largest file of the copy-up layer


def run(quick: bool, options: argparse.Namespace) -> dict[str, Any]:
    """Measures the rows and systems that the options name."""
    form = options.form
    largest = layers.LARGEST // SMALLER[form]
    debian = lower_layers(options)
    chosen_rows = [rows.BY_NAME[name] for name in rows.BY_NAME if name in options.rows]
    chosen = [system for system in SYSTEMS if system.name in {*options.systems, KERNEL}]
    if form != "full" and not options.everyone:
        chosen = [system.short() for system in chosen]
    rounds = options.rounds if form == "full" else 1
    with place.Place(options.dir) as work:
        if place.space_left(work.folder) < SPACE[form]:
            raise commands.Failed(
                f"less than {SPACE[form] >> 20} MiB are free in {options.dir}: free some, or "
                "give another folder with --dir")
        sources = measure.Sources(
            work.folder / "sources", measure.TREE_FILES // rows.SCALES[form])
        made = work.folder / "files"
        layers.copy_up(made, measure.HERE / "workloads.c", rows.WHOLE_SCALES[form], largest)
        good, left_out = measure.available(chosen, work.folder, made)
        lower = [str(made), *debian]
        series = measure.Series(work.folder, sources, lower, form, "ladder", largest)
        results = series.run(chosen_rows, good, rounds, options.everyone)
    return {
        "rounds": rounds,
        "files": sources.files,
        "systems": {system.name: _told(system) for system in good},
        "left_out": left_out,
        "rows": {
            row.name: {
                "unit": row.unit,
                "absolute": row.absolute,
                "text": row.text_at(form, largest),
                "results": results[row.name],
            }
            for row in chosen_rows
        },
    }


def lower_layers(options: argparse.Namespace) -> list[str]:
    """The layers to measure, topmost first: those that were given, or a Debian."""
    if options.layers:
        return str(options.layers).split(":")
    return layers.debian(CHECKOUT / "target" / "bench" / "layers")


def _told(system: System) -> dict[str, str]:
    return {"version": system.version(), "options": system.options}


def add(before: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    """A result with the rows of an earlier one that it does not have."""
    joined = {**before["rows"], **now["rows"]}
    ordered = {name: joined[name] for name in rows.BY_NAME if name in joined}
    systems = {**before["systems"], **now["systems"]}
    known = {name: systems[name] for name in BY_NAME if name in systems}
    left_out = {name: why for name, why in before["left_out"].items() if name not in known}
    commands_before = [each for each in before["commands"] if each not in now["commands"]]
    return {
        **now, "rows": ordered, "systems": known, "left_out": {**left_out, **now["left_out"]},
        "commands": commands_before + now["commands"]}


def render(result: dict[str, Any], folder: Path) -> str:
    """The tables, as Markdown; writes ladder.svg into the folder."""
    main = [name for name in result["systems"] if BY_NAME[name].main]
    others = [name for name in result["systems"] if not BY_NAME[name].main]
    rounds = f"{result['rounds']} rounds" if result["rounds"] > 1 else "one round"
    said = (f"Times are medians of {rounds}, of one operation where the row does many; target: "
            "what Plyfs's ratio, or its absolute figure, is meant to be at most.\n")
    parts = [_chart(result, main, folder), said, _main_table(result, main)]
    parts += [_mean_line(result, main), _with_options(result)]
    if others:
        parts += ["## Other configurations\n", _others_text(result, others)]
        parts.append(_others_table(result, others))
    parts += [_failures(result), "## What the rows are\n", _rows_table(result)]
    return "\n".join(part for part in parts if part)


def _compared(row: dict[str, Any], system: str) -> float | None:
    if row["absolute"]:
        return None
    return figures.quotient(row["results"].get(system), row["results"].get(KERNEL))


def _cell(row: dict[str, Any], system: str) -> str:
    middle = figures.median(row["results"].get(system))
    if middle is not None:
        return figures.amount(middle, row["unit"])
    return "failed" if "failed" in row["results"].get(system, {}) else "–"


def _main_table(result: dict[str, Any], main: list[str]) -> str:
    unions = [name for name in main if name != KERNEL]
    header = ["row", *main, *(f"{name} / kernel" for name in unions), "target", "met"]
    lines = []
    for name, row in result["rows"].items():
        target = targets.OF.get((name, DEFAULT))
        line = [f"`{name}`", *(_cell(row, system) for system in main)]
        line += [figures.ratio(_compared(row, system)) for system in unions]
        lines.append([*line, targets.text(target), _met(row, DEFAULT, target)])
    return table(header, lines, "l" + "r" * (len(header) - 2) + "l")


def _met(row: dict[str, Any], system: str, target: targets.Target | None) -> str:
    if target is None:
        return ""
    absolute = figures.median(row["results"].get(system))
    value = _compared(row, system) if target.unit == "" else absolute
    return "not measured" if value is None else "yes" if target.met(value) else "no"


def _with_options(result: dict[str, Any]) -> str:
    """Targets that belong to a configuration other than the default."""
    lines = []
    for (name, system), target in targets.OF.items():
        row = result["rows"].get(name)
        if system != DEFAULT and row and system in row["results"]:
            ratio = figures.ratio(_compared(row, system))
            line = [f"`{name}`", f"`{BY_NAME[system].options}`", _cell(row, system), ratio]
            lines.append([*line, targets.text(target), _met(row, system, target)])
    if not lines:
        return ""
    header = ["row", "Plyfs with", "time", "plyfs / kernel", "target", "met"]
    return "Targets that hold with an option:\n\n" + table(header, lines, "llrrrl")


def _mean_line(result: dict[str, Any], systems: list[str]) -> str:
    """Geometric means of the ratios over all rows that have one."""
    said = []
    for system in systems:
        ratios = [
            value
            for row in result["rows"].values()
            if system != KERNEL and (value := _compared(row, system))
        ]
        if ratios:
            mean = figures.ratio(figures.geometric_mean(ratios))
            said.append(f"{system} **{mean}** over {len(ratios)} rows")
    return f"Geometric mean of the ratios: {', '.join(said)}.\n" if said else ""


def _rounds(result: dict[str, Any], system: str) -> int:
    """In how many rounds a system was measured."""
    return max((len(row["results"][system].get("samples", ())) for row in result["rows"].values()
                if system in row["results"]), default=1)


def _others_text(result: dict[str, Any], others: list[str]) -> str:
    names = ", ".join(f"{name}: {BY_NAME[name].text()}" for name in others)
    often = [name for name in others if _rounds(result, name) > 1]
    measured = "; one round" if not often else "; medians of the rounds" if often == others else \
        f"; one round, but for {', '.join(often)}: medians of {_rounds(result, often[0])}"
    return (f"Ratios to the kernel's overlayfs with its default options{measured}. "
            f"{names}. A dash: not measured, because the options do not concern the row, or "
            "because the run was to be short.\n")


def _others_table(result: dict[str, Any], others: list[str]) -> str:
    first = [DEFAULT] if DEFAULT in result["systems"] else []
    names = [*first, *others]
    lines = []
    for name, row in result["rows"].items():
        if not any(system in row["results"] for system in others):
            continue
        if row["absolute"]:
            cells = [_cell(row, system) for system in names]
        else:
            cells = [_ratio_or_failed(row, system) for system in names]
        lines.append([f"`{name}`", *cells])
    header = ["row", *(name.replace("plyfs-", "") for name in names)]
    return table(header, lines, "l" + "r" * len(names))


def _ratio_or_failed(row: dict[str, Any], system: str) -> str:
    failed = "failed" in row["results"].get(system, {})
    value = _compared(row, system)
    return "failed" if failed and value is None else figures.ratio(value)


def _failures(result: dict[str, Any]) -> str:
    lines = [f"* {name} is left out: {why}." for name, why in result["left_out"].items()]
    for name, row in result["rows"].items():
        for system, measured in row["results"].items():
            if "failed" in measured:
                lines.append(f"* `{name}` failed on {system}: {measured['failed']}")
    return "## What is not measured\n\n" + "\n".join(lines) + "\n" if lines else ""


def _rows_table(result: dict[str, Any]) -> str:
    lines = [[f"`{name}`", row["text"]] for name, row in result["rows"].items()]
    return table(["row", "what is timed"], lines, "ll")


def _chart(result: dict[str, Any], main: list[str], folder: Path) -> str:
    unions = [name for name in main if name != KERNEL]
    lanes = []
    for name, row in result["rows"].items():
        values = {system: _compared(row, system) for system in unions}
        target = targets.OF.get((name, DEFAULT))
        mark = target.limit if target and target.unit == "" else None
        if any(value for value in values.values()):
            lanes.append(charts.Lane(name, values, mark))
    if not lanes:
        return ""
    title = "Time as a multiple of kernel overlayfs, by row (left is faster)"
    picture = charts.ratio_lanes(title, unions, lanes, "the kernel's overlayfs")
    charts.write(folder / "ladder.svg", picture)
    return f"![{title}](charts/ladder.svg)\n"


def table(header: list[str], lines: list[list[str]], sides: str) -> str:
    """A Markdown table; sides has l or r for each column."""
    rule = ["---:" if side == "r" else "---" for side in sides]
    return "".join(f"| {' | '.join(line)} |\n" for line in [header, rule, *lines])


if __name__ == "__main__":
    alone.main("ladder", run, render)
