"""Where an objective is asked: scores and labels."""

from __future__ import annotations

from typing import Any

NEAR = 8.0
"""Scores up to which numbers are compared with each other; beyond it each with itself."""

STEP = 1e-3
"""Between the points of a difference quotient."""

_FAR = (9.7, 12.3, 15.1, 18.9, 24.7, 30.3, 36.1, 38.7, 45.3, 60.7, 88.1, 90.3, 104.9, 150.3, 250.7, 350.9, 400.1,
        600.3, 709.1, 711.3, 744.1, 746.3, 800.3, 1000.0)  # fmt: skip
"""Beside where floats end: 36.7 (1 − p is 0), 88.7 (float32), 709.8 and 745.1 (the largest and the least double)."""

SETS: dict[str, tuple[float, ...]] = {
    "hard": (0.0, 1.0),
    "signed": (-1.0, 1.0),
    "real": (-1.37, 0.3, 2.61),
    "positive": (1.0, 2.0, 5.0),
    "soft": (0.3, 0.85),
}
"""Labels that are asked together: an objective may take some of them only."""


def scores() -> list[float]:
    """The scores: no round ones near 0, at which conventions about kinks differ; ±1000 at the ends."""
    near = [round(-7.987 + 0.1997 * k, 6) for k in range(81)]
    inside = [round(0.0313 + 0.0461 * k, 6) for k in range(21)]  # where a score may be taken for a probability
    return sorted({*near, *inside, *_FAR, *(-z for z in _FAR)})


def request_for(labels: tuple[float, ...]) -> dict[str, Any]:
    """What is asked of an objective.

    Args:
        labels: those that it is for; where there are none, every set.
    """
    z = scores()
    sets = {"asked": labels} if labels else SETS
    points = {name: {"z": z * len(ys), "y": [y for y in ys for _ in z]} for name, ys in sets.items()}
    return {"sets": points, "step": STEP, "near": NEAR}
