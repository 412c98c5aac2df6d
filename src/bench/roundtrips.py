"""What a request costs where the server does nothing: null-server.c, in several places."""
from __future__ import annotations

import os
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import commands
import figures
import place

SOURCE = Path(__file__).with_name("null-server.c")
LATENCY = Path("/dev/cpu_dma_latency")
WORK = (0, 5, 15)  # microseconds
LONGEST = 60  # seconds of one run, which takes less than one


@dataclass(frozen=True)
class Server:
    """place: as null-server.c has it; awake: no processor halts meanwhile."""

    place: str
    text: str
    awake: bool = False


SERVERS = {
    "same": Server("same", "one thread, on the CPU of its caller"),
    "other": Server("other", "one thread, on another CPU"),
    "alone": Server("alone", "two threads, left alone"),
    "polling": Server("polling", "one thread that never sleeps, left alone"),
    "other-awake": Server("other", "one thread, on another CPU; idle CPUs do not halt", awake=True),
    "alone-awake": Server("alone", "two threads, left alone; idle CPUs do not halt", awake=True),
}
NOBODY = "none"


@contextmanager
def awake() -> Iterator[None]:
    """While it lasts, idle processors poll and do not halt: the kernel is told that it has no time
    to wake one. Not with a 1, which the governor haltpoll of virtual machines does not obey.

    Raises OSError where this cannot be had.
    """
    with open(LATENCY, "r+b", buffering=0) as held:
        held.write(struct.pack("i", 0))
        yield


def measure(folder: Path, rounds: int, count: int) -> dict[str, Any]:
    """Each server with each amount of work, in turn.

    Returns {"nobody": RESULT, "servers": {server: {microseconds: RESULT}}, "left_out": {...}},
    where a RESULT has the nanoseconds of one stat(2) as its samples.
    """
    program, point = folder / "null-server", folder / "null"
    point.mkdir()
    commands.compile_program(program, [SOURCE])
    nobody: dict[str, Any] = {"samples": []}
    servers: dict[str, Any] = {}
    left_out: dict[str, str] = {}
    for _ in range(rounds):
        nobody["samples"].append(_one(program, point, NOBODY, 0, count))
        for name, server in SERVERS.items():
            if name in left_out:
                continue
            try:
                values = [_placed(program, point, server, work, count) for work in WORK]
            except (commands.Failed, OSError) as failure:
                left_out[name] = str(failure)
                servers.pop(name, None)
                continue
            for work, value in zip(WORK, values):
                results = servers.setdefault(name, {})
                results.setdefault(str(work), {"samples": []})["samples"].append(value)
            said = ", ".join(map(figures.amount, values))
            print(f"floors: {server.text}: {said}", file=sys.stderr, flush=True)
    return {"nobody": nobody, "servers": servers, "left_out": left_out}


def _placed(program: Path, point: Path, server: Server, work: int, count: int) -> float:
    if server.awake:
        with awake():
            return _one(program, point, server.place, work, count)
    return _one(program, point, server.place, work, count)


def _one(program: Path, point: Path, where: str, work: int, count: int) -> float:
    try:
        words = [str(program), str(point), where, str(work), str(count)]
        return float(commands.run(words, seconds=LONGEST))
    finally:
        if os.path.ismount(point):  # it was killed
            place.unmount(str(point))
