"""The rows of the ladder: which program does how many operations, and what is cached before."""
from __future__ import annotations

import glob
import mmap
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import commands
import layers
from systems import COPY_UP_ROWS, KERNEL, Mounted

STAT = "usr/bin/perl"
OPEN = "etc/passwd"
FILE_512M = "bench/m512-0"
SCALES = {"full": 1, "quick": 4, "tiny": 50}  # what numbers of operations are divided by
WHOLE_SCALES = {"full": 1, "quick": 1, "tiny": 50}


class Bench:
    """What a row works with: a mount, the program of operations, the sources of trees.

    operations and threads are those of the last measurement, which is the one that counts.
    """

    def __init__(self, mounted: Mounted, folder: Path, lower: list[str], memory: int) -> None:
        self.mounted = mounted
        self.memory = memory  # bytes that rows with large files take for the page cache
        self.mnt = str(mounted.mnt)
        self.sources = folder
        self._workloads = str(folder / "workloads")
        self._lower = lower
        self.operations = self.threads = 1

    def ops(self, operation: str, count: int, path: str = "", threads: int = 1) -> float:
        """Nanoseconds that one operation of many took."""
        words = [self._workloads, self.mnt, operation, str(count), path, str(threads)]
        took, operations = commands.run(words).split()
        self.operations, self.threads = int(operations), threads
        return float(took)

    def inside(self, script: str, operations: int = 1) -> float:
        """Nanoseconds of each operation of a shell script that has the mount as its root."""
        self.operations, self.threads = operations, 1
        return commands.timed(["chroot", self.mnt, *commands.shell(script)]) / operations

    def outside(self, script: str) -> float:
        """Nanoseconds of a shell script with the mount in $1 and the sources in $2."""
        self.operations = self.threads = 1
        return commands.timed([*commands.shell(script), "sh", self.mnt, str(self.sources)])

    def python_library(self) -> str:
        """The folder of Python's library in the layers, from the root."""
        for layer in self._lower:
            for found in sorted(glob.glob(f"{layer}/usr/lib/python3.*/os.py")):
                return found[len(layer) : -len("/os.py")]
        raise commands.Failed("the layers have no usr/lib/python3.*: they need python3")


@dataclass(frozen=True)
class Row:
    """count is for a full run and shows as {n} in the text; unit is ns, or KiB for memory.

    whole: a quick run does as many; bulky: leaves few but large files, which are removed at once;
    absolute: its target is no ratio, and it has no part in means of ratios.
    """

    name: str
    text: str
    count: int
    measure: Callable[[Bench, int], float]
    cold: bool = False
    whole: bool = False
    bulky: bool = False
    unit: str = "ns"
    absolute: bool = False

    def count_at(self, form: str) -> int:
        """How many operations a run of a form does."""
        scale = WHOLE_SCALES[form] if self.whole else SCALES[form]
        return max(1, self.count // scale)

    def text_at(self, form: str, largest: int) -> str:
        """What it does, where the largest file of the copy-up layer has so many bytes."""
        count = f"{self.count_at(form):,}".replace(",", " ")
        return self.text.replace("{n}", count).replace("{size}", f"{largest >> 20} MiB")

    def usable(self, system: str) -> bool:
        return not (self.name == "rss" and system.startswith(KERNEL))


def _after(untimed: object, timed: float) -> float:
    """The second of two measurements: the first was to warm up."""
    return timed


def drop_caches() -> None:
    """Everything the kernel keeps of files, names and attributes, for the whole machine."""
    os.sync()
    Path("/proc/sys/vm/drop_caches").write_text("3\n", encoding="ascii")


def touch_memory(size: int) -> None:
    """Takes memory and gives it back, so that each system finds as much that is ready.

    In a virtual machine memory that was free for a while may have gone back to the host, and
    costs ten times as much to fill as what was used just before.
    """
    if size:
        mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | mmap.MAP_POPULATE).close()


