"""Writes BENCHMARKS.md from the sections' results; what people wrote in it by hand stays."""
from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ladder import table

TITLES = {
    "ladder": "Every operation: the ladder",
    "floors": "The floor: requests and their round trips",
    "filesystems": "Copy-up on other file systems",
    "scaling": "Many layers, large directories, many threads",
    "memory": "Memory",
    "jmh": "Microbenchmarks",
}
# part by hand -> the sections that it follows: the first of them that there is
NEXT_TO = {"floors": ("floors", "ladder"), "levers": ("floors", "ladder")}
BY_HAND = re.compile(r"<!-- by hand: ([a-z0-9-]+) -->\n(.*?)<!-- end -->\n", re.DOTALL)

FORMS = {
    "full": "",
    "quick": "**A quick run: fewer operations, smaller files, one round, other configurations in a few rows. "
             "Its figures show that everything works, and roughly how it compares.**\n\n",
    "tiny": "**A run to test the program: its figures say nothing.**\n\n",
}

PROMISES = """\
## What is compared, and what each promises

All systems show the same layers, with an empty upper directory on the same file system. With all of
them, but for `volatile`, a file is on the disk when fsync(2) returns. They differ in copy-up:

| | the copy is on the disk before it replaces the lower file | after a crash of the machine |
|---|---|---|
| kernel overlayfs | yes, each is synced; but not where it shares its data with the lower file (reflink, on btrfs and xfs) | the old file or the new one |
| Plyfs | as the kernel's | the old file or the new one |
| fuse-overlayfs | no | possibly an empty or a partial file |
| unionfs-fuse | no | possibly an empty or a partial file |
| `volatile` (kernel overlayfs, Plyfs) | no; nothing is synced, not by fsync(2) either | the upper directory is to be thrown away |

So the copy-up rows of fuse-overlayfs compare with `volatile`, not with the default. With
`metacopy=on` a change of attributes alone copies no data, with the kernel as with Plyfs.

Each figure is from a mount that was made for it. The systems take turns: row by row each of them
is measured once, then the next round begins. A time is the median of the rounds. Before each mount
everything is written to the disk (sync), and "cold" rows drop the page cache and the kernel's
names and attributes first (the disk's own cache stays: everything was read from it once before);
for others everything in the layers was read once. An ext4 without a journal uses no inode again for
minutes, and is five times as slow and more in making files where many were removed; so each mount's
upper directory is in a part of the disk of its own (chattr +T), and what a row leaves is removed at
the end of the round. Before rows with large files, and cold ones, as much memory is taken and given
back: in a virtual machine memory that was free for a while costs several times as much to fill. A
FUSE file system is mounted so that set-user-ID programs and devices work, as the kernel's does.

Plyfs pays for the fresh mount: a Java program runs its first operations slowly, until they are
compiled. A row of few operations (the large copy-ups, chmod, chown, dpkg) shows mostly that.
"""


def by_hand(page: Path) -> dict[str, str]:
    """Parts between markers in a page that is there already: name -> text."""
    if not page.exists():
        return {}
    return {name: text for name, text in BY_HAND.findall(page.read_text(encoding="utf-8"))}


def _kept(name: str, text: str) -> str:
    return f"<!-- by hand: {name} -->\n{text}<!-- end -->\n"


def _before(part: str, results: dict[str, dict[str, Any]]) -> str:
    """The section that a part by hand follows; none if it comes at the end."""
    return next((name for name in NEXT_TO.get(part, ()) if name in results), "")


def write(
    page: Path,
    charts: Path,
    results: dict[str, dict[str, Any]],
    renderers: dict[str, Callable[[dict[str, Any], Path], str]],
) -> None:
    """Writes the page and its charts; results are those of the sections that have any."""
    kept = {name: "" for name in NEXT_TO} | by_hand(page)
    parts = ["# Benchmarks\n", _introduction(results), PROMISES]
    for name, result in results.items():
        parts.append(f"## {TITLES[name]}\n")
        parts.append(_made(result))
        parts.append(renderers[name](result, charts))
        parts += [_kept(part, kept[part]) for part in NEXT_TO if _before(part, results) == name]
    parts += [_kept(part, text) for part, text in kept.items() if not _before(part, results)]
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text("\n".join(part.rstrip("\n") + "\n" for part in parts), encoding="utf-8")


def _introduction(results: dict[str, dict[str, Any]]) -> str:
    versions: dict[str, str] = {}
    for result in results.values():
        for system in result.get("systems", {}).values():
            versions.setdefault(system["version"], "")
    # A section that was run by itself may not tell where.
    facts = dict(next((each["machine"] for each in results.values() if "machine" in each), {}))
    if versions:
        facts["systems"] = ", ".join(versions)
    lines = [[key, value] for key, value in facts.items()]
    return (
        "Written by `scripts/bench`, but for the parts between the marks `by hand`. Times of one "
        "machine: only what stands in one row of a table can be compared.\n\n"
        + table(["", ""], lines, "ll"))


def _made(result: dict[str, Any]) -> str:
    """How and when a section was measured."""
    made = result.get("commands", [])
    lines = [f"Measured {when} by `{command}`." for when, command in made]
    return FORMS[result.get("form", "full")] + "\n\n".join(lines) + ("\n" if lines else "")
