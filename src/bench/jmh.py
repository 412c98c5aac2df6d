"""Micro-benchmarks by JMH: codecs, lookups, listings, the plan of a copy-up (src/jmh).

Builds them with the Maven profile jmh, in target/jmh, and runs them in JVMs with the daemon's
collector: python3 src/bench/jmh.py [--quick]. A full run takes five minutes, a quick one less than
one, beside the build.
"""
from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import alone
import commands

CHECKOUT = Path(__file__).resolve().parents[2]
BUILT = CHECKOUT / "target" / "jmh"
BUILD = ["mvn", "-q", "-B", "-f", str(CHECKOUT / "pom.xml"), "-Pjmh", "process-test-classes"]
JVM = "-XX:+UseSerialGC -Xms32m -Xmx256m --enable-native-access=ALL-UNNAMED"
FULL = "-f 2 -wi 4 -w 500ms -i 5 -r 500ms"
QUICK = "-f 1 -wi 1 -w 100ms -i 2 -r 100ms"
ALLOCATED = "gc.alloc.rate.norm"


def run(quick: bool, options: argparse.Namespace) -> dict[str, Any]:
    """Builds and runs all benchmarks; what each came to."""
    commands.run(BUILD)
    effort = QUICK if quick else FULL
    file = BUILT / "results.json"
    path = [BUILT / "test-classes", BUILT / "classes", (BUILT / "classpath").read_text().strip()]
    commands.run([
        "java", "-cp", ":".join(map(str, path)), "org.openjdk.jmh.Main", *effort.split(),
        "-foe", "true", "-prof", "gc", "-jvmArgs", JVM, "-rf", "json", "-rff", str(file)])
    measured = json.loads(file.read_text(encoding="utf-8"))
    return {
        "effort": effort,
        "jvm": f"{measured[0]['vmName']} {measured[0]['vmVersion']}",
        "benchmarks": [_benchmark(each) for each in measured],
    }


def _benchmark(measured: dict[str, Any]) -> dict[str, Any]:
    time, memory = measured["primaryMetric"], measured["secondaryMetrics"]
    return {
        "name": ".".join(measured["benchmark"].split(".")[-2:]),
        "parameters": measured.get("params", {}),
        "unit": time["scoreUnit"],
        "score": time["score"],
        "error": _number(time["scoreError"]),
        "bytes": next((memory[key]["score"] for key in memory if key.endswith(ALLOCATED)), None),
    }


def _number(value: Any) -> float | None:
    """JMH writes "NaN" where one measurement is too few for an error."""
    return value if isinstance(value, (int, float)) else None


def render(result: dict[str, Any], charts: Path) -> str:
    """The table of all benchmarks; it has no chart."""
    lines = [
        f"Single operations inside the daemon, by JMH (`{result['effort']}`, `{JVM}`) on",
        f"{result['jvm']}. The error is half of the 99.9 % confidence interval. Lookups, listings and",
        "plans make system calls on ext4; codecs make none. `python3 src/bench/jmh.py` repeats this.",
        "",
        "| benchmark | time | error | unit | bytes allocated |",
        "|---|---:|---:|---|---:|",
    ]
    for each in result["benchmarks"]:
        values = ", ".join(f"{name}={value}" for name, value in each["parameters"].items())
        name = f"`{each['name']}`" + (f" {values}" if values else "")
        figures = [_text(each["score"]), _text(each["error"]), each["unit"], _bytes(each["bytes"])]
        lines.append(f"| {name} | " + " | ".join(figures) + " |")
    return "\n".join(lines) + "\n"


def _text(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}"


def _bytes(value: float | None) -> str:
    """Less than a byte an operation is what the measuring itself leaves."""
    return "" if value is None else f"{value:.0f}"


if __name__ == "__main__":
    alone.main("jmh", run, render)
