"""The title bar: the screens, shortened until the status has room; and the line of keys."""

from __future__ import annotations

import pytest

from lossterm.curves.keys import CURVES
from lossterm.predictions.keys import DATA
from lossterm.properties.keys import PROPERTIES
from lossterm.race.keys import RACE
from lossterm.softmax.keys import SOFTMAX
from lossterm.tui.commands import GLOBAL
from lossterm.tui.theme import styles_of
from lossterm.tui.widgets.bars import GAP, TitleBar, keys_in_bar
from tests.curves.program import explorer

TABS = [("1", "curves", "Curves"), ("2", "softmax", "Softmax"), ("3", "race", "Race"), ("4", "data", "Data"),
        ("5", "properties", "Properties")]  # fmt: skip
LONG, SHORT = "y = 1 · sigmoid · z = −4.000 · p = 0.01799", "y=1·sigmoid z=−4.000 p=0.01799"


async def drawn(active: str, width: int, long: str = LONG, short: str = SHORT) -> str:
    async with explorer() as ui:
        bar = TitleBar(TABS, active)
        bar._status = (long, short)
        (line,) = bar.lines(width, 1, styles_of(ui.app.current_theme))
        assert line.cell_length == width
        return line.text


@pytest.mark.parametrize(
    ("width", "begins"),
    [
        (120, " lossterm  [1 Curves] 2 Softmax  3 Race  4 Data  5 Properties "),
        (80, " ▐1 Curves▌2 Softmax 3 Race 4 Data 5 Prop. "),
        (79, " ▐1 Curves▌2 Softmax 3 Race 4 Data 5 Prop. "),
        (73, " ▐1 Curves▌2 Soft. 3 Race 4 Data 5 Prop. "),
        (72, " ▐1 Curv.▌2 Soft. 3 Race 4 Data 5 Prop. "),
        (65, " ▐1 Curv.▌2 3 4 5 "),
        (44, " ▐1▌2 3 4 5 "),
    ],
)
async def test_the_names_give_way_to_the_status(width: int, begins: str) -> None:
    line = await drawn("curves", width)
    assert line.startswith(begins)
    assert (LONG if width >= 120 else SHORT) in line


async def test_the_status_stays_when_no_screen_has_room() -> None:
    assert (await drawn("race", 36)).strip() == SHORT


async def test_the_names_stay_where_they_are_whatever_is_looked_at() -> None:
    async with explorer() as ui:
        bar, styles = TitleBar(TABS, "curves"), styles_of(ui.app.current_theme)
        for width in range(20, 201, 3):
            names = set()
            for status in ("", "y=1", SHORT, LONG, f"{SHORT}7", f"{LONG} · and much more of it", "x" * 70):
                bar._status = (status, status.replace(" ", ""))
                (line,) = bar.lines(width, 1, styles)
                assert line.cell_length == width
                names.add(tuple(bar._spans))
            assert len(names) == 1, width


async def test_the_end_of_a_status_that_is_too_long_is_shown() -> None:
    line = await drawn("curves", 80, short="y=0.9·complementary-log-log z=−4.000 p=0.01799")
    assert line.rstrip().endswith("z=−4.000 p=0.01799") and "…" in line


async def test_the_open_screen_is_the_last_to_be_shortened() -> None:
    assert (await drawn("properties", 77)).startswith(" 1 Curv. 2 Soft. 3 Race 4 Data ▐5 Properties▌ ")


async def test_a_click_on_a_shortened_name_opens_its_screen() -> None:
    async with explorer(size=(64, 24)) as ui:
        at = ui.lines[0].index("2")
        await ui.pilot.click("#title", offset=(at, 0))
        await ui.pilot.pause()
        assert ui.app.current_mode == "softmax"


# ---- the line of keys -----------------------------------------------------------------------------------------------

EVERY = {"curves": CURVES, "softmax": SOFTMAX, "race": RACE, "data": DATA, "properties": PROPERTIES}


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("width", [40, 80, 120, 200])
def test_as_many_keys_as_fit_with_the_palette_first_and_quit_last(name: str, width: int) -> None:
    commands = [*EVERY[name], *GLOBAL]
    keys = keys_in_bar(commands, "", width)
    assert keys[0].text == ":"
    assert [key.text for key in keys[-2:]] == ["?", "q"]
    taken = 1 + sum(key.width for key in keys) - GAP
    assert taken <= width
    labels = {key.label for key in keys}
    assert len(labels) == len(keys)
    shortest = min(len(c.key_text.split()[0]) + len(c.label) + 1 + GAP for c in commands if c.label not in labels)
    assert taken + shortest > width


@pytest.mark.parametrize(
    ("name", "pane", "key"),
    [
        ("curves", "losses", "space show"),
        ("curves", "labels", "t label"),
        ("curves", "activations", "a activation"),
        ("softmax", "ledger", "[] parameter"),
        ("softmax", "classes", "[] logit"),
        ("race", "course", "enter change"),
        ("race", "upper", "enter play"),
        ("data", "worst", "i sort"),
        ("data", "file", "enter change"),
    ],
)
def test_what_the_keys_of_the_pane_do_comes_first(name: str, pane: str, key: str) -> None:
    commands = [*EVERY[name], *GLOBAL]
    seen = [f"{k.text} {k.label}" for k in keys_in_bar(commands, pane, 200)]
    assert key in seen
    own = [c for c in commands if c.panes.get(pane)]
    first = {c.panes[pane] for c in own}
    assert {k.partition(" ")[2] for k in seen[1 : 1 + len(first)]} == first


async def test_the_keys_follow_the_focus() -> None:
    async with explorer() as ui:
        assert "/ filter" not in ui.lines[-1]
        await ui.press("tab")
        assert "/ filter" in ui.lines[-1]
        await ui.press("escape")
        assert "/ filter" not in ui.lines[-1]


@pytest.mark.parametrize(("key", "by"), [("←", -1), ("→", 1)])
async def test_a_click_on_a_key_does_what_it_does(key: str, by: int) -> None:
    async with explorer() as ui:
        before = ui.view.logit
        await ui.pilot.click("#keys", offset=(ui.lines[-1].index(key), 0))
        await ui.settle()
        assert (ui.view.logit - before) * by > 0
        await ui.pilot.click("#keys", offset=(ui.lines[-1].index("x axis") + 3, 0))
        await ui.settle()
        assert ui.view.axis == "prediction"
        await ui.pilot.click("#keys", offset=(ui.lines[-1].index("find"), 0))
        await ui.settle()
        assert ui.app.screen is not ui.screen
