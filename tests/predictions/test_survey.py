"""Asking a file: progress, cancelling, memory, and what happens when a batch cannot be counted."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from lossterm.core.losses.formulas import find_loss
from lossterm.core.statistics.criterion import Criterion
from lossterm.core.statistics.examples import Examples
from lossterm.core.statistics.findings import Findings
from lossterm.core.statistics.question import Filter, Question
from lossterm.files.checks import BadData
from lossterm.files.columns import Columns
from lossterm.files.source import Source
from lossterm.predictions import survey
from lossterm.predictions.survey import Cancelled, Survey
from tests.files.making import csv_of, write

ROWS = 4000


def criterion(name: str) -> Criterion:
    loss = find_loss(name)
    return Criterion(loss, tuple(loss.complete({}).items()))


QUESTION = Question("probability", (criterion("ce"), criterion("mse")), worst=9)


def examples(rows: int = ROWS) -> Examples:
    rng = np.random.default_rng(4)
    p = rng.random(rows)
    return Examples(np.arange(rows) + 1, (rng.random(rows) < p).astype(float), p)


class Batches:
    """A source of given batches that counts how often it is read."""

    columns = Columns("y", ("p",), "probability")

    def __init__(self, batches: Sequence[Examples], expected_rows: int = 0) -> None:
        self.given = batches
        self.expected_rows = expected_rows
        self.passes = 0
        self.taken = 0

    def batches(self, cancelled: Callable[[], bool], progress: Callable[[float], None]) -> Iterator[Examples]:
        self.passes += 1
        self.expected_rows = sum(map(len, self.given)) if self.passes > 1 else self.expected_rows
        for number, batch in enumerate(self.given):
            if cancelled():
                return
            self.taken += 1
            yield batch
            progress((number + 1) / len(self.given))


def batches_of(whole: Examples, size: int) -> list[Examples]:
    return [whole.take(slice(start, start + size)) for start in range(0, len(whole), size)]


def surveyed(source: Batches) -> Survey:
    return Survey(cast("Source", source))


def figures(found: Findings) -> list[object]:
    """What must be the same to the last bit."""
    assert found.calibration is not None
    width = found.calibration.width
    worst = [loss.worst.row.tolist() if loss.worst is not None else None for loss in found.losses]
    return [
        found.rows, [(loss.mean, loss.total) for loss in found.losses], worst, found.auroc.value, found.accuracy,
        found.calibration.brier, width.count.tolist(), width.gap.tolist(),
    ]  # fmt: skip


@pytest.fixture(autouse=True)
def _no_thread_is_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) <= before


def test_the_figures_are_those_of_the_file(tmp_path: Path) -> None:
    whole = examples()
    path = write(tmp_path / "preds.csv", csv_of(whole.label, whole.prediction))
    told: list[float] = []
    with Source.open([str(path)]) as source:
        found = Survey(source).ask(QUESTION, progress=told.append)
    p, y = whole.prediction, whole.label
    np.testing.assert_allclose(found.losses[0].mean, -np.log(np.where(y == 1, p, 1 - p)).mean(), rtol=1e-13)
    np.testing.assert_allclose(found.losses[1].mean, ((p - y) ** 2).mean(), rtol=1e-13)
    assert found.rows == ROWS
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_progress_ascends_to_one() -> None:
    told: list[float] = []
    survey = surveyed(Batches(batches_of(examples(), 300)))
    survey.ask(QUESTION, progress=told.append)
    assert told == sorted(told)
    assert (told[-1], max(told)) == (1.0, 1.0)
    assert len(told) >= 14
    again: list[float] = []
    survey.ask(QUESTION, progress=again.append)  # from memory
    assert again[-1] == 1.0


def test_the_second_question_is_answered_from_memory() -> None:
    source = Batches(batches_of(examples(), 700))
    survey = surveyed(source)
    remembered = [survey.is_remembered]
    first = survey.ask(QUESTION)
    remembered.append(survey.is_remembered)
    assert remembered == [False, True]
    second = survey.ask(QUESTION)
    other = survey.ask(Question("probability", (criterion("focal"),), bins=5))
    assert source.passes == 1
    assert figures(first) == figures(second)
    assert other.calibration is not None
    assert other.calibration.width.count.sum() == ROWS


def test_more_than_fits_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(survey, "REMEMBERED", ROWS - 1)
    source = Batches(batches_of(examples(), 700))
    asked = surveyed(source)
    first, second = asked.ask(QUESTION), asked.ask(QUESTION)
    assert not asked.is_remembered
    assert source.passes == 2
    assert figures(first) == figures(second)


@pytest.mark.parametrize("size", [1, 37, 1000, ROWS])
def test_the_size_of_the_batches_does_not_matter(size: int) -> None:
    whole = examples(500 if size == 1 else ROWS)
    direct = surveyed(Batches([whole])).ask(QUESTION)
    assert figures(surveyed(Batches(batches_of(whole, size))).ask(QUESTION)) == figures(direct)


def test_the_order_of_the_batches_does_not_matter() -> None:
    parts = batches_of(examples(), 250)
    rng = np.random.default_rng(0)
    direct = surveyed(Batches(parts)).ask(QUESTION)
    for _ in range(5):
        found = surveyed(Batches([parts[i] for i in rng.permutation(len(parts))])).ask(QUESTION)
        assert figures(found) == figures(direct)
        assert found.temperature.value == pytest.approx(direct.temperature.value, rel=1e-11)


def test_cancelling_stops_the_reading() -> None:
    source = Batches(batches_of(examples(), 10))
    asked = surveyed(source)
    with pytest.raises(Cancelled):
        asked.ask(QUESTION, cancelled=lambda: source.taken >= 20)
    assert source.taken == 20
    assert not asked.is_remembered
    found = asked.ask(QUESTION)  # and it can be asked again
    assert found.rows == ROWS
    assert source.passes == 2


def test_cancelled_before_it_began() -> None:
    source = Batches([examples()])
    with pytest.raises(Cancelled):
        surveyed(source).ask(QUESTION, cancelled=lambda: True)
    assert source.taken == 0


def test_cancelled_at_the_last_batch() -> None:
    source = Batches([examples()])
    with pytest.raises(Cancelled):
        surveyed(source).ask(QUESTION, cancelled=lambda: source.taken > 0)


def test_cancelling_a_file(tmp_path: Path) -> None:
    whole = examples()
    path = write(tmp_path / "preds.csv", csv_of(whole.label, whole.prediction))
    with Source.open([str(path)]) as source, pytest.raises(Cancelled):
        Survey(source).ask(QUESTION, cancelled=lambda: True)


def test_cancelling_what_is_remembered() -> None:
    asked = surveyed(Batches(batches_of(examples(), 700)))
    asked.ask(QUESTION)
    with pytest.raises(Cancelled):
        asked.ask(QUESTION, cancelled=lambda: True)
    assert asked.is_remembered


def test_an_error_in_a_batch_reaches_who_asked() -> None:
    parts = batches_of(examples(), 100)
    bad = parts[17]
    parts[17] = Examples(bad.row, bad.label + 2.0, bad.prediction)
    source = Batches(parts)
    asked = surveyed(source)
    with pytest.raises(ValueError, match=r"not in \[0, 1\]"):
        asked.ask(QUESTION)
    assert not asked.is_remembered


def test_an_error_of_the_source_reaches_who_asked(tmp_path: Path) -> None:
    path = write(tmp_path / "preds.csv", "y,p\n1,.5\n0,.25\n" + "1,.5\n" * 300_000 + "1,7\n")
    with Source.open([str(path)]) as source, pytest.raises(BadData, match="row 300,003"):
        Survey(source).ask(QUESTION)


def test_an_error_of_who_is_told_stops_it_too() -> None:
    def fail(part: float) -> None:
        raise RuntimeError("no screen")

    with pytest.raises(RuntimeError, match="no screen"):
        surveyed(Batches(batches_of(examples(), 100))).ask(QUESTION, progress=fail)


@pytest.mark.parametrize("only", [Filter(low=2.0), Filter(label=7.0), Filter(group=0), Filter(low=0.3, high=0.3)])
def test_a_filter_that_nothing_passes(only: Filter) -> None:
    asked = surveyed(Batches(batches_of(examples(), 700)))
    with pytest.raises(ValueError, match="no example passes the filter"):
        asked.ask(Question("probability", (criterion("ce"),), only=only))
    assert asked.ask(QUESTION).rows == ROWS  # what was read is not lost
    assert asked.is_remembered


def test_a_source_without_a_row() -> None:
    with pytest.raises(ValueError, match="no rows"):
        surveyed(Batches([])).ask(QUESTION)


def test_asked_by_two_threads() -> None:
    source = Batches(batches_of(examples(), 400))
    asked = surveyed(source)
    asked.ask(QUESTION)
    found: list[list[object]] = []
    threads = [threading.Thread(target=lambda: found.append(figures(asked.ask(QUESTION)))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 3
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize("expected", [0, ROWS, 10 * ROWS])
def test_rows_that_are_fewer_than_expected_are_exact_all_the_same(expected: int) -> None:
    source = Batches(batches_of(examples(), 300), expected)
    found = surveyed(source).ask(replace(QUESTION, keep=2 * ROWS))
    assert found.auroc.error == 0
    assert found.ranked is not None
    assert source.passes == 1


def test_many_more_rows_than_are_kept_are_counted_in_cells_from_the_first() -> None:
    few = replace(QUESTION, keep=ROWS // 4)
    known, unknown = (surveyed(Batches(batches_of(examples(), 300), rows)).ask(few) for rows in (ROWS, 0))
    assert known.ranked is None
    assert figures(known) == figures(unknown)
    assert (known.auroc, known.temperature) == (unknown.auroc, unknown.temperature)
