"""The Softmax screen: every key, the mouse, the claims that it shows, every size, and what is kept."""

from __future__ import annotations

import csv
import json
import math
import random
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from textual import events
from textual.keys import _character_to_key

from lossterm.cli import run
from lossterm.core.softmax.inputs import Target
from lossterm.core.softmax.presets import PRESETS
from lossterm.model.rows import with_losses
from lossterm.model.softmax_rows import SoftmaxRow
from lossterm.model.store import Saved, load, save
from lossterm.softmax import edit
from lossterm.softmax import view as state
from lossterm.softmax.keys import SOFTMAX
from lossterm.softmax.view import SoftmaxView
from lossterm.tui.commands import GLOBAL, Command
from tests.harness import NARROW, WIDE, program
from tests.softmax.program import Lab, lab

Deed = Callable[[Lab, str], Awaitable[None]]
SCENARIOS: dict[str, tuple[Deed, SoftmaxView | None]] = {}
"""By the first key of the command; one without a scenario fails `test_every_command_has_a_scenario`."""

FIVE = edit.set_logits(SoftmaxView(), [3, 1, 2, -1, 0])
TAUGHT = edit.set_teacher(SoftmaxView(), [0, 2, 1])


def does(key: str, view: SoftmaxView | None = None) -> Callable[[Deed], Deed]:
    """The scenario of a command: it is run once for each of its keys."""

    def enlist(deed: Deed) -> Deed:
        assert key not in SCENARIOS
        SCENARIOS[key] = (deed, view)
        return deed

    return enlist


def test_every_command_has_a_scenario() -> None:
    assert {command.keys[0] for command in SOFTMAX} == set(SCENARIOS)


def test_no_key_is_declared_twice() -> None:
    keys = [key for command in (*SOFTMAX, *GLOBAL) for key in command.keys]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize(("command", "key"), [(c, key) for c in SOFTMAX for key in c.keys])
async def test_key(command: Command, key: str) -> None:
    deed, view = SCENARIOS[command.keys[0]]
    async with lab(view) as ui:
        await deed(ui, key)


@does("D", edit.set_smoothing(SoftmaxView(), 0.1))
async def _(ui: Lab, key: str) -> None:
    await ui.press(key)
    await ui.told("cross-entropy of libraries")
    await ui.told("nn.CrossEntropyLoss(label_smoothing=0.1)(z, y)")
    await ui.pilot.press("y")
    assert ui.app.clipboard == "lossterm dialects cross-entropy --logits=8,0,0 --target=1 --smoothing=0.1"
    await ui.press("escape")
    assert ui.app.screen is ui.screen


# ---- classes -------------------------------------------------------------------------------------------------------


@does("up", state.select(FIVE, 2))
async def _(ui: Lab, key: str) -> None:
    await ui.press(key)
    assert ui.view().selected == 1
    assert ui.class_line(1)[0] == "▸"
    assert "against z₁" in ui.part("loss-chart")[0]
    await ui.press(key, key, key)
    assert ui.view().selected == 0


@does("down", FIVE)
async def _(ui: Lab, key: str) -> None:
    await ui.press(*[key] * 9)
    assert ui.view().selected == 4
    await ui.press("tab", "tab", key)
    assert (ui.view().selected, ui.screen.state.current) == (4, 1)
    assert ui.loss_line("b")[0] == "▸"


@does("[")
async def _(ui: Lab, key: str) -> None:
    await ui.press(key)
    assert ui.view().logits == (7.5, 0, 0)
    assert "7.5" in ui.class_line(0)


@does("]")
async def _(ui: Lab, key: str) -> None:
    await ui.press("down", key)
    assert ui.view().logits == (8, 0.5, 0)
    await ui.press("tab", "tab", "down", "down", "down", "space", key)
    assert dict(ui.view().rows[3].params) == {"gamma": 2.5}
    assert "γ 2.5" in ui.loss_line("c")


@does("i")
async def _(ui: Lab, key: str) -> None:
    await ui.answer(key, "-1.25")
    assert ui.view().logits == (-1.25, 0, 0)
    await ui.answer(key, "p=.2")
    assert ui.view().example.point.prediction.p[0] == pytest.approx(0.2)
    await ui.answer(key, "-inf")
    assert "−∞" in ui.class_line(0)
    await ui.answer(key, "1, 2, 3, 4")
    assert ui.view().logits == (1, 2, 3, 4)
    assert ui.class_line(3)
    await ui.pilot.press(key, *"x,y", "enter")
    await ui.told("is not a number")


