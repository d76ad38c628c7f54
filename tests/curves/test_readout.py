"""The numbers at the cursor: aligned whatever they are, and what they are said to mean."""

from __future__ import annotations

import itertools
import math
import re
from dataclasses import replace

import pytest

from lossterm.core.losses.activations import ACTIVATIONS
from lossterm.curves.view import View
from lossterm.tui.widgets.readout import short_name, shortened
from tests.curves.program import FIRST, Explorer, explorer, view_of
from tests.harness import NARROW, WIDE

TALL = (120, 60)
"""A size at which more rows of numbers are seen."""

NAMES = FIRST

GAP = 1
"""Blanks that there are at least between two numbers."""


def columns(ui: Explorer) -> list[tuple[str, int]]:
    """The heads of the columns of numbers, and where each ends."""
    heads = ui.part("readout")[1]
    result, at = [], 0
    for head in heads.split()[: heads.split().index("in")]:
        at = heads.index(head, at) + len(head)
        result.append((head, at))
    return result


def cells(ui: Explorer, letter: str) -> dict[str, str]:
    """The numbers of a row, by the heads of their columns; they must end where the heads end."""
    row, found = ui.rows()[letter], columns(ui)
    numbers = {}
    for (_, start), (head, end) in itertools.pairwise([("", found[0][1] - 9), *found]):
        assert row[end - 1] != " ", (head, row)
        assert row[end : end + GAP].strip() == "", (head, row)
        numbers[head] = row[start:end].strip()
        assert " " not in numbers[head].removeprefix("> ").removeprefix("< ").removeprefix("≈ "), (head, row)
    return numbers


def verdict(ui: Explorer, letter: str) -> str:
    """What the numbers of a row mean, in words."""
    return ui.rows()[letter][columns(ui)[-1][1] :].strip()


def words(ui: Explorer) -> str:
    """The line below the numbers."""
    return ui.part("readout")[-1].strip()


@pytest.mark.exhaustive
@pytest.mark.parametrize("activation", ["sigmoid", "identity", "exp"])
@pytest.mark.parametrize(
    ("size", "losses"),
    [
        (TALL, NAMES[:9]),
        (TALL, NAMES[9:]),
        (WIDE, ("generalized-cross-entropy", "half-squared-error", "zero-one", "poly-1")),
        (NARROW, ("generalized-cross-entropy", "squared-hinge", "exponential")),
    ],
)
async def test_columns_are_aligned_whatever_the_numbers_are(
    size: tuple[int, int], losses: tuple[str, ...], activation: str
) -> None:
    async with explorer(view_of(*losses, activation=activation), size) as ui:
        for logit in ("-1000", "1000", "0", "-1e-9", "1e6", "-123456.789", "709.5", "-37.5"):
            await ui.press("g")
            await ui.paste(logit)
            await ui.press("enter")
            assert len(ui.rows()) == len(losses)
            for letter in ui.rows():
                assert all(len(number) <= 11 for number in cells(ui, letter).values())


@pytest.mark.parametrize("activation", ACTIVATIONS)
async def test_infinite_undefined_and_zero_are_told_apart(activation: str) -> None:
    async with explorer(view_of("cross-entropy", "squared-error", activation=activation, at=-1000.0), TALL) as ui:
        a, b = cells(ui, "a"), cells(ui, "b")
        if activation in {"identity", "tanh"}:
            assert set(a.values()) - {a.get("∂v/∂z")} == {"—"}
            assert verdict(ui, "a").startswith("undefined")
        if activation == "sigmoid":
            assert a["L"] == "1000"
            assert a["∂L/∂z"] == "−1.000"
            assert b["∂L/∂z"] == "> -4.9e-324"
            assert a["∂²L/∂z²"] == "< 4.9e-324"
            assert b["×a"] == "≈ 0"
        if activation in {"hard-sigmoid", "relu"}:
            assert a["L"] == "∞"
            assert verdict(ui, "a").startswith("infinite")
        if activation == "relu":
            assert b["∂L/∂z"] == "0"
            assert verdict(ui, "b") == "no slope: stuck"


async def test_overflow_is_told_apart_from_infinity() -> None:
    async with explorer(view_of("squared-error", "exponential", activation="exp", at=1000.0)) as ui:
        assert cells(ui, "a")["L"] == "> 1.8e308"
        assert "v>1.8e308" in ui.status
        await ui.press("t")
        assert cells(ui, "b")["L"] == "> 1.8e308"


