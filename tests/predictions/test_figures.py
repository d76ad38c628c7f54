"""Every statistic is declared once: what is on screen is in text, JSON and CSV too, and the help says what it is."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lossterm.cli import run
from lossterm.core.statistics.estimate import Estimate
from lossterm.core.statistics.findings import Findings
from lossterm.core.statistics.question import EXACT_ROWS, Question
from lossterm.model.workspace import SubjectState
from lossterm.predictions import figures, label_figures, loss_words, value_statistics
from lossterm.predictions.actions import figures_command
from lossterm.predictions.asking import Answer, Request
from lossterm.predictions.figure_words import class_rows, decision_blocks, figure_lines, figure_words
from lossterm.predictions.figures import Statistic
from lossterm.predictions.figures_widget import UNBROKEN
from lossterm.predictions.losses import criteria_of
from lossterm.predictions.opening import OpenFile
from lossterm.predictions.options import demo_choice, open_source, question_of
from lossterm.predictions.report import json_help
from lossterm.predictions.state import Baseline, DataState
from lossterm.predictions.survey import Survey
from lossterm.predictions.view import FileChoice, Look
from tests.predictions.program import numbers, write_classes, write_labels, write_normal, write_quantiles
from tests.predictions.test_changes import write_weights

GROUPS: Mapping[str, Any] = {
    "losses": figures.LOSSES,
    "calibration": figures.CALIBRATION,
    "terms": figures.TERMS,
    "ratios": figures.RATIOS,
    "classes": figures.CLASSES,
    "line": figures.PLATT,
    "of the file": (figures.AUROC, figures.TEMPERATURE),
    "worth": (figures.AUROC_ERROR, figures.AVERAGE_PRECISION, figures.SPIEGELHALTER),
    "skill": figures.SKILL,
    "values": value_statistics.VALUES,
    "forecast": value_statistics.FORECAST,
    "intervals": value_statistics.INTERVALS,
    "levels": value_statistics.LEVELS,
    "pit": value_statistics.PIT,
    "labels": label_figures.LABELS,
}
ALL = [pytest.param(s, id=f"{group}-{s.name}") for group, statistics in GROUPS.items() for s in statistics]


def command(*words: str) -> str:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        assert run(["data", *words]) == 0
    return out.getvalue()


def found_in(choice: FileChoice, look: Look, state: SubjectState) -> tuple[DataState, Findings]:
    """The state of the screen after a file was asked, and its figures."""
    source = open_source(choice)
    file = OpenFile(Survey(source), choice)
    subject = state.subject
    classes, kind = file.class_count, source.columns.kind
    criteria = [c for c in criteria_of([subject.rows[i] for i in subject.shown], classes, 0.0, kind) if c]
    found = file.survey.ask(question_of(look, source, criteria))
    asked = DataState(
        subject=subject, choice=choice, look=look, file=file, baseline=Baseline(subject.rows, 0.0, look.temperature)
    )
    request = asked.request
    assert isinstance(request, Request)
    return DataState(**{**vars(asked), "answer": Answer(request, found, None)}), found


def on_screen(state: DataState, found: Findings) -> str:
    """All that the screen writes of the figures, where there is room for all."""
    heads, lines = figure_lines(found, None, state.look)
    decisions = decision_blocks(found, None, found.confusion(state.look.threshold), state.look)
    block = [*(decisions[0] if decisions else ()), *class_rows(found)]
    judged = loss_words.loss_entries(state.judges.shown, found, None, 0)
    texts = [" ".join(heads), *(f"{line.name} {' '.join(line.cells)}" for line in [*lines, *block])]
    texts += [forms[0].replace(UNBROKEN, " ") for forms in figure_words(found, None)]
    texts += [" ".join(loss_words.loss_heads(found)), *(" ".join([e.name, *e.cells]) for e in judged)]
    return "\n".join(texts)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("figures")
    write_classes(path / "classes.csv")
    write_weights(path / "weights.csv")
    write_quantiles(path / "quantiles.csv")
    write_normal(path / "normal.csv")
    write_labels(path / "labels.csv")
    return path


@pytest.fixture(scope="module")
def told(folder: Path) -> Mapping[str, Mapping[str, Any]]:
    """By kind of file: what is told of it in each form."""
    result = {}
    weighing = Look(class_weights=(1.0, 2.0, 3.0))
    for name, file, look, more in (
        ("demo", "", Look(), ()),
        ("classes", "classes", Look(), ()),
        ("class weights", "classes", weighing, ("--class-weights", "1,2,3")),
        *((name, name, Look(), ()) for name in ("weights", "quantiles", "normal", "labels")),
    ):
        path = str(folder / f"{file}.csv")
        choice, words = (FileChoice((path,)), [path, *more]) if file else (demo_choice(), ["--demo"])
        state, found = found_in(choice, look, SubjectState())
        rows = csv.DictReader(io.StringIO(command(*words, "--format", "csv")))
        result[name] = {
            "screen": on_screen(state, found),
            "text": command(*words, "--format", "text"),
            "json": json.loads(command(*words, "--format", "json")),
            "csv": {row["figure"] for row in rows},
        }
    return result


# ---- every declaration ----------------------------------------------------------------------------------------------


def names_in(document: object) -> set[str]:
    """All names of a document, however deep."""
    if isinstance(document, Mapping):
        return set(document) | {name for part in document.values() for name in names_in(part)}
    return {name for part in document for name in names_in(part)} if isinstance(document, list) else set()


@pytest.mark.parametrize("statistic", ALL)
def test_a_statistic_is_everywhere(statistic: Statistic[Any], told: Mapping[str, Mapping[str, Any]]) -> None:
    for name in (statistic.name, *([statistic.error_name] if statistic.error_name else [])):
        assert any(name in names_in(forms["json"]) for forms in told.values())
        assert any(f.rpartition(".")[2] == name for forms in told.values() for f in forms["csv"])
        assert name in json_help()
    assert any(title_in(statistic, forms["text"]) for forms in told.values()) or statistic.rare
    on_screens = [forms["screen"] for forms in told.values()]
    assert any(title_in(statistic, text) for text in on_screens) or statistic.rare or is_for_text(statistic)


def title_in(statistic: Statistic[Any], text: str) -> bool:
    return any(title in text for title in (statistic.title, statistic.brief) if title)


def is_for_text(statistic: Statistic[Any]) -> bool:
    # of a class, a label, a level and a bin of the PIT the screen has room for some, or its charts tell them
    declared: tuple[Statistic[Any], ...] = (
        *value_statistics.LEVELS, *value_statistics.PIT, *value_statistics.INTERVALS,
    )  # fmt: skip
    of_charts = {s.name for s in declared}
    of_labels = {s.name for s in label_figures.LABELS} - set(label_figures.BESIDE)
    errors = {"bias_standard_error", "mae_standard_error", "crps_standard_error", "nll_standard_error"}
    return statistic.name in {"decided", "right", "mean_probability"} | of_charts | of_labels | errors


def test_no_name_is_declared_twice() -> None:
    for statistics in GROUPS.values():
        names = [name for s in statistics for name in (s.name, s.error_name) if name]
        assert len(names) == len(set(names))


@given(st.none() | st.floats() | st.integers(0, 10**9), st.floats(0, 1))
def test_a_statistic_of_nothing_is_nothing(value: float | int | None, error: float) -> None:
    plain: Statistic[Any] = Statistic("x", "x", "", lambda of: of)
    assert (plain.value(None), plain.text(None), plain.record(None)) == (None, "—", {"x": None})
    json.dumps(plain.record(value), allow_nan=False)
    rough: Statistic[Any] = Statistic("x", "x", "", lambda of: of, error_name="x_error")
    estimate = Estimate(None if value is None else float(value), error)
    record = rough.record(estimate)
    json.dumps(record, allow_nan=False)
    assert list(record) == ["x", "x_error"]
    assert (record["x_error"] is None) == (value is None)
    assert ("±" in rough.text(estimate)) == (value is not None and error > 0)


# ---- many rows ------------------------------------------------------------------------------------------------------


@pytest.fixture
def few_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of more than 100 rows are counted in cells."""
    defaults = Question.__init__.__defaults__
    assert defaults is not None
    kept = tuple(100 if value == EXACT_ROWS else value for value in defaults)
    monkeypatch.setattr(Question.__init__, "__defaults__", kept)


