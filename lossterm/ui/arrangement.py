"""Where the widgets of a screen are: one pass over rectangles, with no containers to be drawn behind them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from textual.geometry import NULL_OFFSET, NULL_SPACING, Region, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.layouts.vertical import VerticalLayout

if TYPE_CHECKING:
    from textual.widget import Widget

SMALLEST = (40, 12)
"""Columns and lines below which nothing useful fits."""

WIDE, TALL = 110, 36
"""Columns from which the numbers stand beside the panes; lines from which the panes are unfolded."""

LOW = 16
"""Lines below which losses and numbers need those of the smoothing and a blank one."""

NARROW_PANES, WIDE_PANES = 23, 28
"""Columns of the panes."""


def curves_regions(width: int, height: int, labels: int, activations: int) -> dict[str, Region]:
    """The Curves screen: panes on the left, charts on the right, the numbers below them or below all.

    Args:
        width: of the screen.
        height: of the screen.
        labels: rows of the label pane when it is unfolded.
        activations: rows of the activation pane when it is unfolded.
    """
    side = WIDE_PANES if width >= WIDE else NARROW_PANES
    numbers = 5 if height < LOW else 6 if height < 28 else 7 if height < TALL else 9 if height < 50 else 12
    bottom = height - 1
    main_left, main_width = side + 1, width - side - 1
    main_bottom = bottom - numbers
    side_bottom = bottom if width >= WIDE else main_bottom
    folded = height < TALL
    summary = 1 if height < LOW else 2
    label_lines, activation_lines = (summary, 1) if folded else (labels + 1, activations + 1)
    upper = (main_bottom - 1) // 2
    left = 0 if width < WIDE else main_left
    return {
        "losses": Region(0, 1, side, max(side_bottom - 1 - label_lines - activation_lines, 1)),
        "labels": Region(0, side_bottom - label_lines - activation_lines, side, label_lines),
        "activations": Region(0, side_bottom - activation_lines, side, activation_lines),
        "loss-chart": Region(main_left, 1, main_width, upper),
        "slope-chart": Region(main_left, 1 + upper, main_width, main_bottom - 1 - upper),
        "readout": Region(left, main_bottom, width - left, numbers),
    }


class Rectangles(Layout):
    """A layout that asks a function where each widget is, by its id; what it does not name is not shown."""

    name = "rectangles"

    def __init__(self, regions: Callable[[int, int], Mapping[str, Region]], known: frozenset[str]) -> None:
        self._regions = regions
        self._known = known

    def arrange(self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True) -> ArrangeResult:
        """Place the children; those that are not this screen's own (notices, tips) as Textual would."""
        parent.pre_layout(self)
        regions = self._regions(size.width, size.height)
        own = [child for child in children if child.id in self._known]
        others = [child for child in children if child.id not in self._known]
        placements = [
            WidgetPlacement(regions[child.id], NULL_OFFSET, NULL_SPACING, child)
            for child in own
            if child.id is not None and child.id in regions
        ]
        if others:
            placements += VerticalLayout().arrange(parent, others, size, greedy)
        return placements
