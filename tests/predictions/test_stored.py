"""Summaries that are saved: merged they are the files, they ask no other question, and anything else is one line."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from lossterm.cli import run
from lossterm.model.feature import OpenExplorer
from lossterm.predictions import choosing, command
from lossterm.predictions.keys import DATA
from lossterm.predictions.view import FORECAST_PAGES, VALUE_PAGES, Look
from tests.predictions.program import (
    data,
    rows_of_worst,
    write_classes,
    write_labels,
    write_normal,
    write_predictions,
    write_quantiles,
    write_values,
)


def document(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    capsys.readouterr()
    assert run(["data", *words, "--format", "json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def wrong(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert run(["data", *words]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1
    return err.strip()


def parts_of(file: Path, folder: Path, count: int = 3) -> list[Path]:
    """A file cut into several, of different lengths."""
    frame = pl.read_csv(file, infer_schema=False)
    ends = [0, *(len(frame) * k // (count + 1) + k for k in range(1, count)), len(frame)]
    found = []
    for k, (a, b) in enumerate(itertools.pairwise(ends)):
        found.append(folder / f"part-{k}.csv")
        frame[a:b].write_csv(found[-1])
    return found


def saved(paths: list[Path], *words: str) -> list[str]:
    stored = [path.with_suffix(".lossterm") for path in paths]
    for path, target in zip(paths, stored, strict=True):
        assert run(["data", str(path), *words, "--save", str(target), "--require", "rows>0"]) == 0
    return list(map(str, stored))


OF_ROWS = ("columns", "worst", "notes")
"""What a file tells of itself and of its rows, and a summary does not know."""


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (write_predictions, ["--loss", "ce,focal:gamma=3", "--bins", "7"]),
        (write_predictions, ["--weight-column", "w", "--threshold", "0.3", "--only-label", "1", "--skip-bad"]),
        (write_predictions, ["--clip", "keras", "--temperature", "2", "--only-range", ".1:.9", "--only", "g=a"]),
        (write_predictions, ["--define", "mine: (1-p_t)**2", "--loss", "mine,ce"]),
        (write_classes, ["--loss", "ce,brier"]),
        (write_values, ["--kind", "value", "--loss", "mse,huber:delta=2"]),
        (write_quantiles, ["--weight-column", "w", "--only-range", "-4:"]),
        (write_quantiles, ["--levels", ".01,.1,.25,.5,.75,.9,.99", "--kind", "quantile", "--only", "g=a"]),
        (write_normal, ["--weight-column", "w", "--loss", "mse"]),
    ],
)
def test_summaries_of_the_parts_tell_what_the_parts_do(
    make: Any, words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = tmp_path / "whole.csv"
    make(whole)
    frame = pl.read_csv(whole, infer_schema=False)
    frame.with_columns(
        w=pl.int_range(len(frame)) % 3, g=pl.Series(["a", "b", "c", "a", "a"] * len(frame)).head(len(frame))
    ).write_csv(whole)
    parts = parts_of(whole, tmp_path)
    stored = saved(parts, *words)
    capsys.readouterr()
    together = document(capsys, *map(str, parts), *words)
    merged = document(capsys, *stored)
    assert {k: v for k, v in merged.items() if k not in OF_ROWS} == {
        k: v for k, v in together.items() if k not in OF_ROWS
    }
    assert [w["value"] for w in merged["worst"]] == [w["value"] for w in together["worst"]]
    assert [w["row"] for w in merged["worst"]] == [w["row"] for w in together["worst"]]


@pytest.mark.parametrize("make", [write_values, write_quantiles, write_normal])
def test_values_are_told_as_they_are_of_the_files(
    make: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The text too: all but what stands of the columns before it, and the worst rows."""
    make(tmp_path / "whole.csv")
    parts = parts_of(tmp_path / "whole.csv", tmp_path)
    found = []
    for paths in (saved(parts), list(map(str, parts))):
        capsys.readouterr()
        assert run(["data", *paths]) == 0
        lines = capsys.readouterr().out.split("\n\n")
        found.append([part for part in lines[1:] if "worst examples by" not in part])
        assert "R²" in str(found[-1])
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("make", "wanted"),
    [(write_quantiles, VALUE_PAGES + FORECAST_PAGES), (write_normal, VALUE_PAGES + FORECAST_PAGES),
     (write_values, VALUE_PAGES)],
)  # fmt: skip
async def test_the_pages_of_values_are_those_of_the_file(
    make: Any, wanted: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make(tmp_path / "whole.csv")
    (one,) = saved([tmp_path / "whole.csv"])
    pages: list[dict[str, str]] = []
    for path in (Path(one), tmp_path / "whole.csv"):
        async with data(path) as ui:
            pages.append({})
            for _ in ui.state.pages:
                if ui.state.page in wanted:
                    pages[-1][ui.state.page] = ui.pane("caption")
                await ui.press("d")
            assert ("sd" in ui.part("worst")[1]) == (make is write_normal and path.suffix == ".csv")
    assert pages[0] == pages[1] and set(pages[0]) == set(wanted)


def test_summaries_of_other_distributions_do_not_merge(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, write in (("a", write_quantiles), ("b", write_normal), ("c", write_values)):
        write(tmp_path / f"{name}.csv")
    one, other, plain = saved([tmp_path / f"{name}.csv" for name in "abc"])
    capsys.readouterr()
    for second, told in ((other, "quantiles 0.05 0.1 0.25 0.5 0.75 0.9 0.95 and normal"), (plain, "0.95 and none")):
        assert told in wrong(capsys, one, second, "--format", "text")
    said = wrong(capsys, str(tmp_path / "a.csv"), "--against", one, "--format", "text")
    assert "this is a summary of lossterm, which has no rows" in said


def test_the_worst_rows_say_where_they_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write_predictions(tmp_path / "whole.csv")
    parts = parts_of(file.path, tmp_path)
    lengths = [len(pl.read_csv(path)) for path in parts]
    found = document(capsys, *saved(parts))["worst"]
    assert [each["row"] for each in found] == file.worst[: len(found)]
    for each in found:
        at = [str(path) for path in parts].index(each["columns"]["file"])
        assert sum(lengths[:at]) + each["columns"]["row of it"] == each["row"]


def test_they_are_told_as_text_markdown_and_csv(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stored = saved(parts_of(write_predictions(tmp_path / "whole.csv").path, tmp_path))
    capsys.readouterr()
    assert run(["data", *stored]) == 0
    out = capsys.readouterr().out
    assert "3 summaries, merged, of" in out and "AUROC" in out and "row of it" in out
    for form in ("markdown", "csv"):
        assert run(["data", str(tmp_path / "*.lossterm"), "--format", form]) == 0
        assert "log" in capsys.readouterr().out
    assert run(["data", *stored, "--require", "ece<1", "--require", "auroc>1"]) == 1


def test_merged_summaries_are_saved_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, *others = saved(parts_of(write_predictions(tmp_path / "whole.csv").path, tmp_path))
    rest = str(tmp_path / "rest.lossterm")
    assert run(["data", *others, "--save", rest, "--require", "rows>0"]) == 0
    capsys.readouterr()
    assert document(capsys, first, rest)["losses"] == document(capsys, first, *others)["losses"]


def test_parts_of_one_class_are_saved_and_merge(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    frame = pl.read_csv(write_predictions(tmp_path / "whole.csv").path)
    files = [tmp_path / f"{label}.csv" for label in (0, 1)]
    for label, file in enumerate(files):
        frame.filter(pl.col("label") == label).write_csv(file)
    merged, together = document(capsys, *saved(files)), document(capsys, *map(str, files))
    assert {k: v for k, v in merged.items() if k not in OF_ROWS} == {
        k: v for k, v in together.items() if k not in OF_ROWS
    }


# ---- one line -------------------------------------------------------------------------------------------------------


@pytest.fixture
def stored(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    found = saved(parts_of(write_predictions(tmp_path / "whole.csv").path, tmp_path, 2))
    capsys.readouterr()
    return found


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--bins", "10"], "--bins: a summary answers what it was asked, 15"),
        (["--threshold", ".4"], "--threshold: a summary answers what it was asked, 0.5"),
        (["--only-label", "1"], "--only-label: a summary answers what it was asked, all"),
        (["--loss", "focal"], "a summary answers what it was asked, cross-entropy, squared-error: focal not among"),
        (["--loss", "ce:pos_weight=2"], "cross-entropy with other parameters or smoothing"),
        (["--smoothing", ".1"], "--smoothing: a summary answers what it was asked, 0"),
        (["--by", "group"], "--by: a summary has no rows"),
        (["--find-segments"], "--find-segments: a summary has no rows"),
        (["--engine", "dask"], "--engine: a summary has no rows"),
        (["--recalibrate", "T"], "--recalibrate: a summary has no rows"),
        (["--against", "b.csv"], "--against: a summary has no rows"),
        (["--label-column", "y"], "--label-column: a summary has no rows"),
        (["--label", "y"], "--label: the summary is of one label"),
        (["whole.csv"], "merge with each other, not with whole.csv"),
        (["nothing.lossterm"], "nothing.lossterm: no such file"),
    ],
)
def test_what_needs_rows_or_asks_otherwise_is_one_line(
    stored: list[str], words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said in wrong(capsys, *stored, *words, "--format", "text")


@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "version", "other"])
def test_bytes_of_anything_are_one_line(stored: list[str], damage: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = Path(stored[0])
    whole = path.read_bytes()
    changed = {
        "cut": whole[:200],
        "flip": whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:],
        "empty": b"",
        "version": whole[:17] + b"\x09" + whole[18:],
        "other": b"label,p\n1,0.5\n",
    }[damage]
    path.write_bytes(changed)
    said = wrong(capsys, *stored, "--format", "json")
    assert said.startswith(f"lossterm: {path}: it is ")
    assert ("version 9" in said) == (damage == "version")


def test_only_equal_questions_merge(stored: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (other,) = saved([Path(stored[0]).with_suffix(".csv").rename(tmp_path / "ten.csv")], "--bins", "10")
    capsys.readouterr()
    said = wrong(capsys, stored[0], other, "--format", "text")
    assert said.endswith("summaries merge that were asked the same: bins 15 and 10") and other in said


def test_rows_that_count_twice_are_told(stored: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    both = str(tmp_path / "both.lossterm")
    assert run(["data", *stored[:2], "--save", both, "--format", "json"]) == 0
    met = [document(capsys, *words)["notes"] for words in (stored, [*stored, both], [stored[0], stored[0]])]
    twice = [[note for note in notes if "count as often" in note] for notes in met]
    rows = document(capsys, stored[0])["rows"]
    assert twice == [
        [],
        [
            f"{tmp_path}/part-0.csv with {rows} rows, and 1 more: in 2 of the summaries; where that is one file, its "
            "rows count as often"
        ],
        ["part-0.lossterm is named 2 times: its rows count as often"],
    ]
    files = [str(Path(path).with_suffix(".csv")) for path in stored]
    assert "part-1.csv is named 2 times: its rows count as often" in document(capsys, *files, files[1])["notes"]


def test_nothing_is_written_over(stored: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = Path(stored[0]).read_bytes()
    assert "is there already" in wrong(capsys, str(tmp_path / "whole.csv"), "--save", stored[0])
    assert "end its name in .lossterm" in wrong(capsys, str(tmp_path / "whole.csv"), "--save", "x.csv")
    assert Path(stored[0]).read_bytes() == before


# ---- the screen -----------------------------------------------------------------------------------------------------


async def test_the_screen_shows_what_a_summary_can(stored: list[str], tmp_path: Path) -> None:
    async with data(*map(Path, stored), size=(120, 50)) as ui:
        found, paths = ui.state.findings, [Path(path).with_suffix(".csv") for path in stored]
        assert found is not None and found.rows == 400
        assert "row of it" in ui.part("worst")[1] and len(rows_of_worst(ui)) > 3
        for key, said in {
            ">": "a summary answers what it was asked: temperature 1, not 1.1",
            "+": "a summary answers what it was asked: bins 15, not 20",
            "B": "a summary has no rows",
        }.items():
            await ui.press(key)
            assert said in " ".join(ui.text.split()), key
            await ui.press("escape")
        assert ui.state.findings is found and ui.look == Look(page=ui.look.page)
        for _ in range(9):
            await ui.press("d")
            assert ui.state.findings is found
        assert all(path.exists() for path in paths)


async def test_a_loss_that_was_not_asked_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write_predictions(tmp_path / "whole.csv")
    (one,) = saved([file.path], "--loss", "focal:gamma=3,ce", "--bins", "5", "--threshold", "0.4")
    async with data(Path(one)) as ui:
        found = ui.state.findings
        assert found is not None
        assert [each.criterion.loss.id for each in found.losses] == ["cross-entropy", "focal"]
        assert (ui.look.bins, ui.look.threshold) == (5, 0.4)
        await ui.press("tab", "down", "space")
        assert re.search(
            r"a summary answers what it was asked, focal, cross-entropy: squared-error not", " ".join(ui.text.split())
        )


async def test_a_loss_that_was_hidden_at_first_is_shown_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of another label the first question is of fewer losses than the summary's: its answer is not that of all."""
    write_labels(tmp_path / "labels.csv")
    (one,) = saved([tmp_path / "labels.csv"])
    async with data(Path(one)) as ui:
        await ui.press("space")
        ui.screen.perform(lambda state: choosing.at_label(state, "y_rude"))
        await ui.settle()
        assert ui.state.findings is not None and len(ui.state.findings.losses) == 1
        await ui.press("space")
        assert [each.criterion.loss.id for each in ui.state.findings.losses] == ["cross-entropy", "squared-error"]
        assert ui.state.findings.question.criteria == tuple(each.criterion for each in ui.state.findings.losses)


def test_the_explorer_opens_on_summaries(
    stored: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert isinstance(command.run([*stored, "--fresh"]), OpenExplorer)
    with pytest.raises(ValueError, match="--bins: a summary answers"):
        command.run([*stored, "--bins", "9", "--fresh"])


async def test_the_copied_command_asks_what_the_summary_answers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write_predictions(tmp_path / "whole.csv")
    (one,) = saved([file.path], "--loss", "focal:gamma=3,ce", "--bins", "5", "--only-range", ".2:")
    async with data(Path(one)) as ui:
        words = list(ui.screen.told_words())
    assert "--bins=5" in words
    found = document(capsys, *words[words.index(one) :])
    assert {loss["loss"] for loss in found["losses"]} == {"cross-entropy", "focal"} and found["bins"] == 5


async def test_no_key_ends_the_program_on_a_summary(stored: list[str]) -> None:
    async with data(*map(Path, stored)) as ui:
        keys = [
            key
            for each in DATA
            for key in each.keys
            if key not in ("q", "ctrl+q", "ctrl+c", "o", "O", "e", "s", "W", "u")
        ]
        for key in keys:
            await ui.press(key)
            await ui.press("escape")
            await ui.press("escape")
            assert ui.is_on("data") or ui.app.is_running, key
            await ui.press("4")
        assert ui.state.file is not None and ui.state.findings is not None
