"""Where the widgets of the Data screen are."""

from __future__ import annotations

from textual.geometry import Region

from lossterm.ui.arrangement import NARROW_PANES, TALL, WIDE, WIDE_PANES

FIGURES, VALUE_FIGURES = 10, 5
"""Lines of the figures of probabilities (a rule, the heads, eight of numbers), and of plain values."""

LOWER = ("figures", "readout", "worst")
"""What can be below the chart."""


def shows_all(width: int, height: int) -> bool:
    """Whether there is room for all of them."""
    return height >= TALL and width >= WIDE


def figures_room(width: int) -> int:
    """Columns of the figures."""
    return width if width < WIDE else width - WIDE_PANES - 1


def data_regions(
    width: int, height: int, settings: int, losses: int, lower: str, figures: int = FIGURES
) -> dict[str, Region]:
    """Panes on the left, the chart on the right, the numbers below it or below all.

    Args:
        width: of the screen.
        height: of the screen.
        settings: rows of the pane that tells how the file is looked at.
        losses: rows of numbers of the losses.
        lower: what is below where there is no room for all.
        figures: lines of the figures.
    """
    side = WIDE_PANES if width >= WIDE else NARROW_PANES
    bottom = height - 1
    left, room = side + 1, width - side - 1
    if shows_all(width, height):
        readout = min(losses + 3, max((height // 4 - 1) | 1, 9))
        worst = max((bottom - 1 - figures - readout) * 2 // 5, 6)
        top = bottom - figures - readout - worst
        below = {
            "figures": Region(left, top, room, figures),
            "readout": Region(left, top + figures, room, readout),
            "worst": Region(left, top + figures + readout, room, worst),
        }
    else:
        lines = {"figures": figures, "readout": losses + 3, "worst": max(FIGURES, bottom // 3)}[lower]
        top = bottom - max(min(lines, (bottom - 1) // 2), 4)
        start = 0 if width < WIDE else left
        below = {lower: Region(start, top, width - start, bottom - top)}
    # where the numbers go below the panes the line of the cursor does so too
    narrow = width < WIDE
    side_bottom = max(top - 1, 3) if narrow else bottom
    rows = min(settings + 1, max((side_bottom - 1) // 2, 2))
    return {
        "losses": Region(0, 1, side, max(side_bottom - 1 - rows, 1)),
        "file": Region(0, side_bottom - rows, side, rows),
        "chart": Region(left, 1, room, max(top - 2, 1)),
        "caption": Region(0, max(top - 1, 1), width, 1) if narrow else Region(left, max(top - 1, 1), room, 1),
        **below,
    }
