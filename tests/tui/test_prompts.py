"""What is typed: points, labels, parameters, filters; what is wrong is said, and nothing is lost."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from lossterm.core.losses.formulas import LOSSES
from lossterm.curves.keys import CURVES
from lossterm.curves.view import View
from lossterm.tui.commands import GLOBAL
from tests.curves.program import Explorer, explorer, nonblank, view_of
from tests.harness import NARROW, WIDE

FOCAL = view_of("focal")


def asks(ui: Explorer) -> bool:
    """Whether a prompt stands where the keys were."""
    return "? keys" not in ui.lines[-1]


@pytest.mark.parametrize(
    ("typed", "logit"),
    [
        ("-4", -4),
        ("−3", -3),
        ("3.25", 3.25),
        ("z=2", 2),
        ("z = 2", 2),
        ("Z=-1e-3", -1e-3),
        ("1/4", 0.25),
        ("p=.02", math.log(0.02 / 0.98)),
        ("p = 0.5", 0),
        ("p=1/4", -math.log(3)),
        ("  -1  ", -1),
        ("1000", 1000),
        ("-1000", -1000),
    ],
)
async def test_a_point_is_typed(typed: str, logit: float) -> None:
    async with explorer() as ui:
        await ui.press("g")
        await ui.paste(typed)
        await ui.press("enter")
        assert not asks(ui)
        assert ui.view.logit == pytest.approx(logit, rel=1e-12, abs=1e-12)
        lo, hi = ui.view.window
        assert lo <= ui.view.logit <= hi


async def test_on_another_activation_the_prediction_is_a_value() -> None:
    async with explorer(replace(View(), activation="softplus")) as ui:
        await ui.press("g")
        assert "v=" in ui.lines[-1]
        await ui.type("v=2")
        await ui.press("enter")
        assert ui.view.logit == pytest.approx(math.log(math.expm1(2)))


@pytest.mark.parametrize("size", [WIDE, NARROW])
@pytest.mark.parametrize(
    ("key", "typed", "complaint"),
    [
        ("g", "abc", "number"),
        ("g", "", "number"),
        ("g", "p=1", "between 0 and 1"),
        ("g", "p=2", "between 0 and 1"),
        ("g", "p=", "number"),
        ("g", "nan", "finite"),
        ("g", "1e999", "finite"),
        ("g", "1e7", "logit"),
        ("g", "q=3", "p=.02"),
        ("T", "yes", "number"),
        ("T", "inf", "finite"),
        ("p", "gamma=-1", "≥ 0"),
        ("p", "gama=1", "unknown parameter"),
        ("p", "1 2 3", "2 parameters"),
        ("p", "alpha=2", "[0, 1]"),
    ],
)
@pytest.mark.sampled(3)
async def test_what_is_wrong_is_said_and_can_be_mended(
    size: tuple[int, int], key: str, typed: str, complaint: str
) -> None:
    async with explorer(FOCAL, size) as ui:
        await ui.press(key)
        await ui.type(typed)
        if not typed:
            await ui.press("x", "backspace")
        await ui.press("enter")
        assert asks(ui)
        assert complaint in " ".join(ui.lines[-4:])
        assert ui.view == FOCAL
        await ui.press("end", "x")
        assert complaint not in ui.lines[-1]  # it was about another text
        await ui.press("ctrl+u")
        await ui.type("1")
        await ui.press("enter")
        assert not asks(ui)


async def test_what_is_wrong_is_said_on_the_smallest_screen() -> None:
    async with explorer(FOCAL, (40, 12)) as ui:
        await ui.press("p")
        await ui.type("gama=1")
        await ui.press("enter")
        await ui.told("unknown parameter of focal 'gama'")


@pytest.mark.parametrize("key", ["g", "T", "p", "/"])
async def test_esc_leaves_everything_as_it_was(key: str) -> None:
    async with explorer(FOCAL) as ui:
        before = ui.lines
        await ui.press(key)
        await ui.type("0.7")
        await ui.press("escape")
        assert not asks(ui)
        assert ui.view == FOCAL
        if key != "/":  # a filter takes the current row along to what it finds
            assert ui.lines == before
        await ui.press("right")
        assert ui.view != FOCAL  # the keys are those of the chart again


@pytest.mark.parametrize("opener", ["g", "T", "p", "/"])
@pytest.mark.sampled(3)
async def test_printable_keys_go_to_the_prompt(opener: str) -> None:
    printable = [key for command in (*CURVES, *GLOBAL) for key in command.keys if len(key) == 1]
    async with explorer(FOCAL) as ui:
        await ui.press(opener, "ctrl+u")
        await ui.press(*printable)
        assert asks(ui)
        assert ui.view == FOCAL
        assert ui.app.screen is ui.screen
        assert "".join(printable) in ui.lines[-1]


async def test_what_was_typed_before_is_replaced_by_typing() -> None:
    async with explorer(FOCAL) as ui:
        await ui.press("T")
        assert "label y 1" in ui.lines[-1]
        await ui.type("0")
        await ui.press("enter")
        assert ui.view.label == 0


@pytest.mark.parametrize(
    ("typed", "label"), [("0", 0), ("-1", -1), ("0.25", 0.25), ("y=0.5", 0.5), ("3.5", 3.5), ("1/3", 1 / 3), ("-0", 0)]
)
async def test_a_label_is_typed(typed: str, label: float) -> None:
    async with explorer(replace(View(), smoothing=0.1)) as ui:
        await ui.press("T")
        await ui.type(typed)
        await ui.press("enter")
        assert ui.view.label == label
        assert math.copysign(1, ui.view.label) == math.copysign(1, label)
        assert (ui.view.smoothing == 0.1) is (0 <= label <= 1)


async def test_a_real_label_leaves_probability_losses_undefined_and_says_why() -> None:
    async with explorer() as ui:
        await ui.press("T", *"3.5", "enter")
        assert "undefined: needs a label between 0 and 1" in ui.text
        assert "—" in ui.rows()["a"]
        assert "—" not in ui.rows()["b"].partition("×")[0].split("1")[0]
        await ui.press("w")
        await ui.told("only a label between 0 and 1 can be smoothed, not 3.5")


@pytest.mark.parametrize(
    ("typed", "gamma", "alpha"),
    [
        ("3", 3, None),
        ("gamma=3", 3, None),
        ("γ=3", 3, None),
        ("3 .25", 3, 0.25),
        ("gamma=0.5, alpha=0.5", 0.5, 0.5),
        ("alpha = .75", 2, 0.75),
        ("gamma=1:alpha=off", 1, None),
    ],
)
async def test_parameters_are_typed(typed: str, gamma: float, alpha: float | None) -> None:
    async with explorer(FOCAL) as ui:
        await ui.press("p")
        await ui.type(typed)
        await ui.press("enter")
        assert not asks(ui), ui.lines[-1]
        assert dict(ui.view.rows[ui.view.reference].params) == {"gamma": gamma, "alpha": alpha}


async def test_a_loss_without_parameters_says_so() -> None:
    async with explorer(view_of("squared-error")) as ui:
        for key in "p[]{}":
            await ui.press(key)
            await ui.told("squared-error has no parameter")
            assert not asks(ui)
        assert ui.view == view_of("squared-error")


@pytest.mark.exhaustive
async def test_any_name_of_a_loss_finds_it() -> None:
    async with explorer() as ui:
        for loss in LOSSES.values():
            for name in (loss.id, *loss.aliases):
                await ui.press("/")
                await ui.paste(name)
                rows = [line[3:].split()[0] for line in nonblank(ui.part("losses")[1:])]
                assert loss.title in rows, name
                await ui.press("escape")
                assert len(nonblank(ui.part("losses")[1:])) > sum(loss.in_all for loss in LOSSES.values()) - 1


@pytest.mark.parametrize("name", ["bce", "log-loss", "nll", "BCE", "Log Loss", "binary_cross_entropy"])
async def test_names_of_cross_entropy_find_the_one_loss(name: str) -> None:  # C14
    async with explorer() as ui:
        await ui.press("/")
        await ui.type(name)
        rows = [line[3:].split()[0] for line in nonblank(ui.part("losses")[1:])]
        assert rows[0] == "cross-entropy"
        assert len([row for row in rows if row in {"cross-entropy", "focal", "poly-1"}]) == 1


async def test_the_filter_stays_after_enter_and_ends_with_esc() -> None:
    async with explorer() as ui:
        await ui.press("/")
        await ui.type("hinge")
        await ui.press("enter")
        rows = nonblank(ui.part("losses")[1:])
        assert len(rows) == 2
        assert "/hinge" in ui.part("losses")[0]
        await ui.press("down", "space")
        assert [ui.view.rows[i].loss for i in ui.view.shown] == ["cross-entropy", "squared-error", "squared-hinge"]
        await ui.press("escape")
        assert len(nonblank(ui.part("losses")[1:])) > sum(loss.in_all for loss in LOSSES.values()) - 1


async def test_a_filter_that_finds_nothing_leaves_the_keys_harmless() -> None:
    async with explorer() as ui:
        await ui.press("/")
        await ui.type("zzz")
        assert nonblank(ui.part("losses")[1:]) == [" no loss is called “zzz”    "]
        await ui.press("enter", "down", "space", "up", "enter")
        assert ui.view == View()
        await ui.press("escape")
        assert len(nonblank(ui.part("losses")[1:])) > sum(loss.in_all for loss in LOSSES.values()) - 1


@pytest.mark.parametrize("away", ["tab", "shift+tab"])
async def test_who_goes_elsewhere_has_left_the_prompt(away: str) -> None:
    async with explorer() as ui:
        await ui.press("g")
        await ui.type("3")
        await ui.press(away)
        assert not asks(ui)
        assert ui.view == View()
        assert ui.app.focused is not None


async def test_a_second_prompt_is_not_opened_over_the_first() -> None:
    async with explorer() as ui:
        await ui.pilot.press("g", "g", "T")
        await ui.settle()
        await ui.press("escape")
        assert not asks(ui)
        assert ui.view == View()


async def test_a_filter_that_is_left_gives_back_the_current_row() -> None:
    async with explorer() as ui:
        await ui.press("down", "down", "/")
        await ui.type("brier")
        assert "squared-error" in next(line for line in ui.part("losses") if line.startswith("▸"))
        await ui.press("escape")
        assert "focal" in next(line for line in ui.part("losses") if line.startswith("▸"))


@pytest.mark.parametrize("size", [WIDE, NARROW, (40, 12)])
async def test_a_filter_that_finds_nothing_says_so(size: tuple[int, int]) -> None:
    async with explorer(size=size) as ui:
        await ui.press("/")
        await ui.type("zzz")
        assert "no loss is called" in " ".join(ui.part("losses"))
        assert "zzz" in " ".join(ui.part("losses")[1:])
        assert ui.screen.size.height == size[1]


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (40, 12)])
async def test_a_prompt_moves_nothing(size: tuple[int, int]) -> None:
    async with explorer(size=size) as ui:
        before = ui.lines
        await ui.press("g")
        assert [line.replace("━", "─") for line in ui.lines[1:-1]] == [line.replace("━", "─") for line in before[1:-1]]


# ---- the subject of a question ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_the_answer_goes_to_the_loss_that_was_asked_about(size: tuple[int, int]) -> None:
    async with explorer(size=size) as ui:
        before = {row.loss: row.params for row in ui.view.rows}
        await ui.press("p")
        assert "cross-entropy: pos_weight" in ui.lines[-1]
        await ui.press("down", "down", "ctrl+u", "5", "enter")
        after = {row.loss: row.params for row in ui.view.rows}
        assert dict(after.pop("cross-entropy")) == {"pos_weight": 5}
        del before["cross-entropy"]
        assert after == before


async def test_a_question_names_the_loss_and_its_parameters() -> None:
    async with explorer(FOCAL) as ui:
        await ui.press("p")
        assert "focal: gamma γ, alpha α" in ui.lines[-1]


async def test_parameters_that_are_not_named_stay() -> None:
    async with explorer(FOCAL) as ui:
        await ui.press("p", "ctrl+u", *"5.5 0.3", "enter")
        await ui.press("p", "ctrl+u", *"gamma=1", "enter")
        assert dict(ui.view.rows[ui.view.reference].params) == {"gamma": 1, "alpha": 0.3}


async def test_arrows_move_through_what_a_filter_finds() -> None:
    async with explorer() as ui:
        await ui.press("/", *"hinge", "down", "enter")
        assert "squared-hinge" in next(line for line in ui.part("losses") if line.startswith("▸"))


# ---- lists that are folded -------------------------------------------------------------------------------------------


async def test_a_folded_list_says_how_to_leave_it() -> None:
    async with explorer(size=NARROW) as ui:
        for _ in range(2):
            await ui.press("tab")
        await ui.press("enter")
        assert "esc back" in ui.text
        await ui.press("escape")
        assert "esc back" not in ui.text


async def test_a_click_on_folded_smoothing_opens_the_smoothings() -> None:
    async with explorer(size=NARROW) as ui:
        await ui.pilot.click("#labels", offset=(3, 1))
        await ui.settle()
        assert "Label smoothing" in ui.text
        assert "s = 0.1" in ui.text
        await ui.press("down", "down", "enter")
        assert ui.view.smoothing == 0.1


async def test_the_question_of_the_risk_reads_well() -> None:
    async with explorer() as ui:
        await ui.press("R")
        assert "risk η: 0 to 1, or off 0.9" in ui.lines[-1]
        await ui.press("enter", "R")
        assert "or off 0.9" in ui.lines[-1]
        await ui.press("ctrl+u", *"off", "enter")
        assert ui.view.eta is None