@does("P")
async def _(ui: Lab, key: str) -> None:
    await ui.answer(key, ".1,.2,.7")
    assert ui.view().example.point.prediction.p == pytest.approx([0.1, 0.2, 0.7])
    assert ui.view().given is None
    await ui.answer(key, ".1,.2,.8")
    assert ui.view().given == (0.1, 0.2, 0.8)
    assert "given p sum to 1.1, no distribution: each ÷1.1" in ui.part("ledger")[-1]


@does("m")
async def _(ui: Lab, key: str) -> None:
    await ui.press(key)
    assert ui.view().logits[0] == -math.inf
    assert "−∞" in ui.class_line(0)
    await ui.press("right")
    assert ui.view().logits[0] > -math.inf
    await ui.press(key, key)
    assert ui.view().logits[0] == 0
    await ui.press(key, "down", key, "down", key)
    await ui.told("at least one class must stay unmasked")


@does("a")
async def _(ui: Lab, key: str) -> None:
    await ui.press(key)
    assert ui.view().logits == (8, 0, 0, 0)
    assert (ui.view().selected, ui.view().target.label) == (1, 2)
    await ui.until(lambda: len(ui.part("classes")) == 6)


@does("A")
async def _(ui: Lab, key: str) -> None:
    await ui.press(key)
    assert (ui.view().logits, ui.view().target.label) == ((0, 0), 0)
    await ui.press(key)
    await ui.told("at least two classes are needed")


@does("o", FIVE)
async def _(ui: Lab, key: str) -> None:
    await ui.press("down", key)
    assert (ui.view().logits, ui.view().selected, ui.view().target.label) == ((3, 2, 1, 0, -1), 2, 2)


@does("O", FIVE)
async def _(ui: Lab, key: str) -> None:
    ui.screen.chance = random.Random(4)
    await ui.press(key)
    assert sorted(ui.view().logits) == sorted(FIVE.logits)
    assert ui.view().logits != FIVE.logits
    assert ui.view().target == FIVE.target


@does("n")
async def _(ui: Lab, key: str) -> None:
    for name in list(PRESETS)[1:]:
        await ui.press(key)
        assert edit.preset_of(ui.view()) == name
    await ui.press(key)
    assert edit.preset_of(ui.view()) == "confidently-wrong"


@does("N")
async def _(ui: Lab, key: str) -> None:
    await ui.press(key)
    assert ui.view().classes == 1000
    await ui.told(PRESETS["smoothing-1000"].about)


# ---- target and temperature ----------------------------------------------------------------------------------------


@does("t")
async def _(ui: Lab, key: str) -> None:
    await ui.press(key)
    assert ui.view().target.label == 2
    assert ui.class_line(2)[1] == "●"
    await ui.press(key)
    assert ui.view().target.label == 0


@does("T")
async def _(ui: Lab, key: str) -> None:
    await ui.answer(key, "0.1,0.2,0.7")
    assert ui.view().target.label == (0.1, 0.2, 0.7)
    assert "distribution" in ui.part("settings")[0]
    await ui.answer(key, "2")
    assert ui.view().target.label == 2
    await ui.pilot.press(key, *"7", "enter")
    await ui.told("class 7 is outside 0…2")


@does("{")
async def _(ui: Lab, key: str) -> None:
    await ui.press("down", key)
    assert ui.view().target.label == pytest.approx((0.025, 0.95, 0.025))


@does("}")
async def _(ui: Lab, key: str) -> None:
    await ui.press(key, key)
    assert ui.view().target.label == pytest.approx((0.1, 0.9, 0))
    assert "0.1 " in ui.class_line(0)


@does("w")
async def _(ui: Lab, key: str) -> None:
    await ui.press(key, key)
    assert ui.view().target.smoothing == 0.1
    assert "0.1 over all" in ui.part("settings")[0]


@does("W")
async def _(ui: Lab, key: str) -> None:
    await ui.press("w", key)
    assert ui.view().target.over == "others"
    await ui.told("the K−1 others")
    assert "0.05 over others" in ui.part("settings")[0]


@does("h")
async def _(ui: Lab, key: str) -> None:
    await ui.answer(key, "1,2,-1")
    assert ui.view().target.teacher == (1, 2, -1)
    assert "1,2,−1" in ui.part("settings")[0]
    await ui.answer(key, "none")
    assert ui.view().target.teacher is None


