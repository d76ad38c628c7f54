"""A figure that may be off by a known error, or is missing for a reason."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Estimate:
    """A figure that needs every row at once.

    Attributes:
        value: the figure; None where there is none.
        error: by how much it may be off where it comes from cells; 0 where it is exact.
        reason: why there is none.
    """

    value: float | None
    error: float = 0.0
    reason: str = ""
