"""How a file is read and looked at: kept between runs, changed step by step, told as a command that asks the same."""

from __future__ import annotations

import contextlib
import io
import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PurePath
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lossterm import state
from lossterm.arguments import joined
from lossterm.arguments import losses as losses_of
from lossterm.cli import Parser, run
from lossterm.core.losses import LOSSES
from lossterm.core.question import ClassCriterion
from lossterm.data.survey import Survey
from lossterm.data_arguments import (
    DEMO,
    add_data_options,
    class_label,
    criteria_of,
    data_arguments,
    demo_choice,
    file_choice,
    look_of,
    open_source,
    question_of,
    typed_range,
)
from lossterm.data_state import (
    COLDEST,
    HOTTEST,
    KINDS,
    MOST_BINS,
    MOST_WORST,
    PAGES,
    FileChoice,
    Look,
    document,
    next_bins,
    next_page,
    next_temperature,
    read,
    unfiltered,
    with_threshold,
)
from lossterm.data_table import document as figures
from lossterm.numbers import parse
from lossterm.softmax_arguments import losses as class_losses_of

NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=9)
FILES = st.builds(
    FileChoice,
    paths=st.lists(NAMES.filter(lambda name: name != "-"), min_size=1, max_size=3).map(tuple),
    label_column=st.none() | NAMES,
    prediction_columns=st.lists(NAMES, max_size=3).map(tuple),
    kind=st.none() | st.sampled_from(KINDS),
    weight_column=st.none() | NAMES,
    group_column=st.none() | NAMES,
    positive=st.none() | NAMES,
    delimiter=st.none() | st.sampled_from([",", ";", "\t", "|", " "]),
    skip_bad=st.booleans(),
)
REAL = st.none() | st.floats(-1e6, 1e6).map(lambda x: x + 0.0)
SHARE = st.floats(0, 1).map(abs)


def look_with(**chosen: Any) -> Look:
    if chosen["low"] is not None and chosen["high"] is not None:
        chosen["low"], chosen["high"] = sorted((chosen["low"], chosen["high"]))
    return Look(**chosen)


LOOKS = st.builds(
    look_with,
    bins=st.integers(1, MOST_BINS),
    mass=st.booleans(),
    threshold=SHARE,
    temperature=st.floats(COLDEST, HOTTEST),
    label=st.none() | st.sampled_from([0.0, 1.0, 3.0, 0.25]),
    group=st.none() | NAMES,
    low=REAL,
    high=REAL,
    worst=st.integers(1, MOST_WORST),
    page=st.sampled_from(PAGES),
)
ROWS = st.lists(st.sampled_from(list(LOSSES)).map(state.row), min_size=1, max_size=4, unique_by=lambda row: row.loss)


# ---- a command, and back -------------------------------------------------------------------------------------------


def parsed(words: list[str]) -> Any:
    parser = Parser("lossterm data", "")
    add_data_options(parser)
    return parser.parse_args(joined(words))


@given(FILES, LOOKS, ROWS, SHARE)
def test_a_command_tells_the_same_question(
    choice: FileChoice, look: Look, rows: list[state.Row], smooth: float
) -> None:
    label = None if look.label is None else str(look.label)
    options = parsed(data_arguments(choice, look, rows, smooth, label))
    again = file_choice(options)
    assert replace(again, paths=()) == replace(choice, paths=())
    assert [PurePath(path) for path in again.paths] == [PurePath(path) for path in choice.paths]
    found = look_of(options, Look())
    told = ("bins", "threshold", "temperature", "group", "low", "high")
    assert [getattr(found, name) for name in told] == [getattr(look, name) for name in told]
    assert (options.only_label, 0.0 if options.smoothing is None else parse(options.smoothing)) == (label, smooth)
    assert [(row.loss, row.params) for row in losses_of(options.loss)] == [(row.loss, row.params) for row in rows]


def test_what_is_as_usual_is_not_said() -> None:
    assert data_arguments(demo_choice(), Look(), [], 0.0) == ["--demo"]
    assert data_arguments(FileChoice(("a.csv", "b.csv")), Look(), [], 0.0) == ["a.csv", "b.csv"]
    assert file_choice(parsed(["--demo"])) == demo_choice()
    assert replace(demo_choice(), paths=(), group_column=None) == FileChoice()


def test_what_looks_like_an_option_is_a_file() -> None:
    assert data_arguments(FileChoice(("-x.csv", "-", "--demo")), Look(), [], 0.0) == ["./-x.csv", "-", "./--demo"]


