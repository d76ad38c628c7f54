"""A sheet over the screen: it scrolls, tells its keys, copies, and leads where its sections lead."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from lossterm.curves.actions import CurvesState
from lossterm.curves.screen import CurvesScreen
from lossterm.model.actions import Lay, Section
from lossterm.model.subject import set_logit
from tests.screens import Shown, shown


def at(state: CurvesState, logit: float) -> CurvesState:
    """The state with the cursor at a logit."""
    return state.with_subject(set_logit(state.subject, logit))


LEADING = Lay(
    "what it means",
    (
        Section("first", ("a text that is long enough to be broken at the end of a line " * 3,),
                take=lambda state: at(state, 1.0)),
        Section("code", (), tuple(f"line {n} " + "." * 150 + "end" for n in range(60))),
        Section("last", ("short",), take=lambda state: at(state, 2.0)),
    ),
    copy="the whole",
    copied="it is copied",
)  # fmt: skip


@asynccontextmanager
async def laid() -> AsyncIterator[tuple[Shown, CurvesScreen]]:
    """A running program with the sheet over its Curves screen, and that screen."""
    async with shown("lossterm", "", (80, 24)) as screen:
        curves = screen.app.screen
        assert isinstance(curves, CurvesScreen)
        curves.lay(LEADING)
        yield screen, curves


async def test_a_sheet_is_read_copied_and_followed() -> None:
    async with laid() as (screen, curves):
        await screen.until(lambda: "what it means" in screen.text and "▸ first" in screen.text)
        assert "esc back" in screen.text and "line 59" not in screen.text
        await screen.press("y")
        await screen.until(lambda: "it is copied" in screen.text)
        assert screen.app.clipboard == "the whole"
        await screen.press("pagedown" + " right" * 20)
        await screen.until(lambda: ".end" in screen.text)
        await screen.press("down")
        await screen.until(lambda: "▸ last" in screen.text)
        await screen.press("enter")
        await screen.until(lambda: screen.app.screen is curves)
        assert curves.view.logit == 2.0


async def test_the_keys_tell_that_lines_go_on_to_the_right_while_they_do() -> None:
    async with laid() as (screen, _):
        await screen.until(lambda: "esc back · ←→ · y copies" in screen.text)
        await screen.pilot.resize_terminal(200, 60)  # no wider than a sheet is ever
        await screen.until(lambda: "esc back · ←→ · y copies" in screen.text)


async def test_a_sheet_fits_any_terminal_and_is_left_by_keys_in_a_burst() -> None:
    async with laid() as (screen, curves):
        for size in ((1, 1), (20, 4), (200, 60), (80, 24)):
            await screen.pilot.resize_terminal(*size)
            await screen.pilot.press("down", "right", "end", "home")
        await screen.pilot.press("escape", "enter", "escape", "q", "y")
        await screen.until(lambda: screen.app.screen is curves)
