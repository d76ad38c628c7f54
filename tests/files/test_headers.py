"""Whether the first line of a delimited file has the names of the columns or is its first row."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from lossterm.files.delimited import dialect_of
from lossterm.files.source import Source
from tests.files.making import read, write


@pytest.mark.parametrize(
    "text",
    [
        "spam,0.9\nham,0.2\nspam,0.7\n",
        "cat,0.9\ndog,0.2\n",
        "True,0.9\nFalse,0.2\nTrue,0.7\n",
        "y,0.9\nn,0.2\n",
        "y,1\nn,0\n",
        "true,1\nfalse,0\n",
        "p,0.9\nn,0.1\np,0.3\n",
        "spam,1\nham,0\nspam,1\n",
        "spam,-2\nham,3\nspam,0\n",
        "img1.png,1,0.9\nimg2.png,0,0.2\n",
        "2020-01-01;1;0.5\n2020-01-02;0;0.25\n",
        "cat,0.9,0.1,0.0\ndog,0.2,0.5,0.3\n",
        "cat,0,0,1\ndog,1,0,0\n",
        "cat,1,0.5,\ndog,0,0.25,\n",
        "the output was good,0.5,1\nthe label fell off,0.25,0\n",
        "1,0.5\n0,0.25\n",
        "# made by hand\n\nspam,0.9\nham,0.2\n",
    ],
)
def test_a_first_row(text: str) -> None:
    dialect, sample = dialect_of("a", text, None)
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert not dialect.headed
    assert dialect.names[0] == "column_1"
    assert sample["column_1"] == [line.split(dialect.delimiter)[0] for line in lines]
    assert text.splitlines()[dialect.skip] in ("", lines[0])


@pytest.mark.parametrize(
    "text",
    [
        "y,p\n1,0.5\n0,0.25\n",
        "label,0,1\ncat,0.5,0.5\ndog,0.25,0.75\n",
        "label,0,1,2\n0,.2,.3,.5\n1,.2,.3,.5\n",
        "kind,0,1\ncat,0.5,0.5\ndog,0.25,0.75\n",
        "label,0,1\ncat,0.5,0.5\nlabel,0,1\n",
        "id,2021,2022\na,1,2\nb,2,3\n",
        ",0,1\n0,0.5,0.5\n1,0.25,0.75\n",
        ",0.1,0.5\na,0.5,0.5\nb,0.25,0.75\n",
        "truth,0.5\n1,0.25\n0,0.75\n",
        "truth,0.5\ncat,0.25\ndog,0.75\n",
        "id,0.25,0.5\na1,1.5,2.5\na2,3.5,4.5\n",
        "width,0.5\n1.25,0.25\n3.5,0.75\n",
        "a,0.5\nb,c\n",
        "a,nan\nb,0.5\nc,0.25\n",
        "true,p\n1,0.5\n0,0.25\n",
        "a,b\na,1\nc,2\n",
    ],
)
def test_a_header(text: str) -> None:
    dialect, sample = dialect_of("a", text, None)
    names = text.split("\n")[0].split(",")
    assert dialect.headed
    assert dialect.names == tuple(name or "column_1" for name in names)
    assert all(len(values) == len(text.splitlines()) - 1 for values in sample.values())
    assert dialect.skip == 1


def test_the_first_row_counts(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "spam,0.9\nham,0.2\nspam,0.7\nham,0.4\nham,0.6\n")
    found = read(path)
    assert found.label == [1, 0, 1, 0, 0]
    of_label = [p if y else 1 - p for y, p in zip(found.label, found.prediction, strict=True)]
    assert -sum(map(math.log, of_label)) / 5 == pytest.approx(0.4225, abs=5e-5)  # ln .9, .8, .7, .6 and .4
    with Source.open([str(path)]) as source:
        assert source.rows([1, 5]) == [
            {"column_1": "spam", "column_2": "0.9"},
            {"column_1": "ham", "column_2": "0.6"},
        ]


def test_a_first_row_of_two_that_are_no_pair(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "cat,0.75\ndog,0.25\ncat,0.5\n")
    assert read(path, positive="cat").label == [1, 0, 1]
    assert read(path, positive="dog").label == [0, 1, 0]


def test_a_name_of_a_file_before_the_first_row(tmp_path: Path) -> None:
    found = read(write(tmp_path / "a.csv", "img1.png,1,0.9\nimg2.png,0,0.2\nimg3.png,1,0.7\n"))
    assert (found.label, found.prediction) == ([1, 0, 1], [0.9, 0.2, 0.7])
