"""The words of scripts/bench, and what has to be there before anything is measured."""
from __future__ import annotations

import argparse
import os
import shutil
from pathlib import Path

import commands
import layers
import rows
import systems

SECTIONS = tuple(
    name
    for name in ("ladder", "floors", "filesystems", "scaling", "memory", "jmh")
    if Path(__file__).with_name(f"{name}.py").exists()
)
FILE_SYSTEMS = ("btrfs", "xfs", "tmpfs")
JAR = systems.CHECKOUT / "target" / "plyfs.jar"


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:  # type: ignore[override]
        self.exit(2, f"bench: {message}; see scripts/bench --help\n")


def parse(words: list[str], program: str = "scripts/bench") -> argparse.Namespace:
    """Reads the words; ends the program with one sentence where they are wrong."""
    parser = _Parser(
        prog=program, formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Measures Plyfs beside the kernel's overlayfs and other overlay file systems,\n"
        "and writes the pages and charts of docs/benchmarks/measured. Run it as root on a\n"
        "machine that does nothing else: it drops the page cache.",
        epilog="rows:    " + ", ".join(rows.BY_NAME) + "\n\nsystems: " + ", ".join(systems.BY_NAME))
    add = parser.add_argument
    add("--quick", action="store_true",
        help="fewer operations, one round: four to five minutes on an idle machine, longer "
        "on a busy one; into target/bench/quick")
    add("--tiny", action="store_true", help="next to no operations, to test the program itself")
    add("--only", metavar="SECTION,..", help="of " + ", ".join(SECTIONS) + " (default: all)")
    add("--layers", metavar="DIR:DIR:..",
        help="lower directories, topmost first (default: a Debian, made in target/bench/layers)")
    add("--rounds", metavar="N", type=int, default=3,
        help="of the kernel, the peers and Plyfs; other systems have one, unless --systems names "
        "them (default 3)")
    add("--rows", metavar="ROW,..", help="rows of the ladder (default: all)")
    add("--systems", metavar="NAME,..", help="beside the kernel's overlayfs (default: all)")
    add("--filesystems", metavar="NAME,..", help="of " + ", ".join(FILE_SYSTEMS))
    add("--add", action="store_true", help="keep the rows of the last run that this one has not")
    add("--render", action="store_true", help="measure nothing, write the pages anew")
    add("--charts", action="store_true", dest="charts_alone",
        help="measure nothing, draw the charts of docs/BENCHMARKS.md from the tables of the pages")
    add("--dir", metavar="DIR", help="where to work, on the file system to measure "
        "(default: target/bench)")
    add("--out", metavar="DIR", help="where the results and the pages go")
    options = parser.parse_args(words)
    options.only = _listed(parser, "--only", options.only, SECTIONS)
    options.rows = _listed(parser, "--rows", options.rows, tuple(rows.BY_NAME))
    # Systems that are named have all their rows and rounds.
    options.everyone = options.systems is not None
    options.systems = _listed(parser, "--systems", options.systems, tuple(systems.BY_NAME))
    options.filesystems = _listed(parser, "--filesystems", options.filesystems, FILE_SYSTEMS)
    options.program, options.words = program, words
    if options.rounds < 1:
        parser.error("--rounds wants a number from 1")
    _places(options)
    return options


def _listed(
    parser: argparse.ArgumentParser, word: str, given: str | None, known: tuple[str, ...]
) -> list[str]:
    names = list(known) if given is None else given.split(",")
    for name in names:
        if name not in known:
            parser.error(f"{word}: '{name}' is not one of {', '.join(known)}")
    return names


def _places(options: argparse.Namespace) -> None:
    results = systems.CHECKOUT / "target" / "bench"
    options.form = "tiny" if options.tiny else "quick" if options.quick else "full"
    options.dir = Path(options.dir).absolute() if options.dir else results
    if options.out:
        options.results = options.pages = Path(options.out).absolute()
    elif options.form == "full":
        options.results = results
        options.pages = systems.CHECKOUT / "docs" / "benchmarks" / "measured"
    else:
        options.results = options.pages = results / options.form
    options.charts = options.pages / "charts"


def refuse(options: argparse.Namespace) -> None:
    """Ends the program with one sentence if something is not there that the sections need."""
    for reason in (
        os.geteuid() != 0 and "it mounts file systems and drops the page cache: run it as root",
        not shutil.which("gcc") and "gcc is missing: install it",
        not os.path.exists("/dev/fuse") and "/dev/fuse does not exist: load the module fuse",
        not JAR.exists() and "target/plyfs.jar is missing: run 'mvn package -DskipTests' first",
    ):
        if reason:
            raise SystemExit(f"bench: {reason}")
    if options.layers:
        options.layers = ":".join(layers.check(options.layers))
    elif layers.missing() and {"ladder", "floors", "scaling", "memory"} & set(options.only):
        raise SystemExit(f"bench: {layers.missing()}")


def archive_classes(options: argparse.Namespace) -> None:
    """Makes the archive of loaded classes, with which a mount starts faster, unless it is there."""
    archive = JAR.with_suffix(".jsa")
    if options.tiny:
        return  # its figures say nothing anyway
    if not archive.exists() or archive.stat().st_mtime < JAR.stat().st_mtime:
        try:
            commands.run([str(systems.CHECKOUT / "scripts" / "archive-classes")], seconds=120)
        except commands.Failed as failure:
            raise SystemExit(f"bench: scripts/archive-classes: {failure}") from failure
