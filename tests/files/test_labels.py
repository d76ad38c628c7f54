"""How labels become 0 and 1, or indices of classes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lossterm.files.checks import BadData
from lossterm.files.naming import PAIRS
from lossterm.files.source import Source
from tests.files.making import together, write


def coded(
    folder: Path, labels: list[str], header: str = "y,p", p: str = "0.5", **options: Any
) -> tuple[list[float], tuple[str, ...]]:
    path = write(folder / "a.csv", "\n".join([header, *(f"{label},{p}" for label in labels)]) + "\n")
    source = Source.open([str(path)], **options)
    first = together(list(source.batches()))
    assert together(list(source.batches())) == first  # a second pass begins anew
    return first.label, source.label_names


@pytest.mark.parametrize("pair", [pair for pair in PAIRS if pair[0] not in ("0", "0.0", "-1")])
def test_pairs_that_nobody_doubts(tmp_path: Path, pair: tuple[str, str]) -> None:
    zero, one = pair
    assert coded(tmp_path, [one.upper(), zero, one.title()]) == ([1, 0, 1], pair)


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (["0", "1"], [0, 1]),
        (["0.0", "1.0", "1"], [0, 1, 1]),
        (["-1", "1"], [0, 1]),
        (["1", "1", "-1"], [1, 1, 0]),
        (["0.25", "1", "0"], [0.25, 1, 0]),
        (["1", "1"], [1, 1]),
    ],
)
def test_numbers(tmp_path: Path, labels: list[str], expected: list[float]) -> None:
    assert coded(tmp_path, labels) == (expected, ("0", "1"))


def test_minus_one_and_zero_far_apart(tmp_path: Path) -> None:
    with pytest.raises(BadData, match=r"row 200,001 \(line 200,002\): column 'y': label 0 is not"):
        coded(tmp_path, ["-1"] + ["1"] * 199_999 + ["0"])


def test_another_pair_must_be_told(tmp_path: Path) -> None:
    with pytest.raises(BadData, match=r"which label is 1, cat or dog\? Add --positive dog"):
        coded(tmp_path, ["cat", "dog"])
    assert coded(tmp_path, ["cat", "dog"], positive="cat") == ([1, 0], ("dog", "cat"))
    assert coded(tmp_path, ["cat", "dog", "emu"], positive="Cat") == ([1, 0, 0], ("not Cat", "Cat"))
    assert coded(tmp_path, ["cat", "dog"], header="y,prob_dog") == ([0, 1], ("cat", "dog"))
    with pytest.raises(BadData, match="no label is called so; there are cat, dog"):
        coded(tmp_path, ["cat", "dog"], positive="emu")
    with pytest.raises(BadData, match="labels 'cat', 'dog', 'emu' are not 0 and 1"):
        coded(tmp_path, ["cat", "dog", "emu"])


def test_a_positive_number(tmp_path: Path) -> None:
    assert coded(tmp_path, ["2", "1", "2.0"], positive="2") == ([1, 0, 1], ("1", "2"))
    assert coded(tmp_path, ["3", "1", "7"], positive="7") == ([0, 0, 1], ("not 7", "7"))


K = {"p": "0.2,0.3,0.5"}


@pytest.mark.parametrize(
    ("labels", "header", "expected", "names"),
    [
        (["0", "2", "1"], "y,p0,p1,p2", [0, 2, 1], ("0", "1", "2")),
        (["1", "2", "1"], "y,p0,p1,p2", [1, 2, 1], ("0", "1", "2")),
        (["1", "2", "3"], "y,p0,p1,p2", [0, 1, 2], ("0", "1", "2")),
        (["1", "2", "1"], "y,p1,p2,p3", [0, 1, 0], ("1", "2", "3")),
        (["0", "2", "1"], "y,p1,p2,p3", [0, 2, 1], ("1", "2", "3")),
        (["3", "9", "5"], "y,p_3,p_5,p_9", [0, 2, 1], ("3", "5", "9")),
        (["emu", "Cat", "dog"], "y,p_cat,p_dog,p_emu", [2, 0, 1], ("cat", "dog", "emu")),
    ],
)
def test_classes(tmp_path: Path, labels: list[str], header: str, expected: list[float], names: tuple[str, ...]) -> None:
    options: dict[str, Any] = {"prediction_columns": ["p*"]} if "p_3" in header else {}
    assert coded(tmp_path, labels, header, **K, **options) == (expected, names)


def test_whether_classes_count_from_one_is_decided_on_all_rows(tmp_path: Path) -> None:
    labels = ["1"] * 5_000
    assert coded(tmp_path, [*labels, "3"], "y,p0,p1,p2", **K)[0][-1] == 2
    assert coded(tmp_path, [*labels, "2"], "y,p0,p1,p2", **K)[0][-1] == 2
    with pytest.raises(BadData, match=r"row 5,001 \(line 5,002\): column 'y': label 4 is not a class from 0 to 2"):
        coded(tmp_path, [*labels, "4"], "y,p0,p1,p2", **K)


@pytest.mark.parametrize(
    ("labels", "header", "what"),
    [
        (["cat", "dog"], "y,p0,p1,p2", "labels 'cat', 'dog' are not called as the columns of classes p0, p1, p2"),
        (["3", "4"], "y,p_3,p_5,p_9", r"row 2 \(line 3\): column 'y': label 4 is not one of 3, 5, 9"),
    ],
)
def test_classes_that_are_none(tmp_path: Path, labels: list[str], header: str, what: str) -> None:
    with pytest.raises(BadData, match=what):
        coded(tmp_path, labels, header, **K, prediction_columns=["p*"])


def test_real_labels(tmp_path: Path) -> None:
    assert coded(tmp_path, ["1.5", "-7", "22"], "y,pred") == ([1.5, -7, 22], ())
    with pytest.raises(BadData, match="a real label is a number, not 'a'"):
        coded(tmp_path, ["a", "b"], kind="value")
    with pytest.raises(BadData, match="--positive is for one prediction column"):
        coded(tmp_path, ["0", "1"], "y,p0,p1,p2", **K, positive="1")
