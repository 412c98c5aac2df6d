#!/usr/bin/env python3
"""Memory of the daemon: at the start, after a walk, and when the kernel has forgotten all of it."""
from __future__ import annotations

import argparse
import os
import time
from pathlib import Path
from typing import Any

import alone
import charts
import commands
import figures
import place
from systems import BY_NAME, DEFAULT, Mounted

FILES = (10_000, 100_000, 1_000_000)
IN_A_DIRECTORY = 1_000
PATIENCE = {"full": 30.0, "quick": 10.0}  # seconds in which a daemon at rest gives memory back
STAGES = {"start": "at the start", "walked": "after a walk of all files",
          "forgotten": "after drop_caches", "walk": "walk, for each file"}


def _make_tree(folder: Path, files: int) -> None:
    """Empty files, a thousand in each directory."""
    for first in range(0, files, IN_A_DIRECTORY):
        inside = folder / f"d{first // IN_A_DIRECTORY:04}"
        inside.mkdir(parents=True)
        descriptor = os.open(inside, os.O_RDONLY | os.O_DIRECTORY)
        try:
            for i in range(IN_A_DIRECTORY):
                os.close(os.open(f"f{i:03}", os.O_CREAT | os.O_WRONLY, 0o644, dir_fd=descriptor))
        finally:
            os.close(descriptor)


def _walk(point: Path) -> int:
    """Lists and looks at everything; how many files."""
    found = 0
    for folder, _, names in os.walk(point):
        for name in names:
            os.lstat(f"{folder}/{name}")
        found += len(names)
    return found


def _settled(mounted: Mounted, seconds: float) -> float:
    """The least memory of a daemon at rest: it looks every few seconds what it can give back."""
    least = mounted.memory()
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(1)
        least = min(least, mounted.memory())
    return least


def _measured(layer: Path, files: int, patience: float, base: Path) -> dict[str, float]:
    with Mounted(BY_NAME[DEFAULT], [str(layer)], base) as mounted:
        found = {"start": mounted.memory()}
        begin = time.perf_counter_ns()
        if _walk(mounted.mnt) != files:
            raise commands.Failed("the walk found another number of files")
        found["walk"] = (time.perf_counter_ns() - begin) / files
        found["walked"] = mounted.memory()
        Path("/proc/sys/vm/drop_caches").write_text("2", encoding="ascii")
        found["forgotten"] = _settled(mounted, patience)
    return found


def run(quick: bool, options: argparse.Namespace) -> dict[str, Any]:
    """Measures trees of each size."""
    patience = PATIENCE["quick" if quick else "full"]
    trees = {}
    with place.Place(options.dir) as at:
        for files in FILES[:1] if quick else FILES:
            layer = at.folder / f"tree{files}"
            _make_tree(layer, files)
            trees[str(files)] = _measured(layer, files, patience, at.folder / f"mount{files}")
            place.Place.remove(layer)
    return {"trees": trees}


def render(result: dict[str, Any], charts_dir: Path) -> str:
    """The part of the page, and its chart."""
    trees = result["trees"]
    lines = ["| PSS of the daemon, by files | " + " | ".join(f"{int(n):,}" for n in trees) + " |",
             "|---|" + "---:|" * len(trees)]
    for name, text in STAGES.items():
        unit = "ns" if name == "walk" else "KiB"
        cells = [figures.amount(found[name], unit) for found in trees.values()]
        lines.append(f"| {text} | " + " | ".join(cells) + " |")
    title = "Memory of the daemon, by the files that the kernel knows"
    series = [charts.Line(STAGES[name], [(float(n), found[name] / 1024)
                                         for n, found in trees.items()])
              for name in ("start", "walked", "forgotten")]
    charts.write(charts_dir / "memory.svg", charts.lines(
        title, series, "files that the kernel knows (logarithmic)", "MiB of PSS (logarithmic)"))
    return "\n".join([*lines, "", f"![{title}](charts/memory.svg)", ""])


if __name__ == "__main__":
    alone.main("memory", run, render)
