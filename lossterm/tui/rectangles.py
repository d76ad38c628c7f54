"""Where the widgets of a screen are: one pass over rectangles, with no containers to be drawn behind them.

Textual's own ways were measured for the Curves screen at 120×40 (CPU time, medians, the same widgets): with
containers and CSS a change of size takes 1.5 times as long, a loss shown or hidden 1.3 times, a full repaint 3.6
times; one CSS grid without containers is as fast (1.0 to 1.1 times), but has common lines for both columns, where
panes and charts are divided apart.
"""

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

LEAST_TOLD = 24
"""Lines from which one of them tells what the current loss is."""

LOW = 16
"""Lines below which losses and numbers need those of the smoothing and a blank one."""

NARROW_PANES, WIDE_PANES = 23, 28
"""Columns of the panes."""


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
