"""Runs the sections of the benchmarks and writes the pages: see scripts/bench --help."""
from __future__ import annotations

import argparse
import importlib
import sys

import alone
import commands
import ladder
import options as words
import overview
import place
import report


def _measure(section: str, options: argparse.Namespace) -> str:
    """Runs one section and writes its results; returns why it failed, if it did."""
    file = options.results / f"{section}.json"
    print(f"bench: {section}", file=sys.stderr, flush=True)
    try:
        result = alone.measured(importlib.import_module(section).run, options)
    except (commands.Failed, OSError, SystemExit) as failure:
        return f"{section}: {failure}"
    if section == "ladder" and options.add and file.exists():
        result = ladder.add(alone.load(options.results, section), result)
    alone.save(file, result)
    return ""


def _render(options: argparse.Namespace) -> None:
    results, renderers = {}, {}
    for section in words.SECTIONS:
        file = options.results / f"{section}.json"
        if file.exists():
            results[section] = alone.load(options.results, section)
            renderers[section] = importlib.import_module(section).render
    if not results:
        raise SystemExit(f"bench: no results in {options.results}: run it without --render")
    report.write(options.pages, options.charts, results, renderers)
    overview.draw(options.pages, options.charts)
    print(f"bench: written: {', '.join(f'{name}.md' for name in results)} in {options.pages}")


def _charts(options: argparse.Namespace) -> int:
    drawn = overview.draw(options.pages, options.charts)
    if not drawn:
        raise SystemExit(f"bench: no tables for the charts in {options.pages}")
    print(f"bench: drawn: {', '.join(drawn)} in {options.charts}")
    return 0


def main(given: list[str]) -> int:
    options = words.parse(given)
    if options.charts_alone:
        return _charts(options)
    failures = []
    if not options.render:
        words.refuse(options)
        if options.form != "full":
            print(f"bench: a {options.form} run, with fewer operations and one round: the results "
                  f"are in {options.results}", file=sys.stderr)
        place.end_on_signals()
        try:
            words.archive_classes(options)
            for section in options.only:
                failures.append(_measure(section, options))
                if commands.was_ended():
                    raise KeyboardInterrupt
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