@does("H", TAUGHT)
async def _(ui: Lab, key: str) -> None:
    await ui.press(key)
    assert ui.view().target.label is None
    assert "Target teacher" in ui.part("settings")[0]
    await ui.press(key)
    assert ui.view().target.label == 1


@does("X", edit.set_target(SoftmaxView(), [0.1, 0.2, 0.7]))
async def _(ui: Lab, key: str) -> None:
    before = ui.view().example.point
    await ui.press(key)
    after = ui.view().example.point
    assert after.prediction.p == pytest.approx(before.target.p, rel=1e-14)
    assert after.target.p == pytest.approx(before.prediction.p, rel=1e-14)
    assert "p and t swapped: CE" in ui.text
    await ui.press(key)
    assert ui.view().example.point.prediction.p == pytest.approx(before.prediction.p, rel=1e-14)
    await ui.press("U", "U")
    assert ui.view().label == (0.1, 0.2, 0.7)


async def test_a_certain_target_swapped_predicts_nothing_else() -> None:
    async with lab() as ui:
        await ui.press("X")
        assert ui.view().logits == (-math.inf, 0, -math.inf)
        assert "∞" in ui.loss_line("a")
        await ui.press("X")
        assert ui.view().label == 1


async def test_the_most_that_a_loss_can_be_is_told_of_the_current_one() -> None:
    async with lab() as ui:
        await ui.press("tab", "tab", "down")
        assert "L ≤ 2" in ui.text  # the summed Brier score of a certain target
        await ui.press("down", "down", "space")
        assert "L has no bound" in ui.text
        await ui.press("down", "space")
        assert "L ≤ 1.429" in ui.text  # 1/q


@does(">")
async def _(ui: Lab, key: str) -> None:
    await ui.press(key, key, key)
    assert ui.view().temperature == 2
    assert "T = 2" in ui.lines[0]


@does("<")
async def _(ui: Lab, key: str) -> None:
    await ui.press(key)
    assert ui.view().temperature == 0.8


@does("k")
async def _(ui: Lab, key: str) -> None:
    await ui.answer(key, "3.5")
    assert ui.view().temperature == 3.5


@does("c")
async def _(ui: Lab, key: str) -> None:
    await ui.answer(key, "1,2,.5")
    assert ui.view().class_weights == (1, 2, 0.5)
    await ui.answer(key, "1,2")
    assert ui.view().class_weights == (1, 2, 0.5)


# ---- the cursor and the picture ------------------------------------------------------------------------------------


def cursor_column(ui: Lab, chart: str = "loss-chart") -> int:
    """The column of the screen in which a chart's cursor line stands."""
    lines = ui.part(chart)[1:-2]
    found = [x for x in range(6, len(lines[0])) if all(line[x] not in " ⠀" for line in lines)]
    marked = [x for x in found if any(line[x] in "●▲▼" for line in lines)]
    assert len(marked) == 1, ui.text
    return marked[0]


@does("left", edit.set_logit(SoftmaxView(), 2))
async def _(ui: Lab, key: str) -> None:
    before, pictured = cursor_column(ui), ui.screen.figure
    await ui.press(key)
    assert ui.view().logits[0] < 2
    assert cursor_column(ui) == before - 1
    assert cursor_column(ui, "slope-chart") == before - 1
    assert ui.screen.figure is pictured


@does("right", state.next_sweep(SoftmaxView()))
async def _(ui: Lab, key: str) -> None:
    before = cursor_column(ui)
    await ui.press(key)
    assert ui.view().temperature > 1
    assert ui.view().logits == (8, 0, 0)
    assert cursor_column(ui) == before + 1


@does("shift+left", edit.set_logit(SoftmaxView(), 2))
async def _(ui: Lab, key: str) -> None:
    before = cursor_column(ui)
    await ui.press(key)
    assert cursor_column(ui) == before - 10


@does("shift+right", edit.set_logit(SoftmaxView(), 2))
async def _(ui: Lab, key: str) -> None:
    before = cursor_column(ui)
    await ui.press(key)
    assert cursor_column(ui) == before + 10


@does("home")
async def _(ui: Lab, key: str) -> None:
    await ui.press(key)
    assert ui.view().logits[0] == -12


@does("end", edit.set_logit(SoftmaxView(), 2))
async def _(ui: Lab, key: str) -> None:
    await ui.press(key)
    assert ui.view().logits[0] == 12


