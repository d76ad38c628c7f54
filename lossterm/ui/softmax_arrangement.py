"""Where the widgets of the Softmax screen are."""

from __future__ import annotations

from textual.geometry import Region

TWO_CHARTS = 64
"""Columns from which both charts stand side by side."""
LEAST_CHART = 6
"""Lines below which a chart says nothing."""
LOSSES = 9
"""The most lines of losses."""


def softmax_regions(width: int, height: int, classes: int, losses: int, chart: int) -> dict[str, Region]:
    """Settings, classes, the split, charts, losses: from the top.

    Args:
        width: of the screen.
        height: of the screen.
        classes: K.
        losses: rows of losses.
        chart: which of the charts stands alone where there is no room for two.
    """
    bottom = height - 1
    body = bottom - 1
    split = 2 if height >= 16 else 1
    ledger = min(losses, LOSSES, max(2, (body - 5) // 3 - 2)) + 2
    rest = body - 1 - split - ledger
    rows = min(classes, max(2, rest // 2 - 2))
    charts = rest - rows - 2
    if charts < LEAST_CHART:
        rows, charts = rest - 2, 0
    top = 2 + rows + 2
    regions = {
        "settings": Region(0, 1, width, 1),
        "classes": Region(0, 2, width, rows + 2),
        "split": Region(0, top, width, split),
        "ledger": Region(0, bottom - ledger, width, ledger),
    }
    if charts and width >= TWO_CHARTS:
        left = width // 2
        regions["loss-chart"] = Region(0, top + split, left - 1, charts)
        regions["slope-chart"] = Region(left, top + split, width - left, charts)
    elif charts:
        regions[("loss-chart", "slope-chart")[chart]] = Region(0, top + split, width, charts)
    return regions
