"""Charts as data: what to draw, with nothing about how.

Everything is frozen and checked when it is made, so that whoever paints a chart need not ask whether it makes sense.
"""

from __future__ import annotations

import math
import sys
import unicodedata
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from lossterm.core.lazy import np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

Dash = Literal["dashed", "dotted", "dashdot", "fine"]
"""How a curve is broken up, so that curves can be told apart without colour; `None` is a solid line.

A fine one is every second dot of the solid line: no cell that the curve passes is left blank.
"""

DASHES: tuple[Dash | None, ...] = (None, "dashed", "dotted", "dashdot")
"""The line styles of successive curves, in the order in which to give them."""

_FARTHEST = sys.float_info.max / 8
"""How far an axis goes at most: the length of its interval must be a number."""

_LEAST = 2.0**-32
"""The least length of an axis, next to its ends: twenty bits are left for the places on it."""

INKS = 1 << 16
"""How many inks there are: one more than the largest that a series may have."""


def _is_plain(text: str) -> bool:
    """Whether every character of `text` is printable and takes exactly one cell."""
    if text.isascii():
        return text.isprintable()
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


def apart(lo: float, hi: float) -> tuple[float, float]:
    """The ends of an interval, moved apart where they are too close for numbers between them, or not finite.

    Next to 1e17 the nearest double is 16 away: an interval of the length 1 has no inside there.
    """
    lo, hi = (min(max(end, -_FARTHEST), _FARTHEST) if not math.isnan(end) else 0.0 for end in (lo, hi))
    least = max(_LEAST * max(abs(lo), abs(hi)), sys.float_info.min)
    if hi - lo >= least:
        return lo, hi
    middle = lo / 2 + hi / 2
    return middle - least, middle + least


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
        if self.dash not in (*DASHES, "fine"):
            raise ValueError(f"dash is one of {(*DASHES, 'fine')}, not {self.dash!r}")
        object.__setattr__(self, "x", x)
        object.__setattr__(self, "y", y)
        from hashlib import blake2b

        object.__setattr__(self, "_digest", blake2b(x.tobytes() + y.tobytes(), digest_size=16).digest())

    @property
    def fingerprint(self) -> tuple[object, ...]:
        """A hashable value that two series share exactly when they look the same."""
        return (self._digest, self.x.size, self.ink, self.letter, self.dash)


@dataclass(frozen=True)
class Mark:
    """A character at a point of the window, over the curves.

    Raises:
        ValueError: If the symbol is not one single-cell printable character.
    """

    x: float
    """Where, in the units of the x axis; outside the window it is not drawn."""

    y: float
    """Where, in the units of the y axis; beyond the window it is drawn at its edge."""

    symbol: str
    """What is drawn."""

    ink: int = -1
    """Its colour, as of a series; -1 is that of the frame."""

    def __post_init__(self) -> None:
        if len(self.symbol) != 1 or not _is_plain(self.symbol):
            raise ValueError(f"a mark is one single-cell character, not {self.symbol!r}")


@dataclass(frozen=True, eq=False)
class ChartSpec:
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

    marks: tuple[Mark, ...] = ()
    """Characters over the curves; the first in a cell is seen, and no letter of a curve is set there."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "series", tuple(self.series))
        object.__setattr__(self, "marks", tuple(self.marks))

    @cached_property
    def fingerprint(self) -> tuple[object, ...]:
        """A hashable value that two charts share exactly when they look the same."""
        curves = tuple(series.fingerprint for series in self.series)
        return (self.x_axis, self.y_axis, curves, self.margin, self.bottom, self.marks)


def _column(values: ArrayLike, name: str) -> NDArray[np.float64]:
    """A read-only copy of `values` as a vector of floats."""
    array = np.array(values, dtype=np.float64)
    if array.ndim != 1:
        raise ValueError(f"{name} has one dimension, not {array.ndim}")
    array.flags.writeable = False
    return array