@pytest.mark.parametrize(
    ("view", "said"),
    [
        (view_of("cross-entropy", at=-4.0), "confidently wrong"),
        (view_of("cross-entropy", at=-1.0), "wrong"),
        (view_of("cross-entropy", at=0.0), "undecided"),
        (view_of("cross-entropy", at=1.0), "right"),
        (view_of("cross-entropy", at=3.0), "confidently right"),
        (view_of("cross-entropy", at=4.0, label=0.0), "confidently wrong"),
        (view_of("squared-error", at=-4.0), "saturated, concave"),
        (view_of("squared-error", at=-1.0), "wrong, concave"),
        (view_of("squared-error", at=1.0, activation="identity"), "at the minimum"),
        (view_of("cross-entropy", at=math.log(9), label=0.9), "at the minimum"),
        (view_of("squared-error", at=8.0), "almost at the minimum, concave"),
        (view_of("cross-entropy", at=-4.0, activation="identity"), "undefined: p < 0"),
        (view_of("cross-entropy", at=2.0, activation="identity"), "undefined: p > 1"),
        (view_of("poisson", at=-2.0, activation="identity"), "undefined: v < 0"),
        (view_of("hinge", at=-2.0, label=0.3), "undefined: needs a label 0 or 1 (or −1 for 0)"),
        (view_of("cross-entropy", at=-2.0, label=3.0), "undefined: needs a label between 0 and 1"),
        (view_of("huber", at=-4.0, activation="identity"), "linear: bounded pull"),
        (view_of("zero-one", at=0.0, activation="identity"), "a jump: no slope"),
        (view_of("cross-entropy", at=-9.0, activation="hard-sigmoid"), "infinite, no slope: flat activation"),
        (view_of("zero-one", at=-4.0), "no slope: stuck"),
    ],
)
async def test_what_the_numbers_mean_is_said(view: View, said: str) -> None:
    async with explorer(view, (160, 45)) as ui:
        assert said.startswith(verdict(ui, "a")) or verdict(ui, "a") == said
        assert verdict(ui, "a").split(", ")[0] == said.split(", ")[0]


@pytest.mark.exhaustive
async def test_words_are_said_whole_and_the_first_ones_first() -> None:
    view = view_of("cross-entropy", "squared-error", "hinge", label=1.0)
    async with explorer(view, (200, 60)) as ui:
        whole = {letter: verdict(ui, letter) for letter in ui.rows()}
        for width in range(200, 79, -7):
            await ui.resize(width, 45)
            for letter, text in whole.items():
                short = verdict(ui, letter).removesuffix("…").rstrip(" ,")
                assert text.startswith(short)
                assert text[len(short) :][:1] in {"", ",", " ", ":"}, (width, short)


# ---- a loss as a probability ---------------------------------------------------------------------------------------


async def test_a_loss_of_a_tenth_is_a_probability_of_nine_tenths() -> None:
    async with explorer(view_of("cross-entropy", at=math.log(9))) as ui:
        assert cells(ui, "a")["L"] == "0.1054"
        assert "e^−L(a) = 0.9000, the label's probability" in words(ui)
        await ui.press("t")  # y = 0: the label's probability is 1 − p
        assert "e^−L(a) = 0.1000, the label's probability" in words(ui)


async def test_the_probability_is_that_of_the_reference() -> None:
    async with explorer(view_of("cross-entropy", "squared-error", at=0.0)) as ui:
        assert "e^−L(a) = 0.5000, the label's probability" in words(ui)
        await ui.press("down", "r")
        assert "e^−L" not in words(ui)  # of squared error on a class it is the probability of nothing


@pytest.mark.parametrize("label", [0.9, 0.5, 0.3])
async def test_a_soft_label_has_no_probability(label: float) -> None:
    async with explorer(view_of("cross-entropy", label=label)) as ui:
        assert "the label's probability" not in words(ui)


async def test_a_weighted_loss_is_no_probability() -> None:
    async with explorer(view_of("cross-entropy")) as ui:
        await ui.press("p")
        await ui.paste("3")
        await ui.press("enter")
        assert "the label's probability" not in words(ui)


@pytest.mark.parametrize("activation", ["identity", "tanh"])
async def test_the_words_begin_with_a_word(activation: str) -> None:
    async with explorer(view_of("cross-entropy", "squared-error", activation=activation)) as ui:
        assert words(ui)[0] not in "·,—"


# ---- what is claimed of the two losses -----------------------------------------------------------------------------


