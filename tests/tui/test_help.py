"""The help: it begins with what one sees, and long lines hang at their column."""

from __future__ import annotations

import pytest

from lossterm.features import FEATURES
from lossterm.tui.commands import Command
from lossterm.tui.help import blocks_of, help_blocks, help_lines
from lossterm.tui.screen import FeatureScreen
from tests.harness import came_to, program, screen_text

NOTES = """
Marks
  a b c   the letter of a loss
  ◇       a minimum
          that goes on here
Numbers
  ×a      a ratio

A sentence that stands for itself.
"""
COMMAND = Command(("x",), "", "axis", "The other axis, with words enough to break in a narrow window", "The picture")


def test_notes_are_read_as_rows_and_headings() -> None:
    assert blocks_of(NOTES) == [
        ("Marks", [("a b c", "the letter of a loss"), ("◇", "a minimum that goes on here")]),
        ("Numbers", [("×a", "a ratio")]),
        ("", [("", "A sentence that stands for itself.")]),
    ]


@pytest.mark.parametrize("width", [30, 40, 76, 200])
def test_long_lines_hang_at_their_column(width: int) -> None:
    lines = help_lines(help_blocks([COMMAND], NOTES), width)
    assert lines[0] == "Marks"
    assert all(len(line) <= width for line in lines)
    at = lines.index(next(line for line in lines if line.startswith("  x ")))
    column = lines[at].index("The other")
    for line in lines[at + 1 :]:
        assert line.startswith(" " * column)
        assert line[column] != " "
    assert " ".join(" ".join(lines[at:]).split()) == f"x {COMMAND.help}"


@pytest.mark.parametrize("width", [32, 34, 52, 76])
@pytest.mark.parametrize("name", [feature.name for feature in FEATURES])
async def test_no_line_of_the_help_is_broken_twice(name: str, width: int) -> None:
    app = program(start=name)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        assert isinstance(app.screen, FeatureScreen)
        lines = help_lines(help_blocks(app.commands_here(), app.screen.notes), width)
    assert max(map(len, lines)) <= width


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (120, 40)])
@pytest.mark.parametrize("name", [feature.name for feature in FEATURES])
@pytest.mark.sampled(2)
async def test_the_help_of_every_screen_tells_all_of_its_notes_and_keys(name: str, size: tuple[int, int]) -> None:
    app = program(start=name)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        screen = app.screen
        assert isinstance(screen, FeatureScreen)
        blocks = help_blocks(app.commands_here(), screen.notes)
        assert [heading for heading, _ in blocks[:2]] == ["What you see", "To try"]
        await pilot.press("?")
        await came_to(pilot, lambda: any("What you see" in line for line in screen_text(app)))
        await pilot.press("pagedown", "pagedown", "pagedown")
        await came_to(pilot, lambda: not any("What you see" in line for line in screen_text(app)))
        await pilot.press("end")
        await came_to(pilot, lambda: any("Leave; the view" in line or "next time" in line for line in screen_text(app)))
