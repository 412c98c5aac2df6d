"""Numbers for people, and means."""
from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from typing import Any

UNITS = {
    "ns": (("ns", 1.0), ("µs", 1e3), ("ms", 1e6), ("s", 1e9)),
    "KiB": (("KiB", 1.0), ("MiB", 1024.0)),
}


def amount(value: float, unit: str = "ns") -> str:
    """Three digits and a unit: 940 ns, 12.3 ms, 51.2 MiB."""
    word, divisor = UNITS[unit][0]
    for next_word, next_divisor in UNITS[unit][1:]:
        if value >= 0.9995 * next_divisor:
            word, divisor = next_word, next_divisor
    return f"{_three_digits(value / divisor)} {word}"


def _three_digits(value: float) -> str:
    return f"{value:.2f}" if value < 9.995 else f"{value:.1f}" if value < 99.95 else f"{value:.0f}"


def ratio(value: float | None) -> str:
    """A ratio as in the tables, or a dash."""
    return "–" if value is None else f"{value:.3f}" if value < 0.0995 else _three_digits(value)


def median(result: dict[str, Any] | None) -> float | None:
    """The median of a result's samples; None if there are none."""
    samples = (result or {}).get("samples")
    return statistics.median(samples) if samples else None


def quotient(result: dict[str, Any] | None, base: dict[str, Any] | None) -> float | None:
    """How the medians of two results compare."""
    above, below = median(result), median(base)
    return above / below if above is not None and below else None


def geometric_mean(values: Sequence[float]) -> float:
    return math.exp(math.fsum(map(math.log, values)) / len(values))
