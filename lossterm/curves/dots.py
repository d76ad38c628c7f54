"""Dots over the curves: numbers that somebody else computed, at the logits where they were computed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lossterm.curves.view import QUANTITIES

SYMBOL = "•"
"""What a dot is drawn as where nothing else is said."""

MOST_DOTS = 100_000
"""Dots up to which a document of them is read."""


@dataclass(frozen=True)
class Dots:
    """Numbers over the curves of a view, hashable, as a picture is remembered by them.

    Attributes:
        name: what they are of, in the title of the chart.
        logits: where they are.
        heights: the numbers by the quantity of a panel, one a logit each; a panel of another quantity shows none.
        symbol: what each is drawn as, one cell.
        ink: their colour, as a curve's; −1 is that of the frame.
        label: the label, after smoothing, for which they are; None is any.
    """

    name: str
    logits: tuple[float, ...]
    heights: tuple[tuple[str, tuple[float, ...]], ...]
    symbol: str = SYMBOL
    ink: int = -1
    label: float | None = None

    def of(self, quantity: str) -> tuple[float, ...]:
        """The numbers that a panel of the quantity shows: one a logit, or none at all."""
        return dict(self.heights).get(quantity, ())

    def document(self) -> dict[str, Any]:
        """The dots as JSON has them; what is no number is null."""
        written = {quantity: [v if math.isfinite(v) else None for v in values] for quantity, values in self.heights}
        return {"name": self.name, "logits": list(self.logits), "heights": written, "symbol": self.symbol,
                "ink": self.ink, "label": self.label}  # fmt: skip


def restored_dots(document: object) -> tuple[Dots, ...]:
    """The dots of a list of documents, distrusted one by one: what is not valid is left out."""
    found = []
    for one in document if isinstance(document, list | tuple) else ():
        try:
            found.append(_restored(one))
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
            continue
    return tuple(found)


def _restored(one: Mapping[str, Any]) -> Dots:
    name, symbol, label = str(one["name"]), one.get("symbol", SYMBOL), one.get("label")
    logits = tuple(float(z) for z in one["logits"])
    heights = {str(q): _numbers(values) for q, values in one["heights"].items() if q in QUANTITIES}
    if len(logits) > MOST_DOTS or any(len(values) != len(logits) for values in heights.values()):
        raise ValueError("one number a logit")
    if not (name.isprintable() and len(symbol) == 1 and symbol.isprintable()):
        raise ValueError("a printable name, and one character")
    label = None if label is None else float(label)
    return Dots(name, logits, tuple(heights.items()), symbol, int(one.get("ink", -1)), label)


def _numbers(values: Sequence[Any]) -> tuple[float, ...]:
    return tuple(math.nan if value is None else float(value) for value in values)


def shown_dots(dots: Sequence[Dots], label: float) -> tuple[Dots, ...]:
    """Those that are of a label."""
    return tuple(one for one in dots if one.label is None or one.label == label)
