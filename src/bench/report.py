"""Writes a page for each section from its results."""
from __future__ import annotations

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

FORMS = {
    "full": "",
    "quick": "**A quick run: fewer operations, smaller files, one round, other configurations in a few rows. "
             "Its figures show that everything works, and roughly how it compares.**\n\n",
    "tiny": "**A run to test the program: its figures say nothing.**\n\n",
}

HEAD = (
    "Written by `scripts/bench`: the next run replaces this page. Times of one machine: only what "
    "stands in one row of a table can be compared.\n\n")


def write(
    folder: Path,
    charts: Path,
    results: dict[str, dict[str, Any]],
    renderers: dict[str, Callable[[dict[str, Any], Path], str]],
) -> None:
    """Writes a page for each section that has results, and its charts; others stay as they are."""
    folder.mkdir(parents=True, exist_ok=True)
    machine = _machine(results)
    for name, result in results.items():
        parts = [f"# {TITLES[name]}\n", HEAD + machine, _made(result)]
        parts.append(renderers[name](result, charts))
        text = "\n".join(part.rstrip("\n") + "\n" for part in parts)
        (folder / f"{name}.md").write_text(text, encoding="utf-8")


def _machine(results: dict[str, dict[str, Any]]) -> str:
    """A table: where, and which systems."""
    versions: dict[str, str] = {}
    for result in results.values():
        for system in result.get("systems", {}).values():
            versions.setdefault(system["version"], "")
    # A section that was run by itself may not tell where.
    facts = dict(next((each["machine"] for each in results.values() if "machine" in each), {}))
    if versions:
        facts["systems"] = ", ".join(versions)
    lines = [[key, value] for key, value in facts.items()]
    return table(["", ""], lines, "ll")


def _made(result: dict[str, Any]) -> str:
    """How and when a section was measured."""
    made = result.get("commands", [])
    lines = [f"Measured {when} by `{command}`." for when, command in made]
    return FORMS[result.get("form", "full")] + "\n\n".join(lines) + ("\n" if lines else "")
