"""Runs one section by itself: python3 src/bench/SECTION.py [words of scripts/bench]."""
from __future__ import annotations

import argparse
import json
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import commands
import machine
import options as words
import place


BESIDE = {"floors": "ladder"}  # a section -> the one whose results it is rendered with
Run = Callable[[bool, argparse.Namespace], dict[str, Any]]
Render = Callable[[dict[str, Any], Path], str]


def measured(run: Run, options: argparse.Namespace) -> dict[str, Any]:
    """What a section measures, and with it: in which form, where, when and by which command."""
    options.dir.mkdir(parents=True, exist_ok=True)
    facts = machine.facts(options.dir)
    made = [facts.pop("measured"), " ".join([options.program, *map(shlex.quote, options.words)])]
    result = run(options.form != "full", options)
    return {**result, "form": options.form, "machine": facts, "commands": [made]}


def main(name: str, run: Run, render: Render) -> None:
    """Measures a section, writes its JSON, and prints its part of the page."""
    options = words.parse(sys.argv[1:], f"python3 src/bench/{name}.py")
    file = options.results / f"{name}.json"
    place.end_on_signals()
    try:
        if not options.render:
            words.refuse(options)
            words.archive_classes(options)
            save(file, measured(run, options))
        print(render(load(options.results, name), options.charts))
    except (commands.Failed, FileNotFoundError) as failure:
        raise SystemExit(f"bench: {failure}") from failure
    except KeyboardInterrupt:
        raise SystemExit("bench: interrupted: everything is unmounted") from None


def load(folder: Path, name: str) -> dict[str, Any]:
    """What a section has measured, and beside it what another one has that its page is about."""
    result: dict[str, Any] = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    other = BESIDE.get(name, "")
    if other and (folder / f"{other}.json").exists():
        result[other] = load(folder, other)
    return result


def save(file: Path, result: dict[str, Any]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
