"""What a number means, asked in the palette of every screen: a prompt, a sheet, and the view of an explanation."""

from __future__ import annotations

import pytest

from lossterm.curves.screen import CurvesScreen
from lossterm.curves.view import View
from lossterm.meanings.ask import view_of
from lossterm.meanings.matching import explain
from lossterm.model.actions import Visit
from lossterm.tui.screen import FeatureScreen
from tests.harness import NARROW, came_to, program, saved_of, screen_text


def test_every_explanation_of_a_known_number_leads_to_a_screen() -> None:
    for typed, screen in (("16.118", "curves"), ("1.4612", "softmax"), ("100", "curves")):
        take = view_of(explain(typed)[0])
        assert take is not None
        visit = take(None)
        assert isinstance(visit, Visit) and visit.name == screen


@pytest.mark.parametrize("start", ["softmax", "properties"])
async def test_it_is_asked_on_every_screen_and_the_answer_opens(start: str) -> None:
    app = program(saved_of(View()), start=start)
    async with app.run_test(size=NARROW) as pilot:

        def tells(text: str) -> bool:
            return text in "\n".join(screen_text(app))

        await came_to(pilot, lambda: isinstance(app.screen, FeatureScreen) and app.is_ready)
        await pilot.press(":", *"what does mean", "enter")
        await came_to(pilot, lambda: tells("what does … mean"))
        await pilot.press(*"what?", "enter")
        await came_to(pilot, lambda: tells("there is no number"))
        await pilot.press(*["backspace"] * 5, *"loss: 16.118", "enter")
        await came_to(pilot, lambda: tells("keras") and tells("enter opens"))
        await pilot.press("enter")
        await came_to(pilot, lambda: isinstance(app.screen, CurvesScreen))
        view = app.screen.view  # type: ignore[attr-defined]
        assert round(view.logit, 3) == -20
        assert [view.rows[i].loss for i in view.shown] == ["cross-entropy"]
        assert view.window[0] < view.logit


@pytest.mark.parametrize(("typed", "says"), [("16.118", "of libraries"), ("nan", "float32")])
async def test_what_is_wrong_in_a_library_or_a_precision_opens_with_it(typed: str, says: str) -> None:
    app = program(saved_of(View()), start="properties")
    async with app.run_test(size=NARROW) as pilot:
        await came_to(pilot, lambda: isinstance(app.screen, FeatureScreen) and app.is_ready)
        await pilot.press(":", *"what does mean", "enter", *typed, "enter")
        await came_to(pilot, lambda: "enter opens" in "\n".join(screen_text(app)))
        await pilot.press("enter")
        await came_to(pilot, lambda: isinstance(app.screen, CurvesScreen) and says in "\n".join(screen_text(app)))
