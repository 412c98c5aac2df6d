#!/usr/bin/env python3
"""What grows with the number of layers, and with the number of entries of a directory."""
from __future__ import annotations

import argparse
import ctypes
import os
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import alone
import charts
import commands
import figures
import place
from systems import CHECKOUT

KERNEL, PLYFS = "kernel", "plyfs"
LAYERS = (1, 2, 5, 10, 50, 100, 200, 500)
ENTRIES = (1_000, 10_000, 100_000)
OPERATIONS = {
    "cached": "stat of a file that the kernel knows",
    "hit": "first lookup of a file in the lowest layer",
    "miss": "first lookup of a name that is nowhere",
    "listing": "first listing of a directory that is in all layers",
    "read": "open, read and close of a small file",
}
DIRECTORY = {
    "create": "create",
    "list": "list, nothing cached",
    "stat": "stat of each, nothing cached",
    "unlink": "unlink",
}
WARM, MEASURED, LISTED = 2_000, 1_000, 20  # operations; directories


class Overlay:
    """The kernel's overlayfs with any number of layers, which one string of options cannot name."""

    _LIBC = ctypes.CDLL(None, use_errno=True)
    _FSOPEN, _FSCONFIG, _FSMOUNT, _MOVE_MOUNT = 430, 431, 432, 429

    def _call(self, *arguments: Any) -> int:
        result: int = self._LIBC.syscall(*arguments)
        if result < 0:
            raise commands.Failed(os.strerror(ctypes.get_errno()))
        return result

    def mount(self, lower: Sequence[Path], upper: Path, work: Path, point: Path) -> None:
        """Mounts; topmost layer first."""
        context = self._call(self._FSOPEN, b"overlay", 0)
        try:
            words = [(b"lowerdir+", each) for each in lower]
            for key, value in (*words, (b"upperdir", upper), (b"workdir", work)):
                self._call(self._FSCONFIG, context, 1, key, os.fsencode(value), 0)
            self._call(self._FSCONFIG, context, 6, None, None, 0)
            made = self._call(self._FSMOUNT, context, 0, 0)
            try:
                self._call(self._MOVE_MOUNT, made, b"", -100, os.fsencode(point), 4)
            finally:
                os.close(made)
        finally:
            os.close(context)


def _mounted(system: str, lower: Sequence[Path], base: Path) -> Path:
    """A fresh mount with an empty upper directory."""
    for name in ("upper", "work", "mnt"):
        (base / name).mkdir(parents=True)
    point = base / "mnt"
    if system == KERNEL:
        Overlay().mount(lower, base / "upper", base / "work", point)
    else:
        words = [word for each in lower for word in ("-o", f"lowerdir+={each}")]
        commands.run([
            str(CHECKOUT / "scripts" / "plyfs"), "mount", *words,
            "-o", f"upperdir={base}/upper,workdir={base}/work", str(point)], seconds=120)
    return point


def _make_layers(folder: Path, count: int) -> list[Path]:
    """Layers in which every directory is in all; the files that are looked for in the lowest."""
    layers = [folder / f"{i:03}" for i in range(count)]
    for layer in layers:
        (layer / "d").mkdir(parents=True)
        (layer / "d" / f"of-{layer.name}").touch()
        for i in range(2 * LISTED):
            (layer / f"e{i:02}").mkdir()
            (layer / f"e{i:02}" / f"of-{layer.name}").touch()
    for i in range(WARM + MEASURED):
        (layers[-1] / "d" / f"f{i:04}").write_bytes(b"x" * 100)
    return layers


def _per_item(work: Callable[[Any], object], items: Sequence[Any]) -> float:
    begin = time.perf_counter_ns()
    for item in items:
        work(item)
    return (time.perf_counter_ns() - begin) / len(items)


def _missing(name: str) -> None:
    try:
        os.stat(name)
    except FileNotFoundError:
        return
    raise commands.Failed(f"{name} is there")


def _read(name: str) -> None:
    descriptor = os.open(name, os.O_RDONLY)
    os.read(descriptor, 4096)
    os.close(descriptor)


def _of_layers(point: Path) -> dict[str, float]:
    """Nanoseconds of each operation, on a fresh mount that has been warmed by other names."""
    files = [f"{point}/d/f{i:04}" for i in range(WARM + MEASURED)]
    absent = [f"{point}/d/n{i:04}" for i in range(WARM + MEASURED)]
    folders = [f"{point}/e{i:02}" for i in range(2 * LISTED)]
    _per_item(os.stat, files[:WARM])
    _per_item(_missing, absent[:WARM])
    _per_item(os.listdir, folders[:LISTED])
    _per_item(_read, files[:WARM])
    return {
        "hit": _per_item(os.stat, files[WARM:]),
        "miss": _per_item(_missing, absent[WARM:]),
        "listing": _per_item(os.listdir, folders[LISTED:]),
        "read": _per_item(_read, files[WARM:]),
        "cached": _per_item(os.stat, files[WARM:] * 5),
    }


