"""The folder of one run: what is mounted or started in it is gone when the run ends."""
from __future__ import annotations

import fcntl
import os
import re
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType

import commands

LOGS = Path("/var/log/plyfs")  # a file for each mount point
GET_FLAGS, SET_FLAGS, TOP_DIRECTORY = 0x80086601, 0x40086602, 0x20000  # of ioctl_iflags(2)
PATIENCE = 20.0  # seconds for a mount that is busy, or a daemon that ends


def end_on_signals() -> None:
    """From now on SIGTERM and SIGHUP end the program as SIGINT does: everything is cleaned up."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, commands.stop)


def log_name(path: Path) -> str:
    """How the names of log files begin of what is mounted at a path."""
    def escaped(match: re.Match[bytes]) -> bytes:
        return b"-" if match[0] == b"/" else b"%%%02x" % match[0][0]

    return re.sub(rb"[^A-Za-z0-9._]", escaped, os.fsencode(path)[1:]).decode()


def mounts_below(folder: Path) -> list[str]:
    """Mount points in a folder, the last first."""
    found = []
    prefix = f"{folder}/"
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as table:
        for line in table:
            point = re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), line.split(" ")[4])
            if point.startswith(prefix):
                found.append(point)
    return found[::-1]


def processes_of(path: str) -> list[int]:
    """Daemons that were started with a path, or one below it, among their words."""
    wanted, below = path.encode(), path.encode() + b"/"
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit() or int(entry) == os.getpid():
            continue
        try:
            words = Path("/proc", entry, "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue  # it has ended
        if words[0].rsplit(b"/", 1)[-1] in (b"sh", b"bash", b"dash", b"python3"):
            continue
        if any(word == wanted or word.startswith(below) for word in words[1:]):
            found.append(int(entry))
    return found


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[0]
    except OSError:
        return False
    return state not in (b"Z", b"X")  # it has ended, whether somebody asked for its code or not


def wait_for_end(pid: int, seconds: float) -> bool:
    """Waits until a process, which need not be a child, has ended."""
    until = time.monotonic() + seconds
    while _runs(pid):
        if time.monotonic() > until:
            return False
        time.sleep(0.005)
    return True


def unmount(point: str) -> None:
    """Unmounts; what stays busy disappears from the tree, and that is an error."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            commands.run(["umount", point])
            return
        except commands.Failed as failure:
            if time.monotonic() > until:
                commands.run(["umount", "-l", point])
                raise commands.Failed(f"{point} stayed busy: {failure}") from failure
        time.sleep(0.05)


class Place:
    """A new folder for one run, with its mounts, daemons and loop devices."""

    def __init__(self, parent: Path) -> None:
        parent.mkdir(parents=True, exist_ok=True)
        self._parent = parent.resolve()
        self.folder = self._parent

    def __enter__(self) -> Place:
        self.folder = Path(tempfile.mkdtemp(prefix="run.", dir=self._parent))
        spread(self.folder)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        before = [(number, signal.signal(number, signal.SIG_IGN)) for number in signals]
        try:
            self._leave_nothing()
        finally:
            for number, handler in before:
                signal.signal(number, handler)

    def _leave_nothing(self) -> None:
        for point in mounts_below(self.folder):
            try:
                unmount(point)
            except commands.Failed as failure:
                print(f"bench: {failure}", file=sys.stderr)
        for number in (0, signal.SIGTERM, signal.SIGKILL):
            for pid in processes_of(str(self.folder)):
                if number:
                    try:
                        os.kill(pid, number)
                    except ProcessLookupError:
                        continue
                wait_for_end(pid, 5.0)
        for log in LOGS.glob(log_name(self.folder) + "-*"):
            log.unlink(missing_ok=True)
        if mounts_below(self.folder):
            print(f"bench: {self.folder} is left: it has mounts", file=sys.stderr)
        else:
            self.remove(self.folder)

    @staticmethod
    def remove(folder: Path) -> None:
        """Removes a folder in which nothing is mounted."""
        if folder.exists():
            commands.run(["rm", "-rf", "--one-file-system", str(folder)])


def spread(folder: Path) -> None:
    """Lets ext4 put the directories in a folder far from each other, as chattr +T does.

    Without a journal ext4 does not use an inode again for one minute after its removal, and for six
    if that is not on the disk. Where many were removed it passes over them one by one and is five
    times as slow and more; so each measurement needs inodes of its own.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        flags = bytearray(8)
        fcntl.ioctl(descriptor, GET_FLAGS, flags)
        word = int.from_bytes(flags[:4], sys.byteorder) | TOP_DIRECTORY
        fcntl.ioctl(descriptor, SET_FLAGS, word.to_bytes(8, sys.byteorder))
    except OSError:
        pass  # not ext4: there is nothing to be spread
    finally:
        os.close(descriptor)


def space_left(folder: Path) -> int:
    """Bytes that may still be written to the file system of a folder."""
    return shutil.disk_usage(folder).free
