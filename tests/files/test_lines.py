"""A fault of a text file names the row and the line on which it begins: where one would look for it with an editor."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lossterm.files.checks import BadData
from tests.files.making import read, write

AT: dict[str, tuple[str, str]] = {
    "a header": ("y,p\n1,.5\n0,7\n", "row 2 (line 3): column 'p'"),
    "none": ("1,.5\n0,.2\n0,x\n", "row 3 (line 3)"),
    "comments before": ("# of a run\n# seed 7\ny,p\n1,.5\n0,7\n", "row 2 (line 5)"),
    "a sep= line": ("sep=;\ny;p\n1;.5\n0;7\n", "row 2 (line 4)"),
    "blank lines": ("y,p\n\n1,.5\n\n\n0,7\n", "row 2 (line 6)"),
    "a blank line before the header": ("\n\ny,p\n1,.5\n0,7\n", "row 2 (line 5)"),
    "line ends within quotes": ('y,note,p\n1,"a\nb\nc",.5\n0,d,7\n', "row 2 (line 5)"),
    "it goes over several lines itself": ('y,note,p\n1,"a\nb",.5\n0,"c\nd",7\n', "row 2 (line 4)"),
    "carriage returns": ("y,p\r\n1,.5\r\n0,7\r\n", "row 2 (line 3)"),
    "carriage returns alone": ("y,p\r1,.5\r0,7\r", "row 2 (line 3)"),
    "too few fields": ("y,p,q\n1,.5,a\n\n1,.5\n0,.2,b\n", "row 2 (line 4): 2 fields"),
    "a vector in a cell": ('y,p\n0,"[.5, .5]"\n\n1,"[.5]"\n', "row 2 (line 4)"),
}


def message(*paths: Path, **options: Any) -> str:
    with pytest.raises(BadData) as caught:
        read(*paths, **options)
    return str(caught.value)


@pytest.mark.parametrize("case", AT)
def test_row_and_line(tmp_path: Path, case: str) -> None:
    content, where = AT[case]
    assert where in message(write(tmp_path / "a.csv", content))
    assert where in message(write(tmp_path / "b.csv.gz", gzip.compress(content.encode())))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_whatever_the_encoding(tmp_path: Path, encoding: str) -> None:
    content = 'y,note,p\n1,"ä\nb",.5\n0,d,7\n'
    assert "row 2 (line 4)" in message(write(tmp_path / "a.csv", content.encode(encoding)))


def test_ndjson(tmp_path: Path) -> None:
    path = write(tmp_path / "a.ndjson", '{"y":1,"p":0.5}\n\n\n{"y":0,"p":7}\n')
    assert "row 2 (line 4)" in message(path)
    assert "row 1 (line 2): 'hello' is not JSON" in message(write(tmp_path / "b.ndjson", "\nhello\n"))


def test_of_several_files_it_is_that_of_its_own(tmp_path: Path) -> None:
    first = write(tmp_path / "a.csv", "y,p\n1,.5\n0,.4\n")
    second = write(tmp_path / "b.csv", "y,p\n1,.5\n\n0,7\n")
    assert "b.csv: row 2 (line 4; 4 of all files): column 'p'" in message(first, second)


def test_of_two_joined_files_it_is_that_of_the_first(tmp_path: Path) -> None:
    labels = write(tmp_path / "labels.csv", "id,y\na,1\n\nb,0\nc,maybe\nd,1\n")
    predictions = write(tmp_path / "preds.csv", "id,p\nd,.125\na,.5\nb,.25\nc,.75\n")
    assert "labels.csv: row 3 (line 5): column 'y'" in message(labels, predictions, positive=None)
    twice = write(tmp_path / "twice.csv", "id,p\na,.5\n\nb,.25\nb,.75\n")
    assert "twice.csv: row 3 (line 5): column 'id': 'b' is there twice" in message(
        write(tmp_path / "l.csv", "id,y\na,1\nb,0\n"), twice, key="id"
    )


def test_a_blank_line_moves_no_prediction_to_another_label(tmp_path: Path) -> None:
    labels = write(tmp_path / "labels.csv", "id,y\na,1\n\nb,0\n\nc,1\nd,0\n")
    predictions = write(tmp_path / "preds.csv", "id,p\nd,.125\n\na,.5\nb,.25\n\nc,.75\n")
    found = read(labels, predictions)
    assert (found.label, found.prediction) == ([1, 0, 1, 0], [0.5, 0.25, 0.75, 0.125])


def test_what_has_no_lines_has_none_told(tmp_path: Path) -> None:
    pl.DataFrame({"y": [1, 0], "p": [0.5, 7.0]}).write_parquet(tmp_path / "a.parquet")
    assert "row 2: column" in message(tmp_path / "a.parquet")
    path = write(tmp_path / "a.json", json.dumps([{"y": 1, "p": 0.5}, {"y": 0, "p": 7}], indent=1))
    assert "row 2: column" in message(path)  # its rows are on several lines each


def test_far_down(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "y,p\n" + "1,.5\n\n0,.25\n" * 150_000 + "0,7\n")
    assert "row 300,001 (line 450,002)" in message(path)


@given(st.lists(st.integers(0, 3), min_size=1, max_size=8), st.data())
@pytest.mark.exhaustive
def test_the_line_is_where_the_row_is(blanks: list[int], data: st.DataObject) -> None:
    bad = data.draw(st.integers(0, len(blanks) - 1))
    lines = ["y,note,p", "1,first,.5", "0,second,.5"]
    for at, blank in enumerate(blanks):
        lines += [""] * blank
        note = data.draw(st.sampled_from(["x", '"a, b"', '"a\nb"', '"""\n\n"']))
        begins = "\n".join(lines).count("\n") + 2
        if at == bad:
            expected = begins
        lines.append(f"{at % 2},{note},{7 if at == bad else 0.5}")
    path = write(Path("a.csv"), "\n".join(lines) + "\n")
    assert f"row {bad + 3} (line {expected})" in message(path)
