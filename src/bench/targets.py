"""What Plyfs is meant to reach: ratios to the kernel's overlayfs, and two absolute figures."""
from __future__ import annotations

from dataclasses import dataclass

from systems import DEFAULT


@dataclass(frozen=True)
class Target:
    """At most this. Without a unit it is a ratio, rounded to two digits after the point."""

    limit: float
    unit: str = ""

    def met(self, value: float) -> bool:
        return round(value, 2) <= self.limit if self.unit == "" else value <= self.limit


def text(target: Target | None) -> str:
    """As in the tables."""
    if target is None:
        return ""
    if target.unit == "ns":
        return f"{target.limit / 1e6:g} ms"
    return f"{target.limit / 1024:g} MiB" if target.unit == "KiB" else f"{target.limit:g}"


_RATIOS = {
    "walk_cold": 1.5, "walk_warm": 1.1, "stat": 0.9, "miss": 3, "open": 1.0, "open2": 1.0,
    "create": 1.5, "create2": 3, "rename": 2, "unlink": 3, "rmtree": 3, "untar": 2,
    "chown_tree": 0.5, "read_cold": 1.2, "read_warm": 0.6, "copyup_4k": 1.0, "copyup_1m": 0.9,
    "copyup_16m": 0.9, "copyup_512m": 0.9, "dpkg": 1.2, "seqwrite": 1.1, "seqread_cold": 1.1,
    "seqread_warm": 1.1, "randread": 1.1, "randwrite": 1.4, "fsync": 1.3, "python": 1.05,
    "compile": 1.1, "git": 1.5,
}

# (row, system) -> what it is to reach
OF = {
    **{(row, DEFAULT): Target(limit) for row, limit in _RATIOS.items()},
    ("mount", DEFAULT): Target(200e6, "ns"),
    ("rss", DEFAULT): Target(64 * 1024, "KiB"),
    ("chmod_16m", "plyfs-metacopy"): Target(0.1),
    **{(row, "plyfs-volatile"): Target(0.4) for row in ("copyup_1m", "copyup_16m", "copyup_512m")},
}
