"""The overlay file systems that are compared, and how each is mounted."""
from __future__ import annotations

import functools
import os
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import commands
import mirror
import place

CHECKOUT = Path(__file__).resolve().parents[2]
LAUNCHER = CHECKOUT / "scripts" / "plyfs"
PROGRAMS = CHECKOUT / "target" / "bench"
KERNEL = "kernel"
DEFAULT = "plyfs"
MIRROR = "mirror"

COPY_UP_ROWS = ("copyup_4k", "copyup_1m", "copyup_16m", "copyup_512m", "chmod_16m")
CHANGE_ROWS = (*COPY_UP_ROWS, "chown_tree", "dpkg", "untar")
WARM_ROWS = ("walk_cold", "miss", "create", "create2", "rename", "unlink", "copyup_4k", "randwrite",
             "fsync", "git", "untar", "chown_tree", "dpkg")
# Those that ask the server for something.
REQUEST_ROWS = ("walk_cold", "walk_warm", "miss", "create", "create2", "rename", "unlink", "rmtree",
                "read_cold", "read_warm", *COPY_UP_ROWS, "seqwrite", "seqread_cold", "randwrite",
                "fsync", "python", "compile", "git", "untar", "chown_tree", "dpkg")


@dataclass(frozen=True)
class System:
    """A file system with its options.

    main: compared with the kernel in the first table; every_round: measured in every round, the
    others in the first only; rows: those that the options change, all if there are none; telling:
    those of a run that is to be short; worked: its mount has done much else before a row begins.
    """

    name: str
    kind: str
    options: str = ""
    main: bool = False
    rows: tuple[str, ...] = ()
    telling: tuple[str, ...] = ()
    worked: bool = False
    every_round: bool = False

    def has(self, row: str) -> bool:
        return not self.rows or row in self.rows

    def text(self) -> str:
        """How it differs from the default."""
        if self.kind == MIRROR:
            return "a server in C that hands each request to the kernel's overlayfs"
        if self.worked:
            return "no option, but its daemon has worked on some thousands of other files before"
        return f"`{self.options}`"

    def short(self) -> System:
        """The same for a short run."""
        return replace(self, rows=self.telling or self.rows)

    def commands(self, layers: Sequence[str], base: Path) -> list[list[str]]:
        """How it is mounted at base/mnt, with base/upper and base/work, and perhaps base/below."""
        mnt = str(base / "mnt")
        if self.kind == "unionfs-fuse":
            branches = ":".join([f"{base}/upper=RW", *(f"{layer}=RO" for layer in layers)])
            return [[_unionfs(), "-o", "cow,dev,suid,allow_other", branches, mnt]]
        words = f"lowerdir={':'.join(layers)},upperdir={base}/upper,workdir={base}/work"
        if self.options:
            words += f",{self.options}"
        overlay = ["mount", "-t", "overlay", "overlay", "-o", words]
        if self.kind == KERNEL:
            return [[*overlay, mnt]]
        if self.kind == MIRROR:
            below = str(base / "below")
            return [[*overlay, below], [mirror.program(PROGRAMS), below, mnt]]
        if self.kind == DEFAULT:
            return [[str(LAUNCHER), "mount", "-o", words, mnt]]
        return [["fuse-overlayfs", "-o", f"{words},dev,suid", mnt]]

    def missing(self) -> str:
        """Why it cannot be had here; empty if it can."""
        if self.kind == "fuse-overlayfs" and not shutil.which("fuse-overlayfs"):
            return "fuse-overlayfs is not installed"
        if self.kind == "unionfs-fuse" and not shutil.which(_unionfs()):
            return "unionfs-fuse is not installed"
        return ""

    def version(self) -> str:
        """The program and its version, as it tells it."""
        if self.kind in (KERNEL, MIRROR):
            return f"Linux {kernel_version()}"
        if self.kind == DEFAULT:
            return _own_version()
        program = "fuse-overlayfs" if self.kind == "fuse-overlayfs" else _unionfs()
        try:
            lines = commands.run([program, "--version"]).splitlines()
        except commands.Failed:
            return self.kind
        own = [line for line in lines if self.kind in line] or lines or [self.kind]
        return f"{self.kind} {own[0].split()[-1]}" if own[0].split() else self.kind


@functools.cache
def _own_version() -> str:
    return f"Plyfs {commands.run([str(LAUNCHER), '--version']).split()[-1]}"