def _cold(measure: Callable[[Bench, int], float]) -> Callable[[Bench, int], float]:
    def cold(b: Bench, n: int) -> float:
        drop_caches()
        touch_memory(b.memory)
        return measure(b, n)

    return cold


def _twice(measure: Callable[[Bench, int], float]) -> Callable[[Bench, int], float]:
    return lambda b, n: _after(measure(b, n), measure(b, n))


def _change(file: str) -> Callable[[Bench, int], float]:
    return lambda b, n: b.ops("change", n, f"bench/{file}-")


def _walk(b: Bench, n: int) -> float:
    return b.ops("walk", 1)


def _tar(b: Bench, n: int) -> float:
    return b.outside('tar cf - -C "$1" usr | cat >/dev/null')


def _seqread(b: Bench, n: int) -> float:
    return b.ops("seqread", n, FILE_512M)


def _rmtree(b: Bench, n: int) -> float:
    return b.outside('rm -rf "$1/usr/share"')


def _python(b: Bench, n: int) -> float:
    start = "python3 -c 'import json, ssl, asyncio, email, unittest, http.server'"
    b.inside(start)
    return b.inside(f"i=0; while [ $i -lt {n} ]; do {start} || exit; i=$((i + 1)); done", n)


def _compile(b: Bench, n: int) -> float:
    each = "for file in one two; do gcc -O2 -pthread -c -o $file$i.o $file.c || exit; done"
    return b.inside(f"cd /bench; i=0; while [ $i -lt {n} ]; do {each}; i=$((i + 1)); done")


def _git(b: Bench, n: int) -> float:
    clone = 'git clone -q --no-local --no-hardlinks "$2/repository" "$1/clone"'
    return b.outside(f'{clone} && git -C "$1/clone" status')


def _untar(b: Bench, n: int) -> float:
    return b.outside('mkdir "$1/tree" && tar xf "$2/tree.tar" -C "$1/tree"')


def _chown(b: Bench, n: int) -> float:
    return b.outside(f'chown -R 4321:4321 "$1{b.python_library()}"')


def _dpkg(b: Bench, n: int) -> float:
    library = b.python_library()
    return b.inside(
        "dpkg --force-all -r vim-tiny && dpkg --get-selections && "
        f"cp -a {library} {library}-copy && "
        f"find {library}-copy -name '*.py' -exec touch {{}} +")


def _memory(b: Bench, n: int) -> float:
    b.ops("walk", 1)
    return b.mounted.memory()


WORK = """
mkdir "$1/warm" && tar xf "$2/tree.tar" -C "$1/warm" || exit
find "$1/usr/include" -type f | head -n 1500 | while read -r file; do
  printf x >>"$file" || exit
done
find "$1/warm" -type f | head -n 1500 | while read -r file; do
  printf x >>"$file" && mv "$file" "$file-" || exit
done
find "$1/warm" -type f | head -n 600 | xargs rm
cp -a "$1/usr/share/perl"* "$1/warm"
find "$1/warm" | head -n 3000 | xargs chown -h 1:1
"""


def warm_up(b: Bench) -> None:
    """Has the daemon do much of everything, and waits until its compilers have caught up.

    No row uses what this changes.
    """
    b.outside(WORK)
    b.ops("walk", 1)
    b.ops("miss", 3_000, "usr/lib")
    os.sync()
    time.sleep(2)


