"""Charts as a scalable picture for a slide: the same data as the text, with lines instead of cells."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal
from xml.sax.saxutils import escape

import numpy as np

from lossterm.chart.palette import DARK, LIGHT, Rgb
from lossterm.chart.spec import ChartSpec, Series

Theme = Literal["light", "dark"]

THEMES: tuple[Theme, ...] = ("light", "dark")

LEFT, RIGHT, TOP, HEAD, BELOW, FOOT = 72, 24, 40, 26, 30, 34
"""Pixels: beside a canvas, above the first panel, of a panel's heading, below it, at the bottom."""

_FAR = 4.0
"""How many heights beyond its window a curve is followed at most."""


@dataclass(frozen=True)
class _Look:
    ground: str
    text: str
    muted: str
    grid: str
    inks: Sequence[Rgb]


_LOOKS = {
    "light": _Look("#ffffff", "#1b1f24", "#5b6470", "#e3e7eb", LIGHT),
    "dark": _Look("#14181d", "#e8ebee", "#98a2ae", "#2b323a", DARK),
}


@dataclass(frozen=True, eq=False)
class SvgPanel:
    """One chart of the picture.

    Attributes:
        title: above it.
        right: at the right end of its heading.
        chart: what is drawn.
        undefined: stretches of the x axis on which something is not defined, and why.
        cursor: where the cursor stands; NaN for none.
        dots: height and ink of each curve at the cursor, in the units of the y axis.
    """

    title: str
    right: str
    chart: ChartSpec
    undefined: tuple[tuple[float, float, str], ...] = ()
    cursor: float = math.nan
    dots: tuple[tuple[float, int], ...] = ()


@dataclass(frozen=True)
class LegendItem:
    """A name in the legend; without an ink it is text alone."""

    text: str
    ink: int = -1


def svg(
    panels: Sequence[SvgPanel],
    legend: Sequence[LegendItem],
    *,
    command: str,
    theme: Theme = "light",
    width: int = 960,
    height: int = 600,
) -> str:
    """The panels, one under the other.

    Args:
        panels: from top to bottom.
        legend: in one line above them.
        command: what makes the picture again; it stands small at the bottom, and in the description.
        theme: its colours.
        width: in pixels.
        height: in pixels.

    Returns:
        An SVG document.
    """
    look = _LOOKS[theme]
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        'font-family="Inter, Segoe UI, Helvetica, Arial, sans-serif" font-size="14" role="img">',
        f"<title>{escape(', '.join(panel.title for panel in panels))}</title>",
        f"<desc>{escape(command)}</desc>",
        f'<rect width="{width}" height="{height}" fill="{look.ground}"/>',
        *_legend(legend, look, width),
    ]
    each = (height - TOP - FOOT) / len(panels)
    for number, panel in enumerate(panels):
        lines += _panel(panel, look, number, TOP + number * each, each, width)
    lines.append(
        f'<text x="{LEFT}" y="{height - 10}" font-family="ui-monospace, Menlo, Consolas, monospace" '
        f'font-size="{_fitting(command, width - LEFT - RIGHT)}" fill="{look.muted}">{escape(command)}</text>'
    )
    return "\n".join([*lines, "</svg>", ""])


def _fitting(text: str, room: float) -> str:
    # a size at which a text in a monospaced font has room
    return _n(max(min(11.0, room / max(len(text), 1) / 0.61), 4.0))


def _legend(items: Sequence[LegendItem], look: _Look, width: int) -> Iterator[str]:
    room, x = width - LEFT - RIGHT, float(LEFT)
    wide = sum(len(item.text) * 7.4 + (42 if item.ink >= 0 else 18) for item in items)
    size = min(14.0, 14.0 * room / max(wide, 1))
    for item in items:
        if item.ink >= 0:
            yield (
                f'<line x1="{_n(x)}" y1="21" x2="{_n(x + 18)}" y2="21" stroke="{_ink(item.ink, look)}" '
                'stroke-width="3" stroke-linecap="round"/>'
            )
            x += 24
        fill = look.text if item.ink >= 0 else look.muted
        yield f'<text x="{_n(x)}" y="26" font-size="{_n(size)}" fill="{fill}">{escape(item.text)}</text>'
        x += len(item.text) * 7.4 * size / 14 + 18


