"""More files as programs and people write them, each with the figure that it is to give, or what its refusal says."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.predictions.test_command import loaded, refused, write

CHANCE = random.Random(11)
N = 40
P = [round(min(max(CHANCE.random(), 0.02), 0.98), 3) for _ in range(N)]
Y = [int(CHANCE.random() < p) for p in P]
D = [int(p > 0.5) for p in P]
Q = [round(1 - p, 3) for p in P]
LOSS = -math.fsum(math.log(p if y else 1 - p) for y, p in zip(Y, P, strict=True)) / N
K = ["setosa", "versicolor", "virginica"]


def example() -> list[float]:
    parts = [CHANCE.random() ** 2 + 0.02 for _ in K]
    first = [round(part / sum(parts), 4) for part in parts[:2]]
    return [*first, round(1 - sum(first), 4)]


R = [example() for _ in range(N)]
T = [CHANCE.choices(range(3), row)[0] for row in R]
LOSS_OF_3 = -math.fsum(math.log(row[t]) for row, t in zip(R, T, strict=True)) / N
COLUMNS = [[row[k] for row in R] for k in range(3)]


def table(head: Sequence[str], *columns: Sequence[Any]) -> str:
    return "\n".join([",".join(head), *(",".join(map(str, row)) for row in zip(*columns, strict=True))]) + "\n"


def words(zero: str, one: str, values: Sequence[int] = Y) -> list[str]:
    return [one if value else zero for value in values]


BINARY: dict[str, tuple[str, str]] = {
    "a raw margin beside": (
        "a.csv", table(["label", "prediction", "raw_margin"], Y, P, [math.log(p / (1 - p)) for p in P])
    ),
    "truth and flag, both true or false": (
        "a.csv",
        table(["is_fraud", "fraud_probability", "flagged"], words("False", "True"), P, words("False", "True", D)),
    ),
    "two log-probabilities": (
        "a.csv", table(["label", "logprob_0", "logprob_1"], Y, [math.log(1 - p) for p in P], [math.log(p) for p in P])
    ),
    "the other class in brackets": ("a.csv", table(["diagnosis", "P(neg)"], words("neg", "pos"), Q)),
    "confidence in a decision": (
        "a.csv",
        table(["true_label", "predicted_label", "score"], words("cat", "dog"), words("cat", "dog", D),
              [max(p, round(1 - p, 3)) for p in P]),
    ),
    "per cent signs": ("a.csv", table(["outcome", "risk"], Y, [f"{100 * p:.1f}%" for p in P])),
    "results within a document": (
        "a.json", json.dumps({"model": "m", "results": [{"gold": y, "prob": p} for y, p in zip(Y, P, strict=True)]})
    ),
    "objects of label and score": (
        "a.jsonl",
        "".join(
            json.dumps(
                {"label": y, "predictions": [{"label": "LABEL_0", "score": q}, {"label": "LABEL_1", "score": p}]}
            )
            + "\n"
            for y, p, q in zip(Y, P, Q, strict=True)
        ),
    ),
    "a table of Markdown": (
        "a.txt", "| y | p |\n|---|---|\n" + "".join(f"| {y} | {p} |\n" for y, p in zip(Y, P, strict=True))
    ),
    "masks of 0 and 255": ("a.csv", table(["mask", "prob"], [255 * y for y in Y], P)),
    "names of SAS": ("a.csv", table(["F_bad", "I_bad", "P_bad1", "P_bad0"], Y, D, P, Q)),
    "a delimiter at each end": ("a.csv", "y,p,\n" + "".join(f"{y},{p},\n" for y, p in zip(Y, P, strict=True))),
    "numbers before the labels": ("a.csv", table(["label", "prob"], words("0: no", "1: yes"), P)),
    "whether it is right beside the label": (
        "a.csv", table(["label", "probability", "correct"], Y, P, [int(y == d) for y, d in zip(Y, D, strict=True)])
    ),
    "two logits called after a pair": (
        "a.csv",
        table(["label", "logit_neg", "logit_pos"], Y, *[[s * math.log(p / (1 - p)) / 2 for p in P] for s in (-1, 1)]),
    ),
    "columns within a document": ("a.json", json.dumps({"labels": Y, "predictions": P, "model": "x"})),
    "columns deep in a document": ("a.json", json.dumps({"eval": {"y_true": Y, "y_prob": P}, "seed": 3})),
    "identifiers that are called after the target": ("a.csv", table(["target_id", "target", "score"], range(N), Y, P)),
    "a tensor on a device": (
        "a.csv",
        "label,prediction\n" + "".join(f'{y},"tensor({p}, device=\'cuda:0\')"\n' for y, p in zip(Y, P, strict=True)),
    ),
}  # fmt: skip
OF_3: dict[str, tuple[str, str]] = {
    "one-hot labels called is_": (
        "a.csv", table([*(f"is_{k}" for k in K), *(f"p_{k}" for k in K)],
                       *[[int(t == k) for t in T] for k in range(3)], *COLUMNS),
    ),
    "one-hot labels called as the classes": (
        "a.csv", table([*K, *(f"score_{k}" for k in K)], *[[int(t == k) for t in T] for k in range(3)], *COLUMNS)
    ),
    "numbers with blanks in a cell": (
        "a.csv", "label,probs\n" + "".join(f'{t},{" ".join(map(str, r))}\n' for t, r in zip(T, R, strict=True))
    ),
    "numbers with bars in a cell": (
        "a.csv", "label,probs\n" + "".join(f'{t},{"|".join(map(str, r))}\n' for t, r in zip(T, R, strict=True))
    ),
    "labels by number and by name": (
        "a.csv", table(["label_idx", "label_name", "p0", "p1", "p2"], T, [K[t] for t in T], *COLUMNS)
    ),
    "labels called label_id": ("a.csv", table(["label_id", "p0", "p1", "p2"], T, *COLUMNS)),
    "logarithms of a softmax": (
        "a.csv",
        table(["target", *(f"log_softmax_{k}" for k in range(3))], T, *[list(map(math.log, c)) for c in COLUMNS]),
    ),
    "columns in another order than the numbers": (
        "a.csv", table(["target", "proba_virginica", "proba_setosa", "proba_versicolor"], T, COLUMNS[2], *COLUMNS[:2])
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BINARY)
def test_of_two_classes(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / BINARY[name][0], BINARY[name][1])
    assert loaded(path)["log_loss"] == pytest.approx(LOSS, rel=1e-3)


@pytest.mark.parametrize("name", OF_3)
def test_of_three_classes(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / OF_3[name][0], OF_3[name][1])
    assert loaded(path)["log_loss"] == pytest.approx(LOSS_OF_3, rel=1e-3)


def test_a_probability_called_after_neither_class_is_doubted(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", table(["PassengerId", "Survived", "Prob_Died"], range(1, N + 1), Y, Q))
    assert any("--positive 0 turns that" in note for note in loaded(path)["notes"])
    assert loaded(path, "--positive", "0")["log_loss"] == pytest.approx(LOSS, rel=1e-9)


# ---- several labels an example --------------------------------------------------------------------------------------

SEVERAL = [[CHANCE.randint(0, 1) for _ in range(3)] for _ in range(30)]
SCORES = [[round(CHANCE.uniform(0.01, 0.99), 3) for _ in range(3)] for _ in range(30)]
HEADS = {
    "bare": ("toxic,rude,mean_", "toxic_prob,rude_prob,mean__prob"),
    "label": ("label_toxic,label_rude,label_sad", "p_toxic,p_rude,p_sad"),
    "numbers": ("y_0,y_1,y_2", "p_0,p_1,p_2"),
    "true": ("y_true_0,y_true_1,y_true_2", "y_pred_0,y_pred_1,y_pred_2"),
    "after": ("toxic_true,rude_true,sad_true", "toxic_pred,rude_pred,sad_pred"),
    "target": ("target_toxic,target_rude,target_sad", "prediction_toxic,prediction_rude,prediction_sad"),
}


@pytest.mark.parametrize("name", HEADS)
def test_several_labels_are_told_with_the_option_that_reads_one(tmp_path: Path, name: str) -> None:
    labels, predictions = HEADS[name]
    rows = "".join(",".join(map(str, [*a, *b])) + "\n" for a, b in zip(SEVERAL, SCORES, strict=True))
    path = write(tmp_path / "a.csv", f"{labels},{predictions}\n{rows}")
    several = loaded(path)
    (message,) = (note for note in several["notes"] if "3 labels with a prediction each" in note)
    option = message[message.index("--label-column") :].split()[:4]
    assert option == ["--label-column", labels.split(",")[0], "--prediction-column", predictions.split(",")[0]]
    found = loaded(path, *option)
    right = [math.log(b[0] if a[0] else 1 - b[0]) for a, b in zip(SEVERAL, SCORES, strict=True)]
    assert found["log_loss"] == pytest.approx(-math.fsum(right) / 30, rel=1e-12)
    assert found["labels"] is None
    assert [each["label"] for each in several["labels"]] == labels.split(",")
    assert [each["prediction"] for each in several["labels"]] == predictions.split(",")
    means = [
        -math.fsum(math.log(b[k] if a[k] else 1 - b[k]) for a, b in zip(SEVERAL, SCORES, strict=True)) / 30
        for k in range(3)
    ]
    assert [each["log_loss"] for each in several["labels"]] == pytest.approx(means, rel=1e-12)
    assert several["labels_mean"]["log_loss"] == pytest.approx(math.fsum(means) / 3, rel=1e-12)


def of_three(folder: Path, second: Sequence[object], first: Sequence[object] = ("1", "0")) -> Path:
    """Labels a, b and c, of which b holds something else."""
    rows = [f"{first[k % 2]},{second[k % len(second)]},{k % 3 % 2},.{k + 1},.{9 - k},.{k + 2}" for k in range(7)]
    return write(folder / "a.csv", "\n".join(["y_a,y_b,y_c,p_a,p_b,p_c", *rows, ""]))


@pytest.mark.parametrize("texts", [("yes", "no"), ("True", "False"), ("Present", "absent"), ("not sick", "sick")])
def test_labels_may_be_texts_that_nobody_doubts(tmp_path: Path, texts: tuple[str, str]) -> None:
    found = loaded(of_three(tmp_path, texts, texts))
    assert [each["label"] for each in found["labels"]] == ["y_a", "y_b", "y_c"]
    assert found["labels"][1]["base_rate"] == pytest.approx((3 if texts[0] == "not sick" else 4) / 7)


@pytest.mark.parametrize(
    ("second", "held"),
    [
        (("-1", "0", "1"), "whole numbers -1, 0, 1"),
        (("0.25", "0", "1"), "a number in [0, 1]"),
        (("",), "empty"),
        (("7.5", "-2.25"), "any number"),
        (("cat", "dog"), "2 distinct texts"),
    ],
)
def test_what_is_no_label_beside_others_is_told(tmp_path: Path, second: Sequence[str], held: str) -> None:
    path = of_three(tmp_path, second)
    found = loaded(path, "--label", "y_c")
    (note,) = (each for each in found["notes"] if "labels with a prediction each" in each)
    assert note.startswith(f"2 labels with a prediction each (y_a, y_c), but not y_b ({held}): a table has each")
    assert f"0 and 1 each, and not y_b ({held}): --label-column y_b" in refused(path, "--label", "y_b")


@pytest.mark.parametrize("name", HEADS)
@pytest.mark.parametrize("rows", [["0,1,0,.9,.8,.7"], ["1,0,0,.9,.4,.1", "0,0,1,.2,.1,.2", "0,1,0,.6,.7,.9"]])
def test_few_rows_of_several_labels_are_no_classes(tmp_path: Path, name: str, rows: list[str]) -> None:
    """As in the last file of many: one label is 1 in each row, and the probabilities do not add up to 1."""
    path = write(tmp_path / "a.csv", "\n".join([",".join(HEADS[name]), *rows, ""]))
    assert [each["label"] for each in loaded(path)["labels"]] == HEADS[name][0].split(",")


@pytest.mark.parametrize(("p", "said"), [((0.3, 0.5, 0.2), ""), ((0.33, 0.5, 0.14), "the 3 probabilities sum to 0.97")])
def test_few_rows_of_classes_are_classes(tmp_path: Path, p: tuple[float, ...], said: str) -> None:
    path = write(tmp_path / "a.csv", f"y_a,y_b,y_c,p_a,p_b,p_c\n0,1,0,{p[0]},{p[1]},{p[2]}\n1,0,0,.5,.3,.2\n")
    if said:
        assert said in refused(path)
    else:
        assert loaded(path)["columns"]["classes"] == ["a", "b", "c"]


def test_several_labels_in_a_cell(tmp_path: Path) -> None:
    lines = [json.dumps({"labels": a, "scores": b}) + "\n" for a, b in zip(SEVERAL, SCORES, strict=True)]
    found = loaded(write(tmp_path / "a.jsonl", "".join(lines)))
    assert any("--label-column labels_0 --prediction-column scores_0" in note for note in found["notes"])
    assert [each["label"] for each in found["labels"]] == ["labels_0", "labels_1", "labels_2"]


# ---- rows that are too short ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "left"),
    [
        ("y,p,q\n1,.9,a\n0\n0,.2\n1,.8,b\n\n0,.3,c,d\n0,.1,e\n", 3),
        ("y,q,p\n1,a,.9\n0\n0,b\n1,b,.8\n0,c,.3\n0,e,.1\n", 2),
        ("id,y,p\nr1,1,.9\nr2,0,.2\nr3,1\nr4\nr5,0,.1\nr6,1,.7\n", 2),
    ],
)
def test_short_rows_are_left_out_and_counted(tmp_path: Path, content: str, left: int) -> None:
    path = write(tmp_path / "a.csv", content)
    assert "--skip-bad leaves such rows out" in refused(path)
    found = loaded(path, "--skip-bad")
    whole = [line for line in content.splitlines()[1:] if line]
    assert (found["skipped"], found["rows"]) == (left, len(whole) - left)
