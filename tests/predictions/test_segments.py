"""Segments of a file: against a group-by of polars and numbers of scipy, and the laws that hold of any file."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lossterm.core.statistics.condition import Holding
from lossterm.core.statistics.segments import Measured, benjamini_hochberg
from lossterm.predictions import segment_columns, segment_passes, segments
from lossterm.predictions.losses import asked_criteria
from lossterm.predictions.options import demo_choice, open_source, question_of
from lossterm.predictions.segment_actions import worst_first
from lossterm.predictions.segment_words import Whiskers
from lossterm.predictions.segments import Segments, by_column, find_worst
from lossterm.predictions.survey import Cancelled, Survey
from lossterm.predictions.view import FileChoice, Look
from tests.predictions.program import Floats, data, write_classes, write_predictions, write_values
from tests.predictions.test_command import loaded, printed, refused

RECORDED: dict[str, Any] = json.loads((Path(__file__).parents[1] / "reference" / "segments.json").read_text("utf-8"))


def opened(*paths: Path, **choice: Any) -> tuple[Any, Any]:
    source = open_source(FileChoice(tuple(map(str, paths)), **choice) if paths else demo_choice())
    return source, question_of(Look(), source, asked_criteria(None, source, 0.0))


def near(x: float | None) -> Any:
    return None if x is None else pytest.approx(x, rel=1e-9, abs=1e-12)


def held(found: Segments) -> list[tuple[str, ...]]:
    return [tuple(value.word for _, value in segment.held) for segment in found.segments]


# ---- against libraries ----------------------------------------------------------------------------------------------


def test_the_digits_of_the_demo_are_those_of_a_group_by() -> None:
    found = loaded("--demo", "--by", "digit")["segments"]
    assert [each["value"] for each in found] == [str(each["value"]) for each in RECORDED["demo"]]
    for ours, theirs in zip(found, RECORDED["demo"], strict=True):
        for name, x in theirs.items():
            if name != "value":
                assert ours[name] == near(x), name


def test_the_whole_demo_has_the_pinned_figures() -> None:
    whole = by_column(*opened(), "digit").whole
    assert whole.ece_floor == pytest.approx(0.00964, abs=5e-6)
    assert whole.z == pytest.approx(28.57, abs=5e-3)
    assert whole.loss == pytest.approx(0.41314, abs=5e-6)
    assert whole.ratio is not None
    assert whole.ratio.value == pytest.approx(0.9749, abs=5e-5)


def test_many_looks_are_corrected_as_scipy_does() -> None:
    assert benjamini_hochberg(np.array(RECORDED["p"])).tolist() == near(RECORDED["corrected"])
    assert benjamini_hochberg(np.empty(0)).tolist() == []


# ---- a file with everything -----------------------------------------------------------------------------------------


class Made:
    """A file of 600 rows: a text, few numbers, many numbers, gaps, a key, weights; and where it is bad is known."""

    def __init__(self, folder: Path) -> None:
        chance = np.random.default_rng(5)
        n = 600
        z = chance.normal(0, 2, n)
        self.y = (chance.random(n) < 1 / (1 + np.exp(-z))).astype(float)
        self.text = chance.choice(["a", "b, c", "x=1", ""], n)
        self.few = chance.choice([1.0, 2.0, 2.5], n)
        self.many = np.where(chance.random(n) < 0.1, np.nan, chance.normal(0, 1, n).round(3))
        bad = (self.text == "a") & (self.few == 2.0)
        self.p = 1 / (1 + np.exp(-np.where(bad, -z, z)))
        self.w = chance.integers(1, 4, n).astype(float)
        self.rows = [
            [i, int(y), repr(float(p)), w, text, few, "" if math.isnan(many) else many, f"id{i}", "same"]
            for i, (y, p, w, text, few, many) in enumerate(
                zip(self.y, self.p, self.w, self.text, self.few, self.many, strict=True)
            )
        ]
        self.path = self.write(folder / "all.csv", self.rows)
        self.parts = [
            self.write(folder / f"part{k}.csv", self.rows[a:b])
            for k, (a, b) in enumerate([(0, 7), (7, 401), (401, 600)])
        ]

    def write(self, path: Path, rows: Sequence[Sequence[object]]) -> Path:
        with path.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["n", "label", "probability", "often", "text", "few", "many", "id", "same"])
            writer.writerows(rows)
        return path

    @property
    def loss(self) -> Floats:
        return -np.where(self.y == 1, np.log(self.p), np.log1p(-self.p))

    def mask(self, column: str, word: str) -> Any:
        if column == "text":
            return self.text == word
        if column == "same":
            return np.ones(600, bool)
        x: Floats = self.few if column == "few" else self.many
        if not word:
            return np.isnan(x)
        low, _, high = word.partition(":")
        return (x >= float(low)) & (x <= float(high or low))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return Made(tmp_path_factory.mktemp("segments"))


@pytest.mark.parametrize("column", ["text", "few", "many"])
def test_segments_are_those_of_numpy(made: Made, column: str) -> None:
    found = by_column(*opened(made.path), column)
    assert sum(segment.figures.rows for segment in found.segments) == 600
    if column == "many":
        assert len(found.segments) == 11
        assert {segment.figures.rows for segment in found.segments[:-1]} <= set(range(50, 62))
    for segment in found.segments:
        here = made.mask(column, segment.held[0][1].word)
        y, p, loss = made.y[here], made.p[here], made.loss[here]
        d, n, figures = p - y, here.sum(), segment.figures
        assert figures.rows == n
        assert figures.loss == near(loss.mean())
        assert figures.standard_error == near(loss.std(ddof=1) / math.sqrt(n))
        assert figures.bias is not None
        assert (figures.bias.high - figures.bias.value) / 1.959964 == near(d.std(ddof=1) / math.sqrt(n))
        assert figures.ratio is not None
        ratio = p.sum() / y.sum()
        assert figures.ratio.value == near(ratio)
        error = math.sqrt(((p - ratio * y) ** 2).sum()) / y.sum()
        assert (figures.ratio.value - figures.ratio.low) / 1.959964 == near(error)


def test_weights_count(made: Made) -> None:
    found = by_column(*opened(made.path, weight_column="often"), "text")
    for segment in found.segments:
        here = made.mask("text", segment.held[0][1].word)
        y, p, w, loss = made.y[here], made.p[here], made.w[here], made.loss[here]
        mean = (w * loss).sum() / w.sum()
        figures = segment.figures
        assert figures.loss == near(mean)
        assert figures.standard_error == near(math.sqrt((w**2 * (loss - mean) ** 2).sum()) / w.sum())
        assert figures.base_rate == near((w * y).sum() / w.sum())
        place = np.clip(np.ceil(p * 15) - 1, 0, 14).astype(int)
        gaps = np.bincount(place, w * (p - y), minlength=15)
        assert figures.ece == near(np.abs(gaps).sum() / w.sum())
        spread = np.bincount(place, w**2 * p * (1 - p), minlength=15)
        assert figures.ece_floor == near(math.sqrt(2 / math.pi) * np.sqrt(spread).sum() / w.sum())
        z = (w * (y - p) * (1 - 2 * p)).sum() / math.sqrt((w**2 * (1 - 2 * p) ** 2 * p * (1 - p)).sum())
        assert figures.z == near(z)


def z_of(loss: Floats, here: Any) -> float:
    a, b = loss[here], loss[~here]
    return float((a.mean() - b.mean()) / math.sqrt(a.var(ddof=1) / len(a) + b.var(ddof=1) / len(b)))


def test_the_worst_is_where_the_file_was_made_bad(made: Made) -> None:
    found = find_worst(*opened(made.path))
    assert [condition.text for condition in found.segments[0].conditions] == ["text=a", "few=2"]
    assert dict(found.skipped) == {"n": "it numbers the rows", "id": "every row has another text"} or (
        {"id", "n"} <= dict(found.skipped).keys()
    )
    words = {
        column: [segment.held[0][1].word for segment in by_column(*opened(made.path), column).segments]
        for column in ("text", "few", "many", "same")
    }
    words["often"] = ["1", "2", "3"]
    masks = {(c, v): made.w == float(v) if c == "often" else made.mask(c, v) for c, vs in words.items() for v in vs}
    looked = {frozenset([key]): m for key, m in masks.items() if 50 <= m.sum() < 600}
    for (a, m), (b, n) in combinations(masks.items(), 2):
        both = m & n
        if a[0] != b[0] and both.sum() >= 50 and both.sum() < min(m.sum(), n.sum()):
            looked[frozenset([a, b])] = both
    assert found.looked_at == len(looked)
    for segment in found.segments:
        here = looked[frozenset((column, value.word) for column, value in segment.held)]
        assert segment.figures.loss_z == near(z_of(made.loss, here))
        assert segment.figures.rows == here.sum()
    sizes = [abs(segment.figures.loss_z or 0) for segment in found.segments]
    assert sizes == sorted(sizes, reverse=True)
    shown = [segment.figures.loss_z or 0 for segment in worst_first(found).segments]
    assert shown == sorted(shown, reverse=True)
    assert sorted(map(abs, shown)) == sorted(sizes)


def test_every_segment_can_be_looked_at_alone(made: Made) -> None:
    source, question = opened(made.path)
    found = [*by_column(source, question, "many").segments, *find_worst(source, question).segments[:6]]
    for segment in found:
        only = question_of(Look(only=segment.conditions), source, question.criteria)
        alone = Survey(source).ask(only)
        assert alone.rows == segment.figures.rows
        assert alone.losses[0].mean == near(segment.figures.loss)


# ---- the same whatever the parts ------------------------------------------------------------------------------------


def test_parts_and_passes_change_nothing(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    column, worst = by_column(*opened(made.path), "many"), find_worst(*opened(made.path))
    in_parts = opened(*made.parts)
    assert by_column(*in_parts, "many").segments == column.segments
    assert find_worst(*in_parts).segments == worst.segments
    monkeypatch.setattr(segment_passes, "CACHED", 0)  # every pass reads the files
    monkeypatch.setattr(segments, "CELLS", 1)  # and every pair has a pass of its own
    assert find_worst(*in_parts).segments == worst.segments


def test_intervals_of_a_sample_are_told_and_their_figures_are_of_all_rows(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segment_passes, "KEPT", 200)
    found, in_parts = by_column(*opened(made.path), "many"), by_column(*opened(*made.parts), "many")
    assert found.segments == in_parts.segments
    assert "sample" in found.notes[0]
    assert sum(segment.figures.rows for segment in found.segments) == 600
    for segment in found.segments:
        assert segment.figures.loss == near(made.loss[made.mask("many", segment.held[0][1].word)].mean())


def test_it_stops_when_nobody_wants_to_know(made: Made) -> None:
    with pytest.raises(Cancelled):
        find_worst(*opened(made.path), lambda: True)


def test_progress_goes_up_to_its_end(made: Made) -> None:
    told: list[float] = []
    find_worst(*opened(made.path), progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1


# ---- other kinds ----------------------------------------------------------------------------------------------------


def test_of_classes_and_values_what_is_undefined_is_null(tmp_path: Path) -> None:
    y, p = write_classes(tmp_path / "classes.csv")
    found = loaded(tmp_path / "classes.csv", "--by", "truth")["segments"]
    for k, each in enumerate(found):
        here = y == k
        assert each["log_loss"] == near(-np.log(p[here, k]).mean())
        assert each["base_rate"] is None
        assert each["z"] is None
        assert each["ece_floor"] > 0
    t, v = write_values(tmp_path / "values.csv")
    found = loaded(tmp_path / "values.csv", "--by", "prediction")["segments"]
    order = np.argsort(v)[:9]
    assert found[0]["rows"] == 9
    assert found[0]["log_loss"] is found[0]["ece"] is found[0]["z"] is None
    assert found[0]["loss"] == near(((v - t)[order] ** 2).mean())
    assert found[0]["bias"] == near((v - t)[order].mean())


def test_infinite_losses_are_counted_and_told(tmp_path: Path) -> None:
    path = tmp_path / "sure.csv"
    path.write_text("label,probability,g\n1,0,a\n1,.5,a\n0,.5,a\n0,.25,b\n1,.5,b\n1,.75,b\n")
    found = loaded(path, "--by", "g")
    a, b = found["segments"]
    assert (a["log_loss"], a["infinite"], b["infinite"]) == ("inf", 1, 0)
    assert b["loss_z"] == near(-z_of(np.log([2, 2, 4 / 3, 2, 4 / 3]), np.array([True, True, False, False, False])))
    assert "∞" in " ".join(found["notes"])


# ---- the command line -----------------------------------------------------------------------------------------------


def test_only_takes_texts_numbers_ranges_and_what_is_missing(made: Made) -> None:
    for word, here in [
        ("text=a", made.text == "a"),
        ('"text=b, c"', made.text == "b, c"),
        ("text=x=1", made.text == "x=1"),
        ("text=", made.text == ""),
        ("few=2.50", made.few == 2.5),
        ("many=0:", made.many >= 0),
        ("many=—", np.isnan(made.many)),
        ("text=a,few=2", (made.text == "a") & (made.few == 2)),
    ]:
        found = loaded(made.path, "--only", word)
        assert found["rows"] == here.sum()
        assert found["log_loss"] == near(made.loss[here].mean())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--only", "text"], "write COLUMN=VALUE"),
        (["--only", "txt=a"], "did you mean text?"),
        (["--only", "few=a"], "neither a number nor a range"),
        (["--only", "text=zebra"], "'text=zebra'"),
        (["--by", "txt"], "did you mean text?"),
        (["--by", "few", "--find-segments"], "not both"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(made: Made, words: list[str], said: str) -> None:
    assert said in refused(made.path, *words, "--format", "text")


def test_a_column_of_too_many_texts_is_refused_by_name_and_skipped_in_a_search(tmp_path: Path) -> None:
    path = tmp_path / "many.csv"
    lines = [f"{i % 2},.5,t{i // 2},{i % 3}" for i in range(2010)]
    path.write_text("\n".join(["label,probability,who,g", *lines]) + "\n")
    assert "more than 1,000 texts" in refused(path, "--by", "who", "--format", "text")
    assert {"column": "who", "why": "more than 1,000 texts"} in loaded(path, "--find-segments")["search"]["skipped"]


def test_text_and_csv_have_every_segment(made: Made) -> None:
    text = printed(made.path, "--by", "text", "--format", "text")
    assert all(len(line) <= 80 for line in text.splitlines())
    assert "all rows" in text
    assert "●" in text
    rows = list(csv.DictReader(io.StringIO(printed(made.path, "--by", "text", "--format", "csv"))))
    assert [row["value"] for row in rows] == ["a", "b, c", "x=1", ""]
    assert "worse than the rest" in printed(made.path, "--find-segments", "--format", "text")


def test_somebodys_texts_are_text(tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_text('label,probability,g\n1,.5,"[red]\x1b[31m"\n0,.5,"[red]\x1b[31m"\n1,.6,=1+1\n0,.2,=1+1\n')
    text = printed(path, "--by", "g", "--format", "text")
    assert "\x1b" not in text
    assert "[red]␛[31m" in text
    assert "'=1+1" in printed(path, "--by", "g", "--format", "csv")


def test_a_condition_needs_a_column() -> None:
    for text in ("", "a", "=a"):
        with pytest.raises(ValueError, match="COLUMN=VALUE"):
            Holding(text)


def test_whiskers_keep_to_their_cells() -> None:
    measured = [Measured(0.9, 0.8, 1.0), Measured(1.0, -50.0, 50.0), None, Measured(1.2, 1.1, math.inf)]
    axis = Whiskers.of(measured, 1.0, 30)
    lines = [axis.line(m) for m in measured]
    assert {len(line) for line in (*lines, axis.axis())} == {30}
    assert [line.count("●") for line in lines] == [1, 1, 0, 1]
    assert lines[1][0] == "◂"
    assert lines[1][-1] == lines[3][-1] == "▸"
    assert lines[2].strip() == "┊"


def test_few_numbers_are_values_and_many_are_intervals() -> None:
    few = segment_columns.NumberWatch("x", 1000)
    few.add(np.array([3.0, 1.0, np.nan, 3.0]), np.arange(4))
    coder = few.coder()
    assert coder.encode(np.array([1.0, np.nan, 3.0])).tolist() == [0, 2, 1]
    assert [value.word for value in coder.values()] == ["1", "3", ""]


# ---- the screen -----------------------------------------------------------------------------------------------------


async def test_the_table_sorts_turns_and_takes_a_segment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    file = write_predictions(tmp_path / "predictions.csv")
    async with data(file.path, group_column="group", size=(80, 24)) as ui:
        copied: list[str] = []
        ui.app.copy_to_clipboard = copied.append  # type: ignore
        await ui.press("B", "enter")
        await ui.until(lambda: "by group" in ui.text)
        await ui.press("i", "i", "d", "D", "end")
        assert "▾" in ui.text or "group" in ui.text
        await ui.press("y")
        assert copied[0].endswith("--by=group --format text")
        await ui.press("escape", "B", "enter")
        await ui.until(lambda: "by group" in ui.text)
        await ui.press("e")
        assert (tmp_path / "lossterm-segments.csv").read_text().startswith("column,value")
        await ui.press("B", "enter")
        await ui.until(lambda: "by group" in ui.text)
        await ui.press("down", "enter")
        assert [holding.text for holding in ui.look.only] == ["group=b"]
        assert ui.state.findings is not None
        assert ui.state.findings.rows == (file.group == "b").sum()
        assert "only group=b" in ui.text
        await ui.press("U")
        assert not ui.look.only
        await ui.press("B", "up", "enter")
        await ui.until(lambda: "the worst segments" in ui.text)
        await ui.press("escape")
        assert not ui.look.is_filtered


async def test_a_column_that_the_command_names_is_laid_over_the_screen(tmp_path: Path) -> None:
    file = write_predictions(tmp_path / "predictions.csv")
    async with data(file.path, look=Look(by="group", only=(Holding("group=a"),))) as ui:
        await ui.until(lambda: "by group" in ui.text)
        await ui.press("escape")
        assert ui.look.by is None
        assert "group=a" in ui.text.splitlines()[0]
