"""A sheet over the screen: it scrolls, tells its keys, copies, and leads where its sections lead."""

from lossterm.curves.actions import CurvesState
from lossterm.curves.screen import CurvesScreen
from lossterm.curves.view import View
from lossterm.model.actions import Lay, Section
from lossterm.model.subject import set_logit
from tests.harness import came_to, program, saved_of, screen_text


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


async def test_a_sheet_is_read_copied_and_followed() -> None:
    app = program(saved_of(View()))
    async with app.run_test(size=(80, 24)) as pilot:
        await came_to(pilot, lambda: isinstance(app.screen, CurvesScreen))
        curves = app.screen
        assert isinstance(curves, CurvesScreen)

        def text() -> str:
            return "\n".join(screen_text(app))

        curves.lay(LEADING)
        await came_to(pilot, lambda: "what it means" in text() and "▸ first" in text())
        assert "esc back" in text() and "line 59" not in text()
        await pilot.press("y")
        await came_to(pilot, lambda: "it is copied" in text())
        assert app.clipboard == "the whole"
        await pilot.press("pagedown", *["right"] * 20)
        await came_to(pilot, lambda: ".end" in text())
        await pilot.press("down")
        await came_to(pilot, lambda: "▸ last" in text())
        await pilot.press("enter")
        await came_to(pilot, lambda: app.screen is curves)
        assert curves.view.logit == 2.0


async def test_a_sheet_fits_any_terminal_and_is_left_by_keys_in_a_burst() -> None:
    app = program(saved_of(View()))
    async with app.run_test(size=(80, 24)) as pilot:
        await came_to(pilot, lambda: isinstance(app.screen, CurvesScreen))
        curves = app.screen
        assert isinstance(curves, CurvesScreen)
        curves.lay(LEADING)
        for size in ((1, 1), (20, 4), (200, 60), (80, 24)):
            await pilot.resize_terminal(*size)
            await pilot.press("down", "right", "end", "home")
        await pilot.press("escape", "enter", "escape", "q", "y")
        await came_to(pilot, lambda: app.screen is curves)
