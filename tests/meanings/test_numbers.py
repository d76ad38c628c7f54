"""What a number means: every explanation is one that the losses give, and its command shows it."""

from __future__ import annotations

import json
import re
import shlex
from importlib import import_module
from math import e, exp, inf, isfinite, isnan, log, pi, sin
from typing import Any

import mpmath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lossterm.cli import run
from lossterm.core.losses.formulas import LOSSES
from lossterm.features import COMMANDS
from lossterm.meanings.answers import Explanation, Occasion
from lossterm.meanings.infinite import infinite
from lossterm.meanings.matching import Limits, answers, explain
from lossterm.meanings.occasions import known
from lossterm.meanings.points import Point, place_of
from lossterm.meanings.reading import figure, figures_of
from lossterm.precision.evaluation import failures

KNOWN = [
    ("0.6931", log(2), "p = ½"),
    ("2.3026", log(10), "10 classes"),
    ("6.9078", log(1000), "ImageNet"),
    ("4.605", log(100), "100 classes"),
    ("10.8249", log(50257), "GPT-2"),
    ("3.1355", log(23), "23 classes"),
    ("1.3863", 2 * log(2), "discriminator"),
    ("1.4612", log(e + 9) - 1, "softmax is applied twice"),
    ("2.4612", log(e + 9), "softmax is applied twice"),
    ("0.3133", log(1 + exp(-1)), "sigmoid is applied twice"),
    ("0.2963", 8 / 27, "slope"),
    ("0.2", 0.2, "equals its margin"),
    ("37.59", 64 * sin(0.5) + log(999 + exp(-64 * sin(0.5))), "ArcFace"),
    ("0.6931", log(2), "DPO"),
    ("0.0000", 0.0, "GRPO"),
    ("16.118", -log(1e-7), "keras"),
    ("36.04", 52 * log(2), "scikit-learn"),
    ("15.94", 23 * log(2), "keras for label 0"),
    ("100", 100.0, "torch"),
    ("27.631", 12 * log(10), "1e-12"),
    ("13.8155", 6 * log(10), "1e-6"),
    ("18.42", 8 * log(10), "1e-8"),
    ("103.28", 149 * log(2), "smallest float32"),
    ("103.97", 150 * log(2), "rounded to 0 in float32"),
    ("0.9189", 0.5 * log(2 * pi), "constant"),
    ("1.4189", 0.5 * log(2 * pi * e), "standardised"),
    ("0.50", 0.5, "twice the one-column figure"),
    ("0.25", 0.25, "Brier"),
    ("0.1733", log(2) / 4, "focal"),
    ("0.5003", -0.91 * log(0.91) - 0.09 * log(0.01), "smoothing 0.1 with 10 classes"),
    ("1.01485", -0.9001 * log(0.9001) - 0.0999 * log(0.0001), "smoothing 0.1 with 1000 classes"),
    ("0.1985", -0.05 * log(0.05) - 0.95 * log(0.95), "5% are 1"),
    ("543.43", 784 * log(2), "784 pixels"),
    ("-0.6931", -log(2), "sign turned"),
]
"""What people meet, with the number from the mathematics and a word of the explanation."""


@pytest.mark.parametrize(("typed", "value", "word"), KNOWN)
def test_what_people_meet_is_explained(typed: str, value: float, word: str) -> None:
    found = [one for one in explain(typed) if word in one.says]
    assert found, [one.says for one in explain(typed)]
    assert found[0].relation == "digits"
    assert found[0].value == pytest.approx(value, rel=1e-9, abs=1e-12)


def test_the_likeliest_comes_first() -> None:
    first = {typed: explain(typed)[0].says for typed in ("0.6931", "0.69", "2.3026", "16.118", "1.4612", "0", "1")}
    assert all(first[typed].startswith("ln 2: cross-entropy") for typed in ("0.6931", "0.69"))
    assert "10 classes" in first["2.3026"] and "keras" in first["16.118"] and "twice" in first["1.4612"]
    assert explain("brier 0.25")[0].says.startswith("¼")
    assert "discriminator" in explain("D loss: 1.3863")[0].says
    assert "hinge" in explain("triplet_loss=1.0")[0].says


