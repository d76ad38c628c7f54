"""Stories on the screens: the pane, answers, wandering off, and the view that was there before, which comes back."""

import math
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from lossterm.explore import guide
from lossterm.features import FEATURES
from lossterm.model.store import Saved, load, save
from lossterm.model.workspace import Workspace
from lossterm.softmax.screen import SoftmaxScreen
from lossterm.tui.app import LosstermApp
from lossterm.tui.screen import FeatureScreen
from lossterm.tui.widgets.chart import Chart
from lossterm.tui.widgets.loss_line import named
from tests.curves.program import explorer
from tests.harness import PATIENCE, screen_text

SIZES = ((120, 40), (80, 24), (40, 12))

STORY = """---
title: A test
about: It tests.
claims: C6
screen: curves
losses: huber
---

## One
view: curves --loss ce,mse --label 1 --activation sigmoid --at=-6

The first {ce.value}.

ask: How many?
answer: ce.d_logit / mse.d_logit ± 10%
hint: Read the ratio.
reveal: So many; here {ce.d_logit / mse.d_logit | 2}.
then: curves --loss ce,mse --label 1 --activation probit --at=-2

## Two
view: curves --loss ce,mse --label 1 --activation sigmoid --at=-6

ask: Move to where p is a half.
until: abs(z) < 0.3
hint: To the right.
reveal: There it is: {p}.
then: curves --loss ce,mse --label 1 --activation sigmoid --at=0

## Three
view: softmax --logits 8,0,0 --target 1 --loss ce,mse

ask: Press the key for another target.
press: t
hint: The first letter.
reveal: That was it.

## Four
view: race --loss ce,mse --start=-8 --rate 1 --until 0.9

It takes {race.mse.steps} steps.
"""


class Telling:
    """A running program with a story in it."""

    def __init__(self, app: LosstermApp, pilot: Any) -> None:
        self.app, self.pilot = app, pilot

    @property
    def screen(self) -> FeatureScreen[Any]:
        screen = self.app.screen
        assert isinstance(screen, FeatureScreen)
        return screen

    @property
    def text(self) -> str:
        return "\n".join(screen_text(self.app))

    async def until(self, holds: Callable[[], object]) -> None:
        for _ in range(PATIENCE):
            await self.pilot.pause(0.005)
            if holds():
                return
        raise AssertionError(f"it never came to that\n{self.text}")

    async def told(self, text: str) -> None:
        await self.until(lambda: "".join(text.split()) in "".join(self.text.split()))

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    @property
    def place(self) -> str:
        page = self.app.stories.page
        return "" if page is None else page.place

    async def read_on(self, place: str) -> None:
        """Press enter, through what is to be read, until a step is there."""
        for _ in range(20):
            if self.place == place:
                return
            before = (self.place, self.text)
            await self.press("enter")
            await self.until(lambda before=before: (self.place, self.text) != before)  # type: ignore[misc]
        raise AssertionError(self.text)


@asynccontextmanager
async def running(
    size: tuple[int, int] = (80, 24), *, story: str = "", saved: Saved | None = None, keep: bool = False
) -> AsyncIterator[Telling]:
    app = LosstermApp(FEATURES, saved or Saved(), keep=keep, guide=guide, story=story)
    app.animation_level = "none"
    async with app.run_test(size=size) as pilot:
        told = Telling(app, pilot)
        await told.until(lambda: app.is_ready)
        if story:
            await told.until(lambda: app.stories.is_on)
            await told.until(lambda: told.screen.focused is told.screen.story)
        yield told


@pytest.fixture
def own(tmp_path: Path) -> str:
    path = tmp_path / "mine.md"
    path.write_text(STORY)
    return str(path)


async def answer(told: Telling, text: str) -> None:
    """Read what there is to read, then answer."""
    for _ in range(20):
        if told.screen.prompt.is_open:
            break
        await told.press("enter")
    before = told.app.stories.page
    await told.press(*text, "enter")
    await told.until(lambda: told.app.stories.page is not before)


