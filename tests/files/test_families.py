"""Columns of K classes: which belong together, what they are called, and that each is the one of its label."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lossterm.core.jets import Array
from lossterm.files.checks import BadData
from lossterm.files.families import LOOKED_INTO, class_families, classes_of, families, in_order, kind_of_family
from lossterm.files.source import Source
from tests.files.making import write

ROWS = ((0.5, 0.25, 0.125, 0.125), (0.125, 0.5, 0.25, 0.125), (0.25, 0.125, 0.5, 0.125), (0.25, 0.25, 0.375, 0.125))
"""Probabilities of four classes."""


def of_classes(folder: Path, header: str, rows: Sequence[str], **options: Any) -> tuple[Source, Array, Array]:
    path = write(folder / "a.csv", "\n".join([header, *rows]) + "\n")
    with Source.open([str(path)], **options) as source:
        batches = list(source.batches())
    label = np.concatenate([batch.label for batch in batches])
    return source, label, np.concatenate([batch.prediction for batch in batches])


def of_label(label: Array, prediction: Array) -> list[float]:
    """What was predicted of the class that it is."""
    return [float(row[int(k)]) for k, row in zip(label, prediction, strict=True)]


@pytest.mark.parametrize(
    "options", [{}, {"prediction_columns": ["prob_*"]}, {"prediction_columns": ["prob_1", "prob_0"]}]
)
def test_two_numbered_columns_in_descending_order(tmp_path: Path, options: dict[str, Any]) -> None:
    source, label, p = of_classes(tmp_path, "label,prob_1,prob_0", ["0,.4,.6", "1,.7,.3"], **options)
    assert (label.tolist(), p.tolist()) == ([0, 1], [0.4, 0.7])  # the figures of two classes are those of class 1
    assert (source.columns.predictions, source.columns.read) == (("prob_1",), ("prob_0", "prob_1"))
    assert source.label_names == ("0", "1")
    own = [p[1], 1 - p[0]]
    assert -np.log(own).mean() == pytest.approx(-(math.log(0.6) + math.log(0.7)) / 2)  # 0.4338


@pytest.mark.parametrize(
    "numbers", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1), (1, 2, 3, 4), (4, 3, 2, 1), (7, -1, 12, 5)]
)
@pytest.mark.parametrize("name", ["p_{}", "logit{}", "P({})", "prob[{}]", "{}_proba", "y_prob_class_{}"])
def test_a_label_is_the_number_of_its_column(tmp_path: Path, name: str, numbers: tuple[int, ...]) -> None:
    header = ",".join(["y", *(name.format(number) for number in numbers)])
    table = {number: [row[i] for row in ROWS] for i, number in enumerate(numbers)}
    labels = [numbers[i] for i in (2, 0, 3, 1)]
    rows = [",".join(map(str, [labels[i], *row])) for i, row in enumerate(ROWS)]
    options: dict[str, Any] = {"prediction_columns": [name.format("*")]} if -1 in numbers else {}
    source, label, p = of_classes(tmp_path, header, rows, **options)
    assert of_label(label, p) == [table[k][i] for i, k in enumerate(labels)]
    assert source.label_names == tuple(map(str, sorted(numbers)))


def test_columns_that_are_sorted_by_name(tmp_path: Path) -> None:
    names = sorted(f"p_{k}" for k in range(12))
    assert names[2] == "p_10"
    row = {f"p_{k}": (k + 1) / 78 for k in range(12)}
    rows = [",".join(map(str, [k, *(row[name] for name in names)])) for k in range(12)]
    for options in ({}, {"prediction_columns": ["p_*"]}):
        source, label, p = of_classes(tmp_path, ",".join(["label", *names]), rows, **options)
        assert of_label(label, p) == [(k + 1) / 78 for k in range(12)]
        assert source.columns.predictions == tuple(f"p_{k}" for k in range(12))


@pytest.mark.parametrize("order", [("pos", "neg"), ("neg", "pos")])
def test_of_a_pair_the_first_is_label_0(tmp_path: Path, order: tuple[str, str]) -> None:
    p = {"pos": 0.75, "neg": 0.25}
    header = ",".join(["y", *(f"prob_{name}" for name in order)])
    for labels in (["0", "1"], ["neg", "pos"]):
        rows = [",".join([label, *(str(p[name]) for name in order)]) for label in labels]
        source, label, found = of_classes(tmp_path, header, rows)
        assert (label.tolist(), found.tolist()) == ([0, 1], [0.75, 0.75])
        assert source.columns.classes == ("neg", "pos")


@pytest.mark.parametrize("first", [True, False], ids=["first", "last"])
@pytest.mark.parametrize("base", [0, 1])
@pytest.mark.parametrize("options", [{}, {"kind": "probability"}], ids=["guessed", "kind"])
def test_without_a_header_classes_are_counted(tmp_path: Path, first: bool, base: int, options: dict[str, Any]) -> None:
    order = (3, 1, 0, 2)
    texts = [(str(k + base), ",".join(map(str, row))) for k, row in zip(order, ROWS, strict=True)]
    lines = [",".join(pair if first else pair[::-1]) for pair in texts]
    source, label, p = of_classes(tmp_path, lines[0], lines[1:], **options)
    assert source.columns.classes == ("0", "1", "2", "3")
    assert of_label(label, p) == [row[k] for k, row in zip(order, ROWS, strict=True)]


@pytest.mark.parametrize("names", ["V1,V2,V3,V4,V5", "f0,f1,f2,f3,f4"])
def test_names_that_are_places_are_no_classes(tmp_path: Path, names: str) -> None:
    first = names.split(",", maxsplit=1)[0]
    rows = [",".join(map(str, [k, *row])) for k, row in enumerate(ROWS)]
    source, label, p = of_classes(tmp_path, names, rows, label_column=first)
    assert of_label(label, p) == [0.5, 0.5, 0.5, 0.125]
    assert source.columns.classes == ("0", "1", "2", "3")


@pytest.mark.parametrize(
    "name",
    [
        "prob_class_{}",
        "prediction_score_{}",
        "P({})",
        "probability({})",
        "{}_prob",
        "p(y={})",
        "Model A: {} logit",
        "{}",
    ],
)
def test_columns_called_after_the_labels(tmp_path: Path, name: str) -> None:
    labels = ["owl", "a", "cat", "New York"]
    shuffled = [labels[i] for i in (2, 3, 0, 1)]
    header = ",".join(["y", "note", *(name.format(label) for label in shuffled)])
    rows = [",".join([label, "x", *map(str, row)]) for label, row in zip(labels, ROWS, strict=True)]
    source, label, p = of_classes(tmp_path, header, rows)
    assert source.columns.classes == tuple(shuffled)
    assert of_label(label, p) == [0.125, 0.125, 0.25, 0.25]


def test_where_nothing_fits_the_message_helps(tmp_path: Path) -> None:
    rows = ["ant,.5,.25,.25", "bee,.5,.25,.25", "dog,.5,.25,.25", "cat,.5,.25,.25"]
    with pytest.raises(
        BadData, match=r"not called as the columns of classes q1, q2, q3: .*call these p_ant, p_bee and so on, or name"
    ):
        of_classes(tmp_path, "y,q1,q2,q3", rows, prediction_columns=["q*"])


@pytest.mark.parametrize(
    ("columns", "labels", "classes"),
    [
        (["p_cat", "p_cow"], [], ("cat", "cow")),
        (["cat", "cow"], [], ("cat", "cow")),
        (["p10", "p11"], [], ("10", "11")),
        (["p0_hat", "p1_hat"], [], ("0", "1")),
        (["P(cat)", "P(cow)"], [], ("cat", "cow")),
        (["a_prob", "b_prob"], ["0", "1"], ("a", "b")),
        (["p_x_a", "p_x_b"], ["x_b"], ("x_a", "x_b")),
        (["hot dog", "big dog"], ["Big Dog"], ("hot dog", "big dog")),
        (["p_aa", "p_a"], ["a"], ("aa", "a")),
        (["p_" + "x" * LOOKED_INTO, "p_b"], [], ("p_" + "x" * LOOKED_INTO, "p_b")),
    ],
)
def test_what_is_left_of_the_names(columns: list[str], labels: list[str], classes: tuple[str, ...]) -> None:
    assert classes_of(columns, labels) == classes


@pytest.mark.parametrize(
    ("columns", "kind"),
    [
        (["prob_a", "prob_b"], "probability"),
        (["a_logit", "b_logit"], "logit"),
        (["raw_score_1", "raw_score_2"], "logit"),
        (["log_prob_1", "log_prob_2"], None),
        (["score_a", "score_b"], None),
        (["a", "b"], None),
    ],
)
def test_kinds(columns: list[str], kind: str | None) -> None:
    assert kind_of_family(columns) == kind


def test_features_are_no_predictions() -> None:
    assert families(["x0", "x1", "x2"], ["0", "1"]) == []
    assert families(["age_1", "age_2"], ["1", "2"]) == []


@pytest.mark.parametrize("options", [{}, {"kind": "logit"}], ids=["guessed", "kind"])
@pytest.mark.parametrize("name", ["class_{}", "Class {}", "class{}", "cls_{}", "class-{}-out"])
@pytest.mark.parametrize("numbers", [(0, 1, 2), (2, 0, 1), (1, 2, 3), (4, 5, 6)])
def test_logits_called_after_classes(
    tmp_path: Path, options: dict[str, Any], name: str, numbers: tuple[int, ...]
) -> None:
    z = ((6.0, -8.0, 1.5), (-2.0, 0.5, -1.0), (-3.0, 0.75, 4.0))
    header = ",".join(["label", *(name.format(number) for number in numbers)])
    rows = [",".join(map(str, [number, *row])) for number, row in zip(numbers, z, strict=True)]
    source, label, found = of_classes(tmp_path, header, rows, **options)
    assert of_label(label, found) == [6.0, 0.5, 4.0]
    assert source.columns.kind == "logit"
    assert source.label_names == tuple(map(str, sorted(numbers)))


def test_one_of_two_logits_within_the_unit_is_no_probability(tmp_path: Path) -> None:
    source, label, z = of_classes(tmp_path, "label,class_1,class_2", ["0,-3,.7", "1,.2,.8", "0,.6,.4"])
    assert source.columns.kind == "logit"
    assert z.tolist() == pytest.approx([3.7, 0.6, -0.2])
    assert label.tolist() == [0, 1, 0]


@pytest.mark.parametrize(
    ("names", "labels", "found"),
    [
        (["class_0", "class_1"], ["0", "1"], True),
        (["class_0", "class_1"], ["0.0", "1.0"], True),
        (["class_0", "class_1"], ["True", "False"], True),
        (["class_1", "class_2", "class_3"], ["0", "2"], True),
        (["class_5", "class_6", "class_7"], ["5", "7"], True),
        (["class_0", "class_1"], ["0", "2", "1"], False),
        (["class_0", "class_1"], ["1.5", "0.5"], False),
        (["class_0", "class_1", "class_2"], ["cat", "dog", "1"], False),
        (["class_0", "class_2"], ["0", "1"], False),
        (["subclass_0", "subclass_1"], ["0", "1"], False),
        (["class_0", "class_1"], [], False),
    ],
)
def test_classes_that_fit_the_labels(names: list[str], labels: list[str], found: bool) -> None:
    assert [family.columns for family in class_families(names, labels)] == [tuple(names)] * found


def test_order() -> None:
    assert in_order(["b", "a"], ["10", "9"]) == (("a", "b"), ("9", "10"))
    assert in_order(["b", "a"], ["x", "y"]) == (("b", "a"), ("x", "y"))
    assert in_order(["b", "a"], ["1", "01"]) == (("b", "a"), ("1", "01"))
