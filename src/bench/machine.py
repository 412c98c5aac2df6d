"""What the measurements were made on."""
from __future__ import annotations

import datetime
import glob
import os
import re
import shutil
from pathlib import Path

import commands
from systems import CHECKOUT, kernel_version


def facts(folder: Path) -> dict[str, str]:
    """Words for a table, in its order, after when it was; folder is where the run works."""
    now = datetime.datetime.now().astimezone()
    return {
        "measured": f"{now:%Y-%m-%d %H:%M %Z} (load before it: {os.getloadavg()[0]:.1f})",
        "CPU": f"{_field('/proc/cpuinfo', 'model name')}, {os.cpu_count()} of them",
        "memory": f"{int(_field('/proc/meminfo', 'MemTotal').split()[0]) / (1 << 20):.1f} GiB"
                  f"{_reclaim()}",
        "kernel": f"Linux {kernel_version()}",
        "file system": file_system(folder),
        "Java": _java(),
        "Plyfs": _commit(),
    }


def _field(file: str, key: str) -> str:
    for line in Path(file).read_text(encoding="utf-8").splitlines():
        if line.startswith(key):
            return " ".join(line.partition(":")[2].split())
    return f"0 (no {key} in {file})"


def _reclaim() -> str:
    """Whether the kernel takes pages although there is no lack of them: rows that read twice vary."""
    for state in Path("/sys/kernel/mm/damon/admin/kdamonds").glob("*/state"):
        actions = [file.read_text(encoding="ascii").strip()
                   for file in state.parent.glob("contexts/*/schemes/*/action")]
        if state.read_text(encoding="ascii").strip() == "on" and "pageout" in actions:
            return "; DAMON pages out what was not used for a while"
    return ""


def file_system(folder: Path) -> str:
    """Type of the file system of a folder that exists, and whether an ext4 has no journal."""
    device = os.stat(folder).st_dev
    wanted = f"{os.major(device)}:{os.minor(device)}"
    for line in Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines():
        mount, _, rest = line.partition(" - ")
        if mount.split()[2] == wanted:
            kind = rest.split()[0]
            disk = os.path.basename(os.path.realpath(f"/sys/dev/block/{wanted}"))
            journals = glob.glob(f"/proc/fs/jbd2/{disk}-*")
            return f"{kind}, without a journal" if kind == "ext4" and not journals else kind
    # A subvolume of btrfs has a device number of its own.
    return commands.run(["stat", "-f", "-c", "%T", str(folder)]).strip()


def _java() -> str:
    home = os.environ.get("JAVA_HOME", "")
    java = os.path.join(home, "bin", "java")
    program = java if home and os.access(java, os.X_OK) else shutil.which("java")
    if not program:
        return "none"
    told = commands.run([*commands.shell('"$1" -version 2>&1'), "sh", program])
    found = re.search(r'version "([^"]+)"', told)
    return found[1] if found else told.splitlines()[0]


def _commit() -> str:
    """The commit that was built, if it can be known."""
    try:
        commit = commands.run(["git", "-C", str(CHECKOUT), "rev-parse", "--short=10", "HEAD"])
    except commands.Failed:
        return "not from a git checkout"
    return f"commit {commit.strip()}"
