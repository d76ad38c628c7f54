"""The options of the Softmax screen: kept, with a flag or why there is none; the copied command prints the same."""

from __future__ import annotations

import json
import math
import shlex
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lossterm.chart.panel import overlaid
from lossterm.core.softmax.presets import PRESETS
from lossterm.model.options import restored as put_back
from lossterm.model.options import saved as kept
from lossterm.softmax import edit
from lossterm.softmax.actions import view_command
from lossterm.softmax.command import run
from lossterm.softmax.options import KEPT, of_sweep, restored, saved, sweep_words, window_of_temperatures
from lossterm.softmax.pictures import draw
from lossterm.softmax.report import evaluated, norm
from lossterm.softmax.view import SWEEPS, SoftmaxView
from tests.softmax.changing import views
from tests.test_cli import call, printed, refused, strict

WIDTH, HEIGHT = 70, 24


def near(values: Any) -> Any:
    """Equal but for the last digits."""
    return pytest.approx(values, rel=1e-12, abs=1e-300, nan_ok=True)


def number(value: Any) -> float:
    """A number of the strict JSON."""
    return math.nan if value is None else float(value)


# ---- declared once --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("option", KEPT, ids=lambda option: option.name)
def test_an_option_has_a_flag_or_says_why_not(option: Any) -> None:
    text = printed("softmax", "--help")
    assert option.no_flag or f"{option.option_string} " in text
    assert "--range" in option.no_flag or not option.no_flag
    assert option.about


def test_every_field_of_a_view_is_declared_or_of_its_list() -> None:
    target = {"label", "teacher", "smoothing", "over"}
    declared = {option.name for option in KEPT}
    assert {field.name for field in fields(SoftmaxView)} == declared - target | {"target", "rows", "reference"}


@settings(max_examples=100)
@given(views())
def test_each_option_is_read_back(view: SoftmaxView) -> None:
    for option in KEPT:
        document = json.loads(json.dumps(kept(view, [option]), allow_nan=False))
        assert option.value(put_back(view, [option], document)) == option.value(view)
        if option.value(view) is not None:
            read = option.form.read(option.form.write(option.value(view)))
            assert option.value(option.changed(view, read)) == pytest.approx(option.value(view), abs=1e-15)


@given(st.integers(-3_000_000, 6_000_000), st.integers(1_000, 9_000_000))
def test_a_window_of_temperatures_is_read_back(start: int, width: int) -> None:
    # ends as the keys leave them: to a millionth of the width
    digits = 6 - math.floor(math.log10(width / 1e6))
    lo, hi = round(start / 1e6, digits), round((start + width) / 1e6, digits)
    assume(digits >= 0 and abs(hi) <= 10)
    option = of_sweep(replace(SoftmaxView(), sweep="temperature"))
    assert window_of_temperatures(option.form.write((lo, hi))) == (lo, hi)


# ---- the copied command ---------------------------------------------------------------------------------------------


def document_of(view: SoftmaxView) -> Any:
    """What the copied command of a view prints as JSON."""
    words = shlex.split(view_command(view, WIDTH, HEIGHT))
    assert words[:2] == ["lossterm", "softmax"]
    done = call(*words[1:], "--format", "json")
    assert done.code == 0, done.err
    return strict(done.out)


