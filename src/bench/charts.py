"""Charts as SVG files: dots on a logarithmic axis of ratios, and lines."""
from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

LETTER = 7.0  # about the width of a letter of 12 pixels
STYLE = """
svg { color-scheme: light dark; --paper: #ffffff; --ink: #1c1f23; --soft: #5b636d; --rule: #dfe3e7;
  --c0: #1f5fd0; --c1: #c2570c; --c2: #0f8a5f; --c3: #8b3fc7; --c4: #b3246b; --c5: #0b7f96; }
@media (prefers-color-scheme: dark) { svg { --paper: #14171b; --ink: #e6e9ed; --soft: #a2abb6;
  --rule: #343b44; --c0: #6ea8ff; --c1: #ff9a4d; --c2: #41cf98; --c3: #c792ff; --c4: #ff7fb5;
  --c5: #4fd0e6; } }
.paper { fill: var(--paper); }
text { font: 12px system-ui, sans-serif; fill: var(--ink); }
.title { font-size: 14px; font-weight: 600; }
.soft { fill: var(--soft); font-size: 11px; }
.group { font-weight: 600; }
.number { fill: var(--ink); font-size: 11px; paint-order: stroke; stroke: var(--paper);
  stroke-width: 4px; }
.grid { stroke: var(--rule); } .axis { stroke: var(--soft); }
.one { stroke: var(--ink); stroke-width: 1.5; }
.target { stroke: var(--soft); stroke-width: 3; }
.line { fill: none; stroke: var(--own); stroke-width: 2; }
.dot { fill: var(--own); stroke: var(--paper); stroke-width: 1; }
.name { fill: var(--own); font-weight: 600; }
.c0 { --own: var(--c0); } .c1 { --own: var(--c1); } .c2 { --own: var(--c2); }
.c3 { --own: var(--c3); } .c4 { --own: var(--c4); } .c5 { --own: var(--c5); }
"""
COLOURS = {"plyfs": 0, "fuse-overlayfs": 1, "plyfs-volatile": 2, "kernel": 5, "unionfs-fuse": 3}


def colour(name: str, names: Sequence[str]) -> str:
    """Class of a system or series: the same in every chart where it is a known one."""
    if name in COLOURS:
        return f"c{COLOURS[name]}"
    free = [i for i in range(6) if i not in {COLOURS[each] for each in names if each in COLOURS}]
    unknown = [each for each in names if each not in COLOURS]
    return f"c{(free or [4])[unknown.index(name) % max(1, len(free))]}"


class Drawing:
    """Elements of one picture."""

    def __init__(self, width: float, height: float, title: str) -> None:
        self._parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
            f'width="{width:.0f}" height="{height:.0f}" role="img" aria-label={quoteattr(title)}>',
            f"<style>{STYLE}</style>",
            f'<rect class="paper" width="{width:.0f}" height="{height:.0f}"/>',
        ]

    def line(self, style: str, x1: float, y1: float, x2: float, y2: float) -> None:
        self._parts.append(
            f'<line class="{style}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>')

    def path(self, style: str, points: Sequence[tuple[float, float]]) -> None:
        places = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self._parts.append(f'<polyline class="{style}" points="{places}"/>')

    def dot(self, style: str, x: float, y: float, title: str, radius: float = 4.5) -> None:
        self._parts.append(
            f'<circle class="dot {style}" cx="{x:.1f}" cy="{y:.1f}" r="{radius}">'
            f"<title>{escape(title)}</title></circle>")

    def words(self, style: str, x: float, y: float, text: str, anchor: str = "start") -> None:
        self._parts.append(
            f'<text class="{style}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">'
            f"{escape(text)}</text>")

    def end(self) -> str:
        return "\n".join([*self._parts, "</svg>"]) + "\n"


