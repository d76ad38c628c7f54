"""Files as programs write them, each with the figures that it is to give or a refusal: ``cases/right.json``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.predictions.test_command import loaded, refused

CASES = Path(__file__).with_name("cases")
RIGHT: dict[str, Any] = json.loads((CASES / "right.json").read_text())
OPTIONS = {
    "A_silently_wrong/svm_scores.csv": ["--loss", "hinge,squared-hinge,exponential"],
    "B_refused/counts_log_rate.csv": ["--loss", "poisson"],
    "D_dumps/25_group_latin1.csv": ["--group-column", "groupe", "--only-group", "été"],
}
REFUSED_WITH_A_WAY = {
    "D_dumps/11_hard_multiclass.csv": "98.33% of the decisions are right",
}
"""What could be read, and is refused in a line that tells how."""

FIGURES = {
    "log_loss": "log_loss", "brier_one_column": "brier", "brier_sklearn": "brier", "brier_summed": "brier_summed",
    "accuracy": "accuracy", "auroc": "auroc", "rows": "rows", "exact": "log_loss", "exact_with_logits": "log_loss",
}  # fmt: skip
LOSSES = {
    "hinge": "hinge", "squared_hinge": "squared-hinge", "exponential": "exponential", "poisson_full": "poisson",
    "mse": "squared-error",
}  # fmt: skip


def paths(name: str) -> list[Path]:
    folder = name.split("/", maxsplit=1)[0]
    return [CASES / (part if "/" in part else f"{folder}/{part}") for part in name.split(" + ")]


@pytest.mark.parametrize("name", RIGHT)
def test_the_figures(name: str) -> None:
    right = RIGHT[name]["right"]
    if right is None or name in REFUSED_WITH_A_WAY:
        message = refused(*paths(name))
        assert REFUSED_WITH_A_WAY.get(name, "") in message
        return
    found = loaded(*paths(name), *OPTIONS.get(name, []))
    losses = {loss["loss"]: loss["mean"] for loss in found["losses"]}
    for figure, value in right.items():
        if figure in FIGURES:
            got = found[FIGURES[figure]]
        elif figure in LOSSES:
            got = losses[LOSSES[figure]]
        else:  # what a library clips, and the weighted figures: not the reader's
            continue
        assert got == (value if isinstance(value, str) else pytest.approx(value, rel=1e-8)), figure


TAKEN: dict[str, dict[str, Any]] = {
    "A_silently_wrong/top1_confidence.csv": {"kind": "confidence", "decision": "y_pred", "predictions": ["confidence"]},
    "A_silently_wrong/workbench_prediction.csv": {"label": "actual", "decision": "predicted", "kind": "confidence"},
    "A_silently_wrong/decision_is_called_label.csv": {"label": "target", "passed_over": ["label"]},
    "A_silently_wrong/probability_of_class_0.csv": {"complement": True, "positive": "1"},
    "A_silently_wrong/probability_of_benign.csv": {"complement": True, "positive": "malignant"},
    "A_silently_wrong/vector_beside_decision.csv": {"predictions": ["probability_0", "probability_1"]},
    "A_silently_wrong/log_probability.csv": {"kind": "log-probability"},
    "A_silently_wrong/softmax_called_logits.csv": {"kind": "probability"},
    "A_silently_wrong/svm_scores.csv": {"kind": "score"},
    "B_refused/obs_and_pred.csv": {"label": "obs", "passed_over": ["pred"]},
    "B_refused/target_in_names.csv": {"label": "readmitted"},
    "B_refused/solution.csv + submission.csv": {"label": "target", "predictions": ["pred"], "key": "id"},
    "D_dumps/02_y_pred_proba.csv": {"predictions": ["y_pred_proba"], "passed_over": ["y_pred"]},
    "D_dumps/09_percent.csv": {"out_of": 100.0},
    "D_dumps/10_unit_regression.csv": {"kind": "value", "positive": None, "classes": []},
    "D_dumps/14_numbers_of_named_columns.csv": {"classes": ["setosa", "versicolor", "virginica"]},
    "D_dumps/16_text_labels_numbered_columns.csv": {"classes": ["setosa", "versicolor", "virginica"]},
    "D_dumps/24_weights.csv": {"weight": "sample_weight"},
}


@pytest.mark.parametrize("name", TAKEN)
def test_what_was_taken_is_told(name: str) -> None:
    found = loaded(*paths(name), *OPTIONS.get(name, []))["columns"]
    assert {key: found[key] for key in TAKEN[name]} == TAKEN[name]


NOTED = {
    "A_silently_wrong/top1_confidence.csv": "--kind probability",
    "A_silently_wrong/decision_is_called_label.csv": "--label-column label",
    "A_silently_wrong/probability_of_class_0.csv": "--positive 0",
    "A_silently_wrong/probability_of_benign.csv": "--positive benign",
    "A_silently_wrong/log_probability.csv": "--kind logit|value",
    "A_silently_wrong/softmax_called_logits.csv": "--kind logit",
    "A_silently_wrong/svm_scores.csv": "--kind logit|value",
    "B_refused/multilabel.csv": "--label-column toxic --prediction-column pred_toxic",
    "B_refused/labels_1_2.csv": "--positive 1",
    "B_refused/counts_log_rate.csv": "--kind value",
    "D_dumps/09_percent.csv": "--out-of 1",
    "D_dumps/10_unit_regression.csv": "--kind logit",
    "D_dumps/14_numbers_of_named_columns.csv": "--class-names virginica,setosa,versicolor",
    "D_dumps/16_text_labels_numbered_columns.csv": "--class-names",
    "D_dumps/25_group_latin1.csv": "--encoding",
}


@pytest.mark.parametrize("name", NOTED)
def test_what_was_assumed_is_a_note_that_names_the_option(name: str) -> None:
    assert any(NOTED[name] in note for note in loaded(*paths(name), *OPTIONS.get(name, []))["notes"])


def test_several_labels() -> None:
    right = RIGHT["B_refused/multilabel.csv"]["right"]
    found = loaded(CASES / "B_refused" / "multilabel.csv")
    assert {each["label"]: each["log_loss"] for each in found["labels"]} == pytest.approx(
        {name: right[name] for name in ("toxic", "insult")}, rel=1e-12
    )
    assert found["labels_mean"]["log_loss"] == pytest.approx(right["mean_column_log_loss"], rel=1e-12)


@pytest.mark.parametrize(
    ("name", "options", "log_loss"),
    [
        ("probability_of_class_0.csv", ["--positive", "0"], 0.29775145750694215),
        ("probability_of_benign.csv", ["--positive", "benign"], 0.29775145750694215),
        ("decision_is_called_label.csv", ["--label-column", "label"], None),
        ("log_probability.csv", ["--kind", "log-probability"], 0.29775145750694215),
        ("top1_confidence.csv", ["--kind", "confidence"], 0.29775145750694215),
    ],
)
def test_the_options_of_the_notes_read_it_so(name: str, options: list[str], log_loss: float | None) -> None:
    found = loaded(CASES / "A_silently_wrong" / name, *options)
    if log_loss is None:
        assert found["accuracy"] == 1.0
    else:
        assert found["log_loss"] == pytest.approx(log_loss, rel=1e-10)