@does("g")
async def _(ui: Lab, key: str) -> None:
    await ui.answer(key, "-20")
    assert ui.view().logits[0] == -20
    assert ui.view().window == (-32, -8)
    await ui.press("x")
    await ui.answer(key, "5")
    assert ui.view().temperature == pytest.approx(5)
    assert cursor_column(ui)


@does("G", FIVE)
async def _(ui: Lab, key: str) -> None:
    await ui.answer(key, "3")
    assert ui.view().selected == 3


@does("x")
async def _(ui: Lab, key: str) -> None:
    await ui.press(key)
    assert ui.view().sweep == "temperature"
    assert "against T" in ui.part("loss-chart")[0]
    assert re.search(r"0\.1 .* 1 .* 10 .* 100", ui.part("loss-chart")[-1])


@does("d")
async def _(ui: Lab, key: str) -> None:
    await ui.press(key)
    await ui.told("there is room for both charts")
    await ui.resize(60, 24)

    def shown() -> list[bool]:
        return [ui.is_shown(chart) for chart in (ui.screen.upper, ui.screen.lower)]

    await ui.until(lambda: sum(shown()) == 1)
    before = shown()
    await ui.press(key)
    await ui.until(lambda: shown() == before[::-1])


@does("l")
async def _(ui: Lab, key: str) -> None:
    await ui.press(key)
    assert ui.view().scale == "linear"
    await ui.press(key)
    assert ui.view().scale == "symlog"
    assert "(symlog)" in ui.part("loss-chart")[0]


@does("+")
async def _(ui: Lab, key: str) -> None:
    await ui.press(key)
    lo, hi = ui.view().window
    assert hi - lo == pytest.approx(24 / 1.5)


@does("-")
async def _(ui: Lab, key: str) -> None:
    await ui.press(key)
    lo, hi = ui.view().window
    assert hi - lo == pytest.approx(36)


@does("0", edit.set_logit(SoftmaxView(), 100))
async def _(ui: Lab, key: str) -> None:
    await ui.press("-", key)
    assert ui.view().window == (88, 112)
    await ui.press("]")
    await ui.answer("i", "3")
    await ui.press(key)
    assert ui.view().window == (-12, 12)


# ---- losses --------------------------------------------------------------------------------------------------------


@does("tab")
async def _(ui: Lab, key: str) -> None:
    seen = []
    for _ in range(4):
        assert ui.app.focused is not None
        seen.append(ui.app.focused.id)
        await ui.press(key)
    assert seen == ["classes", "loss-chart", "ledger", "classes"]


@does("shift+tab")
async def _(ui: Lab, key: str) -> None:
    await ui.press(key)
    assert ui.app.focused is ui.screen.ledger


@does("escape")
async def _(ui: Lab, key: str) -> None:
    await ui.press("tab", key)
    assert ui.app.focused is ui.screen.classes_table


@does("space")
async def _(ui: Lab, key: str) -> None:
    await ui.press(key)
    assert ui.view().target.label == 0
    await ui.press("tab", "tab", "down", "down", key)
    assert [ui.view().rows[i].loss for i in ui.view().shown] == ["cross-entropy", "squared-error", "absolute-error"]
    assert "c ∂L/∂z" in ui.part("classes")[0]
    assert " c " in ui.part("loss-chart")[0]
    await ui.press(key)
    assert len(ui.view().shown) == 2


@does("r")
async def _(ui: Lab, key: str) -> None:
    assert "1/564" in ui.loss_line("b")
    await ui.press("tab", "tab", "down", key)
    assert ui.view().reference == 1
    assert "564" in ui.loss_line("a")
    assert "×b" in ui.part("ledger")[0]


@does("p")
async def _(ui: Lab, key: str) -> None:
    await ui.press("tab", "tab", "down")
    await ui.answer(key, "mean")
    assert dict(ui.view().rows[1].params) == {"reduction": "mean"}
    assert "mean" in ui.loss_line("b")
    await ui.press("down", "down", "space")
    await ui.answer(key, "γ=4")
    assert dict(ui.view().rows[3].params) == {"gamma": 4}
    await ui.pilot.press(key, *"gamma=-1", "enter")
    await ui.told("gamma must be ≥ 0")


@does("v")
async def _(ui: Lab, key: str) -> None:
    await ui.press(key)
    await ui.told("cross-entropy has no parameter to compare")
    await ui.press("tab", "tab", "down", key)
    assert [dict(ui.view().rows[i].params) for i in (1, 2)] == [{"reduction": "sum"}, {"reduction": "mean"}]
    assert "mean" in ui.loss_line("c")
    assert ui.loss_line("c")[0] == "▸"
    await ui.press(key)
    await ui.told("every step of squared-error has its row")


