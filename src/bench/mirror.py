"""The FUSE server in C that hands each request on, of the folder mirror/, as a program."""
from __future__ import annotations

import functools
import os
from pathlib import Path

import commands

SOURCES = Path(__file__).with_name("mirror")


@functools.cache
def program(folder: Path) -> str:
    """The program in a folder, compiled there once in each run."""
    file = folder / "mirror-server"
    made = folder / f"mirror-server.{os.getpid()}"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        commands.compile_program(made, sorted(SOURCES.glob("*.c")))
        made.replace(file)  # another run may be using it
    finally:
        made.unlink(missing_ok=True)
    return str(file)
