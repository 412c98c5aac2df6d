"""Runs the sections of the benchmarks and writes the pages: see scripts/bench --help."""
from __future__ import annotations

import argparse
import importlib
import json
import shlex
import sys
from pathlib import Path
from typing import Any

import alone
import commands
import ladder
import machine
import options as words
import place
import report


def _module(section: str) -> Any:
    """The module of a section; None if it is not part of this checkout."""
    if not Path(__file__).with_name(f"{section}.py").exists():
        return None
    return importlib.import_module(section)


def _command(options: argparse.Namespace) -> str:
    """The command that was given, with the checkout's own folder left out of it."""
    return shlex.join(["scripts/bench", *options.words])


def _measure(section: str, module: Any, options: argparse.Namespace) -> str:
    """Runs one section and writes its results; returns why it failed, if it did."""
    file = options.results / f"{section}.json"
    print(f"bench: {section}", file=sys.stderr, flush=True)
    facts = machine.facts(options.dir)
    try:
        result = module.run(options.quick or options.tiny, options)
    except commands.Failed as failure:
        return f"{section}: {failure}"
    made = [facts.pop("measured"), _command(options)]
    result |= {"form": options.scale, "machine": facts, "commands": [made]}
    if section == "ladder" and options.add and file.exists():
        result = ladder.add(json.loads(file.read_text(encoding="utf-8")), result)
    alone.save(file, result)
    return ""


def _render(options: argparse.Namespace) -> None:
    results, renderers = {}, {}
    for section in words.SECTIONS:
        file, module = options.results / f"{section}.json", _module(section)
        if file.exists() and module:
            results[section] = json.loads(file.read_text(encoding="utf-8"))
            renderers[section] = module.render
    if not results:
        raise SystemExit(f"bench: no results in {options.results}: run it without --render")
    page = options.pages / "BENCHMARKS.md"
    report.write(page, options.charts, results, renderers)
    print(f"bench: written: {page}")


def main(given: list[str]) -> int:
    options = words.parse(given)
    failures = []
    if not options.render:
        words.refuse(options)
        place.end_on_signals()
        try:
            words.archive_classes(options)
            options.dir.mkdir(parents=True, exist_ok=True)
            for section in options.only:
                module = _module(section)
                failures += [_measure(section, module, options)] if module else []
        except KeyboardInterrupt:
            print("bench: interrupted: everything is unmounted", file=sys.stderr)
            return 130
    failures = [failure for failure in failures if failure]
    for failure in failures:
        print(f"bench: {failure}", file=sys.stderr)
    if len(failures) < len(options.only):
        _render(options)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
