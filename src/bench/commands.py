"""Runs other programs, so that none is left when a run ends early."""
from __future__ import annotations

import os
import select
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

LONGEST = 900  # seconds; what takes longer hangs
ENVIRONMENT = {
    **os.environ,
    "LC_ALL": "C",
    "DEBIAN_FRONTEND": "noninteractive",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
}

_signals: list[int] = []  # that have come to end this program
_is_starting = False


def stop(number: int, frame: FrameType | None) -> None:
    """A handler of signals. Not while a program is being started: nobody would know the program."""
    _signals.append(number)
    if not _is_starting:
        raise KeyboardInterrupt(number)


def was_ended() -> bool:
    """Whether a signal has come: its exception can get lost where something fails meanwhile."""
    return bool(_signals)


class Failed(Exception):
    """A program that did not do its work; the text says why in one line."""


def run(words: Sequence[str], seconds: float = LONGEST) -> str:
    """Runs a program to its end and returns what it printed."""
    # Files, not pipes: a daemon that was started may keep them open.
    out, err = os.memfd_create("out"), os.memfd_create("err")
    try:
        code = _wait(words, out, err, seconds)
        printed = os.pread(out, 1 << 24, 0).decode("utf-8", "replace")
        if code != 0:
            said = os.pread(err, 1 << 16, 0).decode("utf-8", "replace")
            last = (said.strip() or printed.strip()).splitlines()[-1:]
            raise Failed(last[0].strip() if last else f"{words[0]} ended with exit code {code}")
        return printed
    finally:
        os.close(out)
        os.close(err)


def _wait(words: Sequence[str], out: int, err: int, seconds: float) -> int:
    global _is_starting
    before, _is_starting = len(_signals), True
    try:
        process = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=ENVIRONMENT,
            start_new_session=True)
    except BaseException as e:
        _is_starting = False
        if isinstance(e, OSError):
            raise Failed(f"{words[0]}: {e.strerror}") from e
        raise
    try:
        _is_starting = False
        if len(_signals) > before:
            raise KeyboardInterrupt(_signals[-1])
        if not _ended(process.pid, seconds):
            raise Failed(f"{words[0]} did not end within {seconds:.0f} s")
        return process.wait()
    finally:
        if process.returncode is None:
            _end(process)


def _ended(pid: int, seconds: float) -> bool:
    """Waits for a child; Popen.wait with a limit looks every 50 ms only."""
    descriptor = os.pidfd_open(pid)
    try:
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        return bool(poll.poll(seconds * 1000))
    finally:
        os.close(descriptor)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends a program and all it has started, but for what has left its session."""
    for number, patience in ((signal.SIGTERM, 3.0), (signal.SIGKILL, 10.0)):
        try:
            os.killpg(process.pid, number)
            process.wait(patience)
            return
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


def timed(words: Sequence[str]) -> float:
    """Nanoseconds that a program took."""
    begin = time.monotonic_ns()
    run(words)
    return float(time.monotonic_ns() - begin)


def compile_program(program: Path, sources: Sequence[Path]) -> None:
    """Makes a program of C files."""
    run(["gcc", "-O2", "-pthread", "-o", str(program), *map(str, sources)])


def shell(script: str) -> list[str]:
    return ["sh", "-c", script]