@dataclass(frozen=True)
class Axis:
    """Values to places, logarithmic or from zero."""

    low: float
    high: float
    start: float
    end: float
    logarithmic: bool = True

    def at(self, value: float) -> float:
        if self.logarithmic:
            part = math.log(value / self.low) / math.log(self.high / self.low)
        else:
            part = (value - self.low) / (self.high - self.low)
        return self.start + (self.end - self.start) * part

    def ticks(self) -> list[float]:
        if not self.logarithmic:
            step = 10.0 ** math.floor(math.log10((self.high - self.low) / 4))
            while (self.high - self.low) / step > 6:
                step *= 2.5 if f"{step:e}".startswith("2") else 2
            return [i * step for i in range(int(self.high / step) + 1) if i * step >= self.low]
        decades = math.log10(self.high / self.low)
        steps = (1, 2, 5) if decades < 3 else (1,)
        first, last = math.floor(math.log10(self.low)), math.ceil(math.log10(self.high))
        every = [step * 10.0**power for power in range(first, last + 1) for step in steps]
        return [value for value in every if self.low <= value <= self.high]


@dataclass(frozen=True)
class Lane:
    """A row of a chart of ratios: the value of each system, and a target; None if there is none.

    group: a heading that is written where it changes.
    """

    name: str
    values: dict[str, float | None]
    target: float | None = None
    group: str = ""


def _legend(drawing: Drawing, x: float, y: float, names: Sequence[str], target: str) -> None:
    for name in names:
        drawing.dot(colour(name, names), x + 5, y - 4, name)
        drawing.words("", x + 14, y, name)
        x += 34 + LETTER * len(name)
    if target:
        drawing.line("target", x + 5, y - 10, x + 5, y + 2)
        drawing.words("", x + 14, y, target)


def ratio_lanes(
    title: str, systems: Sequence[str], lanes: Sequence[Lane], base: str, numbers: bool = False
) -> str:
    """A lane for each row, with a dot for each system on a logarithmic axis; 1 is the base.

    numbers: the least and the greatest value of a lane are written beside their dots.
    """
    width, height_of_lane, top = 860.0, 20.0, 66.0
    groups = sum(1 for i, each in enumerate(lanes) if each.group and (
        i == 0 or lanes[i - 1].group != each.group))
    bottom = top + height_of_lane * (len(lanes) + groups)
    values = [value for each in lanes for value in (*each.values.values(), each.target) if value]
    left = 32 + LETTER * max(len(each.name) for each in lanes)
    right = width - (48 if numbers else 24)
    axis = Axis(min(0.5, *values) / 1.15, max(2.0, *values) * 1.15, left, right)
    drawing = Drawing(width, bottom + 56, title)
    drawing.words("title", 16, 24, title)
    marked = any(each.target for each in lanes)
    _legend(drawing, left, 48, systems, "target" if marked else "")
    for tick in axis.ticks():
        drawing.line("grid", axis.at(tick), top - 4, axis.at(tick), bottom)
        drawing.words("soft", axis.at(tick), bottom + 15, f"{tick:g}", "middle")
    drawing.line("one", axis.at(1), top - 4, axis.at(1), bottom)
    y = top
    group = ""
    for each in lanes:
        if each.group and each.group != group:
            group = each.group
            drawing.words("group", 16, y + 15, group)
            y += height_of_lane
        drawing.line("grid", left, y + height_of_lane, right, y + height_of_lane)
        drawing.words("", left - 10, y + 14, each.name, "end")
        _lane(drawing, axis, each, systems, y, height_of_lane)
        if numbers:
            _numbers(drawing, axis, each, y)
        y += height_of_lane
    drawing.words("soft", axis.at(1), bottom + 29, f"= {base}", "middle")
    drawing.words("soft", (left + right) / 2, bottom + 46,
                  f"time divided by the time of {base} (logarithmic; left is faster)", "middle")
    return drawing.end()


def _lane(
    drawing: Drawing, axis: Axis, lane: Lane, systems: Sequence[str], y: float, height: float
) -> None:
    if lane.target:
        x = axis.at(lane.target)
        drawing.line("target", x, y + 4, x, y + height - 4)
    for name in systems:
        value = lane.values.get(name)
        if value:
            title = f"{name} {lane.group} {lane.name}: {value:.2f}".replace("  ", " ")
            drawing.dot(colour(name, systems), axis.at(value), y + height / 2, title)


