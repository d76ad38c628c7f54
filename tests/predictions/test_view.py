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

from lossterm.cli import run
from lossterm.core.losses.formulas import LOSSES
from lossterm.core.numbers import parse
from lossterm.core.statistics.question import ClassCriterion
from lossterm.model.notation import losses_asked
from lossterm.model.options import Option, Redo, redone, words
from lossterm.model.parser import Parser
from lossterm.model.softmax_rows import SoftmaxRow
from lossterm.model.subject import Row
from lossterm.model.subject_options import losses as losses_of
from lossterm.predictions.losses import criteria_of
from lossterm.predictions.options import (
    DEMO,
    FILE,
    LOOK,
    SMOOTHING,
    add_data_flags,
    asked_look,
    class_label,
    data_words,
    demo_choice,
    file_choice,
    open_source,
    question_of,
    restored_choice,
    saved_choice,
    typed_range,
)
from lossterm.predictions.report import Report
from lossterm.predictions.report import document as figures
from lossterm.predictions.survey import Survey
from lossterm.predictions.view import (
    COLDEST,
    HOTTEST,
    KINDS,
    MOST_BINS,
    MOST_WORST,
    PAGES,
    SCALES,
    FileChoice,
    Look,
    next_bins,
    next_page,
    next_temperature,
    other_bins,
    other_scale,
    unfiltered,
    with_threshold,
)

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


def in_order(ends: tuple[float | None, float | None]) -> tuple[float | None, float | None]:
    low, high = ends
    return (high, low) if low is not None and high is not None and low > high else ends


LOOKS = st.builds(
    Look,
    bins=st.integers(1, MOST_BINS),
    mass=st.booleans(),
    threshold=SHARE,
    temperature=st.floats(COLDEST, HOTTEST),
    class_weights=st.none() | st.lists(st.floats(0.001, 1e6), min_size=2, max_size=5).map(tuple),
    only_label=st.none() | NAMES,
    only_group=st.none() | NAMES,
    only_range=st.tuples(REAL, REAL).map(in_order),
    worst=st.integers(1, MOST_WORST),
    page=st.sampled_from(PAGES),
    scale=st.sampled_from(SCALES),
)
ROWS = st.lists(st.sampled_from(list(LOSSES)).map(Row.of), min_size=1, max_size=4, unique_by=lambda row: row.loss)


# ---- a command, and back -------------------------------------------------------------------------------------------


def parsed(words: list[str]) -> Any:
    parser = Parser("lossterm data", "")
    add_data_flags(parser)
    return parser.parse_args(words)


@given(FILES, LOOKS, ROWS, SHARE)
def test_a_command_tells_the_same_question(choice: FileChoice, look: Look, rows: list[Row], smooth: float) -> None:
    options = parsed(data_words(choice, look, rows, smooth))
    again = file_choice(options)
    assert replace(again, paths=()) == replace(choice, paths=())
    assert [PurePath(path) for path in again.paths] == [PurePath(path) for path in choice.paths]
    assert asked_look(options, Look()) == look
    assert (0.0 if options.smoothing is None else parse(options.smoothing)) == smooth
    assert [(row.loss, row.params) for row in losses_of(options.loss)] == [(row.loss, row.params) for row in rows]


def test_what_is_as_usual_is_not_said() -> None:
    assert data_words(demo_choice(), Look(), [], 0.0) == ["--demo"]
    assert data_words(FileChoice(("a.csv", "b.csv")), Look(), [], 0.0) == ["a.csv", "b.csv"]
    assert file_choice(parsed(["--demo"])) == demo_choice()
    assert replace(demo_choice(), paths=(), group_column=None) == FileChoice()


def test_what_looks_like_an_option_is_a_file() -> None:
    assert data_words(FileChoice(("-x.csv", "-", "--demo")), Look(), [], 0.0) == ["./-x.csv", "-", "./--demo"]


