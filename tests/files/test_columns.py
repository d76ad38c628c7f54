"""Which columns are taken for what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from lossterm.files.checks import BadData
from lossterm.files.columns import Columns
from lossterm.files.guessing import guess

HARD, UNIT, REAL, LOGITS = [0, 1, 1, 0], [0.1, 0.75, 0.5, 0.2], [1.5, 20.25, 3.0, 4.5], [-2.5, 3.0, 0.5, -1.0]
THIRDS = ([0.2, 0.1, 0.5, 0.3], [0.3, 0.8, 0.25, 0.3], [0.5, 0.1, 0.25, 0.4])


def columns(table: dict[str, Sequence[object]], **options: Any) -> Columns:
    return guess(list(table), table, **options)


@pytest.mark.parametrize(
    "label", ["label", "y", "Y_True", "y-true", "y.true", "Ground Truth", "TARGET", "actual", "true_label"]
)
@pytest.mark.parametrize(
    "prediction", ["p", "prob", "y_prob", "Y Score", "pred-proba", "prediction", "yhat", "p1", "prob_1", "score"]
)
def test_names(label: str, prediction: str) -> None:
    found = columns({"id": [1, 2, 3, 4], prediction: UNIT, label: HARD, "z2": REAL})
    assert (found.label, found.predictions, found.kind, found.classes) == (label, (prediction,), "probability", ())
    assert "\n" not in found.why and repr(label) in found.why and repr(prediction) in found.why


@pytest.mark.parametrize("prediction", ["logit", "logits", "z", "margin", "raw_score"])
def test_names_of_logits_hold_whatever_the_numbers(prediction: str) -> None:
    assert columns({"y": HARD, prediction: UNIT}).kind == "logit"


@pytest.mark.parametrize(
    ("table", "kind"),
    [
        ({"y": HARD, "score": LOGITS}, "logit"),
        ({"y": HARD, "score": UNIT}, "probability"),
        ({"y": HARD, "prob": LOGITS}, "probability"),
        ({"y": REAL, "pred": REAL}, "value"),
        ({"y": REAL, "pred": UNIT}, "value"),
        ({"y": UNIT, "pred": UNIT}, "probability"),
        ({"y": list(range(30)), "pred": [i + 0.5 for i in range(30)]}, "value"),
        ({"y": [0, 3, 2, 5], "pred": [0.5, 2.5, 1.5, 4.5]}, "value"),
        ({"y": ["-1", "1"], "output": ["2.5", "-1.5"]}, "logit"),
        ({"y": ["yes", "no"], "output": ["0.5", "0.25"]}, "probability"),
    ],
)
def test_kinds(table: dict[str, Sequence[object]], kind: str) -> None:
    assert columns(table).kind == kind


@pytest.mark.parametrize(
    ("table", "label", "predictions"),
    [
        ({"a": HARD, "b": UNIT}, "a", ("b",)),
        ({"b": UNIT, "a": HARD}, "a", ("b",)),
        ({"a": [True, False], "b": [0.5, 0.75]}, "a", ("b",)),
        ({"a": ["cat", "dog"] * 2, "b": UNIT}, "a", ("b",)),
        ({"a": HARD, "b": [3, 2, 1, 0], "c": UNIT}, "a", ("c",)),
        ({"a": HARD, "p": [0, 1, 1, 1]}, "a", ("p",)),
        ({"y": HARD, "a": REAL, "b": UNIT}, "y", ("b",)),
        ({"column_1": HARD, "column_2": [0, 1, 1, 0]}, None, None),
        ({"a": REAL, "b": UNIT}, None, None),
        ({"a": HARD, "b": HARD, "c": UNIT}, None, None),
        ({"y": HARD, "a": LOGITS, "b": REAL}, None, None),
    ],
)
def test_content(table: dict[str, Sequence[object]], label: str | None, predictions: tuple[str, ...] | None) -> None:
    if label is None:
        with pytest.raises(BadData, match="--label-column NAME --prediction-column NAME"):
            columns(table)
        return
    found = columns(table)
    assert (found.label, found.predictions) == (label, predictions)


@pytest.mark.parametrize(
    ("names", "labels", "classes", "kind"),
    [
        (("p0", "p1", "p2"), [0, 1, 2, 0], ("0", "1", "2"), "probability"),
        (("prob_1", "prob_2", "prob_3"), [1, 2, 3, 1], ("1", "2", "3"), "probability"),
        (("logit_0", "logit_1", "logit_2"), [0, 1, 2, 0], ("0", "1", "2"), "probability"),  # they sum to 1
        (("score 0", "score 1", "score 2"), [0, 1, 2, 0], ("0", "1", "2"), "probability"),
        (("prob_cat", "prob_dog", "prob_emu"), ["cat", "emu", "cat", "dog"], ("cat", "dog", "emu"), "probability"),
        (("prob_cat", "prob_cow", "prob_crab"), [0, 1, 2, 0], ("cat", "cow", "crab"), "probability"),
        (("cat", "dog", "emu"), ["cat", "emu", "cat", "dog"], ("cat", "dog", "emu"), "probability"),
        (("a", "b", "c"), [0, 1, 2, 2], ("a", "b", "c"), "probability"),
    ],
)
def test_classes(names: tuple[str, ...], labels: list[object], classes: tuple[str, ...], kind: str) -> None:
    table: dict[str, Sequence[object]] = {"y": labels, "x": REAL}
    found = columns(table | dict(zip(names, THIRDS, strict=True)))
    assert (found.predictions, found.classes, found.kind) == (names, classes, kind)


def test_two_columns_of_a_binary_label() -> None:
    found = columns({"y": HARD, "p0": [0.25, 0.5, 0.5, 1], "p1": [0.75, 0.5, 0.5, 0]})
    assert (found.predictions, found.read, found.classes) == (("p1",), ("p0", "p1"), ("0", "1"))


def test_named_columns() -> None:
    table: dict[str, Sequence[object]] = {
        "a": HARD,
        "q_x": THIRDS[0],
        "q_y": THIRDS[1],
        "q_z": THIRDS[2],
        "u": UNIT,
        "g": ["m", "n", "m", "n"],
    }
    found = columns(table, label="a", predictions=["q_*"], weight="u", group="g")
    assert found == Columns("a", ("q_x", "q_y", "q_z"), "probability", "u", "g", ("x", "y", "z"), found.why)
    assert columns(table, label="A", predictions=["u"]).predictions == ("u",)
    assert columns(table, label="a", predictions=["u"], kind="logit").kind == "logit"
    with pytest.raises(BadData, match="both the label and a prediction"):
        columns(table, label="u", predictions=["u"])
    with pytest.raises(BadData, match=r"no column matches 'r_\*'"):
        columns(table, label="a", predictions=["r_*"])


@pytest.mark.parametrize(
    ("wanted", "hint"), [("probabilty", "did you mean 'Probability'?"), ("zzz", "the columns are y, Probability")]
)
def test_unknown_names(wanted: str, hint: str) -> None:
    with pytest.raises(BadData, match="no column") as caught:
        columns({"y": HARD, "Probability": UNIT}, predictions=[wanted])
    assert hint in str(caught.value)


@pytest.mark.parametrize("name", ["weight", "w", "Sample-Weight"])
def test_weights(name: str) -> None:
    assert columns({"y": HARD, "p": UNIT, name: REAL}).weight == name
    assert columns({"y": HARD, "p": UNIT, name: ["a", "b", "c", "d"]}).weight is None


@pytest.mark.parametrize("name", ["group", "fold", "Split", "segment", "domain", "source"])
def test_groups(name: str) -> None:
    assert columns({"y": HARD, "p": UNIT, name: [1, 2, 1, 2]}).group == name


def test_a_stray_text_is_a_fault_of_its_row_alone() -> None:
    found = columns({"a": ["1", "0", "N/A", "1"], "b": ["0.5", "x", "0.25", "0.75"]})
    assert (found.label, found.predictions, found.kind) == ("a", ("b",), "probability")


def test_one_column_is_too_few() -> None:
    with pytest.raises(BadData, match=r"one column only, a, where a label and a prediction are read; .*--delimiter C"):
        columns({"a": ["x", "y"]})


@pytest.mark.parametrize(
    ("table", "predictions", "passed"),
    [
        ({"label": HARD, "pred": [1, 1, 0, 0], "score": UNIT}, ("score",), "pred"),
        ({"actual": HARD, "predicted": [1, 1, 0, 0], "confidence": UNIT}, ("confidence",), "predicted"),
        ({"y_true": HARD, "y_pred": ["True", "False"] * 2, "y_score": UNIT}, ("y_score",), "y_pred"),
        ({"LABEL": HARD, "Score": UNIT, "Decision": ["True", "False"] * 2}, ("Score",), "Decision"),
        ({"label": HARD, "prediction": ["spam", "ham"] * 2, "score": LOGITS}, ("score",), "prediction"),
        ({"y": HARD, "pred": HARD, "p_neg": UNIT, "p_pos": [1 - p for p in UNIT]}, ("p_pos",), "pred"),
        ({"y": [0, 2, 1, 2], "y_pred": [0, 1, 1, 2], "class_0": THIRDS[0], "class_1": THIRDS[1], "class_2": THIRDS[2]},
         ("class_0", "class_1", "class_2"), "y_pred"),
        ({"y": [0, 1, 1, 2], "pred": [0, 1, 1, 2], "class_0": [0.5, 0.25, 0.5, 1.0], "class_1": [0.5, 0.75, 0.5, 0.0],
          "class_2": [0, 0, 0, 0]}, ("class_0", "class_1", "class_2"), "pred"),
        ({"y": [0, 1, 1, 2], "pred_0": [1, 0, 0, 0], "pred_1": [0, 1, 1, 0], "pred_2": [0, 0, 0, 1],
          "class_0": THIRDS[0], "class_1": THIRDS[1], "class_2": THIRDS[2]},
         ("class_0", "class_1", "class_2"), "pred_0"),
        ({"y": [0, 1, 1, 2], "pred_0": [1, 0, 0, 0], "pred_1": [0, 1, 1, 0], "pred_2": [0, 0, 0, 1]},
         ("pred_0", "pred_1", "pred_2"), None),
        ({"y": HARD, "prediction": ["spam", "ham"] * 2, "forest": UNIT}, ("forest",), "prediction"),
        ({"y": HARD, "prediction": ["x", "0x1"] * 2}, ("prediction",), None),
        ({"y": HARD, "pred": [1, 1, 0, 0]}, ("pred",), None),
        ({"y": HARD, "pred": ["a", "b"] * 2, "output": [1, 1, 0, 0]}, ("output",), None),
        ({"y": [1.5, 2.25, 3.5, 4.0], "pred": [1, 2, 3, 4]}, ("pred",), None),
    ],
)  # fmt: skip
def test_decisions_are_passed_over_for_scores(
    table: dict[str, Sequence[object]], predictions: tuple[str, ...], passed: str | None
) -> None:
    found = columns(table)
    assert found.predictions == predictions
    assert (f" · not {passed!r} (" in found.why) if passed else (" · not " not in found.why)


@pytest.mark.parametrize(
    ("table", "predictions"),
    [
        ({"y": [0, 1, 2, 1], "pred": [0, 1, 2, 2], "class_0": LOGITS, "class_1": REAL, "class_2": UNIT},
         ("class_0", "class_1", "class_2")),
        ({"y": [0, 1, 2, 1], "confidence": UNIT, "class_0": LOGITS, "class_1": REAL, "class_2": UNIT},
         ("class_0", "class_1", "class_2")),
        ({"y": HARD, "score": UNIT, "class_0": LOGITS, "class_1": REAL}, ("score",)),
        ({"y": [1.5, 2.25, 3.5, 4.0], "pred": REAL, "class_0": LOGITS, "class_1": UNIT}, ("pred",)),
    ],
)  # fmt: skip
def test_columns_of_classes_beside_another(table: dict[str, Sequence[object]], predictions: tuple[str, ...]) -> None:
    assert columns(table).predictions == predictions


def test_what_only_the_numbers_tell_is_said() -> None:
    assert "(by name; logit, for it runs from -2.5 to 3)" in columns({"y": HARD, "score": LOGITS}).why
    assert "(by name; logit)" in columns({"y": HARD, "logit": LOGITS}).why


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([0.2, 0.9, 1.0000001, 0.5], "probability"),
        ([-0.001, 0.9, 1.001, 0.5], "probability"),
    ],
)
def test_a_rounding_makes_no_logits(values: list[float], kind: str) -> None:
    assert columns({"y": HARD, "score": values}).kind == kind
    assert columns({"y": HARD, "score": values}, kind="logit").kind == "logit"


@pytest.mark.parametrize("values", [[0.2, 0.9, 1.01, 0.5], [-0.002, 0.9, 1.0, 0.5], [-0.1, 0.3, 0.8, 1.2]])
def test_a_linear_model_of_probabilities_is_refused(values: list[float]) -> None:
    with pytest.raises(BadData, match=r"mostly in \[0, 1\]: a linear model .*--kind value"):
        columns({"y": HARD, "score": values})
    assert columns({"y": HARD, "score": values}, kind="logit").kind == "logit"


def test_decisions_of_classes_are_refused() -> None:
    table: dict[str, Sequence[object]] = {"y": [0, 1, 2, 1], "pred": [0, 1, 2, 2]}
    table |= {"class_0": [1, 0, 0, 0], "class_1": [0, 1, 0, 1]}
    with pytest.raises(BadData, match=r"'pred' holds decisions among 3 classes .*75% of the decisions are right"):
        columns(table)
    assert columns(table, kind="value").kind == "value"
