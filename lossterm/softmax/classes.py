"""The classes of an example, one a line: logit, p against t as a bar, and the gradient of each loss as a bar."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from rich.style import Style
from textual.strip import Strip

from lossterm.core.numbers import ALMOST_NOTHING, beyond, fitting, trimmed
from lossterm.tui.theme import Styles
from lossterm.tui.widgets.lines import Part, rule_of, strip_of
from lossterm.tui.widgets.rows import Cell, Column, RowParts, Rows, on_rule

if TYPE_CHECKING:
    from lossterm.core.jets import Array

NUMBER, WIDE_NUMBER, WIDE = 9, 10, 100
"""Columns of a number, with the space before it; one more from so many columns on."""
NARROWEST_BAR, WIDEST_BAR = 8, 40
"""Columns of the bar of p."""
NARROWEST_SLOPES, WIDEST_SLOPES = 3, 33
"""Columns of the bar of a gradient."""
NEGLIGIBLE = 1e-12
"""No scale is finer: rounding is not drawn."""
FULL, TARGET = "█", "┃"
_EIGHTHS = " ▏▎▍▌▋▊▉"


@dataclass(frozen=True, eq=False)
class Slopes:
    """The gradient of one loss.

    Attributes:
        letter: of the loss.
        ink: of the loss.
        name: of the loss.
        gradient: ∂L/∂z, ``(K,)``; None where the loss does not take the target.
        norm: its length.
        tiny: the sign of each slope that is 0 because no double is so small, ``(K,)``, and 0 of others; None for none.
    """

    letter: str
    ink: int
    name: str
    gradient: Array | None
    norm: float
    tiny: Array | None = None

    def at(self, index: int) -> tuple[float, float]:
        """The slope of a class; and its sign where no double is so small, else 0."""
        if self.gradient is None:
            return math.nan, 0.0
        return float(self.gradient[index]), 0.0 if self.tiny is None else float(self.tiny[index])


class ClassRow(NamedTuple):
    """What there is to show of a class.

    Attributes:
        number: which it is.
        is_target: whether it is the target.
        z: its logit.
        p: its probability.
        t: its part of the target.
        slopes: of each loss the slope of its logit, and its sign where no double is so small, else 0.
    """

    number: int
    is_target: bool
    z: float
    p: float
    t: float
    slopes: tuple[tuple[float, float], ...]


@dataclass(frozen=True, eq=False)
class ShownExample(Sequence[ClassRow]):
    """What there is to show of an example.

    Attributes:
        logits: z, ``(K,)``.
        p: the probabilities, ``(K,)``.
        t: the target, ``(K,)``.
        label: the class that is the target, where it is one.
        selected: the current class.
        slopes: the losses.
    """

    logits: Array
    p: Array
    t: Array
    label: int | None
    selected: int
    slopes: Sequence[Slopes]

    def __len__(self) -> int:
        return len(self.logits)

    def __getitem__(self, index: int) -> ClassRow:  # type: ignore[override]
        z, p, t = float(self.logits[index]), float(self.p[index]), float(self.t[index])
        return ClassRow(index, index == self.label, z, p, t, tuple(each.at(index) for each in self.slopes))


NOTHING = ShownExample(np.empty(0), np.empty(0), np.empty(0), None, 0, ())
"""No classes."""


@dataclass(frozen=True)
class ClassColumns:
    """Where the columns are, in cells.

    Attributes:
        key: of the class's number.
        number: of any other number, with the space before it.
        bar: of the bar of p.
        slopes: how many losses fit.
        each: of one loss.
        slope_bar: of its bar; 0 where there is only room for numbers.
        slope: of its number, with the space before it.
    """

    key: int
    number: int
    bar: int
    slopes: int
    each: int
    slope_bar: int
    slope: int

    @property
    def left(self) -> int:
        """Columns before the first loss: marks, class, z, p, bar, t."""
        return 2 + self.key + 3 * self.number + 1 + self.bar


@lru_cache(maxsize=64)
def columns_for(width: int, classes: int, losses: int) -> ClassColumns:
    """Share the width: the bars get what the numbers leave."""
    key = max(2, len(str(classes - 1)))
    number = WIDE_NUMBER if width >= WIDE else NUMBER
    room = width - (2 + key + 3 * number + 1)
    slopes = max(0, min(losses, (room - NARROWEST_BAR) // (number + 1)))
    if not slopes:
        return ClassColumns(key, number, max(room - 1, 1), 0, 0, 0, number)
    bar = min(max(NARROWEST_BAR, room // 4), WIDEST_BAR)
    each = (room - bar) // slopes
    if each < number + 6 <= (room - NARROWEST_BAR) // slopes:
        bar = NARROWEST_BAR
        each = (room - bar) // slopes
    slope = number
    if each < number + 2 + NARROWEST_SLOPES <= (room - NARROWEST_BAR) // slopes + 1:
        bar, slope = NARROWEST_BAR, number - 1  # a number of fewer digits leaves room for a bar
        each = (room - bar) // slopes
    slope_bar = min(each - slope - 2, WIDEST_SLOPES)
    slope_bar = slope_bar - 1 + slope_bar % 2 if slope_bar >= NARROWEST_SLOPES else 0
    slope = slope if slope_bar else number
    each = min(each, slope + 2 + slope_bar) if slope_bar else min(each, number + 3)
    return ClassColumns(key, number, min(room - slopes * each, WIDEST_BAR + 20), slopes, each, slope_bar, slope)


def share_bar(p: float, t: float, width: int) -> str:
    """A bar from 0 to 1 of p, with a mark at t."""
    if p != p:
        return " " * width
    eighths = min(max(round(p * width * 8), 0), width * 8)
    text = FULL * (eighths // 8) + (_EIGHTHS[eighths % 8] if eighths % 8 else "")
    text = f"{text:<{width}}"
    if t > 0 and width:
        at = min(int(t * width), width - 1)
        text = f"{text[:at]}{TARGET}{text[at + 1 :]}"
    return text


def slope_bar(value: float, scale: float, width: int) -> str:
    """A bar from the middle: left where the slope is negative."""
    half = width // 2
    share = 0.0 if not scale or value != value else value / scale if abs(value) < scale else (value > 0) * 2 - 1.0
    halves = min(round(abs(share) * half * 2), half * 2)
    whole, part = halves // 2, halves % 2
    if share < 0:
        return f"{'▐' * part + FULL * whole:>{half}}│{' ' * half}"
    return f"{' ' * half}│{FULL * whole + '▌' * part:<{half}}"


@lru_cache(maxsize=64)
def class_columns(shape: ClassColumns) -> list[Column]:
    """The marks, class, z, p, the bar of p, t, and number and bar of each gradient."""
    number = Column(shape.number - 1, right=True, before=1)
    spaced = number._replace(after=1)
    if shape.slope_bar:
        digits = Column(shape.slope - 1, right=True, before=1, after=1)
        gradient = [digits, Column(shape.slope_bar, after=shape.each - shape.slope - 1 - shape.slope_bar)]
    else:
        gradient = [Column(shape.each, right=True)]
    left = [Column(1), Column(1), Column(shape.key, right=True), number, spaced, Column(shape.bar), number]
    return left + gradient * shape.slopes


class ClassTable(Rows[ClassRow], can_focus=True):
    """Lines of classes under column heads, and the length of each gradient below; it scrolls."""

    foot_lines = 1

    class Picked(Rows.Clicked):
        """A class was clicked."""

        @property
        def index(self) -> int:
            """The class."""
            return self.row

        @property
        def target(self) -> bool:
            """Whether it shall be the target: it was clicked twice."""
            return self.twice

    Clicked = Picked

    class Scrolled(Rows.Scrolled):
        """The wheel was turned."""

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__("class", id=id)
        self._example = NOTHING
        self._shape = columns_for(0, 0, 0)
        self._scale = NEGLIGIBLE
        self._drawn_with: object = None

    def show(self, example: ShownExample) -> None:
        """Show another example."""
        self._example = example
        self.put(example, example.selected)
        self.redraw_changes()

    @property
    def _slopes(self) -> Sequence[Slopes]:
        return self._example.slopes[: self._shape.slopes]

    def columns(self, width: int, height: int) -> Sequence[Column]:
        """The columns, the bars as long as there is room; and how steep a slope the longest bar is."""
        self._shape = columns_for(width, len(self._rows), len(self._example.slopes))
        self._scale = _scale(self._slopes)
        drawn_with = self._scale, [slopes.ink for slopes in self._slopes]
        if drawn_with != self._drawn_with:  # every bar
            self._drawn_with = drawn_with
            self.forget()
        return class_columns(self._shape)

    def lines(self, width: int, height: int, styles: Styles) -> list[Strip]:
        """Heads, classes, lengths; nothing without classes."""
        return super().lines(width, height, styles) if self._rows else []

    def heads(self, width: int, styles: Styles) -> list[Strip]:
        """The heads of the columns in a rule."""
        dash, rule = rule_of(styles, focused=self.has_focus)
        shape, key = self._shape, 2 + self._shape.key
        bar = "p █ against t ┃" if shape.bar >= 17 else "█ p, ┃ t"
        texts: list[tuple[int, Part]] = [
            (2, (self._title, styles.accent if self.has_focus else styles.strong)),
            (key + shape.number - 1, ("z", styles.strong)),
            (key + 2 * shape.number - 1, ("p", styles.strong)),
            (key + 2 * shape.number + 1, (bar, styles.muted)),
            (shape.left - 1, ("t", styles.strong)),
        ]
        for i, slopes in enumerate(self._slopes):
            name = f"{slopes.letter} ∂L/∂z"
            if len(name) + len(slopes.name) + 3 <= shape.each:
                name = f"{name} {slopes.name}"
            ink = styles.bold_inks[slopes.ink % len(styles.bold_inks)]
            texts.append((shape.left + i * shape.each + 1, (name, ink)))
        end = width if shape.slopes else shape.left  # the rule goes on as it is where no gradient is shown
        return [strip_of([*on_rule(texts, end, dash, rule), (dash * (width - end), rule)], width, styles.text)]

    def row(self, item: ClassRow, current: bool, width: int, styles: Styles) -> RowParts:
        """The numbers and bars of a class."""
        shape = self._shape
        bar = current and self.has_focus
        body = styles.strong if current else styles.text
        if bar:
            body += styles.focused

        def on(style: Style) -> Style:
            return style + styles.focused if bar else style

        z, p, t = item.z, item.p, item.t
        room, text, accent, muted = shape.number - 1, on(styles.text), on(styles.accent), on(styles.muted)
        cells: list[Cell] = [
            ("▸" if current else " ", accent),
            ("●" if item.is_target else " ", accent),
            (str(item.number), body),
            (_fits(z, room), body),
            (_probability(p, z, room), body),
            _marked(share_bar(p, t, shape.bar), text, accent),
            (_fits(t, room, 4), body),
        ]
        half, gap = shape.slope_bar // 2, " " * (shape.each - shape.slope - 1 - shape.slope_bar)
        for slopes, (value, sign) in zip(self._slopes, item.slopes, strict=False):
            ink = on(styles.inks[slopes.ink % len(styles.inks)])
            cells.append((_slope(value, sign, shape.slope - 1), body if shape.slope_bar else ink))
            if shape.slope_bar:
                drawn = slope_bar(value, self._scale, shape.slope_bar)
                cells.append([(drawn[:half], ink), (drawn[half], muted), (drawn[half + 1 :], ink), (gap, body)])
        return RowParts(cells, body)

    def feet(self, width: int, lines: int, styles: Styles) -> Sequence[Sequence[Part]]:
        """Which classes are in view, the length of each gradient, and how steep a slope the longest bar is."""
        shape, rows, count = self._shape, self._seen, len(self._rows)
        arrows = ("▴" if rows.start else "") + ("▾" if rows.stop < count else "")
        left = f"  {rows.start}–{rows.stop - 1} of {count} {arrows}" if len(rows) < count else ""
        if not shape.slopes:
            return [[(left, styles.muted)]]
        parts: list[Part] = [(f"{left:<{shape.left - 11}}", styles.muted), ("‖∂L/∂z‖".rjust(11), styles.muted)]
        for i, slopes in enumerate(self._slopes):
            number = fitting(slopes.norm, shape.slope - 1)
            if shape.slope_bar:
                legend = f"±{trimmed(self._scale, 3)}" if not i and self._scale > NEGLIGIBLE else ""
                rest = shape.each - shape.slope
                parts += [(number.rjust(shape.slope), styles.strong)]
                parts += [(f" {legend:^{shape.slope_bar}}".ljust(rest), styles.muted)]
            else:
                parts.append((number.rjust(shape.each), styles.strong))
        more = len(self._example.slopes) - shape.slopes
        bars = "" if shape.slope_bar else "  no room for bars"
        parts[0] = (f"{left or bars:<{shape.left - 11}}", styles.muted)
        return [[*parts, (f" +{more}" if more > 0 else "", styles.muted)]]


def _marked(bar: str, style: Style, mark: Style) -> list[Part]:
    before, target, after = bar.partition(TARGET)
    return [(before, style), (target, mark), (after, style)] if target else [(bar, style)]


def _scale(shown: Sequence[Slopes]) -> float:
    # the longest bar: of the steepest finite slope
    sizes = [abs(s.gradient) for s in shown if s.gradient is not None]
    return max((float(x.max(initial=NEGLIGIBLE, where=x < float("inf"))) for x in sizes), default=NEGLIGIBLE)


def _probability(p: float, logit: float, room: int) -> str:
    # 0 is that of a class that is masked; any other is too small for a double
    if p or math.isinf(logit):
        return fitting(p, room)
    text = beyond(1.0, over=False)
    return text if len(text) <= room else "≈ 0"


def _slope(value: float, sign: float, room: int) -> str:
    if not sign:
        return fitting(value, room)
    text = beyond(sign, over=False)
    return text if len(text) <= room else ALMOST_NOTHING


def _fits(x: float, width: int, digits: int = 6) -> str:
    text = trimmed(x, digits)
    return text if len(text) <= width else fitting(x, width)