def _unionfs() -> str:
    return "unionfs-fuse" if shutil.which("unionfs-fuse") else "unionfs"


def kernel_version() -> str:
    """Version of the running kernel, without what its builder added."""
    return os.uname().release.split("-")[0]


SYSTEMS = (
    System(KERNEL, KERNEL, main=True, every_round=True),
    System("fuse-overlayfs", "fuse-overlayfs", main=True, every_round=True),
    System("unionfs-fuse", "unionfs-fuse", main=True, every_round=True),
    System(DEFAULT, DEFAULT, main=True, every_round=True),
    System(MIRROR, MIRROR, rows=REQUEST_ROWS, every_round=True,
           telling=("walk_cold", "create2", "fsync", "copyup_4k")),
    System("plyfs-warm", DEFAULT, rows=WARM_ROWS, telling=("copyup_4k",), worked=True),
    System("plyfs-writeback", DEFAULT, "writeback=1", telling=("seqwrite", "randwrite")),
    System("plyfs-cache", DEFAULT, "open=cache", telling=("open", "copyup_4k")),
    System("plyfs-passthrough", DEFAULT, "open=passthrough",
           telling=("open", "seqread_cold", "randwrite")),
    System("plyfs-jnr-fuse", DEFAULT, "transport=jnr-fuse", telling=("stat", "open", "create")),
    System("plyfs-volatile", DEFAULT, "volatile", rows=CHANGE_ROWS,
           telling=("copyup_4k", "copyup_1m", "copyup_16m", "copyup_512m")),
    System("plyfs-metacopy", DEFAULT, "metacopy=on", rows=CHANGE_ROWS,
           telling=("chmod_16m", "chown_tree")),
    System("kernel-volatile", KERNEL, "volatile", rows=CHANGE_ROWS, telling=("copyup_16m",)),
    System("kernel-metacopy", KERNEL, "metacopy=on,redirect_dir=on", rows=CHANGE_ROWS,
           telling=("chmod_16m",)),
)
BY_NAME = {system.name: system for system in SYSTEMS}


class Mounted:
    """A fresh mount with an empty upper directory, until the end of the with statement."""

    def __init__(self, system: System, layers: Sequence[str], base: Path) -> None:
        self.system = system
        self.mnt = base / "mnt"
        self.ready = 0.0  # nanoseconds until a first listing was answered
        self.pid = 0  # of the daemon; the kernel has none
        self._base = base
        self._layers = layers

    def __enter__(self) -> Mounted:
        for name in ("upper", "work", "below", "mnt"):
            (self._base / name).mkdir(parents=True)
        try:
            self._mount()
        except BaseException:
            self._leave(self._unmount_all)
            raise
        return self

    def _mount(self) -> None:
        *before, last = self.system.commands(self._layers, self._base)
        for words in before:
            commands.run(words, seconds=60)
        begin = time.monotonic_ns()
        commands.run(last, seconds=60)
        os.listdir(self.mnt)
        self.ready = float(time.monotonic_ns() - begin)
        if not os.path.ismount(self.mnt):
            raise commands.Failed("the program ended well but nothing is mounted")
        if self.system.kind != KERNEL:
            pids = place.processes_of(str(self.mnt))
            if len(pids) != 1:
                raise commands.Failed(f"{len(pids)} daemons found for one mount")
            self.pid = pids[0]

    def __exit__(self, *unused: object) -> None:
        self._leave(self._end)

    @staticmethod
    def _leave(leave: Callable[[], None]) -> None:
        """A signal ends the run whatever fails meanwhile: the run's place takes away what is left."""
        try:
            leave()
        except (commands.Failed, OSError) as failure:
            if commands.was_ended():
                raise KeyboardInterrupt from failure
            raise

    def _end(self) -> None:
        place.unmount(str(self.mnt))
        if self.pid and not place.wait_for_end(self.pid, place.PATIENCE):
            raise commands.Failed("the daemon did not end after umount")
        self._unmount_all()

    def _unmount_all(self) -> None:
        for point in place.mounts_below(self._base):
            place.unmount(point)

    def memory(self) -> float:
        """KiB of memory that the daemon has for itself: its PSS."""
        with open(f"/proc/{self.pid}/smaps_rollup", encoding="ascii") as table:
            for line in table:
                if line.startswith("Pss:"):
                    return float(line.split()[1])
        raise commands.Failed("the kernel does not tell the daemon's PSS")