@does("V")
async def _(ui: Lab, key: str) -> None:
    await ui.press("tab", "tab", "down", "v", key)
    assert len(ui.view().rows) == 9


# ---- taking it away ------------------------------------------------------------------------------------------------


@does("y")
async def _(ui: Lab, key: str) -> None:
    await ui.press("w", key)
    await ui.told("lossterm softmax --logits=8,0,0 --target=1 --smoothing=0.05 --loss cross-entropy,squared-error")
    charts = (ui.screen.upper, ui.screen.lower)
    room = min(chart.room.width for chart in charts), min(chart.room.height for chart in charts)
    size = f"{room[0]}x{2 * room[1] + 2}"
    assert ui.app.clipboard.endswith(f"squared-error --class=0 --sweep=logit --size {size}")


@does("e", edit.use_preset(SoftmaxView(), "digit-3-ce"))
async def _(ui: Lab, key: str) -> None:
    await ui.press(key)
    (path,) = Path.cwd().glob("*.csv")
    rows = list(csv.DictReader(path.read_text().splitlines()))
    assert len(rows) == 20
    assert float(rows[3]["gradient"]) == pytest.approx(0.85 / 1.015 - 1)
    await ui.told(str(path))


@does("s")
async def _(ui: Lab, key: str) -> None:
    await ui.press(key)
    (path,) = Path.cwd().glob("*.svg")
    assert "∂L/∂z" in path.read_text("utf-8")


async def test_the_copied_command_draws_what_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    async with lab(state.next_sweep(FIVE)) as ui:
        await ui.press("l", "right", "y")
        command, charts = ui.app.clipboard.split(), [ui.part(name)[1:] for name in ("loss-chart", "slope-chart")]
    assert run(command[1:]) == 0
    printed = capsys.readouterr().out.splitlines()
    height = len(charts[0])
    drawn = printed[-2 * height - 1 : -height - 1], printed[-height:]
    assert [[line.rstrip() for line in chart] for chart in charts] == [list(map(str.rstrip, part)) for part in drawn]


