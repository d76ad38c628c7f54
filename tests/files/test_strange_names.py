"""Names of columns that polars would take for patterns."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from lossterm.files.checks import BadData
from lossterm.files.source import Source
from tests.files.making import read, write

WRITERS: dict[str, Callable[[pl.DataFrame, Path], object]] = {
    "a.csv": pl.DataFrame.write_csv,
    "a.ndjson": pl.DataFrame.write_ndjson,
    "a.parquet": pl.DataFrame.write_parquet,
    "a.arrow": pl.DataFrame.write_ipc,
    "a.arrows": pl.DataFrame.write_ipc_stream,
}
NAMES = ["^z$", "^.*$", "^(z$", "*", "^p$", ".p", "beyond", "\0beyond"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.sampled(7)
def test_a_column_beside(tmp_path: Path, kind: str, name: str) -> None:
    path = tmp_path / kind
    WRITERS[kind](pl.DataFrame({"label": [0, 1], "p": [0.25, 0.75], name: [4, 5]}), path)
    found = read(path)
    assert (found.label, found.prediction) == ([0, 1], [0.25, 0.75])
    with Source.open([str(path)]) as source:
        assert source.names == ("label", "p", name)
        assert {key: str(value) for key, value in source.rows([2])[0].items()} == {"label": "1", "p": "0.75", name: "5"}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize("role", ["label", "prediction", "weight", "group"])
@pytest.mark.sampled(11)
def test_a_column_that_is_read(tmp_path: Path, kind: str, name: str, role: str) -> None:
    called = {"label": "a", "prediction": "b", "weight": "c", "group": "d"} | {role: name}
    table = {"label": ["no", "yes"], "prediction": [0.25, 0.75], "weight": [2, 3], "group": ["m", "n"]}
    path = tmp_path / kind
    WRITERS[kind](pl.DataFrame({called[key]: values for key, values in table.items()}), path)
    found = read(
        path,
        label_column=called["label"],
        prediction_columns=[called["prediction"]],
        weight_column=called["weight"],
        group_column=called["group"],
    )
    assert (found.label, found.prediction) == ([0, 1], [0.25, 0.75])
    assert (found.weight, found.group) == ([2, 3], [0, 1])


@pytest.mark.parametrize("name", NAMES)
def test_bad_rows_are_told_by_the_name(tmp_path: Path, name: str) -> None:
    rows = ["0,0.25,7", "1,x,7", "1,,7", "1,0.75,7,8", "1,0.5", "0,0.125,9"]
    path = write(tmp_path / "a.csv", "\n".join([f"label,{name},last", *rows]) + "\n")
    with pytest.raises(BadData) as caught:
        read(path, prediction_columns=[name])
    what = f"row 2 (line 3): column {name!r}: 'x' is not a number; --skip-bad leaves such rows out"
    assert str(caught.value).endswith(what)
    found = read(path, prediction_columns=[name], skip_bad=True)
    assert (found.row, found.prediction) == ([1, 6], [0.25, 0.125])


def test_a_column_of_lists_is_told_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pl.DataFrame({"label": [0, 1], "^z$": [[0.5], []]}).write_parquet(path)
    with pytest.raises(BadData, match=r"column '\^z\$'"):
        read(path, prediction_columns=["^z$"])