def document_of(choice: FileChoice, look: Look, rows: list[state.Row], smoothing: float = 0.0) -> dict[str, object]:
    """The figures as the screen asks for them."""
    with open_source(choice) as source:
        classes = len(source.columns.predictions) if len(source.columns.predictions) > 1 else 0
        criteria = [criterion for criterion in criteria_of(rows, classes, smoothing) if criterion is not None]
        found = Survey(source).ask(question_of(look, source, criteria))
        return figures(found, skipped=source.skipped)


def copied(*words: str) -> dict[str, object]:
    """The figures that a copied command prints."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        assert run(["data", *words, "--format", "json"]) == 0
    found = json.loads(out.getvalue())
    assert isinstance(found, dict)
    return {**found, "worst": []}


@pytest.mark.parametrize(
    ("look", "label"),
    [
        (Look(), None),
        (Look(bins=7, threshold=0.3, temperature=2.5), None),
        (Look(label=1.0, low=0.25, high=1 - 2**-50), "1"),
        (Look(group="7", temperature=1 / 3), None),
    ],
)
def test_the_copied_command_prints_the_same_figures(look: Look, label: str | None) -> None:
    rows = losses_of(["focal:gamma=1/3,ce:pos_weight=2,quantile:tau=.3,mse"])
    words = data_arguments(demo_choice(), look, rows, 0.05, label)
    assert copied(*words) == document_of(demo_choice(), look, rows, 0.05)


def test_the_copied_command_of_classes(tmp_path: Path) -> None:
    path = tmp_path / "classes.csv"
    path.write_text("y,p_a,p_b,p_c\na,.7,.2,.1\nb,.1,.3,.6\nc,.2,.2,.6\nb,.3,.5,.2\n")
    choice, look = FileChoice((str(path),)), Look(label=1.0)
    rows = losses_of(["ce:pos_weight=3,focal:gamma=3:alpha=.25,huber,mse"])  # K classes have no weight, α or Huber loss
    words = data_arguments(choice, look, rows, 0.1, "b", classes=3)
    assert "--loss=cross-entropy,focal:gamma=3,squared-error" in words
    assert copied(*words) == document_of(choice, look, rows, 0.1)
    assert data_arguments(choice, Look(), losses_of(["huber"]), 0.0, classes=3) == [str(path)]
    with open_source(choice) as source:
        assert [class_label(text, source) for text in ("a", "c", "2")] == [0.0, 2.0, 2.0]


def test_losses_of_classes_have_the_parameters_that_there_are() -> None:
    rows = losses_of(["focal:gamma=3:alpha=.25,hinge,mae,huber"])
    found = criteria_of(rows, 4, 0.1)
    direct = [(row.entry, row.params) for row in class_losses_of(["focal:gamma=3,hinge,mae"])]
    assert [(c.loss, c.params) for c in found if isinstance(c, ClassCriterion)] == direct
    assert found[3] is None
    assert {c.smoothing for c in found if c is not None} == {0.1}


@pytest.mark.parametrize(
    ("text", "expected"), [("0.2:0.5", (0.2, 0.5)), (":1/3", (None, 1 / 3)), ("−5:", (-5.0, None))]
)
def test_ranges(text: str, expected: tuple[float | None, float | None]) -> None:
    assert typed_range(text) == expected


@pytest.mark.parametrize("text", ["", "0.5", "a:b", "1:2:3", "nan:1"])
def test_what_is_no_range(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a"):
        typed_range(text)


# ---- kept between runs ---------------------------------------------------------------------------------------------


@given(FILES, LOOKS)
def test_what_is_kept_is_read_back(choice: FileChoice, look: Look) -> None:
    kept = json.loads(json.dumps(document(choice, look, filtered=True), allow_nan=False))
    assert read(kept) == (choice, look)
    without = json.loads(json.dumps(document(choice, look)))
    assert read(without) == (choice, unfiltered(look))


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from([*PAGES, *KINDS]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def broken(sound: dict[str, Any], damage: list[tuple[str, str, Any]]) -> dict[str, Any]:
    """A document with some of its entries replaced."""
    for part, name, value in damage:
        if part in sound and isinstance(sound[part], dict):
            sound[part][name] = value
        else:
            sound[part] = value
    return sound


FIELDS = [*FileChoice.__dataclass_fields__, *Look.__dataclass_fields__]
DAMAGE = st.lists(st.tuples(st.sampled_from(["file", "look", "other"]), st.sampled_from(FIELDS), ANY), max_size=6)


def sensible(choice: FileChoice, look: Look) -> None:
    """Whatever was saved, this can be used: its constructor and its types say so."""
    assert Look(**{name: getattr(look, name) for name in Look.__dataclass_fields__}) == look
    assert type(look.bins) is type(look.worst) is int
    assert type(look.mass) is bool
    assert look.page in PAGES
    for number in (look.threshold, look.temperature, look.label, look.low, look.high):
        assert number is None or (type(number) is float and math.isfinite(number))
    assert all(isinstance(text, str) for text in (*choice.paths, *choice.prediction_columns))
    assert isinstance(choice.paths, tuple)
    assert isinstance(choice.prediction_columns, tuple)
    assert choice.kind in (None, *KINDS)
    assert type(choice.skip_bad) is bool
    texts = (choice.label_column, choice.weight_column, choice.group_column, choice.positive, choice.delimiter)
    assert all(text is None or isinstance(text, str) for text in texts)
    assert choice.delimiter is None or len(choice.delimiter) == 1
    assert hash(choice) == hash(replace(choice))


@given(ANY)
def test_anything_saved_is_distrusted(saved: Any) -> None:
    sensible(*read(saved))
    sensible(*read({"file": saved, "look": saved}))


@given(FILES, LOOKS, DAMAGE)
def test_what_is_broken_is_left_out(choice: FileChoice, look: Look, damage: list[tuple[str, str, Any]]) -> None:
    saved = broken(json.loads(json.dumps(document(choice, look, filtered=True))), damage)
    found, seen = read(saved)
    sensible(found, seen)
    untouched = {name for name in Look.__dataclass_fields__ if name not in {n for p, n, _ in damage if p == "look"}}
    for name in untouched - {"low", "high"}:  # an end of a range may not go with another
        assert getattr(seen, name) == getattr(look, name)


@pytest.mark.parametrize(
    ("part", "name", "value"),
    [
        ("file", "delimiter", "ab"), ("file", "delimiter", ""), ("file", "kind", "odds"), ("file", "paths", "a.csv"),
        ("file", "paths", [1, None]), ("file", "skip_bad", 1), ("file", "positive", 1), ("look", "bins", 0),
        ("look", "bins", 1.0), ("look", "bins", True), ("look", "worst", 10**9), ("look", "temperature", 0.0),
        ("look", "temperature", math.nan), ("look", "threshold", 2.0), ("look", "page", "odds"), ("look", "low", "0"),
        ("look", "high", math.inf), ("look", "group", 3), ("look", "mass", None),
    ],
)  # fmt: skip
def test_a_broken_value_is_the_usual_one(part: str, name: str, value: Any) -> None:
    assert read({part: {name: value}}) == (FileChoice(), Look())


def test_nothing_saved_is_the_usual() -> None:
    assert read(None) == read({}) == read({"file": None, "look": 3}) == (FileChoice(), Look())


# ---- changes -------------------------------------------------------------------------------------------------------

CHANGES: st.SearchStrategy[Callable[[Look], Look]] = st.one_of(
    st.builds(lambda x: lambda look: with_threshold(look, x), st.floats(-3, 3)),
    st.builds(lambda d: lambda look: next_temperature(look, d), st.sampled_from([-1, 1])),
    st.builds(lambda d: lambda look: next_bins(look, d), st.sampled_from([-1, 1])),
    st.builds(lambda d: lambda look: next_page(look, d, PAGES[:4]), st.sampled_from([-1, 1])),
    st.just(unfiltered),
)


@given(LOOKS, st.lists(CHANGES, max_size=12))
def test_any_changes_leave_a_look_that_makes_sense(look: Look, changes: list[Callable[[Look], Look]]) -> None:
    for change in changes:
        look = change(look)
        sensible(FileChoice(), look)


def test_steps_lead_there_and_back() -> None:
    for step in (next_temperature, next_bins):
        up = [Look()]
        while (after := step(up[-1], 1)) != up[-1]:
            up.append(after)
        down = [up[-1]]
        while (before := step(down[-1], -1)) != down[-1]:
            down.append(before)
        assert set(up) <= set(down)
        assert len(down) > len(up) > 3
    assert next_temperature(replace(Look(), temperature=500.0), -1).temperature == 10.0
    assert next_bins(replace(Look(), bins=7), 1).bins == 10


def test_pages_go_round() -> None:
    among = PAGES[:3]
    look = Look(page="classes")  # which the file does not have
    seen = []
    for _ in range(4):
        look = next_page(look, 1, among)
        seen.append(look.page)
    assert seen == [*among, among[0]]
    assert next_page(Look(page=among[0]), -1, among).page == among[-1]


@settings(max_examples=30)
@given(LOOKS)
def test_a_filter_is_taken_off_whole(look: Look) -> None:
    assert not unfiltered(look).is_filtered
    assert look.is_filtered == (unfiltered(look) != look)


def test_the_demo_is_there() -> None:
    assert DEMO.is_file()
