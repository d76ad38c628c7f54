"""Charts as data: what to draw, with nothing about how.

Everything is frozen and checked when it is made, so that whoever paints a chart need not ask whether it makes sense.
"""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING, Literal

from lossterm.core.lazy import np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

Dash = Literal["dashed", "dotted", "dashdot"]
"""How a curve is broken up, so that curves can be told apart without colour; `None` is a solid line."""

DASHES: tuple[Dash | None, ...] = (None, "dashed", "dotted", "dashdot")
"""All line styles, in the order in which to give them to successive curves."""

INKS = 1 << 16
"""How many inks there are: one more than the largest that a series may have."""


def _is_plain(text: str) -> bool:
    """Whether every character of `text` is printable and takes exactly one cell."""
    return text.isprintable() and all(
        unicodedata.east_asian_width(c) not in "WF" and unicodedata.category(c) not in ("Mn", "Me", "Cf") for c in text
    )


@dataclass(frozen=True)
class Tick:
    """A labelled place on an axis.

    Raises:
        ValueError: If the position is not finite, or the label holds anything but single-cell printable characters.
    """

    position: float
    """Where, in the units of the axis."""

    label: str
    """What is written there; one cell a character."""

    def __post_init__(self) -> None:
        if not math.isfinite(self.position):
            raise ValueError(f"a tick is at a finite position, not at {self.position}")
        if not _is_plain(self.label):
            raise ValueError(f"a tick label is plain text of single-cell characters, not {self.label!r}")


@dataclass(frozen=True)
class Axis:
    """The window on one direction of a chart.

    Raises:
        ValueError: Unless `lo` and `hi` are finite and `lo` is less than `hi`.
    """

    lo: float
    """The left or lower end, included."""

    hi: float
    """The right or upper end, included."""

    ticks: tuple[Tick, ...] = ()
    """The ticks asked for. Those outside the window, or without room for their label, are not drawn."""

    def __post_init__(self) -> None:
        if not (math.isfinite(self.lo) and math.isfinite(self.hi) and self.lo < self.hi):
            raise ValueError(f"an axis runs from a finite lo up to a finite hi, not from {self.lo} to {self.hi}")
        object.__setattr__(self, "lo", float(self.lo))
        object.__setattr__(self, "hi", float(self.hi))
        object.__setattr__(self, "ticks", tuple(self.ticks))


@dataclass(frozen=True, eq=False)
class Series:
    """One curve: points joined in order by straight lines.

    A NaN breaks the curve. An infinite y sends it straight off the edge of the window, as an asymptote should go.

    Raises:
        ValueError: If x and y are not of one dimension and the same length, or ink, letter or dash is not allowed.
    """

    x: NDArray[np.float64]
    """Shape (n,). Any floats; copied, and read-only from then on."""

    y: NDArray[np.float64]
    """Shape (n,). Any floats; copied, and read-only from then on."""

    ink: int = 0
    """Which colour of the palette; the palette itself is the business of whoever shows the picture."""

    letter: str = ""
    """One character set on the curve in a few places, to tell it apart without colour; empty for none."""

    dash: Dash | None = None
    """The line style."""

    _digest: bytes = field(init=False, repr=False, default=b"")

    def __post_init__(self) -> None:
        x, y = _column(self.x, "x"), _column(self.y, "y")
        if x.size != y.size:
            raise ValueError(f"a series has as many x as y, not {x.size} and {y.size}")
        if not 0 <= self.ink < INKS:
            raise ValueError(f"ink is in 0…{INKS - 1}, not {self.ink}")
        if self.letter and (len(self.letter) != 1 or self.letter.isspace() or not _is_plain(self.letter)):
            raise ValueError(f"a letter is one single-cell character, not {self.letter!r}")
        if self.dash not in DASHES:
            raise ValueError(f"dash is one of {DASHES}, not {self.dash!r}")
        object.__setattr__(self, "x", x)
        object.__setattr__(self, "y", y)
        object.__setattr__(self, "_digest", blake2b(x.tobytes() + y.tobytes(), digest_size=16).digest())

    @property
    def fingerprint(self) -> tuple[object, ...]:
        """A hashable value that two series share exactly when they look the same."""
        return (self._digest, self.x.size, self.ink, self.letter, self.dash)


@dataclass(frozen=True, eq=False)
class Chart:
    """Curves in a window, with an axis on the left and one at the bottom."""

    x_axis: Axis
    """The horizontal window, and its ticks."""

    y_axis: Axis
    """The vertical window, and its ticks."""

    series: tuple[Series, ...] = ()
    """The curves; a later one gives its ink to a cell that it shares with an earlier one."""

    margin: int = 0
    """The least number of columns left of the canvas: give stacked charts the same, so that their columns align."""

    bottom: bool = True
    """Whether the x axis is drawn; the upper one of two stacked charts may do without."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "series", tuple(self.series))

    @cached_property
    def fingerprint(self) -> tuple[object, ...]:
        """A hashable value that two charts share exactly when they look the same."""
        curves = tuple(series.fingerprint for series in self.series)
        return (self.x_axis, self.y_axis, curves, self.margin, self.bottom)


def _column(values: ArrayLike, name: str) -> NDArray[np.float64]:
    """A read-only copy of `values` as a vector of floats."""
    array = np.array(values, dtype=np.float64)
    if array.ndim != 1:
        raise ValueError(f"{name} has one dimension, not {array.ndim}")
    array.flags.writeable = False
    return array