def every() -> list[Occasion]:
    return [*known(), *(one for x in (float("nan"), inf, -inf) for one in infinite(x))]


def numbers_in(value: Any) -> list[float]:
    if isinstance(value, dict | list):
        return [x for one in (value.values() if isinstance(value, dict) else value) for x in numbers_in(one)]
    if isinstance(value, str) and value in ("inf", "-inf"):
        return [float(value)]
    return [float(value)] if isinstance(value, int | float) else []


def shows(words: tuple[str, ...], value: float) -> bool:
    """Whether the JSON of a command has a number, but for its sign."""
    answer = getattr(import_module(COMMANDS[words[0]].module), "answer", None)
    if answer is None or words[0] in ("story", "race") or isnan(value):
        return True
    found = [abs(x) for x in numbers_in(answer(list(words[1:])))]
    return any(x == pytest.approx(abs(value), rel=2e-6, abs=1e-300) for x in found)


@pytest.mark.parametrize("part", range(8))
def test_every_command_of_an_explanation_shows_its_number(part: int) -> None:
    unique = {one.words: one for one in every()}
    assert len(unique) > 200
    bad = [one.words for one in [*unique.values()][part::8] if isfinite(one.value) and not shows(one.words, one.value)]
    assert bad == []


@pytest.mark.parametrize("typed", ["0.69", "nan", "inf", "-inf", "-0.35", "0", "41.7", "1e5", "acc 0.10", "brier 0.13"])
def test_every_command_that_is_printed_runs(typed: str, capsys: pytest.CaptureFixture[str]) -> None:
    for one in explain(typed):
        words = shlex.split(one.command)
        assert words[0] == "lossterm"
        assert run(words[1:]) == 0
        out, err = capsys.readouterr()
        assert out and not err
        if isfinite(one.value) and one.value:
            told = [abs(float(x.replace("e−", "e-"))) for x in re.findall(r"\d[\d.]*(?:e[−-]?\d+)?", out)]
            assert any(x == pytest.approx(abs(one.value), rel=6e-5) for x in told), (one.command, one.value)


@settings(max_examples=15, deadline=None)
@given(st.floats(1e-4, 1e4))
def test_what_always_holds_is_so(loss: float) -> None:
    told = [one for one in answers(figure(repr(loss))) if one.relation == "always"]
    assert told and all(shows(one.words, loss) for one in told)


@pytest.mark.parametrize("loss", sorted(LOSSES))
def test_any_loss_may_be_asked_for(loss: str) -> None:
    home = LOSSES[loss].home
    wanted = Point(loss, 1.25, home.label, home.activation).value
    told = answers(figure(repr(wanted)), Limits(loss=loss))
    assert all(loss in (LOSSES[loss].id, *one.words) or one.words for one in told)
    place = place_of(Point(loss, 0.0, home.label, home.activation), wanted)
    assert place is None or place.value == pytest.approx(wanted, rel=1e-9, abs=1e-12) or loss == "zero-one"
    assert wanted <= 0 or any(f"--loss={loss}" in one.words for one in told) or loss == "zero-one"


def test_place_of_is_the_inverse_by_the_closed_form() -> None:
    for wanted in ("0.001", "0.6931", "16.118", "45", "900"):
        place = place_of(Point("cross-entropy", 0.0), float(wanted))
        assert place is not None
        with mpmath.workdps(40):
            exact = -mpmath.log(mpmath.expm1(mpmath.mpf(wanted)))
        assert place.logit == pytest.approx(float(exact), rel=1e-9, abs=1e-9)


def test_digits_decide_how_many_explanations_there_are() -> None:
    def agreeing(typed: str) -> list[Explanation]:
        return [one for one in explain(typed) if one.relation == "digits"]

    assert figure("0.69").half == 0.005 and figure("0.6931").half == 0.00005 and figure("7e-3").half == 0.00005
    assert len(agreeing("0.5")) > len(agreeing("0.50")) >= len(agreeing("0.5000")) > 0
    for typed in ("0.7", "0.69", "0.693", "0.6931", "0.693147"):
        assert all(abs(one.value - float(typed)) <= figure(typed).half * 1.001 for one in agreeing(typed))
    assert agreeing("0.6931471824645996")  # ln 2 as a float32 prints it
    assert not agreeing("0.6932") and "0.6931" in explain("0.6932")[0].says


