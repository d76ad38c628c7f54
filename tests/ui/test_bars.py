"""The title bar: the screens, shortened until the status has room."""

from __future__ import annotations

import pytest

from lossterm.ui.style import styles_of
from lossterm.ui.widgets.bars import TitleBar
from tests.ui.program import explorer

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
        (80, " ▐1 Curves▌2 Softmax 3 Race 4 Data 5 Properties"),
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


async def test_the_open_screen_is_the_last_to_be_shortened() -> None:
    assert (await drawn("properties", 77)).startswith(" 1 Curv. 2 Soft. 3 Race 4 Data ▐5 Properties▌ ")


async def test_a_click_on_a_shortened_name_opens_its_screen() -> None:
    async with explorer(size=(64, 24)) as ui:
        at = ui.lines[0].index("2")
        await ui.pilot.click("#title", offset=(at, 0))
        await ui.pilot.pause()
        assert ui.app.current_mode == "softmax"
