"""Counts the requests of one FUSE mount, by the kernel's tracepoint for each that is sent."""
from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import commands
from rows import Bench

PLACES = (Path("/sys/kernel/tracing"), Path("/sys/kernel/debug/tracing"))
EVENT = "events/fuse/fuse_request_send"
PREFIX = "plyfs-bench-"  # of the names of instances; the process that made it follows
EACH_KIB, ALL_KIB = 32 << 10, 512 << 10  # buffers at most, of one processor and of all together
SENT = re.compile(rb" fuse_request_send: connection (\d+) .*opcode (\d+) \((?:FUSE_)?(\w+)\)")
NAMES = {53: "COPY_FILE_RANGE_64"}  # of opcodes that kernels know whose tracepoint does not
LOST = re.compile(r"^(?:overrun|dropped events): (\d+)$", re.MULTILINE)


class Unavailable(Exception):
    """Requests cannot be counted here; the text says why."""


def _tracefs() -> Path:
    for place in PLACES:
        if (place / EVENT).is_dir():
            if not (place / "instances").is_dir():
                raise Unavailable("the kernel has no instances of its tracing")
            return place
    if any((place / "events").is_dir() for place in PLACES):
        raise Unavailable("the kernel has no tracepoint fuse:fuse_request_send, or the module fuse "
                          "is not loaded")
    raise Unavailable("tracefs is not mounted at /sys/kernel/tracing")


def _name(opcode: int, told: str) -> str:
    return told if not told.startswith("0x") else NAMES.get(opcode, f"opcode {opcode}")


class Tracing:
    """An instance of the kernel's tracing for this process: that of others is not touched."""

    def __init__(self) -> None:
        instances = _tracefs() / "instances"
        for left in instances.glob(f"{PREFIX}*"):
            if not Path("/proc", left.name[len(PREFIX) :]).exists():
                left.rmdir()  # its process was killed
        self._folder = instances / f"{PREFIX}{os.getpid()}"
        self._connection = 0

    def __enter__(self) -> Tracing:
        try:
            self._folder.mkdir()
        except OSError as failure:
            raise Unavailable(f"no instance of tracing can be made: {failure.strerror}") from failure
        try:
            self._write("tracing_on", "0")
            self._write("buffer_size_kb", str(min(EACH_KIB, ALL_KIB // (os.cpu_count() or 1))))
        except BaseException:
            self._folder.rmdir()
            raise
        return self

    def __exit__(self, *unused: object) -> None:
        self._write(f"{EVENT}/enable", "0")
        self._folder.rmdir()

    def _write(self, name: str, text: str) -> None:
        (self._folder / name).write_text(text, encoding="ascii")

    def watch(self, point: Path) -> None:
        """From now on the requests of this mount are counted."""
        self._connection = os.minor(os.stat(point).st_dev)
        self._write(f"{EVENT}/filter", f"connection == {self._connection}")
        self._write(f"{EVENT}/enable", "1")

    def begin(self) -> None:
        """Forgets what was counted, and counts."""
        self._write("trace", "")
        self._write("tracing_on", "1")

    def end(self) -> tuple[Counter[str], int]:
        """The requests by their kind since the beginning, and how many got lost."""
        self._write("tracing_on", "0")
        counted: Counter[str] = Counter()
        with open(self._folder / "trace", "rb") as lines:
            for line in lines:
                found = SENT.search(line)
                if found and int(found[1]) == self._connection:
                    counted[_name(int(found[2]), found[3].decode("ascii"))] += 1
        lost = 0
        for statistics in self._folder.glob("per_cpu/cpu*/stats"):
            lost += sum(map(int, LOST.findall(statistics.read_text(encoding="ascii"))))
        return counted, lost


class CountedBench(Bench):
    """Counts the requests of each measurement; those of the last one stay."""

    requests: Counter[str] = Counter()
    lost = 0

    def counting(self, tracing: Tracing) -> CountedBench:
        self._tracing = tracing
        tracing.watch(self.mounted.mnt)
        return self

    def ops(self, operation: str, count: int, path: str = "", threads: int = 1) -> float:
        return self._counted(lambda: super(CountedBench, self).ops(operation, count, path, threads))

    def inside(self, script: str, operations: int = 1) -> float:
        return self._counted(lambda: super(CountedBench, self).inside(script, operations))

    def outside(self, script: str) -> float:
        return self._counted(lambda: super(CountedBench, self).outside(script))

    def _counted(self, measure: Callable[[], float]) -> float:
        self._tracing.begin()
        took = measure()
        self.requests, self.lost = self._tracing.end()
        return took

    def per_operation(self) -> dict[str, float]:
        """Requests of one operation of the last measurement, the most frequent first."""
        if self.lost:
            raise commands.Failed(f"{self.lost} events of the kernel's tracing were lost")
        return {kind: number / self.operations for kind, number in self.requests.most_common()}
