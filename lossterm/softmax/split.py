"""Cross-entropy as what it is made of: the entropy of the target, which is its floor, and the divergence above it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from textual.strip import Strip

from lossterm.core.numbers import fitting, trimmed
from lossterm.core.softmax.information import BITS
from lossterm.tui.theme import Styles
from lossterm.tui.widgets.lines import LineWidget, Part, strip_of

ENTROPY, DIVERGENCE, FLOOR = "█", "░", "┃"
_NUMBER = 6


@dataclass(frozen=True)
class Split:
    """The three numbers, in nats, and ln K.

    Attributes:
        entropy: H(t).
        divergence: KL(t‖p).
        whole: H(t, p).
        uniform: ln K, what knowing nothing costs.
    """

    entropy: float
    divergence: float
    whole: float
    uniform: float


def bar(split: Split, width: int) -> tuple[str, float]:
    """The stacked bar and the end of its scale, in nats."""
    end = _round_up(max(split.whole if math.isfinite(split.whole) else 0.0, split.uniform))
    whole = width if math.isinf(split.whole) else min(round(split.whole / end * width), width)
    floor = min(round(split.entropy / end * width), width)
    text = ENTROPY * floor + DIVERGENCE * max(whole - floor, 0)
    text = f"{text:<{width}}"
    at = min(floor, width - 1)
    return f"{text[:at]}{FLOOR}{text[at + 1 :]}", end


def _round_up(x: float) -> float:
    power = 10.0 ** math.floor(math.log10(max(x, 1e-9)))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= x * (1 - 1e-9))


_WAYS = (1.0, "nats"), (BITS, "bits")
"""By what the numbers are multiplied, and what they are then."""


class SplitBar(LineWidget):
    """One line in nats, and one in bits where there is room."""

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._split: Split | None = None

    def show(self, split: Split) -> None:
        """Show another split."""
        if split != self._split:
            self._split = split
            self.redraw_changes()

    def lines(self, width: int, height: int, styles: Styles) -> list[Strip]:
        """The numbers, and the bar with its floor."""
        split = self._split
        if split is None:
            return []
        nats, bits = (self._numbers(split, *how) for how in _WAYS)
        used = sum(len(text) for text, _ in nats)
        room = width - used - 2
        if room < -1:  # each number beside its name, so that none loses a digit
            return [strip_of(self._narrow(split, *how, styles), width, styles.text) for how in _WAYS]
        if room < 12:
            plain = [[(text, styles.strong if strong else styles.muted) for text, strong in x] for x in (nats, bits)]
            return [strip_of(parts, width, styles.text) for parts in plain]
        end_width = 8
        drawn, end = bar(split, room - end_width)
        at = drawn.index(FLOOR)
        first: list[Part] = [
            *((text, styles.strong if strong else styles.muted) for text, strong in nats),
            ("▕", styles.muted), (drawn[:at], styles.text), (FLOOR, styles.accent), (drawn[at + 1 :], styles.text),
            (f"▏{trimmed(end)} nats"[:end_width + 1], styles.muted),
        ]  # fmt: skip
        label = f"floor H(t) = {trimmed(split.entropy)}"
        start = at if at + len(label) + 2 <= room else max(at - len(label) - 1, 0)
        mark = f"{FLOOR} {label}" if start == at else f"{label} {FLOOR}"
        second: list[Part] = [
            *((text, styles.strong if strong else styles.muted) for text, strong in bits),
            (" " * (1 + start), styles.text),
            (mark, styles.accent),
        ]
        uniform = f"   uniform guess ln K = {trimmed(split.uniform)}"
        if start == at and 1 + start + len(mark) + len(uniform) <= room:
            second.append((uniform, styles.muted))
        return [strip_of(first, width, styles.text), strip_of(second, width, styles.text)]

    @staticmethod
    def _narrow(split: Split, factor: float, unit: str, styles: Styles) -> list[Part]:
        named = zip(("CE", "= H", "+ KL"), (split.whole, split.entropy, split.divergence), strict=True)
        told = [((f" {name} ", styles.muted), (fitting(x * factor, _NUMBER), styles.strong)) for name, x in named]
        return [*(part for pair in told for part in pair), (f" {unit}", styles.muted)]

    @staticmethod
    def _numbers(split: Split, factor: float, unit: str) -> list[tuple[str, bool]]:
        whole, floor, extra = (
            f"{fitting(x * factor, _NUMBER):>{_NUMBER}}" for x in (split.whole, split.entropy, split.divergence)
        )
        head = " CE = H(t) + KL  " if unit == "nats" else "                 "
        return [(head, False), (whole, True), (" = ", False), (floor, True), (" + ", False), (extra, True),
                (f" {unit} ", False)]  # fmt: skip