@dataclass(frozen=True)
class _Canvas:
    """Where the places of a chart are, in pixels.

    Attributes:
        chart: which.
        left: of the canvas, as `right`, `top` and `bottom`.
    """

    chart: ChartSpec
    left: float
    right: float
    top: float
    bottom: float

    def x(self, place: float) -> str:
        """Pixels of a place on the x axis."""
        axis = self.chart.x_axis
        return _n(self.left + (place - axis.lo) / (axis.hi - axis.lo) * (self.right - self.left))

    def y(self, height: float, below: float = 0) -> str:
        """Pixels of a height, and so many below it; what is far beyond the window is cut."""
        axis = self.chart.y_axis
        tall = axis.hi - axis.lo
        height = min(max(height, axis.lo - _FAR * tall), axis.hi + _FAR * tall)
        return _n(self.bottom - (height - axis.lo) / tall * (self.bottom - self.top) + below)


def _panel(panel: SvgPanel, look: _Look, number: int, top: float, height: float, width: int) -> Iterator[str]:
    canvas = _Canvas(panel.chart, LEFT, width - RIGHT, top + HEAD, top + height - BELOW)
    head = _n(canvas.top - 9)
    yield f'<text x="{LEFT}" y="{head}" font-weight="600" fill="{look.text}">{escape(panel.title)}</text>'
    yield (
        f'<text x="{width - RIGHT}" y="{head}" text-anchor="end" font-size="12" fill="{look.muted}">'
        f"{escape(panel.right)}</text>"
    )
    yield from _undefined(panel, canvas, look)
    yield from _axes(canvas, look)
    yield from _curves(canvas, look, number)
    yield from _cursor(panel, canvas, look)
    for mark in panel.chart.marks:
        y = min(max(mark.y, panel.chart.y_axis.lo), panel.chart.y_axis.hi)
        yield _symbol(canvas, look, mark.symbol, mark.ink, mark.x, y)


def _undefined(panel: SvgPanel, canvas: _Canvas, look: _Look) -> Iterator[str]:
    axis = panel.chart.x_axis
    for lo, hi, why in panel.undefined:
        left, right = float(canvas.x(max(lo, axis.lo))), float(canvas.x(min(hi, axis.hi)))
        yield (
            f'<rect x="{_n(left)}" y="{_n(canvas.top)}" width="{_n(right - left)}" '
            f'height="{_n(canvas.bottom - canvas.top)}" fill="{look.grid}" opacity="0.6">'
            f"<title>{escape(why)}</title></rect>"
        )
        if len(why) * 6.5 < right - left:
            yield (
                f'<text x="{_n((left + right) / 2)}" y="{_n(canvas.top + 18)}" text-anchor="middle" '
                f'font-size="12" fill="{look.muted}">{escape(why)}</text>'
            )


def _axes(canvas: _Canvas, look: _Look) -> Iterator[str]:
    left, right, bottom = _n(canvas.left), _n(canvas.right), _n(canvas.bottom)
    xs, ys = canvas.chart.x_axis, canvas.chart.y_axis
    for tick in ys.ticks:
        if ys.lo <= tick.position <= ys.hi:
            y = canvas.y(tick.position)
            yield f'<line x1="{left}" y1="{y}" x2="{right}" y2="{y}" stroke="{look.grid}"/>'
            yield (
                f'<text x="{_n(canvas.left - 8)}" y="{canvas.y(tick.position, 4.5)}" text-anchor="end" '
                f'font-size="12" fill="{look.muted}">{escape(tick.label)}</text>'
            )
    for tick in xs.ticks:
        if xs.lo <= tick.position <= xs.hi:
            x = canvas.x(tick.position)
            yield f'<line x1="{x}" y1="{bottom}" x2="{x}" y2="{_n(canvas.bottom + 5)}" stroke="{look.muted}"/>'
            yield (
                f'<text x="{x}" y="{_n(canvas.bottom + 19)}" text-anchor="middle" font-size="12" '
                f'fill="{look.muted}">{escape(tick.label)}</text>'
            )
    yield f'<line x1="{left}" y1="{bottom}" x2="{right}" y2="{bottom}" stroke="{look.muted}"/>'