def test_classes_and_loss_narrow_it() -> None:
    assert not any(re.search(r"[34568] classes", one.says) for one in explain("1", Limits(classes=7)))
    assert explain("1.9459", Limits(classes=7))[0].value == pytest.approx(log(7))
    only = explain("0.69", Limits(loss="dpo"))
    assert only and all("dpo" in one.command or "ranking" in one.says for one in only)
    assert explain("nan", Limits(loss="poisson")) != explain("nan")


LINES = [
    (
        "epoch 3 loss: 0.6931 - acc: 0.50 - val_loss=2.3026",
        [("epoch", "other", 3), ("loss", "loss", 0.6931), ("acc", "share", 0.5), ("val_loss", "loss", 2.3026)],
    ),
    (
        "1875/1875 ━━━━━━━━ 5s 3ms/step - accuracy: 0.1012 - loss: 2.3026",
        [("accuracy", "share", 0.1012), ("loss", "loss", 2.3026)],
    ),
    (
        "{'loss': 0.6931, 'grad_norm': 1.2, 'learning_rate': 2e-05, 'epoch': 0.01}",
        [("loss", "loss", 0.6931), ("grad_norm", "other", 1.2), ("learning_rate", "other", 2e-5),
         ("epoch", "other", 0.01)],
    ),
    (
        "[Epoch 1/5] [Batch 200/938] [D loss: 0.693147] [G loss: 0.7012]",
        [
            ("Epoch", "other", 1), ("Epoch", "other", 5), ("Batch", "other", 200), ("Batch", "other", 938),
            ("D loss", "loss", 0.693147), ("G loss", "loss", 0.7012),
        ],
    ),
    ("tensor(0.6931, grad_fn=<NllLossBackward0>)", [("tensor", "loss", 0.6931)]),
    ("2024-01-02 12:33:10 INFO step=10 loss=nan", [("INFO step", "other", 10), ("loss", "loss", None)]),
    ("train ppl 50257", [("train ppl", "perplexity", log(50257))]),
    ("bpc: 1.0", [("bpc", "bits", log(2))]),
    ("acc 50%", [("acc", "share", 0.5)]),
    ("0,6931", [("", "loss", 0.6931)]),
    ("−0.5", [("", "loss", -0.5)]),
    ("0.5 0.7", [("", "loss", 0.5), ("", "loss", 0.7)]),
]  # fmt: skip


@pytest.mark.parametrize(("line", "expected"), LINES)
def test_a_line_is_taken_apart(line: str, expected: list[tuple[str, str, float | None]]) -> None:
    found = figures_of(line)
    got = [(one.name, one.kind, None if isnan(one.value) else pytest.approx(one.value)) for one in found]
    if "2024" in line:
        got = [one for one in got if one[0]]
    assert got == expected


