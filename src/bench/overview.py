"""The charts of docs/BENCHMARKS.md, drawn from the tables of the measured pages."""
from __future__ import annotations

import re
from pathlib import Path

import charts

UNITS = {"ns": 1e-6, "µs": 1e-3, "ms": 1.0, "s": 1e3}  # to milliseconds
CELL = re.compile(r"^([\d.,]+)(?: (ns|µs|ms|s))?$")

# What a program does -> the row of the ladder, by what the reader is about to do.
WORK = {
    "run programs": {
        "start Python, import six modules": "python",
        "compile two C files": "compile",
        "open and read a known file": "open",
    },
    "read files": {
        "list and stat everything, cold": "walk_cold",
        "tar of /usr, cold": "read_cold",
        "tar of /usr, again": "read_warm",
    },
    "change files": {
        "git clone and status": "git",
        "append 4 KiB and fdatasync": "fsync",
        "rm -rf of a lower directory": "rmtree",
        "dpkg -r, cp -a, touch": "dpkg",
        "random writes of 4 KiB": "randwrite",
        "unpack a tar": "untar",
    },
}
UNIONS = ("plyfs", "fuse-overlayfs")
SIZES = {"copyup_4k": (4.0, "4 KiB"), "copyup_1m": (1024.0, "1 MiB"),
         "copyup_16m": (16384.0, "16 MiB"), "copyup_512m": (524288.0, "512 MiB")}
COPIES = {"kernel": "kernel", "plyfs": "Plyfs", "fuse-overlayfs": "fuse-overlayfs (no sync)"}
FIRST_LOOKUP = "first lookup of a file in the lowest layer"

Table = list[list[str]]  # the header, then the lines


def tables(page: Path) -> list[Table]:
    """The Markdown tables of a page; none if there is no such page."""
    found: list[Table] = []
    is_inside = False
    for line in page.read_text(encoding="utf-8").splitlines() if page.exists() else []:
        if not line.startswith("|"):
            is_inside = False
            continue
        if not is_inside:
            found.append([])
        is_inside = True
        cells = [cell.strip().strip("`") for cell in line.strip("|").split("|")]
        if not all(re.fullmatch(r":?-+:?", cell) for cell in cells):
            found[-1].append(cells)
    return found


def number(cell: str) -> float | None:
    """A time in milliseconds, or a number without a unit; None for what is neither."""
    parts = CELL.match(cell)
    if not parts:
        return None
    return float(parts[1].replace(",", "")) * UNITS.get(parts[2] or "ms", 1.0)


def _rows(page: Path) -> dict[str, dict[str, str]]:
    """The main table of a ladder: row -> column -> cell."""
    for header, *lines in tables(page):
        if header[0] == "row" and "kernel" in header and "met" in header:
            return {line[0]: dict(zip(header, line)) for line in lines}
    return {}


def _work(rows: dict[str, dict[str, str]], file: Path) -> bool:
    lanes = []
    for group, names in WORK.items():
        for text, row in names.items():
            cells = rows.get(row, {})
            values = {each: number(cells.get(f"{each} / kernel", "")) for each in UNIONS}
            if any(values.values()):
                lanes.append(charts.Lane(text, values, group=group))
    if not lanes:
        return False
    title = "Time of everyday work"
    charts.write(file, charts.ratio_lanes(title, UNIONS, lanes, "the kernel's overlayfs", True))
    return True


def _copy_up(rows: dict[str, dict[str, str]], file: Path) -> bool:
    series = []
    for system, name in COPIES.items():
        points = []
        for row, (size, _) in SIZES.items():
            time = number(rows.get(row, {}).get(system, ""))
            if time is not None:
                points.append((size, time))
        if len(points) > 1:
            series.append(charts.Line(name, points, system))
    if not series:
        return False
    charts.write(file, charts.lines(
        "First change of a file of a lower layer (copy-up)", series,
        "size of the file (logarithmic)", "ms until the change is done (logarithmic)",
        x_names=dict(SIZES.values())))
    return True


def _layers(page: Path, file: Path) -> bool:
    series = []
    for header, *lines in tables(page):
        first = next((i for i, line in enumerate(lines) if line[0] == FIRST_LOOKUP), len(lines))
        for _, system, *cells in lines[first:first + 2]:
            pairs = zip(map(number, header[2:]), map(number, cells))
            points = [(size, time * 1e3) for size, time in pairs
                      if size is not None and time is not None]
            series.append(charts.Line("Plyfs" if system == "plyfs" else system, points, system))
    if not any(len(each.points) > 1 for each in series):
        return False
    charts.write(file, charts.lines(
        "First lookup of a file that is in the lowest layer", series,
        "number of lower layers (logarithmic)", "µs for one lookup (logarithmic)"))
    return True


def draw(pages: Path, folder: Path) -> list[str]:
    """Draws the charts that the tables have figures for; returns their files."""
    rows = _rows(pages / "ladder.md")
    drawn = {
        "work.svg": _work(rows, folder / "work.svg"),
        "copy-up.svg": _copy_up(rows, folder / "copy-up.svg"),
        "layers.svg": _layers(pages / "scaling.md", folder / "layers.svg"),
    }
    return [name for name, is_drawn in drawn.items() if is_drawn]