@pytest.mark.usefixtures("few_are_kept")
@pytest.mark.parametrize("file", ["demo", "weights"])
def test_what_is_counted_in_cells_has_its_error_everywhere(file: str, folder: Path) -> None:
    path = str(folder / "weights.csv")
    words = ("--demo",) if file == "demo" else (path,)
    document = json.loads(command(*words, "--format", "json"))
    names = [s.name for s in figures.CALIBRATION if s.error_name]
    after = [document[name][f"{s}_error"] for name in ("at_temperature", "at_platt") for s in names]
    assert all(error > 0 for error in [*after, document["ece_equal_mass_error"], document["rmsce_equal_mass_error"]])
    exact = [s.error_name for s in figures.CALIBRATION if s.error_name and s.bins != "mass"]
    assert {document[name] for name in exact} == {0.0}  # sums are
    assert (document["platt"]["a_error"] > 0, document["platt"]["b_error"] > 0) == (True, True)
    assert document["temperature_error"] > 0
    rows = list(csv.DictReader(io.StringIO(command(*words, "--format", "csv"))))
    flat = {row["figure"]: row["value"] for row in rows}
    assert float(flat["at_platt.ece_error"]) == document["at_platt"]["ece_error"]
    assert float(flat["platt.b_error"]) == document["platt"]["b_error"]
    state, found = found_in(demo_choice() if file == "demo" else FileChoice((path,)), Look(mass=True), SubjectState())
    screen, text = on_screen(state, found), command(*words, "--equal-counts", "--format", "text")
    told_of = [
        line for line in [*screen.splitlines(), *text.splitlines()] if re.match(r"log loss|ECE(, by mass)? ", line)
    ]
    told_of = [line for line in told_of if not line.startswith("ECE floor")]
    assert sorted(line.count("±") for line in told_of) == [2, 2, 2, 3, 3]  # as predicted sums are exact
    fit = next(line for line in screen.splitlines() if line.startswith("T = "))
    assert re.fullmatch(r"T = \S+ ±\S+ · a = \S+ ±\S+ · b = \S+ ±\S+", fit)
    assert "Platt" in screen.splitlines()[0]
    assert re.search(r"(as predicted|unweighted) +at T = \S+ ±\S+ +at az \+ b\n", text)
    assert re.search(r"\naz \+ b: a = \S+ ±\S+ · b = \S+ ±\S+\n", text)
    assert max(map(len, text.splitlines())) <= 80
    assert "a cell that an edge cuts is counted below it" in text


