"""The geometry of small charts. Templates draw it as SVG on the server: no script, prints, and suits a strict CSP."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Bar", "bars", "polyline"]


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar in chart units: left edge, top edge, width, height, and what it stands for."""

    x: float
    y: float
    width: float
    height: float
    label: str
    value: float


def bars(points: Sequence[tuple[str, float]], width: float, height: float) -> list[Bar]:
    """Bars side by side across `width`, the highest as high as `height`; a value above nought is never invisible."""
    if not points:
        return []
    slot = width / len(points)
    gap = min(2.0, slot * 0.25)
    top = max(value for _, value in points) or 1
    found = []
    for index, (label, value) in enumerate(points):
        tall = max(value / top * height, 1.5 if value > 0 else 0.5)
        x, y = round(index * slot, 2), round(height - tall, 2)
        found.append(Bar(x, y, round(slot - gap, 2), round(tall, 2), label, value))
    return found


def polyline(values: Sequence[float], width: float, height: float) -> str:
    """The `points` of an SVG polyline through the values, left to right, scaled to fit with a margin of one."""
    if not values:
        return ""
    low, high = min(values), max(values)
    span = (high - low) or 1
    step = (width - 2) / max(len(values) - 1, 1)
    places = ((1 + index * step, 1 + (height - 2) * (1 - (value - low) / span)) for index, value in enumerate(values))
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