def _forget() -> None:
    Path("/proc/sys/vm/drop_caches").write_text("2", encoding="ascii")


def _of_directory(point: Path, count: int) -> dict[str, float]:
    """Nanoseconds for each entry of a directory with that many."""
    folder = f"{point}/new"
    os.mkdir(folder)
    names = [f"{folder}/f{i:06}" for i in range(count)]
    found = {"create": _per_item(
        lambda name: os.close(os.open(name, os.O_CREAT | os.O_WRONLY, 0o644)), names)}
    _forget()
    begin = time.perf_counter_ns()
    listed = len(os.listdir(folder))
    found["list"] = (time.perf_counter_ns() - begin) / count
    if listed != count:
        raise commands.Failed(f"{listed} of {count} entries were listed")
    _forget()
    found["stat"] = _per_item(os.stat, names)
    found["unlink"] = _per_item(os.unlink, names)
    return found


def _series(
    measure: Callable[[Path], dict[str, float]], lower: Sequence[Path], folder: Path, rounds: int
) -> dict[str, Any]:
    """Both systems, in turn, each on fresh mounts; why one could not is told instead of samples."""
    found: dict[str, Any] = {}
    for round_number in range(rounds):
        for system in (KERNEL, PLYFS) if round_number % 2 == 0 else (PLYFS, KERNEL):
            base = folder / f"{system}{round_number}"
            try:
                point = _mounted(system, lower, base)
                for name, value in measure(point).items():
                    samples = found.setdefault(system, {}).setdefault(name, [])
                    samples.append(value)
            except commands.Failed as failure:
                found[f"{system} failed"] = str(failure)
                break
            finally:
                if os.path.ismount(base / "mnt"):
                    place.unmount(str(base / "mnt"))
            place.Place.remove(base)
    return found


def run(quick: bool, options: argparse.Namespace) -> dict[str, Any]:
    """Measures at each number of layers and of entries."""
    rounds = 1 if quick else options.rounds
    layers: dict[str, Any] = {}
    directories: dict[str, Any] = {}
    with place.Place(options.dir) as at:
        for count in (1, 10, 100) if quick else LAYERS:
            lower = _make_layers(at.folder / f"layers{count}", count)
            layers[str(count)] = _series(_of_layers, lower, at.folder / f"m{count}", rounds)
        lower = _make_layers(at.folder / "below", 3)
        for count in ENTRIES[:2] if quick else ENTRIES:
            directories[str(count)] = _series(
                lambda point: _of_directory(point, count), lower, at.folder / f"d{count}", rounds)
    return {"layers": layers, "directories": directories}


def _value(found: dict[str, Any], system: str, name: str) -> float | None:
    samples = found.get(system, {}).get(name)
    return statistics.median(samples) if samples else None


def _table(found: dict[str, Any], names: dict[str, str], head: str) -> str:
    sizes = list(found)
    lines = [f"| {head} | | " + " | ".join(f"{int(size):,}" for size in sizes) + " |",
             "|---|---|" + "---:|" * len(sizes)]
    for name, text in names.items():
        for system in (PLYFS, KERNEL):
            values = (_value(found[size], system, name) for size in sizes)
            cells = ["–" if value is None else figures.amount(value) for value in values]
            lines.append(f"| {text if system == PLYFS else ''} | {system} | "
                         + " | ".join(cells) + " |")
    lines += [f"\n* {int(size):,}: {key}: {why}" for size in sizes
              for key, why in found[size].items() if key.endswith(" failed")]
    return "\n".join(lines) + "\n"


def _chart(
    found: dict[str, Any], names: dict[str, str], title: str, x: str, file: Path
) -> str:
    series = []
    for name in names:
        for system in (PLYFS, KERNEL):
            values = ((int(size), _value(found[size], system, name)) for size in found)
            points = [(float(size), value / 1e3) for size, value in values if value is not None]
            if points:
                series.append(charts.Line(system, points))
    if not series:
        return ""
    charts.write(file, charts.lines(title, series, x, "µs for one operation (logarithmic)"))
    return f"![{title}](charts/{file.name})\n"


def render(result: dict[str, Any], charts_dir: Path) -> str:
    """The part of the page, and its charts."""
    layers, directories = result["layers"], result["directories"]
    parts = [
        "Every directory is in all layers, and what is looked for in the lowest: the worst case. "
        "Names that the kernel knows are answered by the kernel; a first lookup asks each layer.\n",
        _table(layers, OPERATIONS, "one operation, by lower layers"),
    ]
    for name, text in OPERATIONS.items():
        parts.append(_chart(layers, {name: text}, f"{text[0].upper()}{text[1:]}",
                            "number of lower layers (logarithmic)", charts_dir / f"scaling-{name}.svg"))
    parts += [
        "One directory of a mount with three layers, by its number of entries; time for each.\n",
        _table(directories, DIRECTORY, "for each entry, by entries"),
    ]
    return "\n".join(part for part in parts if part)


if __name__ == "__main__":
    alone.main("scaling", run, render)
