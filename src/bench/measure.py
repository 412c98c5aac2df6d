"""Measures rows on systems in turn, each on a fresh mount with an empty upper directory."""
from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import commands
import figures
import layers
from place import Place
from rows import Bench, Row, drop_caches, touch_memory, warm_up
from systems import Mounted, System

HERE = Path(__file__).resolve().parent
ROOM = 128 << 20  # bytes that rows take in memory beside the largest file
TREE_FILES = 8000  # at most, of /usr/include


class Sources:
    """What rows need beside a mount, in one folder: the program of operations, a tar, a git."""

    def __init__(self, folder: Path, files: int = TREE_FILES) -> None:
        folder.mkdir(parents=True)
        self.folder = folder
        commands.compile_program(folder / "workloads", [HERE / "workloads.c"])
        self.files = layers.tree(folder, files)


class Series:
    """Some rounds of rows on systems, below one folder."""

    def __init__(
        self, folder: Path, sources: Sources, lower: list[str], form: str, label: str,
        largest: int,
    ) -> None:
        self._folder = folder
        self._sources = sources
        self._lower = lower
        self._form = form
        self._label = label
        free = available_memory()
        self._memory = largest + ROOM if free > 4 * (largest + ROOM) else 0

    def run(
        self, rows: Sequence[Row], systems: Sequence[System], rounds: int, everyone: bool = False
    ) -> dict[str, Any]:
        """Measures; everyone: not only the main systems have more than one round.

        Returns row name -> system name -> {"samples": [...]} and, or, {"failed": REASON}.
        """
        results: dict[str, Any] = {row.name: {} for row in rows}
        # What drops the caches comes last, so that it leaves none of the others cold.
        warm, cold = [each for each in rows if not each.cold], [each for each in rows if each.cold]
        for number in range(rounds):
            layers.warm([*self._lower, str(self._sources.folder)])
            present = [each for each in systems if number == 0 or everyone or each.every_round]
            for row in warm:
                self._row(number + 1, row, present, results[row.name])
            if cold:
                # The first one to read from the disk fills caches that are not the kernel's.
                drop_caches()
                layers.warm(self._lower)
            for row in cold:
                self._row(number + 1, row, present, results[row.name])
            # Not sooner: removals go on in the background for a while.
            for folder in self._folder.glob(f"{number + 1}.*"):
                Place.remove(folder)
            os.sync()
        return results

    def _row(
        self, number: int, row: Row, systems: Sequence[System], into: dict[str, Any]
    ) -> None:
        said = []
        for system in systems:
            if not system.has(row.name) or not row.usable(system.kind):
                continue
            result = into.setdefault(system.name, {"samples": []})
            # Side by side in the folder that spreads its directories.
            folder = self._folder / f"{number}.{row.name}.{system.name}"
            try:
                value = self._measure(row, system, folder)
                result["samples"].append(value)
                said.append(f"{system.name} {figures.amount(value, row.unit)}")
            except (commands.Failed, OSError) as failure:
                result["failed"] = str(failure)
                said.append(f"{system.name} FAILED: {failure}")
            if row.bulky:
                Place.remove(folder)
        print(f"{self._label} round {number}, {row.name}: {', '.join(said)}",
              file=sys.stderr, flush=True)

    def _measure(self, row: Row, system: System, base: Path) -> float:
        base.mkdir(parents=True)
        os.sync()  # what others have written is not written back meanwhile
        with Mounted(system, self._lower, base) as mounted:
            bench = Bench(mounted, self._sources.folder, self._lower, self._memory)
            if system.worked:
                warm_up(bench)
            if row.bulky:
                touch_memory(self._memory)
            return row.measure(bench, row.count_at(self._form))


def available_memory() -> int:
    """Bytes of memory that can be taken without harm."""
    with open("/proc/meminfo", encoding="ascii") as table:
        for line in table:
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) << 10
    raise commands.Failed("/proc/meminfo does not tell how much memory is free")


def available(
    systems: Sequence[System], folder: Path, layer: Path
) -> tuple[list[System], dict[str, str]]:
    """Those of the systems that can be mounted, and why the others cannot."""
    good, left_out = [], {}
    for system in systems:
        reason = system.missing()
        if not reason:
            try:
                with Mounted(system, [str(layer)], folder / "trial" / system.name):
                    good.append(system)
            except (commands.Failed, OSError) as failure:
                reason = str(failure)
        if reason:
            left_out[system.name] = reason
            print(f"bench: {system.name} is left out: {reason}", file=sys.stderr, flush=True)
    return good, left_out
