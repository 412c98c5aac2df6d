#!/usr/bin/env python3
"""The copy-up rows on btrfs, xfs and tmpfs: layers and upper directory on that file system."""
from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import alone
import charts
import commands
import figures
import ladder
import layers
import measure
import place
import rows
from systems import BY_NAME, COPY_UP_ROWS, KERNEL, System

SYSTEMS = ("kernel", "plyfs", "plyfs-volatile")
MADE = {"btrfs": ["mkfs.btrfs", "-q"], "xfs": ["mkfs.xfs", "-q", "-m", "reflink=1"]}
REFLINK = """\
On btrfs and xfs the copy shares its data with the lower file (reflink), with the kernel as with
Plyfs, and neither syncs such a copy. So what is left on these two is the way of the requests and
the daemon's first operations. tmpfs has nothing to sync. Layers and upper directory are on the file system that is
named, btrfs and xfs in an image on a loop device.
"""
IMAGE = 4 << 30  # bytes of an image, which is sparse
BESIDE = 256 << 20  # bytes of what is neither the largest file nor its copy


def run(quick: bool, options: argparse.Namespace) -> dict[str, Any]:
    """Measures each file system that can be made here."""
    form = options.form
    systems = [BY_NAME[each] for each in SYSTEMS if each in {*options.systems, KERNEL}]
    names = [name for name in COPY_UP_ROWS if name in options.rows] or list(COPY_UP_ROWS)
    result: dict[str, Any] = {
        "rounds": options.rounds if form == "full" else 1, "filesystems": {}, "left_out": {}}
    with place.Place(options.dir) as work:
        sources = measure.Sources(work.folder / "sources", files=1)
        for name in options.filesystems:
            try:
                found = _on(name, work.folder, sources, names, systems, form, result["rounds"])
                result["filesystems"][name] = found
            except (commands.Failed, OSError) as failure:
                result["left_out"][name] = str(failure)
                print(f"bench: {name} is left out: {failure}", file=sys.stderr, flush=True)
    return result


def _on(
    name: str, folder: Path, sources: measure.Sources, names: list[str], systems: list[System],
    form: str, rounds: int,
) -> dict[str, Any]:
    largest, note = layers.LARGEST // ladder.SMALLER[form], ""
    if name == "tmpfs":
        largest, note = _fitting(largest)
    point = folder / name
    point.mkdir()
    _mount(name, point, folder / f"{name}.image")
    try:
        made = point / "files"
        layers.copy_up(made, measure.HERE / "workloads.c", rows.WHOLE_SCALES[form], largest)
        good, left_out = measure.available(systems, point, made)
        series = measure.Series(point, sources, [str(made)], form, name, largest)
        chosen = [rows.BY_NAME[each] for each in names]
        # All systems have all rounds here, so that their medians are of as many samples.
        results = series.run(chosen, good, rounds, everyone=True)
    finally:
        place.unmount(str(point))
        (folder / f"{name}.image").unlink(missing_ok=True)
    texts = {row.name: row.text_at(form, largest) for row in chosen}
    return {"note": note, "rows": results, "texts": texts, "left_out": left_out}


def _mount(name: str, point: Path, image: Path) -> None:
    if name == "tmpfs":
        size = f"size={3 * layers.LARGEST}"
        commands.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(point)])
        return
    program = MADE[name][0]
    if not shutil.which(program):
        raise commands.Failed(f"{program} is not installed")
    if place.space_left(image.parent) < IMAGE:
        raise commands.Failed(f"less than {IMAGE >> 20} MiB are free in {image.parent}")
    with open(image, "wb") as file:
        os.truncate(file.fileno(), IMAGE)
    commands.run([*MADE[name], str(image)])
    # The kernel gives the loop device back at umount.
    commands.run(["mount", "-t", name, "-o", "loop", str(image), str(point)])


def _fitting(largest: int) -> tuple[int, str]:
    """A size of the largest file that memory has room for twice, and a remark if it is smaller."""
    free = measure.available_memory()
    size = largest
    while size > 16 << 20 and 2 * (size + BESIDE) > free:
        size //= 2
    if size == largest:
        return size, ""
    return size, (f"only {free >> 20} MiB of memory were free, so the largest file has "
                  f"{size >> 20} MiB")


def render(result: dict[str, Any], folder: Path) -> str:
    """The tables, as Markdown; writes filesystems.svg into the folder."""
    parts = [_chart(result, folder), REFLINK]
    for name, found in result["filesystems"].items():
        header = [name, *SYSTEMS, *(f"{each} / kernel" for each in SYSTEMS[1:])]
        lines = [_line(row, results) for row, results in found["rows"].items()]
        parts.append(ladder.table(header, lines, "l" + "r" * (len(header) - 1)))
        if found["note"]:
            parts.append(f"On {name}: {found['note']}.\n")
    parts.append(_failures(result))
    return "\n".join(part for part in parts if part)


def _line(row: str, results: dict[str, Any]) -> list[str]:
    cells = []
    for name in SYSTEMS:
        middle = figures.median(results.get(name))
        absent = "failed" if name in results else "–"
        cells.append(absent if middle is None else figures.amount(middle))
    kernel = results.get(KERNEL)
    ratios = [figures.ratio(figures.quotient(results.get(name), kernel)) for name in SYSTEMS[1:]]
    return [f"`{row}`", *cells, *ratios]


def _failures(result: dict[str, Any]) -> str:
    lines = [f"* {name} is left out: {why}." for name, why in result["left_out"].items()]
    for name, found in result["filesystems"].items():
        lines += [f"* {system} is left out on {name}: {why}."
                  for system, why in found["left_out"].items()]
        lines += [f"* `{row}` failed on {name} with {system}: {measured['failed']}"
                  for row, results in found["rows"].items()
                  for system, measured in results.items() if "failed" in measured]
    return "\n".join(lines) + "\n" if lines else ""


def _chart(result: dict[str, Any], folder: Path) -> str:
    lanes = []
    for name, found in result["filesystems"].items():
        for row, results in found["rows"].items():
            kernel = results.get(KERNEL)
            values = {each: figures.quotient(results.get(each), kernel) for each in SYSTEMS[1:]}
            if any(values.values()):
                lanes.append(charts.Lane(row, values, group=name))
    if not lanes:
        return ""
    title = "Copy-up as a multiple of kernel overlayfs, by file system (left is faster)"
    picture = charts.ratio_lanes(title, SYSTEMS[1:], lanes, "the kernel's overlayfs there")
    charts.write(folder / "filesystems.svg", picture)
    return f"![{title}](charts/filesystems.svg)\n"


if __name__ == "__main__":
    alone.main("filesystems", run, render)