_DASHES = {"fine": "2 5", "dashed": "8 5", "dotted": "2 5", "dashdot": "8 4 2 4"}


def _curves(canvas: _Canvas, look: _Look, number: int) -> Iterator[str]:
    yield (
        f'<clipPath id="c{number}"><rect x="{_n(canvas.left)}" y="{_n(canvas.top)}" '
        f'width="{_n(canvas.right - canvas.left)}" height="{_n(canvas.bottom - canvas.top)}"/></clipPath>'
    )
    yield f'<g clip-path="url(#c{number})" fill="none" stroke-width="2.5" stroke-linejoin="round">'
    for series in canvas.chart.series:
        path = " ".join(f"{'M' if first else 'L'}{canvas.x(x)} {canvas.y(y)}" for first, x, y in _segments(series))
        dash = f' stroke-dasharray="{_DASHES[series.dash]}"' if series.dash else ""
        if path:
            yield f'<path d="{path}" stroke="{_ink(series.ink, look)}"{dash}/>'
    yield "</g>"
    for letter, ink, x, y in _letters(canvas.chart):
        yield _symbol(canvas, look, letter, ink, x, y)


def _cursor(panel: SvgPanel, canvas: _Canvas, look: _Look) -> Iterator[str]:
    xs, ys = panel.chart.x_axis, panel.chart.y_axis
    if not xs.lo <= panel.cursor <= xs.hi:
        return
    x = canvas.x(panel.cursor)
    yield (
        f'<line x1="{x}" y1="{_n(canvas.top)}" x2="{x}" y2="{_n(canvas.bottom)}" stroke="{look.muted}" '
        'stroke-dasharray="3 3"/>'
    )
    for value, ink in panel.dots:
        if ys.lo <= value <= ys.hi:
            yield f'<circle cx="{x}" cy="{canvas.y(value)}" r="5" fill="{_ink(ink, look)}"/>'


def _symbol(canvas: _Canvas, look: _Look, symbol: str, ink: int, x: float, y: float) -> str:
    fill = _ink(ink, look) if ink >= 0 else look.text
    return (
        f'<text x="{canvas.x(x)}" y="{canvas.y(y, 5)}" text-anchor="middle" font-weight="600" fill="{fill}" '
        f'stroke="{look.ground}" stroke-width="4" paint-order="stroke">{escape(symbol)}</text>'
    )


def _letters(chart: ChartSpec) -> Iterator[tuple[str, int, float, float]]:
    # one place for the letter of each curve, each further right than the one before: colour is not needed
    xs, ys = chart.x_axis, chart.y_axis
    names = list(dict.fromkeys(series.letter for series in chart.series if series.letter))
    for number, name in enumerate(names):
        own = [series for series in chart.series if series.letter == name]
        x, y = np.concatenate([s.x for s in own]), np.concatenate([s.y for s in own])
        inside = np.flatnonzero((x >= xs.lo) & (x <= xs.hi) & (y >= ys.lo) & (y <= ys.hi))
        if inside.size:
            at = inside[int((number + 0.5) / len(names) * inside.size)]
            yield name, own[0].ink, float(x[at]), float(y[at])


def _segments(series: Series) -> Iterator[tuple[bool, float, float]]:
    # the points, with whether each begins a stretch: what is not a number breaks the curve
    begins = True
    for x, y in zip(series.x.tolist(), np.nan_to_num(series.y, nan=math.nan, posinf=1e300, neginf=-1e300).tolist(),
                    strict=True):  # fmt: skip
        if math.isnan(y) or not math.isfinite(x):
            begins = True
            continue
        yield begins, x, y
        begins = False


def _ink(ink: int, look: _Look) -> str:
    return "#{:02x}{:02x}{:02x}".format(*look.inks[ink % len(look.inks)])


def _n(value: float) -> str:
    # a coordinate, to a hundredth of a pixel
    return f"{value:.2f}".rstrip("0").rstrip(".")