async def _at(ui: Explorer, point: str) -> tuple[dict[str, str], dict[str, str]]:
    await ui.press("g")
    await ui.paste(point)
    await ui.press("enter")
    return cells(ui, "a"), cells(ui, "b")


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_the_claims_are_seen_at_the_cursor(size: tuple[int, int]) -> None:
    async with explorer(size=size) as ui:
        a, b = await _at(ui, "-6")  # C6, C7
        assert (a["∂L/∂z"], b["∂L/∂z"], b["×a"]) == ("−0.9975", "−0.00492", "1/203")
        a, b = await _at(ui, "-1000")  # C7
        assert (a["∂L/∂z"], b["∂L/∂z"]) == ("−1.000", "> -4.9e-324")
        a, b = await _at(ui, "p=.49")  # C12
        assert (a["L"], b["L"]) == ("0.7133", "0.2601")
        a, b = await _at(ui, "p=.51")
        assert (a["L"], b["L"]) == ("0.6733", "0.2401")
        a, b = await _at(ui, "p=.02")  # C4
        assert (a["∂L/∂p"], b["∂L/∂p"]) == ("−50.00", "−1.960")


async def test_the_convexity_is_said() -> None:  # C9
    async with explorer() as ui:
        assert "a convex" in words(ui)
        assert "b concave for z < −0.693" in words(ui)


async def test_both_labels_have_their_own_reference() -> None:
    async with explorer(replace(View(), both_labels=True, logit=2.0)) as ui:
        assert [cells(ui, letter)["×a"] for letter in "aA"] == ["1", "1"]
        a, b, capital_a, capital_b = (cells(ui, letter) for letter in "abAB")
        assert a["∂L/∂z"].startswith("−")
        assert not capital_a["∂L/∂z"].startswith("−")
        assert "1/" in b["×a"]
        assert "1/" in capital_b["×a"]


async def test_without_a_reference_there_is_no_ratio() -> None:
    async with explorer(view_of("cross-entropy", "squared-error", activation="identity")) as ui:
        assert cells(ui, "b")["×a"] == "—"


async def test_the_slope_of_the_activation_is_always_seen() -> None:
    async with explorer(size=WIDE) as ui:
        assert cells(ui, "a")["∂p/∂z"] == "0.01766"
    async with explorer(size=NARROW) as ui:
        assert "∂p/∂z = 0.01766" in ui.part("readout")[0]


async def test_the_prediction_is_named_for_what_it_is() -> None:
    async with explorer(replace(View(), activation="softplus")) as ui:
        heads = [head for head, _ in columns(ui)]
        assert heads == ["L", "∂L/∂v", "∂v/∂z", "∂L/∂z", "∂²L/∂z²", "×a"]
        assert "v=" in ui.status


async def test_parameters_that_are_not_the_usual_ones_are_in_the_name() -> None:
    async with explorer(view_of("focal", "huber"), (160, 45)) as ui:
        assert "focal  " in ui.rows()["a"]
        await ui.press("]")
        assert "focal γ=2.5 " in ui.rows()["a"]
        assert "focal γ=2.5" in ui.part("loss-chart")[0]


async def test_without_a_loss_there_is_still_a_point() -> None:
    async with explorer(view_of()) as ui:
        assert ui.shown_point == "−4.0000"
        assert "p = 0.017986" in ui.part("readout")[0]
        await ui.press("right", "x", "d", "l", "n", "b", "y")
        assert ui.rows() == {}


def test_verdicts_are_cut_between_words() -> None:
    verdict = "confidently wrong, saturated"
    assert shortened(verdict, 28) == verdict
    assert shortened(verdict, 20) == "confidently wrong"
    assert shortened(verdict, 16) == "confidently…"
    assert shortened(verdict, 11) == ""
    assert shortened(verdict, 13, "wrong, sure") == "wrong, sure"
    assert shortened(verdict, 8, "wrong, sure") == "wrong"


@pytest.mark.parametrize("size", [NARROW, (90, 24), (100, 30)])
async def test_no_word_is_cut_in_the_classic_figure(size: tuple[int, int]) -> None:
    view = replace(View(), both_labels=True, axis="prediction")
    async with explorer(view, (200, 60)) as ui:
        known = set(re.findall(r"[a-z]+", " ".join(ui.part("readout"))))
    async with explorer(view, size) as ui:
        for line in ui.part("readout")[2:-1]:
            last = re.search(r"([a-z]+)…?$", line.rstrip())
            assert last is None or last[1] in known | {"sure", "wrong", "right", "near", "minimum"}, line


@pytest.mark.parametrize(
    ("name", "room", "seen"),
    [
        ("cross-entropy w₊=1.5", 20, "cross-entropy w₊=1.5"),
        ("cross-entropy w₊=1.5", 18, "cross-entr… w₊=1.5"),
        ("focal γ=2 α=0.25", 15, "foc… γ=2 α=0.25"),
        ("focal γ=2 α=0.25", 14, "focal γ=2 α=0.25"),  # then the line itself is cut
        ("squared-error", 9, "squared-error"),
    ],
)
def test_parameters_are_kept_before_the_letters_of_a_name(name: str, room: int, seen: str) -> None:
    assert short_name(name, room) == seen