async def test_the_copied_command_prints_what_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    async with lab(TAUGHT) as ui:
        await ui.press("w", "w", "W", ">", "H", "y")
        command, view = ui.app.clipboard.split(), ui.view()
    assert run([*command[1:], "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["target"] == view.example.point.target.p.tolist()


# ---- the claims ----------------------------------------------------------------------------------------------------


async def test_c8_c31_squared_error_saturates_and_misleads() -> None:
    async with lab(edit.use_preset(SoftmaxView(), "confidently-wrong")) as ui:
        assert [("0.9993" in ui.class_line(0)), ("−0.9997" in ui.class_line(1)), ("0.0003352" in ui.class_line(2))] == [
            True
        ] * 3
        assert "0.002009" in ui.class_line(0)
        assert "−0.00134" in ui.class_line(1)
        assert "−0.00066" in ui.class_line(2) or "−0.00067" in ui.class_line(2)
        assert "confidently wrong" in ui.loss_line("a")
        assert "saturated, pushes class 2 up" in ui.loss_line("b")
        assert "1.414" in ui.part("classes")[-1]


async def test_c13_says_what_normalising_changes() -> None:
    for name, total, changes in (
        ("digit-3-mse", "1.01", "a 0.9163→0.9262  b 0.4335→0.4368"),
        ("digit-3-ce", "1.015", "a 0.1625→0.1774  b 0.03008→0.03378"),
    ):
        async with lab(edit.use_preset(SoftmaxView(), name)) as ui:
            said = ui.part("ledger")[-1]
            assert f"given p sum to {total}, no distribution" in said
            assert changes in said
            await ui.press("]")
            assert "given" not in ui.part("ledger")[-1]


@pytest.mark.parametrize("size", [(40, 12), (44, 14), (46, 12), (47, 12), (60, 20)])
async def test_the_split_has_whole_numbers_in_any_room(size: tuple[int, int]) -> None:
    # uniform logits: ln 4 whatever the target
    target = np.array([0.925, 0.025, 0.025, 0.025])
    entropy = -(target * np.log(target)).sum()
    view = edit.set_target(edit.set_probabilities(SoftmaxView(), [0.25] * 4), tuple(target))
    async with lab(view, size) as ui:
        nats = ui.part("split")[0]
        assert "…" not in nats
        shown = [float(word) for word in nats.split() if word[0].isdigit()][:3]
        assert shown == pytest.approx([np.log(4), entropy, np.log(4) - entropy], rel=1e-3)


async def test_c16_c33_the_split_is_shown_in_nats_and_bits() -> None:
    view = edit.set_target(edit.set_probabilities(SoftmaxView(), [0.25] * 4), (0.5, 0.25, 0.125, 0.125))
    async with lab(view) as ui:
        nats, bits = ui.part("split")
        assert re.search(r"2 = +1\.75[0 ]*\+ +0\.25[0 ]*bits", bits.replace("2.000", "2"))
        assert "1.386" in nats
        assert "floor H(t) = 1.213" in bits
        assert nats.index("┃") == bits.index("┃")


async def test_c17_the_floor_is_marked() -> None:
    for classes, floor in ((2, "0.1985"), (10, "0.5003"), (1000, "1.015")):
        async with lab(edit.use_preset(SoftmaxView(), f"smoothing-{classes}")) as ui:
            assert f"floor H(t) = {floor}" in ui.part("split")[1]
            assert f"CE = {floor}" in ui.lines[0]
            await ui.press("]")
            assert float(ui.lines[0].split("CE = ")[1]) >= float(floor)


async def test_c22_distillation_matches_centred_logits() -> None:
    async with lab(edit.use_preset(SoftmaxView(), "distillation")) as ui:
        evaluation = ui.screen.evaluations[ui.view().shown[-1]]
        assert evaluation is not None
        assert evaluation.gradient == pytest.approx([0.6111, -0.0556, -0.5556], abs=5e-4)
        assert "0.6111" in ui.class_line(0)


async def test_c32_cross_entropy_of_itself_is_its_entropy() -> None:
    view = edit.set_target(edit.set_probabilities(SoftmaxView(), [0.1, 0.2, 0.7]), (0.1, 0.2, 0.7))
    async with lab(view) as ui:
        assert "0.8018 = 0.8018 +" in ui.part("split")[0]


async def test_a_loss_that_does_not_take_the_target_says_so() -> None:
    view = edit.next_smoothing(with_losses(SoftmaxView(), [SoftmaxRow.of("hinge"), SoftmaxRow.of("kl")]))
    async with lab(view) as ui:
        assert "undefined: the target is no class" in ui.loss_line("b")
        assert "—" in ui.loss_line("b")
        assert "—" in ui.class_line(0)


async def test_infinite_is_shown_as_infinite() -> None:
    async with lab(edit.set_logits(SoftmaxView(), [0, -math.inf, 1])) as ui:
        assert "∞" in ui.part("split")[0]
        assert "CE = ∞" in ui.lines[0]
        assert "infinite: p = 0 where t > 0" in ui.loss_line("a")


# ---- mouse and paste -----------------------------------------------------------------------------------------------


async def test_the_mouse() -> None:
    async with lab(FIVE) as ui:
        await ui.pilot.click("#classes", offset=(20, 4))
        await ui.settle()
        assert ui.view().selected == 3
        await ui.pilot.click("#ledger", offset=(5, 3))
        await ui.settle()
        assert "absolute-error" in {ui.view().rows[i].loss for i in ui.view().shown}
        await ui.pilot.click("#ledger", offset=(50, 2))
        assert ui.screen.state.current == 1
        await ui.pilot.click("#loss-chart", offset=(20, 5))
        await ui.settle()
        assert ui.view().logits[3] == pytest.approx(-12 + 24 * 14 / 53, abs=0.4)
        await ui.pilot.click("#settings", offset=(3, 0))
        await ui.settle()
        assert ui.view().target.label == 2
        for widget in (ui.screen.classes_table, ui.screen.ledger, ui.screen.upper):
            widget.post_message(
                events.MouseScrollDown(widget, 3, 3, 0, 1, 0, False, False, False)  # as Textual makes it
            )
        await ui.settle()
        assert ui.view().selected == 4
        lo, hi = ui.view().window
        assert hi - lo == pytest.approx(36)


async def test_an_answer_goes_to_the_loss_that_was_asked_for_wherever_the_wheel_goes() -> None:
    async with lab(size=WIDE) as ui:
        await ui.press("tab", "tab", *["down"] * 3, "space", "p")
        ledger = ui.screen.ledger
        for _ in range(2):
            ledger.post_message(events.MouseScrollDown(ledger, 3, 3, 0, 1, 0, False, False, False))
        await ui.settle()
        assert ui.screen.state.current == 5
        await ui.press("end", *["backspace"] * 9, *"4", "enter")
        assert dict(ui.view().rows[3].params) == {"gamma": 4}
        assert ui.app.focused is ledger


async def test_the_program_may_begin_here() -> None:
    async with lab(start="softmax") as ui:
        assert ui.app.focused is ui.screen.classes_table
        assert "[2 Softmax]" in ui.lines[0]
        await ui.press("]", "]")
        assert ui.view().logits == (9, 0, 0)
        await ui.answer("i", "2.5")
        assert ui.view().logits == (2.5, 0, 0)
        await ui.press("tab", "tab", "down", "r", "escape", "x", "right")
        assert (ui.view().reference, ui.view().sweep) == (1, "temperature")
        assert ui.view().temperature > 1
        assert cursor_column(ui)
        await ui.pilot.press("1")
        await ui.until(lambda: ui.app.current_mode == "curves")
        await ui.pilot.press("2")
        await ui.until(lambda: ui.app.current_mode == "softmax")
        await ui.press("[")
        assert ui.view().logits == (2, 0, 0)


@pytest.mark.parametrize("document", [None, 5, ["x"], {"rows": [None, {"loss": []}], "reference": []}])
async def test_any_document_opens_the_screen(document: object) -> None:
    app = program(Saved(screens={"softmax": document}), start="softmax")
    async with app.run_test(size=WIDE) as pilot:
        ui = Lab(app, pilot)
        await ui.settle()
        assert ui.view().logits == SoftmaxView().logits
        await ui.press("]")
        assert ui.view().logits == (8.5, 0, 0)


async def test_a_list_is_pasted() -> None:
    async with lab() as ui:
        await ui.paste("1.5, 2\n-3\t4 5\n")
        assert ui.view().logits == (1.5, 2, -3, 4, 5)
        await ui.paste("p=.25,.75")
        assert ui.view().example.point.prediction.p == pytest.approx([0.25, 0.75])
        await ui.paste("no numbers")
        await ui.told("is not a number")
        await ui.paste(",".join(["0"] * 1001))
        await ui.told("at most 1000")
        assert ui.view().classes == 2


# ---- palette, help -------------------------------------------------------------------------------------------------


async def test_presets_and_losses_are_in_the_palette() -> None:
    async with lab() as ui:
        await ui.pilot.press(":")
        await ui.pilot.press(*"digit", "down", "enter")
        await ui.settle()
        assert edit.preset_of(ui.view()) == "digit-3-ce"
        await ui.pilot.press(":")
        await ui.pilot.press(*"brier", "enter")
        await ui.settle()
        assert "squared-error" not in {ui.view().rows[i].loss for i in ui.view().shown}


async def test_help_tells_the_marks() -> None:
    async with lab(size=(120, 70)) as ui:
        await ui.pilot.press("?")
        await ui.told("Type the target")
        for command in SOFTMAX:
            assert len(f"{command.help}") < 90


# ---- sizes ---------------------------------------------------------------------------------------------------------

SIZES = [(1, 1), (5, 3), (39, 12), (40, 12), (41, 17), (64, 20), (80, 24), (100, 30), (120, 40), (200, 60), (300, 100)]


@pytest.mark.exhaustive
@pytest.mark.parametrize("view", [None, FIVE, edit.use_preset(SoftmaxView(), "smoothing-1000"), TAUGHT])
async def test_every_size(view: SoftmaxView | None) -> None:
    async with lab(view) as ui:
        for width, height in [*SIZES, *SIZES[::-3]]:
            await ui.resize(width, height)
            lines = ui.lines
            assert len(lines) == height
            assert all(len(line) == width for line in lines)
            for key in ("down", "]", "right", "x", "tab", "down", "space", "l", "w"):
                await ui.press(key)
            if width >= 80 and height >= 24:
                assert ui.part("loss-chart")[0].strip("─━ ").startswith("L")
                assert any("●" in line or "▲" in line or "▼" in line for line in ui.part("slope-chart"))


@pytest.mark.parametrize("size", [NARROW, WIDE, (200, 60)])
async def test_nothing_is_cut_off(size: tuple[int, int]) -> None:
    async with lab(FIVE, size) as ui:
        heads = ui.part("classes")[0]
        for word in ("class", "z", "p", "t", "a ∂L/∂z", "b ∂L/∂z"):
            assert word in heads
        for word in ("Losses", "L", "∂L/∂z₀", "‖∂L/∂z‖", "×a"):
            assert word in ui.part("ledger")[0]
        ends = [line.rstrip() for line in ui.part("classes")]
        assert all(len(line) <= size[0] for line in ends)
        # numbers stand under their heads
        for head in ("z", "p", "t"):
            left = heads[: heads.index(" a ∂L/∂z") + 1]
            at = (left.rindex if head == "t" else left.index)(f" {head} ") + 1
            assert ui.class_line(1)[at] not in " "


@pytest.mark.parametrize("size", [NARROW, (100, 30), WIDE])
async def test_the_line_below_the_losses_leaves_out_what_it_has_no_room_for(size: tuple[int, int]) -> None:
    async with lab(edit.set_smoothing(SoftmaxView(), 0.1), size) as ui:
        line = next(line for line in ui.part("ledger") if "perplexity" in line).rstrip()
        last = line.rpartition(" · ")[2]
        assert "=" in last and last.rpartition("=")[2].strip()


@pytest.mark.exhaustive
async def test_many_classes_scroll() -> None:
    async with lab(edit.use_preset(SoftmaxView(), "smoothing-1000"), NARROW) as ui:
        assert "of 1000 ▾" in ui.part("classes")[-1]
        await ui.answer("G", "500")
        assert ui.class_line(500)[0] == "▸"
        assert "of 1000 ▴▾" in ui.part("classes")[-1]


async def test_monochrome_is_legible(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with lab() as ui:
        assert "┃" in ui.class_line(1)
        assert ui.loss_line("b")


async def test_a_light_theme() -> None:
    async with lab(theme="textual-light") as ui:
        assert not ui.app.line_styles.dark
        await ui.press("]")


# ---- what is kept --------------------------------------------------------------------------------------------------


async def test_the_view_is_restored(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    async with lab() as ui:
        await ui.answer("i", "3,-inf,1,0")
        await ui.press("down", "}", "w", "W", ">", "x", "tab", "tab", "down", "down", "space")
        view = ui.view()
        assert save(Saved(screens={"softmax": ui.screen.kept()}), path) == ""
    kept = load(path)
    assert kept.notice == ""
    async with lab(view) as ui:
        assert ui.view() == view
    app_view = kept.screens["softmax"]
    assert app_view["logits"] == [3, "-inf", 1, 0]


async def test_a_broken_state_is_not_believed() -> None:
    app = program(Saved(screens={"softmax": {"logits": ["x"], "temperature": 3}, "other": 5}))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("2")
        ui = Lab(app, pilot)
        await ui.settle()
        assert ui.view() == replace(SoftmaxView(), temperature=3.0)


# ---- any key at any time -------------------------------------------------------------------------------------------

PRINTABLE = [chr(c) for c in range(33, 127) if chr(c) not in "q1345"]
NAMED = ["up", "down", "left", "right", "pageup", "pagedown", "home", "end", "tab", "shift+tab", "escape", "enter",
         "space", "delete", "backspace"]  # fmt: skip


@pytest.mark.exhaustive
@pytest.mark.parametrize("seed", range(3))
async def test_any_keys(seed: int) -> None:
    chance = random.Random(seed)
    async with lab() as ui:
        for number in range(400):
            key = chance.choice(NAMED if chance.random() < 0.4 else PRINTABLE)
            name = key if key in NAMED else _character_to_key(key)
            ui.app.post_message(events.Key(name, key if len(key) == 1 else None))
            if number % 40 == 39:
                await ui.resize(*chance.choice(SIZES))
            if number % 10 == 9:
                await ui.pilot.pause()
        await ui.pilot.pause()
        view = ui.view()
        assert np.isfinite(view.example.point.target.p).all()
        assert view.target == Target.of(
            view.target.label,
            teacher=view.target.teacher,
            smoothing=view.target.smoothing,
            over=view.target.over,
        )


@pytest.mark.parametrize("keys", [("x", "right"), ("x", "home"), ("+", "right")], ids=" ".join)
async def test_keys_faster_than_drawings_go_by_the_axis_that_there_is(keys: tuple[str, ...]) -> None:
    async with lab(FIVE) as one, lab(FIVE) as burst:
        await one.press(*keys[:1])
        for key in keys[1:]:
            await one.press(key)
        for key in keys:
            command = next(command for command in SOFTMAX if key in command.keys)
            await burst.screen.run_command(command.action)
        await burst.settle()
        assert burst.view() == one.view()
