"""The classes of an example, one a line: logit, p against t as a bar, and the gradient of each loss as a bar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip

from lossterm.numbers import fitting, trimmed
from lossterm.ui.style import Styles
from lossterm.ui.widgets.lines import ListWidget, Part, WheelTurned, strip_of

if TYPE_CHECKING:
    from lossterm.core.jets import Array

NUMBER, WIDE_NUMBER, WIDE = 9, 10, 100
"""Columns of a number, with the space before it; one more from so many columns on."""
NARROWEST_BAR, WIDEST_BAR, WIDEST_SLOPES = 8, 40, 33
"""Columns of the bar of p and of a gradient's bar."""
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
    """

    letter: str
    ink: int
    name: str
    gradient: Array | None
    norm: float


@dataclass(frozen=True, eq=False)
class Example:
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


@dataclass(frozen=True)
class Columns:
    """Where the columns are, in cells.

    Attributes:
        key: of the class's number.
        number: of any other number, with the space before it.
        bar: of the bar of p.
        slopes: how many losses fit.
        each: of one loss.
        slope_bar: of its bar; 0 where there is only room for numbers.
    """

    key: int
    number: int
    bar: int
    slopes: int
    each: int
    slope_bar: int

    @property
    def left(self) -> int:
        """Columns before the first loss: marks, class, z, p, bar, t."""
        return 2 + self.key + 3 * self.number + 1 + self.bar


def columns_for(width: int, classes: int, losses: int) -> Columns:
    """Share the width: the bars get what the numbers leave."""
    key = max(2, len(str(classes - 1)))
    number = WIDE_NUMBER if width >= WIDE else NUMBER
    room = width - (2 + key + 3 * number + 1)
    slopes = max(0, min(losses, (room - NARROWEST_BAR) // (number + 1)))
    if not slopes:
        return Columns(key, number, max(room - 1, 1), 0, 0, 0)
    bar = min(max(NARROWEST_BAR, room // 4), WIDEST_BAR)
    each = (room - bar) // slopes
    if each < number + 6 <= (room - NARROWEST_BAR) // slopes:
        bar = NARROWEST_BAR
        each = (room - bar) // slopes
    slope_bar = min(each - number - 2, WIDEST_SLOPES)
    slope_bar = slope_bar - 1 + slope_bar % 2 if slope_bar >= 3 else 0
    each = min(each, number + 2 + slope_bar) if slope_bar else min(each, number + 3)
    return Columns(key, number, min(room - slopes * each, WIDEST_BAR + 20), slopes, each, slope_bar)


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


class ClassTable(ListWidget, can_focus=True):
    """Lines of classes under column heads, and the length of each gradient below; it scrolls."""

    class Picked(Message):
        """A class was clicked."""

        def __init__(self, index: int, *, target: bool) -> None:
            super().__init__()
            self.index = index
            self.target = target

    class Scrolled(WheelTurned):
        """The wheel was turned."""

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._example: Example | None = None
        self._first = 0

    def show(self, example: Example) -> None:
        """Show another example."""
        self._example = example
        self.redraw_changes()

    def lines(self, width: int, height: int, styles: Styles) -> list[Strip]:
        """Heads, classes, lengths."""
        example = self._example
        if example is None:
            return []
        room, count = max(height - 2, 1), len(example.logits)
        self._first = max(0, min(self._first, example.selected, count - room))
        self._first = max(self._first, example.selected - room + 1)
        columns = columns_for(width, count, len(example.slopes))
        shown = example.slopes[: columns.slopes]
        scale = _scale(shown)
        rows = range(self._first, min(self._first + room, count))
        foot = self._foot(example, columns, scale, rows, styles)
        return [
            self._head(example, columns, width, styles),
            *(self._row(example, columns, scale, k, width, styles) for k in rows),
            strip_of(foot, width, styles.text),
        ]

    def _head(self, example: Example, columns: Columns, width: int, styles: Styles) -> Strip:
        rule = styles.accent if self.has_focus else styles.muted
        dash = "━" if self.has_focus else "─"
        strong = styles.accent if self.has_focus else styles.strong

        def right(text: str, width: int, lead: str = " ") -> list[Part]:
            return [(lead + dash * (width - len(text) - 2), rule), (f" {text}", styles.strong)]

        parts: list[Part] = [(f"{dash} ", rule), ("class", strong)]
        parts += right("z", 2 + columns.key + columns.number - 7)
        parts += right("p", columns.number)
        bar = " p █ against t ┃ " if columns.bar >= 17 else " p█ t┃ "
        parts += [(bar, styles.muted), (dash * (columns.bar + 1 - len(bar)), rule)]
        parts += right("t", columns.number, dash)
        for slopes in example.slopes[: columns.slopes]:
            name = f" {slopes.letter} ∂L/∂z"
            if len(name) + len(slopes.name) + 2 <= columns.each:
                name = f"{name} {slopes.name}"
            parts += [(" ", rule), (name[1:], styles.bold_inks[slopes.ink % len(styles.bold_inks)])]
            parts += [(" ", rule), (dash * (columns.each - len(name) - 1), rule)]
        used = sum(len(text) for text, _ in parts)
        parts.append((dash * max(width - used, 0), rule))
        return strip_of(parts, width, styles.text)

    def _row(self, example: Example, columns: Columns, scale: float, k: int, width: int, styles: Styles) -> Strip:
        current = k == example.selected
        body = styles.strong if current else styles.text
        if current and self.has_focus:
            body += styles.focused

        def on(style: Style) -> Style:
            return style + styles.focused if current and self.has_focus else style

        z, p, t = float(example.logits[k]), float(example.p[k]), float(example.t[k])
        wide, room = columns.number, columns.number - 1
        parts: list[Part] = [
            ("▸" if current else " ", on(styles.accent)),
            ("●" if k == example.label else " ", on(styles.accent)),
            (f"{k:>{columns.key}}{_fits(z, room):>{wide}}{fitting(p, room):>{wide}} ", body),
            *self._bar(p, t, columns.bar, on(styles.text), on(styles.accent)),
            (f"{_fits(t, room, 4):>{wide}}", body),
        ]
        for slopes in example.slopes[: columns.slopes]:
            ink = on(styles.inks[slopes.ink % len(styles.inks)])
            value = float("nan") if slopes.gradient is None else float(slopes.gradient[k])
            number = f"{fitting(value, columns.number - 1):>{columns.number}}"
            if columns.slope_bar:
                bar = slope_bar(value, scale, columns.slope_bar)
                half = columns.slope_bar // 2
                parts += [
                    (f"{number} ", body),
                    (bar[:half], ink),
                    (bar[half], on(styles.muted)),
                    (bar[half + 1 :], ink),
                ]
                parts.append((" " * (columns.each - columns.number - 1 - columns.slope_bar), body))
            else:
                parts.append((f"{number:>{columns.each}}", ink))
        return strip_of(parts, width, body)

    @staticmethod
    def _bar(p: float, t: float, width: int, style: Style, mark: Style) -> list[Part]:
        text = share_bar(p, t, width)
        at = text.find(TARGET)
        return [(text, style)] if at < 0 else [(text[:at], style), (TARGET, mark), (text[at + 1 :], style)]

    def _foot(self, example: Example, columns: Columns, scale: float, rows: range, styles: Styles) -> list[Part]:
        count = len(example.logits)
        hidden = count > len(rows)
        arrows = ("▴" if rows.start else "") + ("▾" if rows.stop < count else "")
        left = f"  {rows.start}–{rows.stop - 1} of {count} {arrows}" if hidden else ""
        if not columns.slopes:
            return [(left, styles.muted)]
        parts: list[Part] = [(f"{left:<{columns.left - 11}}", styles.muted), ("‖∂L/∂z‖".rjust(11), styles.muted)]
        for slopes in example.slopes[: columns.slopes]:
            number = f"{fitting(slopes.norm, columns.number - 1):>{columns.number}}"
            if columns.slope_bar:
                legend = f"±{trimmed(scale, 3)}" if slopes is example.slopes[0] and scale > NEGLIGIBLE else ""
                parts += [(number, styles.strong), (f" {legend:^{columns.slope_bar}}", styles.muted)]
                parts.append((" " * (columns.each - columns.number - 1 - columns.slope_bar), styles.muted))
            else:
                parts.append((f"{number:>{columns.each}}", styles.strong))
        more = len(example.slopes) - columns.slopes
        if more > 0:
            parts.append((f" +{more}", styles.muted))
        return parts

    # ---- the mouse ------------------------------------------------------------------------------------------------

    def on_click(self, event: events.Click) -> None:
        """Clicking a class selects it; a second click makes it the target."""
        example = self._example
        index = self._first + event.y - 1
        if example is not None and 1 <= event.y < self.size.height - 1 and index < len(example.logits):
            self.post_message(self.Picked(index, target=event.chain > 1))

    def turned(self, by: int) -> None:
        """The wheel moves through the classes."""
        self.post_message(self.Scrolled(by))


def _scale(shown: Sequence[Slopes]) -> float:
    # the longest bar: of the steepest finite slope
    sizes = [abs(s.gradient) for s in shown if s.gradient is not None]
    return max((float(x.max(initial=NEGLIGIBLE, where=x < float("inf"))) for x in sizes), default=NEGLIGIBLE)


def _fits(x: float, width: int, digits: int = 6) -> str:
    text = trimmed(x, digits)
    return text if len(text) <= width else fitting(x, width)