@settings(max_examples=60)
@given(views())
def test_the_copied_command_prints_the_numbers_on_screen(view: SoftmaxView) -> None:
    assume(view.fitting)
    document, point = document_of(view), view.example.point
    assert tuple(map(number, document["logits"])) == view.logits
    assert list(map(number, document["probabilities"])) == near(point.prediction.p.tolist())
    assert list(map(number, document["target"])) == near(point.target.p.tolist())
    assert document["temperature"] == view.temperature
    seen = [e for e in evaluated(view).values() if e is not None]
    # two rows alike are one curve, and told once
    keys = list(dict.fromkeys(view.rows[i].key for i in view.fitting))
    told = [seen[[view.rows[i].key for i in view.fitting].index(key)] for key in keys]
    assert [(entry["loss"], tuple(entry["params"].items())) for entry in document["losses"]] == keys
    reference = evaluated(view).get(view.reference)
    for entry, e in zip(document["losses"], told, strict=True):
        assert number(entry["value"]) == near(e.value)
        assert list(map(number, entry["gradient"])) == near(e.gradient.tolist())
        assert number(entry["gradient_norm"]) == near(norm(e.gradient))
        if e.contributions is not None:
            assert list(map(number, entry["contributions"])) == near(e.contributions.tolist())
        if reference is not None and 0 < norm(reference.gradient) < math.inf and norm(e.gradient) < math.inf:
            quotient = norm(e.gradient) / norm(reference.gradient)
            assert number(entry["norm_ratio"]) == pytest.approx(quotient, rel=1e-11, nan_ok=True)


@settings(max_examples=40)
@given(views(), st.randoms(use_true_random=False))
def test_the_curves_of_the_copied_command_are_the_losses_there(view: SoftmaxView, chance: Any) -> None:
    assume(view.fitting and view.classes < 100)
    sweep = document_of(view)["sweep"]
    assert (sweep["along"], sweep["class"]) == (view.sweep, view.selected)
    for column in chance.sample(range(len(sweep["at"])), 3):
        at = sweep["at"][column]
        if view.sweep == "logit":
            logits = (*view.logits[: view.selected], at, *view.logits[view.selected + 1 :])
            there = replace(view, logits=logits, given=None)
        else:
            there = replace(view, temperature=at)
        found = {there.rows[i].key: e for i, e in evaluated(there).items() if e is not None}
        for entry in sweep["losses"]:
            e = found[entry["loss"], tuple(entry["params"].items())]
            assert number(entry["value"][column]) == pytest.approx(e.value, rel=1e-9, abs=1e-12, nan_ok=True)
            slope = float(e.gradient[view.selected])
            assert number(entry["gradient"][column]) == pytest.approx(slope, rel=1e-9, abs=1e-12, nan_ok=True)


@pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisWarning")  # a view is long where it is written out
@settings(max_examples=25)
@given(views())
def test_the_copied_command_draws_the_charts_on_screen(view: SoftmaxView) -> None:
    keys = [view.rows[i].key for i in view.shown]
    assume(view.fitting == view.shown != () and len(set(keys)) == len(keys))
    words = shlex.split(view_command(view, WIDTH, HEIGHT))
    lines = printed(*words[1:]).splitlines()
    # a letter stays with its loss while others are hidden; a command that names the shown ones begins at a
    view = replace(view, rows=tuple(replace(row, slot=-1) for row in view.rows))
    figure = draw(view, WIDTH, HEIGHT // 2 - 1)
    column = figure.column(view.position)
    for number, panel in enumerate(figure.panels):
        cells = figure.cursor(number, figure.values(evaluated(view), number)) if column >= 0 else {}
        picture = overlaid(panel.picture, {(line, column): cell for line, cell in cells.items()})
        start = len(lines) - (2 - number) * (HEIGHT // 2) + 1
        assert lines[start : start + HEIGHT // 2 - 1] == picture.text().split("\n")


def test_a_loss_that_does_not_take_the_target_is_left_out() -> None:
    view = edit.next_smoothing(edit.use_preset(SoftmaxView(), "start"))
    rows = tuple(replace(row, shown=row.loss in ("hinge", "kl")) for row in view.rows)
    document = document_of(replace(view, rows=rows, reference=8))
    assert [entry["loss"] for entry in document["losses"]] == ["kl"]


def test_one_row_of_the_text_tells_the_selected_class_and_the_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    view = edit.use_preset(SoftmaxView(), "confidently-wrong")
    view = replace(view, selected=2, reference=1)
    lines = printed(*shlex.split(view_command(view))[1:]).splitlines()
    head = next(line for line in lines if line.startswith("loss "))
    row = next(line for line in lines if line.startswith("cross-entropy "))
    assert head.split()[1:5] == ["L", "L₂", "∂L/∂z₂", "‖∂L/∂z‖"]
    assert row.split()[1:] == ["8.0007", "0", "0.00033524", "1.4135", "564", "confidently", "wrong"]


# ---- the curves -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sweep", SWEEPS)
def test_without_a_range_the_point_is_inside(sweep: str) -> None:
    document = strict(
        printed("softmax", "--logits=30,0", "--target=0", "--temperature=5e4", "--sweep", sweep, "--format=json")
    )
    at = document["sweep"]["at"]
    assert at[0] < (30 if sweep == "logit" else 5e4) < at[-1]
    assert at == sorted(at)


def test_the_window_and_the_class_are_the_ones_asked_for() -> None:
    asked = ("--logits=3,1,0", "--target=0", "--class=1", "--format=json")
    logit = strict(printed("softmax", *asked, "--sweep=logit", "--range=-2:2"))["sweep"]
    assert (logit["class"], round(logit["at"][0], 1), round(logit["at"][-1], 1)) == (1, -2, 2)
    heat = strict(printed("softmax", *asked, "--sweep=temperature", "--range=.5:50"))["sweep"]
    assert (heat["at"][0], heat["at"][-1]) == (pytest.approx(0.5, rel=0.05), pytest.approx(50, rel=0.05))


def test_cross_entropy_along_a_logit_is_the_textbook_one() -> None:
    sweep = strict(printed("softmax", "--logits=0,0", "--target=0", "--loss=ce", "--sweep=logit", "--format=json"))
    curve, at = sweep["sweep"]["losses"][0], np.array(sweep["sweep"]["at"])
    assert curve["value"] == pytest.approx(np.log1p(np.exp(-at)), rel=1e-12)
    assert curve["gradient"] == pytest.approx(-1 / (1 + np.exp(at)), rel=1e-12)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ("--range=-1:1", "--range is of the curves: add --sweep"),
        ("--scale=symlog", "--scale is of the curves: add --sweep"),
        ("--size=80x20", "--size is of the curves: add --sweep"),
        ("--sweep=logit --format=csv", "csv has the classes"),
        ("--sweep=angle", "unknown sweep"),
        ("--sweep=logit --scale=log", "unknown scale"),
        ("--sweep=logit --range=1", "--range"),
        ("--sweep=temperature --range=-1:2", "0 < lo < hi"),
        ("--sweep=temperature --range=1:1.0000001", "too narrow"),
        ("--sweep=logit --size=80x8", "at least 10"),
        ("--sweep=logit --size=big", "is not a size"),
        ("--class=3", "class 3 is outside 0…2"),
        ("--class=x", "not a number"),
        ("--reference=kl", "not one of the losses asked for"),
    ],
)
def test_one_clear_line(arguments: str, why: str) -> None:
    assert why in refused("softmax", "--logits=1,2,0", "--target=0", *arguments.split())


@pytest.mark.exhaustive
def test_the_curves_are_drawn_for_every_preset(capsys: pytest.CaptureFixture[str]) -> None:
    for name in PRESETS:
        for sweep in SWEEPS:
            view = replace(edit.use_preset(SoftmaxView(), name), sweep=sweep)
            assert run(["--preset", name, *sweep_words(view), "--size", "60x20"]) == 0
            lines = capsys.readouterr().out.splitlines()
            assert any("⠉" in line or "⠤" in line or "⣀" in line for line in lines[-19:])


# ---- what is kept ---------------------------------------------------------------------------------------------------


def test_a_view_is_kept_whole() -> None:
    for name in PRESETS:
        view = edit.use_preset(SoftmaxView(), name)
        assert restored(SoftmaxView(), json.loads(json.dumps(saved(view), allow_nan=False))) == view
