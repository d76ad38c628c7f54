"""Counting on a cluster of dask: the numbers are those of one machine to the last bit, also where a worker dies."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from lossterm.cli import run
from lossterm.predictions import engine
from lossterm.predictions.options import open_source, question_of
from tests.predictions.program import (
    write_classes,
    write_labels,
    write_normal,
    write_predictions,
    write_quantiles,
    write_values,
)

distributed = pytest.importorskip("distributed")
exhaustive = pytest.mark.exhaustive


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Two workers, each a process of its own."""
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0", silence_logs=50
    )  # fmt: skip
    yield cluster
    cluster.close()


def document(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    capsys.readouterr()
    assert run(["data", *words, "--format", "json"]) == 0
    return capsys.readouterr().out


def write_files(folder: Path, count: int = 6000) -> list[str]:
    """Predictions with weights in a CSV and two Parquet files, of different lengths; the last with bad rows."""
    rng = np.random.default_rng(0)
    z = rng.normal(0, 3, count)
    frame = pl.DataFrame(
        {
            "label": np.where(rng.random(count) < 1 / (1 + np.exp(-z / 2)), "spam", "ham"),
            "p": 1 / (1 + np.exp(-z)),
            "w": rng.random(count) * 10,
            "site": rng.choice(["a", "b", "c"], count),
        }
    )
    bad = pl.DataFrame({"label": ["ham", "eggs"], "p": [7.0, 0.5], "w": [1.0, 1.0], "site": ["a", "a"]})
    frame[:1500].write_csv(folder / "1.csv")
    frame[1500:1501].write_parquet(folder / "2.parquet")
    pl.concat([frame[1501:], bad]).write_parquet(folder / "3.parquet", row_group_size=1000)
    return [str(folder / name) for name in ("1.csv", "2.parquet", "3.parquet")]


@exhaustive
@pytest.mark.parametrize("rows", [engine.ROWS, 999])
@pytest.mark.parametrize(
    "words",
    [
        ["--weight-column", "w", "--loss", "ce,focal:gamma=3"],
        ["--only-group", "b", "--group-column", "site", "--only-range", ".1:"],
        ["--only", "site=c", "--temperature", "2", "--clip", "keras", "--bins", "9"],
    ],
)
def test_the_numbers_are_those_of_one_machine_whatever_the_pieces(
    words: list[str], rows: int, cluster: Any, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    files = [*write_files(tmp_path), "--skip-bad", "--positive", "spam", *words]
    monkeypatch.setattr(engine, "ROWS", rows)
    here = document(capsys, *files)
    assert document(capsys, *files, "--engine", f"dask:{cluster.scheduler_address}") == here
    assert json.loads(here)["skipped"] == 1


@exhaustive
@pytest.mark.parametrize("keep", [10_000, 500])
def test_beyond_what_is_kept_too(
    keep: int, cluster: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        "lossterm.predictions.command.question_of", lambda *asked: replace(question_of(*asked), keep=keep)
    )
    monkeypatch.setattr(engine, "ROWS", 1000)
    files = [*write_files(tmp_path), "--skip-bad", "--positive", "spam"]
    here = document(capsys, *files)
    assert document(capsys, *files, "--engine", f"dask:{cluster.scheduler_address}") == here
    assert (json.loads(here)["auroc_error"] > 0) == (keep == 500)


@exhaustive
@pytest.mark.parametrize("keep", [10_000, 500])
@pytest.mark.parametrize("make", [write_quantiles, write_normal, write_values])
def test_values_and_their_distributions_too(
    make: Any, keep: int, cluster: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setattr(
        "lossterm.predictions.command.question_of", lambda *asked: replace(question_of(*asked), keep=keep)
    )
    monkeypatch.setattr(engine, "ROWS", 300)
    make(tmp_path / "a.csv", 2000)
    frame = pl.read_csv(tmp_path / "a.csv")
    frame.with_columns(w=pl.int_range(2000) % 5).write_parquet(tmp_path / "a.parquet", row_group_size=450)
    words = [str(tmp_path / "a.parquet"), "--weight-column", "w"]
    here = document(capsys, *words)
    assert document(capsys, *words, "--engine", f"dask:{cluster.scheduler_address}") == here


@exhaustive
def test_every_label_is_counted_there(cluster: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_labels(tmp_path / "labels.csv")
    words = (str(tmp_path / "labels.csv"), "--label", "y_sad")
    here, there = tmp_path / "here.lossterm", tmp_path / "there.lossterm"
    mine = document(capsys, *words, "--save", str(here))
    assert mine == document(capsys, *words, "--engine", f"dask:{cluster.scheduler_address}", "--save", str(there))
    assert len(json.loads(mine)["labels"]) == 3 and here.read_bytes() == there.read_bytes()


def test_classes_are_counted_there_too(cluster: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_classes(tmp_path / "k.csv")
    words = [str(tmp_path / "k.csv"), "--loss", "ce,brier"]
    assert document(capsys, *words, "--engine", f"dask:{cluster.scheduler_address}") == document(capsys, *words)


@exhaustive
def test_what_is_saved_there_is_what_is_saved_here(
    cluster: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(engine, "ROWS", 700)
    files = [*write_files(tmp_path), "--skip-bad", "--positive", "spam"]
    for name, more in (("here", []), ("there", ["--engine", f"dask:{cluster.scheduler_address}"])):
        document(capsys, *files, "--save", str(tmp_path / f"{name}.lossterm"), *more)
    assert (tmp_path / "here.lossterm").read_bytes() == (tmp_path / "there.lossterm").read_bytes()


@exhaustive
def test_a_worker_that_is_killed_changes_no_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first piece that a worker counts ends its process: the piece, and what the worker had done, is done again."""
    files = [*write_files(tmp_path), "--skip-bad", "--positive", "spam", "--weight-column", "w"]
    here = document(capsys, *files)
    died = tmp_path / "died"

    def count_or_die(work: engine.Work, piece: engine.Piece) -> bytes:
        import os
        import signal

        from lossterm.predictions.engine import count_piece

        if piece.rows is not None and piece.rows[0] >= 2000:
            try:
                os.close(os.open(died, os.O_CREAT | os.O_EXCL))
            except FileExistsError:
                pass
            else:
                os.kill(os.getpid(), signal.SIGKILL)
        return count_piece(work, piece)

    monkeypatch.setattr(engine, "ROWS", 500)
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0", silence_logs=50
    ) as mortal:
        before = {worker.pid for worker in mortal.workers.values()}
        monkeypatch.setattr(engine, "count_piece", count_or_die)
        assert document(capsys, *files, "--engine", f"dask:{mortal.scheduler_address}") == here
        assert died.exists()
        assert before != {worker.pid for worker in mortal.workers.values()}


@exhaustive
def test_what_is_wrong_there_is_one_line_here(
    cluster: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(engine, "ROWS", 1000)
    files = [*write_files(tmp_path), "--positive", "spam", "--engine", f"dask:{cluster.scheduler_address}"]
    assert run(["data", *files, "--format", "json"]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1
    assert "3.parquet: row 4,500" in err and "is not a probability" in err


@exhaustive
def test_it_is_given_up_between_pieces(cluster: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from lossterm.core.statistics.question import Question, log_loss
    from lossterm.predictions.survey import Cancelled
    from lossterm.predictions.view import FileChoice

    monkeypatch.setattr(engine, "ROWS", 500)
    write_files(tmp_path)
    wanted = FileChoice((str(tmp_path / "3.parquet"),), positive="spam", skip_bad=True)
    with open_source(wanted) as source:
        count = engine.count_on(f"dask:{cluster.scheduler_address}", source, wanted)
        told: list[float] = []
        question = Question("probability", (log_loss(),))
        count(question, progress=told.append)
        assert told == sorted(told) and told[-1] == 1.0 and len(told) == 10
        told.clear()
        with pytest.raises(Cancelled):
            count(question, lambda: len(told) > 2, told.append)
        assert len(told) == 3


# ---- without a cluster ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--engine", "spark"], "--engine is dask, or dask:ADDRESS"),
        (["--engine", "dask:"], "--engine is dask, or dask:ADDRESS"),
        (["--engine", "dask", "--by", "group"], "--engine counts the figures"),
        (["--engine", "dask", "--against", "b.csv"], "--engine counts the figures"),
    ],
)
def test_what_cannot_be_is_one_line(
    words: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write_predictions(tmp_path / "p.csv")
    assert run(["data", str(file.path), *words, "--format", "text"]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and said in err


def test_no_scheduler_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(engine, "PATIENCE", "0.01s")
    file = write_predictions(tmp_path / "p.csv")
    assert run(["data", str(file.path), "--engine", "dask:tcp://127.0.0.1:9", "--format", "text"]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and "no scheduler answers tcp://127.0.0.1:9" in err


def test_dask_is_loaded_with_the_engine_alone(tmp_path: Path) -> None:
    file = write_predictions(tmp_path / "p.csv")
    code = (
        "import sys; from lossterm.cli import run; run(['data', sys.argv[1], '--format', 'json']);"
        "print([m for m in sys.modules if m.split('.')[0] in ('dask', 'distributed')], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(file.path)], capture_output=True, text=True, check=True)
    assert done.stderr == "[]\n"