def document_of(choice: FileChoice, look: Look, rows: list[Row], smoothing: float = 0.0) -> dict[str, object]:
    """The figures as the screen asks for them."""
    with open_source(choice) as source:
        classes = len(source.columns.predictions) if len(source.columns.predictions) > 1 else 0
        criteria = [criterion for criterion in criteria_of(rows, classes, smoothing) if criterion is not None]
        found = Survey(source).ask(question_of(look, source, criteria))
        return figures(Report(found, look.mass, source.skipped, columns=source.record(), notes=source.notes))


def copied(*words: str) -> dict[str, object]:
    """The figures that a copied command prints."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        assert run(["data", *words, "--format", "json"]) == 0
    found = json.loads(out.getvalue())
    assert isinstance(found, dict)
    return {**found, "worst": []}


@pytest.mark.parametrize(
    "look",
    [
        Look(),
        Look(bins=7, threshold=0.3, temperature=2.5, mass=True),
        Look(only_label="1", only_range=(0.25, 1 - 2**-50)),
        Look(only_group="7", temperature=1 / 3),
    ],
)
def test_the_copied_command_prints_the_same_figures(look: Look) -> None:
    rows = losses_of(["focal:gamma=1/3,ce:pos_weight=2,quantile:tau=.3,mse"])
    words = data_words(demo_choice(), look, rows, 0.05)
    assert copied(*words) == document_of(demo_choice(), look, rows, 0.05)


def test_the_copied_command_of_classes(tmp_path: Path) -> None:
    path = tmp_path / "classes.csv"
    path.write_text("y,p_a,p_b,p_c\na,.7,.2,.1\nb,.1,.3,.6\nc,.2,.2,.6\nb,.3,.5,.2\n")
    choice, look = FileChoice((str(path),)), Look(only_label="b")
    rows = losses_of(["ce:pos_weight=3,focal:gamma=3:alpha=.25,huber,mse"])  # K classes have no weight, α or Huber loss
    words = data_words(choice, look, rows, 0.1, classes=3)
    assert "--loss=cross-entropy,focal:gamma=3,squared-error" in words
    assert copied(*words) == document_of(choice, look, rows, 0.1)
    assert data_words(choice, Look(), losses_of(["huber"]), 0.0, classes=3) == [str(path)]
    with open_source(choice) as source:
        assert [class_label(text, source) for text in ("a", "c", "2")] == [0.0, 2.0, 2.0]


def test_losses_of_classes_have_the_parameters_that_there_are() -> None:
    rows = losses_of(["focal:gamma=3:alpha=.25,hinge,mae,huber"])
    found = criteria_of(rows, 4, 0.1)
    direct = [(row.entry, row.params) for row in losses_asked(["focal:gamma=3,hinge,mae"], SoftmaxRow)]
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


# ---- every declaration ----------------------------------------------------------------------------------------------

DECLARED = [*FILE, *LOOK, SMOOTHING]


@pytest.mark.parametrize("option", DECLARED, ids=lambda option: option.name)
def test_an_option_has_a_flag_or_says_why_not(option: Option[Any, Any]) -> None:
    parser = Parser("lossterm data", "")
    add_data_flags(parser)
    flags = {flag: action for action in parser._actions for flag in action.option_strings}
    if option.no_flag:
        assert len(option.no_flag.split()) > 3
        assert option.option_string not in flags
    else:
        assert flags[option.option_string].help == option.about
    assert option.title
    assert option.about


def test_every_field_is_declared_and_nothing_else() -> None:
    assert sorted(option.name for option in FILE) == sorted(FileChoice.__dataclass_fields__)
    assert [option.name for option in LOOK] == list(Look.__dataclass_fields__)
    flags = [option.option_string for option in DECLARED if option.option_string]
    assert len(flags) == len(set(flags))


@given(LOOKS, LOOKS)
def test_a_change_makes_again_what_its_options_say(old: Look, new: Look) -> None:
    assert redone(old, old, LOOK) == frozenset()
    counted = replace(new, mass=old.mass, page=old.page, scale=old.scale)
    assert (Redo.COUNT in redone(old, new, LOOK)) == (counted != old)
    assert Redo.READ not in redone(old, new, LOOK)


@pytest.mark.parametrize("option", LOOK, ids=lambda option: option.name)
@given(look=LOOKS)
def test_one_option_is_told_by_one_word(option: Option[Look, Any], look: Look) -> None:
    alone = option.changed(Look(), option.value(look))
    told = words(alone, LOOK, Look())
    assert len(told) == (alone != Look())
    assert asked_look(parsed([*told, "x.csv"]), Look()) == alone


# ---- kept between runs ---------------------------------------------------------------------------------------------


@given(FILES, LOOKS)
def test_what_is_kept_is_read_back(choice: FileChoice, look: Look) -> None:
    kept = json.loads(json.dumps(saved_choice(choice, look, filtered=True), allow_nan=False))
    assert restored_choice(kept) == (choice, look)
    without = json.loads(json.dumps(saved_choice(choice, look)))
    assert restored_choice(without) == (choice, unfiltered(look))


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
    assert look.scale in SCALES
    assert all(text is None or isinstance(text, str) for text in (look.only_label, look.only_group))
    for number in (look.threshold, look.temperature, *look.only_range):
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
    sensible(*restored_choice(saved))
    sensible(*restored_choice({"file": saved, "look": saved}))


@given(FILES, LOOKS, DAMAGE)
def test_what_is_broken_is_left_out(choice: FileChoice, look: Look, damage: list[tuple[str, str, Any]]) -> None:
    saved = broken(json.loads(json.dumps(saved_choice(choice, look, filtered=True))), damage)
    found, seen = restored_choice(saved)
    sensible(found, seen)
    untouched = {name for name in Look.__dataclass_fields__ if name not in {n for p, n, _ in damage if p == "look"}}
    for name in untouched:
        assert getattr(seen, name) == getattr(look, name)


@pytest.mark.parametrize(
    ("part", "name", "value"),
    [
        ("file", "delimiter", "ab"), ("file", "delimiter", ""), ("file", "kind", "odds"), ("file", "paths", "a.csv"),
        ("file", "paths", [1, None]), ("file", "skip_bad", 1), ("file", "positive", 1), ("look", "bins", 0),
        ("look", "bins", 1.0), ("look", "bins", True), ("look", "worst", 10**9), ("look", "temperature", 0.0),
        ("look", "temperature", math.nan), ("look", "threshold", 2.0), ("look", "page", "odds"),
        ("look", "only_range", "0"),        ("look", "only_range", [None, math.inf]),
        ("look", "only_range", [2, 1]), ("look", "only_group", 3),
        ("look", "mass", None), ("look", "scale", "log"),
    ],
)  # fmt: skip
def test_a_broken_value_is_the_usual_one(part: str, name: str, value: Any) -> None:
    assert restored_choice({part: {name: value}}) == (FileChoice(), Look())


def test_nothing_saved_is_the_usual() -> None:
    assert (
        restored_choice(None)
        == restored_choice({})
        == restored_choice({"file": None, "look": 3})
        == (FileChoice(), Look())
    )


# ---- changes -------------------------------------------------------------------------------------------------------

CHANGES: st.SearchStrategy[Callable[[Look], Look]] = st.one_of(
    st.builds(lambda x: lambda look: with_threshold(look, x), st.floats(-3, 3)),
    st.builds(lambda d: lambda look: next_temperature(look, d), st.sampled_from([-1, 1])),
    st.builds(lambda d: lambda look: next_bins(look, d), st.sampled_from([-1, 1])),
    st.builds(lambda d: lambda look: next_page(look, d, PAGES[:4]), st.sampled_from([-1, 1])),
    st.sampled_from([unfiltered, other_bins, other_scale]),
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