@given(st.floats(1e-300, 1e300))
def test_an_error_is_rounded_up_to_one_digit(error: float) -> None:
    told_error = figures.no_less(error)
    assert len(re.sub(r"e.*|[.0]", "", told_error)) == 1
    assert error <= numbers(told_error)[0] <= 2 * error * (1 + 1e-15)


# ---- the copied command ---------------------------------------------------------------------------------------------

ONLY = [
    {}, {"only_label": "1"}, {"only_group": "7"}, {"only_range": (0.1, None)}, {"only_range": (0.05, 0.99)},
    {"only_label": "0", "only_range": (None, 0.9)},
]  # fmt: skip
LOOKS = st.builds(
    lambda only, **looked: Look(**only, **looked),
    st.sampled_from(ONLY),
    bins=st.integers(1, 40),
    mass=st.booleans(),
    threshold=st.floats(0, 1).map(lambda x: round(x, 3)),
    temperature=st.floats(0.2, 6).map(lambda x: round(x, 2)),
    worst=st.sampled_from([100, 5]),
    page=st.sampled_from(["reliability", "share"]),
)


@settings(max_examples=12)
@given(LOOKS)
@pytest.mark.exhaustive
def test_the_copied_command_prints_the_numbers_of_the_screen(look: Look) -> None:
    state, found = found_in(demo_choice(), look, SubjectState())
    words = figures_command(state).split(" ")
    assert words[:2] == ["lossterm", "data"]
    assert words[-2:] == ["--format", "text"]
    printed = command(*words[2:])
    known = set(numbers(printed))
    missing = [line for line in on_screen(state, found).splitlines() if not set(numbers(line)) <= known | SAID]
    assert [line for line in missing if not is_rounded_otherwise(line)] == []
    document = json.loads(command(*words[2:-1], "json"))
    assert (document["bins"], document["equal_counts"]) == (look.bins, look.mass)
    assert document["rows"] == found.rows
    assert [loss["mean"] for loss in document["losses"]] == [finding.mean for finding in found.losses]


SAID = {0.0, 1.0, float(1597)}
"""Numbers in words: labels and decisions."""


def is_rounded_otherwise(line: str) -> bool:
    # T, a and b have three digits in heads; a sum has as many as its column has room for; e^−mean is said of the mean
    return line.startswith("now") or line.startswith(("cross-entropy", "squared-error"))