ROWS = (
    Row("walk_cold", "list every directory and stat everything; one object; page cache, names and "
        "attributes dropped", 1, _cold(_walk), cold=True),
    Row("walk_warm", "the same again; one object", 1, _twice(_walk)),
    Row("stat", f"stat {STAT}, {{n}} times after some untimed ones", 200_000,
        lambda b, n: _after(b.ops("stat", max(1, n // 200), STAT), b.ops("stat", n, STAT))),
    Row("miss", "stat names in usr that do not exist, {n} of them, each once", 5_000,
        lambda b, n: b.ops("miss", n, "usr")),
    Row("open", f"open {OPEN}, read 4 KiB, close; {{n}} times after some untimed ones", 20_000,
        lambda b, n: _after(b.ops("open", max(1, n // 100), OPEN), b.ops("open", n, OPEN))),
    Row("open2", "the same in 2 threads, {n} times each", 10_000,
        lambda b, n: _after(b.ops("open", max(1, n // 50), OPEN), b.ops("open", n, OPEN, 2))),
    Row("create", "make {n} files with a line in each, in one new directory", 5_000,
        lambda b, n: b.ops("create", n)),
    Row("create2", "the same in 2 threads, {n} files each", 5_000,
        lambda b, n: b.ops("create", n, "", 2)),
    Row("rename", "rename a new file and rename it back, {n} files; one pair", 3_000,
        lambda b, n: _after(b.ops("create", n), b.ops("rename", n))),
    Row("unlink", "remove {n} new files", 5_000,
        lambda b, n: _after(b.ops("create", n), b.ops("unlink", n))),
    Row("rmtree", "rm -rf usr/share, which is in lower layers", 1, _rmtree),
    Row("read_cold", "tar of usr into cat; page cache, names and attributes dropped", 1,
        _cold(_tar), cold=True),
    Row("read_warm", "the same again", 1, _twice(_tar)),
    Row("copyup_4k", "write one byte of {n} lower files of 4 KiB, each opened for it and closed",
        300, _change("k4"), whole=True),
    Row("copyup_1m", "the same, {n} files of 1 MiB", 60, _change("m1"), whole=True, bulky=True),
    Row("copyup_16m", "the same, {n} files of 16 MiB", 8, _change("m16"), whole=True, bulky=True),
    Row("copyup_512m", "the same, one file of {size}", 1, _change("m512"), bulky=True),
    Row("chmod_16m", "chmod {n} lower files of 16 MiB", 8,
        lambda b, n: b.ops("chmod", n, "bench/m16-"), whole=True, bulky=True),
    Row("seqwrite", "write a new file of {n} MiB by 1 MiB; one MiB", 512,
        lambda b, n: b.ops("seqwrite", n, "big"), bulky=True),
    Row("seqread_cold", "read {n} MiB of a lower file by 1 MiB, page cache dropped; one MiB", 512,
        _cold(_seqread), cold=True),
    Row("seqread_warm", "the same again; one MiB", 512, _twice(_seqread)),
    Row("randread", "read 4 KiB at {n} random places of a lower file that was read before", 100_000,
        lambda b, n: _after(b.ops("seqread", layers.big_mebibytes(b.mnt), FILE_512M),
                            b.ops("randread", n, FILE_512M))),
    Row("randwrite", "write 4 KiB at {n} random places of a new file of 128 MiB", 50_000,
        lambda b, n: _after(b.ops("seqwrite", 128, "big"), b.ops("randwrite", n, "big")),
        bulky=True),
    Row("fsync", "append 4 KiB to a file and fdatasync, {n} times", 300,
        lambda b, n: b.ops("fsync", n, "log")),
    Row("python", "start python3 in a chroot and import six modules, {n} times after one untimed; "
        "one start", 10, _python),
    Row("compile", "{n} times gcc -O2 of two C files in a chroot, after the same untimed", 3,
        _twice(_compile)),
    Row("git", "git clone of a repository with the tree of untar, and git status", 1, _git),
    Row("untar", "unpack a tar of /usr/include", 1, _untar),
    Row("chown_tree", "chown -R of usr/lib/python3.*, which is in a lower layer", 1, _chown),
    Row("dpkg", "in a chroot: dpkg -r vim-tiny, dpkg --get-selections, cp -a of usr/lib/python3.*, "
        "touch of each *.py in the copy", 1, _dpkg),
    Row("mount", "the mount command, until a first listing of the root is answered", 1,
        lambda b, n: b.mounted.ready, absolute=True),
    Row("rss", "PSS of the daemon after a walk of everything", 1, _memory, unit="KiB",
        absolute=True),
)
BY_NAME = {row.name: row for row in ROWS}
assert all(name in BY_NAME for name in COPY_UP_ROWS)
