"""Runs one section by itself: python3 src/bench/SECTION.py [words of scripts/bench]."""
from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import commands
import options as words
import place


def main(
    name: str,
    run: Callable[[bool, argparse.Namespace], dict[str, Any]],
    render: Callable[[dict[str, Any], Path], str],
) -> None:
    """Measures a section, writes its JSON, and prints its part of the page."""
    options = words.parse(sys.argv[1:], f"src/bench/{name}.py")
    file = options.results / f"{name}.json"
    place.end_on_signals()
    try:
        if not options.render:
            words.refuse(options)
            words.archive_classes(options)
            save(file, run(options.quick, options))
        print(render(json.loads(file.read_text(encoding="utf-8")), options.charts))
    except (commands.Failed, FileNotFoundError) as failure:
        raise SystemExit(f"bench: {failure}") from failure
    except KeyboardInterrupt:
        raise SystemExit("bench: interrupted: everything is unmounted") from None


def save(file: Path, result: dict[str, Any]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