def test_steps_and_rates_are_not_explained() -> None:
    assert {one.name for one in explain("step 100 lr 0.6931 loss 0.25")} == {"loss"}


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=80))
def test_any_text_has_numbers_or_one_line_that_says_what_is_wrong(text: str) -> None:
    try:
        assert figures_of(text)
    except ValueError as problem:
        assert "\n" not in str(problem) and str(problem)


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run(["why", *arguments]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return out


def test_json_is_pinned(capsys: pytest.CaptureFixture[str]) -> None:
    rows = json.loads(printed(capsys, "0.6931", "--format", "json"), parse_constant=lambda name: pytest.fail(name))
    assert {"says", "when", "next", "command", "value"} <= set(rows[0])
    assert rows[0]["value"] == log(2) and rows[0]["command"].startswith("lossterm table ")
    assert len(rows) <= 8
    assert [row["value"] for row in json.loads(printed(capsys, "nan", "--format=json"))] == [None] * 7
    assert json.loads(printed(capsys, "-inf", "--format=json"))[0]["value"] == "-inf"


def test_text_says_what_is_ambiguous_and_what_is_unknown(capsys: pytest.CaptureFixture[str]) -> None:
    assert "explanations agree" in printed(capsys, "0.69")
    assert "No known number is near it" in printed(capsys, "0.4321")
    assert "near it" in printed(capsys, "2.31")
    assert "add --all" in printed(capsys, "0.5") and "add --all" not in printed(capsys, "0.5", "--all")
    line = printed(capsys, "epoch 3 loss: 0.6931 - acc: 0.50 - val_loss=2.3026")
    assert all(word in line for word in ("loss 0.6931", "acc 0.50", "val_loss 2.3026", "no losses: epoch 3"))


@pytest.mark.parametrize(
    "words",
    [
        [], ["foo"], ["lr=1e-3"], ["acc", "0.77"], ["0.5", "--classes", "1"], ["0.5", "--classes", "x"],
        ["0.5", "--loss", "cee"], ["0.5", "--format", "xml"], ["/no/such/file.txt"], ["."], ["x" * 20_000],
        ["0.5", "--los", "ce"], ["\x1b[31m"], ["--classes"],
    ],
)  # fmt: skip
def test_bad_input_is_one_line(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["why", *words]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and err.startswith("lossterm: ") and "\x1b" not in err


def test_the_command_of_a_loss_of_ones_own_defines_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["why", "2", "--define", "mine: 3*r**2", "--loss", "mine"]) == 0
    assert "--define 'mine: 3*r**2'" in capsys.readouterr().out


def test_a_count_is_no_loss_and_the_number_after_it_is() -> None:
    figures = [(one.name, one.text) for one in figures_of("loss 3/10 0.5") if one.kind != "other"]
    assert figures == [("loss", "0.5")]
    assert [one.kind for one in figures_of("Epoch 3/10: 0.5")] == ["other", "other", "loss"]
    assert [one.kind for one in figures_of("loss 0.5/0.7")] == ["loss", "loss"]


def test_a_fraction_alone_is_a_number() -> None:
    assert "8/27" in explain("8/27")[0].says and figures_of("-1/3")[0].value == -1 / 3


def test_a_norm_of_gradients_that_is_nan_is_told() -> None:
    told = explain("{'loss': 0.6931, 'grad_norm': nan, 'learning_rate': 5e-05}")
    assert {one.name for one in told} == {"loss", "grad_norm"}


def test_of_seven_classes_two_come_last() -> None:
    told = explain("0.6931", Limits(classes=7))
    assert "geometric mean" in told[0].says and "1.946" in told[0].next
    assert any("ln 2" in one.says for one in told[1:])


@pytest.mark.parametrize(("typed", "command"), [
    ("100", "dialects cross-entropy"), ("16.118", "dialects"), ("36.04", "dialects"), ("15.942", "dialects"),
    ("nan", "precision --loss=cross-entropy --dtype=float32"), ("inf", "precision"),
])  # fmt: skip
def test_what_libraries_or_a_precision_do_is_shown_by_them(typed: str, command: str) -> None:
    assert explain(typed)[0].command.startswith(f"lossterm {command}")


def test_the_places_of_nan_that_are_told_are_those_of_a_plain_chain_rule() -> None:
    single, half = (failures(Point("cross-entropy", 0.0).objective, dtype) for dtype in ("float32", "float16"))
    assert single.slope_nan == pytest.approx((-88.7, 16.6), abs=0.06)
    assert half.slope_nan == pytest.approx((-11.1, 7.62), abs=0.06)
    assert "−88.7" in explain("nan")[0].when and "16.6" in explain("nan")[0].when and "7.62" in explain("nan")[0].when


def test_the_start_of_faces_is_shown_by_their_own_losses() -> None:
    for loss in ("arcface", "cosface"):
        (one,) = [x for x in known(10) if x.shown.loss == loss]
        assert one.words[0] == "softmax" and shows(one.words, one.value) and one.value > 20