def _numbers(drawing: Drawing, axis: Axis, lane: Lane, y: float) -> None:
    values = sorted(value for value in lane.values.values() if value)
    texts = [f"{value:.1f}" if value >= 9.95 else f"{value:.2f}" for value in values]
    if values:
        drawing.words("number", axis.at(values[-1]) + 9, y + 14, texts[-1])
    if len(values) > 1:
        drawing.words("number", axis.at(values[0]) - 9, y + 14, texts[0], "end")


@dataclass(frozen=True)
class Line:
    """A series of a line chart: points of x and y, both above zero on logarithmic axes.

    system: whose colour the line has; its name if there is none.
    """

    name: str
    points: Sequence[tuple[float, float]]
    system: str = ""


def lines(
    title: str, series: Sequence[Line], x_words: str, y_words: str,
    logarithmic_x: bool = True, logarithmic_y: bool = True, x_names: Mapping[float, str] = {},
) -> str:
    """A line for each series, named at its end; a value axis that is not logarithmic is from 0.

    x_names: what stands below a point of the horizontal axis instead of its number.
    """
    width, height, top, left = 760.0, 380.0, 62.0, 64.0
    right = width - 24 - 7.2 * max(len(each.name) for each in series)
    bottom = height - 48
    xs = sorted({x for each in series for x, _ in each.points})
    ys = [y for each in series for _, y in each.points]
    across = _axis(xs, left + 8, right, logarithmic_x, logarithmic_x)
    up = _axis(ys, bottom, top, logarithmic_y, True)
    drawing = Drawing(width, height, title)
    drawing.words("title", 16, 24, title)
    drawing.words("soft", 16, 46, y_words)
    drawing.words("soft", (left + right) / 2, height - 10, x_words, "middle")
    for tick in up.ticks():
        drawing.line("grid", left, up.at(tick), right, up.at(tick))
        drawing.words("soft", left - 6, up.at(tick) + 4, f"{tick:,.10g}", "end")
    for x in xs if len(xs) <= 10 else across.ticks():
        drawing.line("axis", across.at(x), bottom, across.at(x), bottom + 4)
        drawing.words("soft", across.at(x), bottom + 17, x_names.get(x, f"{x:,.10g}"), "middle")
    drawing.line("axis", left, bottom, right, bottom)
    names = [each.system or each.name for each in series]
    ends = []
    for each in series:
        style = colour(each.system or each.name, names)
        points = [(across.at(x), up.at(y)) for x, y in each.points]
        drawing.path(f"line {style}", points)
        for (x, y), (place_x, place_y) in zip(each.points, points):
            drawing.dot(style, place_x, place_y, f"{each.name}: {x:g}, {y:g}", 3.5)
        ends.append((points[-1][1], style, each.name))
    _names(drawing, right + 10, bottom, ends)
    return drawing.end()


def _axis(
    values: Sequence[float], start: float, end: float, logarithmic: bool, margin: bool
) -> Axis:
    room = 1.1 if margin else 1.0
    if logarithmic:
        return Axis(min(values) / room, max(values) * room, start, end)
    return Axis(0.0, max(values) * room, start, end, False)


def _names(
    drawing: Drawing, x: float, bottom: float, ends: list[tuple[float, str, str]]
) -> None:
    """Names at the ends of lines, moved apart where they would cover each other."""
    places: list[float] = []
    for y, _, _ in sorted(ends):
        places.append(max(y, places[-1] + 14) if places else y)
    for i in reversed(range(len(places))):
        places[i] = min(places[i], bottom if i == len(places) - 1 else places[i + 1] - 14)
    for y, (_, style, name) in zip(places, sorted(ends)):
        drawing.words(f"name {style}", x, y + 4, name)


def write(file: Path, picture: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(picture, encoding="utf-8")
