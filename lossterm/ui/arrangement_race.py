"""Where the widgets of the Race screen are."""

from __future__ import annotations

from textual.geometry import Region

from lossterm.ui.arrangement import NARROW_PANES, TALL, WIDE, WIDE_PANES


def race_regions(width: int, height: int, settings: int, *, problem: bool) -> dict[str, Region]:
    """Panes on the left, two charts over the numbers; a problem's plane beside or below them.

    Args:
        width: of the screen.
        height: of the screen.
        settings: rows of the pane that tells how the race is run.
        problem: whether there is a plane.
    """
    side = WIDE_PANES if width >= WIDE else NARROW_PANES
    numbers = 6 if height < 28 else 7 if height < TALL else 9 if height < 50 else 12
    bottom = height - 1
    left, room = side + 1, width - side - 1
    main_bottom = bottom - numbers
    side_bottom = bottom if width >= WIDE else main_bottom
    lines = min(settings + 1, max((side_bottom - 1) // 2, 2))
    upper = (main_bottom - 1) // 2
    lower = main_bottom - 1 - upper
    numbers_left = 0 if width < WIDE else left
    regions = {
        "losses": Region(0, 1, side, max(side_bottom - 1 - lines, 1)),
        "course": Region(0, side_bottom - lines, side, lines),
        "readout": Region(numbers_left, main_bottom, width - numbers_left, numbers),
    }
    if not problem:
        charts = {"upper": Region(left, 1, room, upper), "lower": Region(left, 1 + upper, room, lower)}
    elif width < WIDE:
        charts = {"upper": Region(left, 1, room, upper), "plane": Region(left, 1 + upper, room, lower)}
    else:
        half = room // 2
        charts = {
            "upper": Region(left, 1, half, upper),
            "lower": Region(left, 1 + upper, half, lower),
            "plane": Region(left + half, 1, room - half, main_bottom - 1),
        }
    return regions | charts