@pytest.mark.parametrize("size", SIZES)
async def test_a_story_from_its_first_step_to_the_view_that_was_before(own: str, size: tuple[int, int]) -> None:
    async with running(size) as told:
        before = told.screen.state
        told.app.stories.begin(own)
        await told.until(lambda: told.screen.focused is told.screen.story)
        view = told.screen.state.view
        assert (view.logit, view.activation, len(view.shown)) == (-6.0, "sigmoid", 2)
        pane = told.screen.story
        await told.until(lambda: pane.region.height)
        assert pane.region.height <= max(size[1] // 3, 4)
        await answer(told, "203")
        assert told.screen.state.view.activation == "probit", "with the reveal comes its view"
        await told.until(lambda: not told.app.stories.page.waits)  # type: ignore[union-attr]
        await told.read_on("2/4")
        assert told.screen.state.view.activation == "sigmoid"
        await told.press("g", "z", "=", "0", "enter")
        await told.until(lambda: not told.app.stories.page.waits)  # type: ignore[union-attr]
        await told.until(lambda: told.screen.focused is told.screen.story)
        await told.read_on("3/4")
        await told.until(lambda: told.app.current_mode == "softmax" and told.screen.focused is told.screen.story)
        await told.press("t")
        await told.until(lambda: not told.app.stories.page.waits)  # type: ignore[union-attr]
        await told.read_on("4/4")
        await told.until(lambda: told.app.current_mode == "race" and told.screen.focused is told.screen.story)
        await told.press("escape")
        await told.until(lambda: not told.app.stories.is_on)
        await told.until(lambda: told.app.current_mode == "curves")
        assert told.screen.state == before
        assert not told.screen.story.display and told.app.stories.page is None


async def test_what_is_told_has_the_numbers_of_the_place_that_was_found(own: str) -> None:
    async with running((120, 40), story=own) as told:
        await answer(told, "203")
        await told.read_on("2/4")
        await told.press("g", *"p=.55", "enter")
        await told.told("There it is: 0.55.")
        assert told.screen.state.view.logit == pytest.approx(math.log(0.55 / 0.45))
        await told.read_on("3/4")
        await told.press("backspace")
        await told.told("There it is: 0.5.")
        assert told.screen.state.view.logit == 0, "who comes back sees the place of the story"


@pytest.mark.parametrize("screen", ["curves", "softmax"])
async def test_the_first_of_the_losses_is_the_current_one(tmp_path: Path, screen: str) -> None:
    losses = {"curves": "--loss huber --label 1", "softmax": "--logits 2,1 --target 0 --loss kl"}
    steps = [f"## {title}\nview: {name} {losses[name]}\n\nLook." for title, name in (("One", screen), ("Two", screen))]
    path = tmp_path / "current.md"
    path.write_text("---\ntitle: A test\n---\n\n" + "\n\n".join(steps) + "\n")
    async with running(story=str(path)) as told:
        await told.until(lambda: told.app.current_mode == screen)
        assert told.screen.state.current == told.screen.state.subject.reference > 0
        await told.read_on("2/2")
        assert told.screen.state.current == told.screen.state.subject.reference > 0


async def test_what_is_told_is_in_sight_on_a_screen_that_opens_with_it(tmp_path: Path) -> None:
    path = tmp_path / "opens.md"
    path.write_text(
        "---\ntitle: A test\n---\n\n## One\nview: curves --loss ce --label 1\n\n" + "Much to read. " * 30 + "\n\n"
        "ask: How many?\nanswer: 1\nhint: One.\nreveal: So many it is.\n"
        "then: softmax --logits 2,1 --target 0 --loss ce\n"
    )
    async with running(story=str(path)) as told:
        await answer(told, "1")
        await told.until(lambda: told.app.current_mode == "softmax")
        await told.told("So many it is.")


async def test_texts_and_numbers_stand_in_the_pane(own: str) -> None:
    async with running((120, 40), story=own) as told:
        await told.told("The first 6.002. ? How many?")
        await answer(told, "50")
        await told.told("Not 50. Once more")
        await told.told("Read the ratio.")
        assert told.screen.prompt.is_open, "the next guess is typed at once"
        await answer(told, "60")
        await told.told("You said 60; it is 202.7: 3.38 times as much.")
        await told.told("So many; here")


async def test_what_is_no_answer_is_asked_again(own: str) -> None:
    async with running((120, 40), story=own) as told:
        await told.press("enter")
        await told.until(lambda: told.screen.prompt.is_open)
        await told.press(*"many", "enter")
        assert told.screen.prompt.is_open
        await told.press("escape")
        await told.until(lambda: not told.screen.prompt.is_open)
        assert told.screen.focused is told.screen.story and told.app.stories.is_on


async def test_numbers_that_take_a_while_come_after_the_text(tmp_path: Path) -> None:
    path = tmp_path / "race.md"
    path.write_text(
        "---\ntitle: R\n---\n\n## One\nview: race --loss ce,mse --start=-8 --rate 1 --until .9\n\n"
        "It takes {race.mse.steps} steps.\n"
    )
    async with running((120, 40), story=str(path)) as told:
        await told.told("It takes 1,542 steps.")


async def test_every_key_of_the_screen_works_and_one_may_wander_off(own: str) -> None:
    async with running((80, 24), story=own) as told:
        await told.press("left")
        assert told.screen.state.view.logit < -6
        await told.press("x")
        assert told.screen.state.view.axis == "prediction"
        await told.press("tab", "5")
        await told.until(lambda: told.app.current_mode == "properties")
        await told.until(lambda: told.screen.story.display)
        await told.press("1")
        await told.until(lambda: told.app.current_mode == "curves")
        assert told.app.stories.is_on and told.place == "1/4"
        await told.press("tab")
        assert told.screen.focused is not told.screen.story
        await told.press("S")
        assert told.screen.focused is told.screen.story


async def test_the_pane_folds_and_gives_its_lines_back(own: str) -> None:
    async with running((80, 24), story=own) as told:
        pane = told.screen.story
        await told.until(lambda: pane.region.height > 1)
        charts = told.screen.query_one("#loss-chart").region.height
        await told.press("S")
        await told.until(lambda: pane.region.height == 1)
        assert told.screen.query_one("#loss-chart").region.height > charts
        assert told.screen.focused is not pane
        await told.press("S")
        await told.until(lambda: pane.region.height > 1 and told.screen.focused is pane)


async def test_a_long_page_is_read_on_and_back(tmp_path: Path) -> None:
    path = tmp_path / "long.md"
    words = " ".join(f"word{n}" for n in range(300))
    path.write_text(f"---\ntitle: L\n---\n\n## One\nview: curves\n\nWords {words}.\n\n## Two\nThe end.\n")
    async with running((80, 24), story=str(path)) as told:
        await told.told("word0 ")
        for _ in range(60):
            if "word299" in told.text:
                break
            await told.press("enter")
            assert told.place == "1/2"
        await told.press("backspace")
        await told.until(lambda: "word299" not in told.text)
        await told.read_on("2/2")
        await told.press("backspace")
        await told.until(lambda: told.place == "1/2")


async def test_undo_acts_on_the_screen_and_is_as_before_once_left(own: str) -> None:
    async with running() as told:
        await told.press("x")
        history = told.screen.history
        told.app.stories.begin(own)
        await told.until(lambda: told.screen.focused is told.screen.story)
        await told.press("x", "U")
        assert told.screen.state.view.axis == "logit" and told.place == "1/4"
        await told.press("escape")
        await told.until(lambda: not told.app.stories.is_on)
        assert told.screen.history == history and told.screen.state.view.axis == "prediction"


async def test_a_question_on_the_screen_gets_a_hint_and_is_then_shown(own: str) -> None:
    async with running((120, 40), story=own) as told:
        await answer(told, "")
        await told.read_on("2/4")
        await told.press("enter")
        await told.told("To the right.")
        await told.press("enter")
        await told.told("There it is: 0.5.")
        assert told.screen.state.view.logit == 0.0


async def test_the_list_is_filtered_and_opens_a_story() -> None:
    async with running((80, 24)) as told:
        await told.press("S")
        await told.told("Why not squared error? It saturates")
        await told.press(*"vanishing", "enter")
        await told.until(lambda: told.app.stories.is_on)
        await told.told("1/8 Wrong, and sure of it")


async def test_the_help_and_the_line_of_the_loss_name_stories() -> None:
    async with running((120, 40)) as told:
        await told.told("S saturation")
        assert "saturation" in told.app.stories.notes("curves")
        await told.press("?")
        await told.told("Stories of this screen")


async def test_a_wrong_file_is_said_in_a_line(tmp_path: Path) -> None:
    path = tmp_path / "bad.md"
    path.write_text("---\ntitle: B\n---\n\n## One\nveiw: curves\n")
    async with running((120, 40)) as told:
        told.app.stories.begin(str(path))
        await told.told("bad.md:6: unknown field 'veiw': did you mean view?")
        assert not told.app.stories.is_on


async def test_a_place_that_is_not_there_is_said_in_the_pane(tmp_path: Path) -> None:
    path = tmp_path / "bad.md"
    path.write_text("---\ntitle: B\n---\n\n## One\nview: curves --loss ce\n\nSo {ce.valeu}.\n")
    async with running((120, 40), story=str(path)) as told:
        await told.told("there is no valeu")


async def test_progress_is_kept_and_the_view_of_a_story_is_not(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    monkeypatch.setattr("lossterm.tui.app.save", lambda saved: save(saved, state))
    async with running((80, 24), story="saturation", keep=True) as told:
        await answer(told, "200")
        await told.read_on("2/8")
        assert told.screen.state.view.logit == -6.0
        told.app.save_state()
    saved = load(state)
    assert saved.subject is not None and saved.subject.logit == -4.0, "what was looked at before"
    assert saved.stories["saturation"] == {"step": 1, "done": False}
    async with running((80, 24), story="saturation", saved=saved) as told:
        assert told.place == "2/8"
    async with running((80, 24), saved=saved) as told:
        assert not told.app.stories.is_on, "nothing begins by itself"


@pytest.mark.parametrize(
    "kept",
    [
        {"saturation": {"step": 99}},
        {"saturation": {"step": -1}},
        {"saturation": {"step": True}},
        {"saturation": {"step": "2"}},
        {"saturation": 3},
        {"saturation": None},
        {"other": {"step": 2, "done": "yes"}},
    ],
)
async def test_what_is_kept_is_distrusted(kept: dict[str, Any]) -> None:
    async with running((80, 24), story="saturation", saved=Saved(stories=kept)) as told:
        assert told.place in ("1/8", "8/8")


async def test_the_first_start_says_that_there_are_stories_and_no_other_one_does() -> None:
    async with running((80, 24), saved=Saved(is_first=True)) as told:
        await told.told("S opens the stories")
        assert not told.app.stories.is_on
    async with running((80, 24)) as told:
        await told.pilot.pause()
        assert "opens the stories" not in told.text


async def test_a_story_opens_on_data_and_the_file_goes_again(tmp_path: Path) -> None:
    path = tmp_path / "data.md"
    path.write_text("---\ntitle: D\n---\n\n## One\nview: data --demo\n\nRows: {data.rows}.\n")
    async with running((120, 40), story=str(path)) as told:
        await told.told("Rows: 1,597.")
        await told.until(lambda: told.app.current_mode == "data")
        await told.until(lambda: told.screen.state.file is not None)
        await told.press("escape")
        await told.until(lambda: told.app.current_mode == "curves")
        await told.press("4")
        await told.until(lambda: told.app.current_mode == "data")
        assert told.screen.state.file is None


async def test_the_last_step_leads_to_another_story_or_back(tmp_path: Path) -> None:
    path = tmp_path / "one.md"
    path.write_text("---\ntitle: O\n---\n\n## One\nview: curves --at=3\n\nText.\n\nsee: saturation\n")
    async with running((80, 24)) as told:
        before = told.screen.state
        told.app.stories.begin(str(path))
        await told.until(lambda: told.screen.focused is told.screen.story)
        await told.press("enter")
        await told.told("Back to what was looked at before")
        await told.told("Why not squared error? It saturates")
        await told.press("enter")
        await told.until(lambda: told.place == "1/8")
        await told.press("escape")
        await told.until(lambda: not told.app.stories.is_on)
        assert told.screen.state == before


async def test_the_file_that_was_open_before_a_story_is_opened_again(tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text("y,p\n" + "1,0.9\n0,0.2\n1,0.4\n0,0.6\n" * 5)
    path = tmp_path / "data.md"
    path.write_text("---\ntitle: D\n---\n\n## One\nview: data own.csv --bins 5\n\nRows: {data.rows}.\n")
    async with running((120, 40)) as told:
        await told.press("4")
        await told.until(lambda: told.app.current_mode == "data")
        await told.press("O")
        await told.until(lambda: told.screen.state.findings is not None)
        before = told.screen.state
        told.app.stories.begin(str(path))
        await told.told("Rows: 20.")
        await told.until(lambda: told.screen.state.findings is not None and told.screen.state.findings.rows == 20)
        assert told.screen.state.look.bins == 5
        await told.press("escape")
        await told.until(lambda: told.screen.state.findings is not None and told.screen.state.findings.rows == 1597)
        assert (told.screen.state.choice, told.screen.state.look) == (before.choice, before.look)


async def test_the_line_of_a_loss_may_be_told_before_its_screen_stands() -> None:
    async with explorer() as ui:  # keys that come at once lead to a screen while the stories are looked up
        SoftmaxScreen(Workspace(), {}).show_loss_line()
        assert ui.app.is_ready


@pytest.mark.parametrize("character", ["3", ".", "-", "0"])
async def test_a_number_is_typed_without_enter_before_it(own: str, character: str) -> None:
    async with running((80, 24), story=own) as told:
        await told.press(character)
        assert told.screen.prompt.is_open and told.screen.prompt.text == character
        assert told.app.current_mode == "curves"
        await told.press("5", "enter")
        await told.told("Once more")
        await told.until(lambda: told.screen.prompt.is_open)
        assert told.screen.prompt.text == "", "right after a wrong answer the next one is typed"
        await told.press("3", "1", "enter")
        await told.told("You said 31")
        await told.until(lambda: told.screen.focused is told.screen.story)
        assert told.app.current_mode == "curves"
        await told.press("3")
        await told.until(lambda: told.app.current_mode == "race")


async def test_digits_are_keys_of_the_screen_where_no_number_is_asked(own: str) -> None:
    async with running((80, 24), story=own) as told:
        await told.press("tab", "3")
        await told.until(lambda: told.app.current_mode == "race")
        await told.press("1")
        await told.until(lambda: told.app.current_mode == "curves" and told.screen.focused is told.screen.story)
        await answer(told, "")
        await told.read_on("2/4")
        await told.press("3")
        await told.until(lambda: told.app.current_mode == "race")


async def test_what_is_still_to_be_read_goes_before_another_guess(tmp_path: Path) -> None:
    path = tmp_path / "long.md"
    words = " ".join(f"word{n}" for n in range(200))
    path.write_text(
        "---\ntitle: L\n---\n\n## One\nview: curves --loss ce --at=1\n\nask: How many?\nanswer: ce.value\n"
        f"hint: Words {words}.\nreveal: So many.\n"
    )
    async with running((80, 24), story=str(path)) as told:
        await told.press("7", "enter")
        await told.told("word0 ")
        assert not told.screen.prompt.is_open, "enter reads on, and does not give up"
        await told.press("enter")
        await told.told("word70 ")
        await told.press("8")
        assert told.screen.prompt.text == "8"


async def test_a_question_stays_in_sight_in_another_window(tmp_path: Path) -> None:
    path = tmp_path / "asks.md"
    path.write_text(
        "---\ntitle: L\n---\n\n## One\nview: curves --loss ce --at=1\n\n"
        + " ".join(f"word{n}" for n in range(20))
        + "\n\nask: How many?\nanswer: ce.value\nhint: None.\nreveal: So many.\n"
    )
    async with running((80, 24), story=str(path)) as told:
        await told.told("How many?")
        await told.press("7")
        assert told.screen.prompt.is_open
        for size in ((60, 20), (40, 12), (80, 24)):
            await told.pilot.resize_terminal(*size)
            await told.told("How many?")
        await told.told("word0 ")


async def test_another_height_of_the_pane_leaves_no_cells_behind() -> None:
    def is_drawn(screen: FeatureScreen[Any]) -> bool:
        charts = [chart for chart in screen.query(Chart) if chart.region and chart._picture is not None]
        return all(len(chart._picture.rows) == chart.room.height for chart in charts if chart._picture is not None)

    async with running((80, 24), story="saturation") as told:
        for _ in range(10):
            await told.press("enter")
            if told.screen.prompt.is_open:
                await told.press(*"200", "enter")
            await told.pilot.pause(0.05)
            await told.until(lambda: is_drawn(told.screen))
        assert told.place >= "3"


async def test_the_line_of_a_loss_names_all_its_stories_that_have_room() -> None:
    stories = ("saturation", "entropy", "stuck")
    assert named(stories, 30) == "saturation · entropy · stuck"
    assert named(stories, 25) == "saturation · entropy +1"
    assert named(stories, 2) == "saturation +2"
    assert named(stories[:1], 2) == "saturation" and named((), 20) == ""
    async with running((120, 40)) as told:
        await told.until(lambda: told.app.stories.of_loss("cross-entropy"))
        assert set(told.app.stories.of_loss("cross-entropy")) >= {"saturation", "entropy", "stuck"}
        await told.told("S saturation · entropy")


async def test_the_stories_to_go_on_with_end_as_they_are_written(tmp_path: Path) -> None:
    path = tmp_path / "one.md"
    path.write_text("---\ntitle: O\n---\n\n## One\nview: curves\n\nText.\n\nsee: two\n")
    (tmp_path / "two.md").write_text("---\ntitle: Does it?\n---\n\n## One\nview: curves\n\nText.\n")
    async with running((120, 40), story=str(path)) as told:
        await told.told("On with: Does it?")
        assert "Does it?." not in told.text


async def test_a_program_that_ends_before_its_stories_are_looked_for_ends_quietly() -> None:
    async with running() as told:
        pass
    assert not told.app.screen_stack
    told.app.stories.program_is_ready("", is_first=True)
