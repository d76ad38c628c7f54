"""Columns that tell a distribution: which are found, at which levels, what is noted, and what is refused."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lossterm.files.forecasts import end_of, level_of
from lossterm.files.source import Source
from tests.files.making import write
from tests.predictions.test_command import loaded, refused

LABELS = (1.5, 2.5, 3.1, 4.4, 0.2)


def table(names: str, *columns: Sequence[Any]) -> str:
    """Labels, and columns that ascend where none are given."""
    heads = names.split(",")
    given = list(columns) or [[y + k - len(heads) / 2 for y in LABELS] for k in range(1, len(heads))]
    rows = zip(LABELS, *given, strict=True)
    return "\n".join([names, *(",".join(map(str, row)) for row in rows)]) + "\n"


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("q05", 0.05), ("q5", 0.05), ("q50", 0.5), ("q025", 0.025), ("q975", 0.975), ("Q_0.9", 0.9), ("p10", 0.1),
        ("pred_p90", 0.9), ("quantile_0.25", 0.25), ("0.5", 0.5), (".05", 0.05), ("percentile 97.5", 0.975),
        ("y_q0_1", 0.1), ("quantile-95", 0.95), ("p99.9", 0.999), ("q05_pred", 0.05),
        ("q0", None), ("q100", None), ("p0", None), ("prob", None), ("group5", None), ("1.5", None), ("top10", None),
        ("step50", None), ("eq1000", None), ("q", None), ("", None),
    ],
)  # fmt: skip
def test_the_level_of_a_name(name: str, level: float | None) -> None:
    found = level_of(name)
    assert (None if found is None else found.level) == (None if level is None else pytest.approx(level))


@given(st.text(max_size=20))
def test_any_name_has_a_level_between_0_and_1_or_none(name: str) -> None:
    found = level_of(name)
    assert found is None or 0 < found.level < 1
    end_of(name)


@pytest.mark.parametrize(
    ("name", "upper", "number"),
    [
        ("lower", False, None), ("yhat_upper", True, None), ("AutoARIMA-lo-80", False, 80.0), ("hi_95", True, 95.0),
        ("upper_0.9", True, 0.9), ("ci_low", False, None),
    ],
)  # fmt: skip
def test_the_end_of_a_name(name: str, upper: bool, number: float | None) -> None:
    found = end_of(name)
    assert found is not None
    assert (found.upper, found.number) == (upper, number)


@pytest.mark.parametrize("name", ["low", "high", "follow", "lower_upper", "lower_1_2", "allow", "y"])
def test_no_end(name: str) -> None:
    assert end_of(name) is None


FOUND: list[tuple[str, list[str], list[float], list[str]]] = [
    ("y,q05,q50,q95", ["q50"], [0.05, 0.5, 0.95], ["q05", "q50", "q95"]),
    ("y,q95,q50,q05", ["q50"], [0.05, 0.5, 0.95], ["q05", "q50", "q95"]),
    ("y,pred,q05,q95", ["pred"], [0.05, 0.95], ["q05", "q95"]),
    ("y,q10,q90", ["q10", "q90"], [0.1, 0.9], ["q10", "q90"]),
    ("y,p10,p50,p90", ["p50"], [0.1, 0.5, 0.9], ["p10", "p50", "p90"]),
    ("y,0.1,0.5,0.9", ["0.5"], [0.1, 0.5, 0.9], ["0.1", "0.5", "0.9"]),
    ("y,lower,pred,upper", ["pred"], [0.05, 0.95], ["lower", "upper"]),
    ("y,lower,upper", ["lower", "upper"], [0.05, 0.95], ["lower", "upper"]),
    ("ds,yhat_lower,yhat,yhat_upper,y", ["yhat"], [0.1, 0.9], ["yhat_lower", "yhat_upper"]),
    ("y,mean_ci_lower,mean,mean_ci_upper", ["mean"], [0.025, 0.975], ["mean_ci_lower", "mean_ci_upper"]),
    ("y,M-lo-95,M-lo-80,M,M-hi-80,M-hi-95", ["M"], [0.025, 0.1, 0.9, 0.975],
     ["M-lo-95", "M-lo-80", "M-hi-80", "M-hi-95"]),
    ("y,lower_5,fit,upper_95", ["fit"], [0.05, 0.95], ["lower_5", "upper_95"]),
]  # fmt: skip


@pytest.mark.parametrize(("names", "point", "levels", "columns"), FOUND, ids=[names for names, *_ in FOUND])
def test_quantiles_are_found(
    tmp_path: Path, names: str, point: list[str], levels: list[float], columns: list[str]
) -> None:
    heads = names.split(",")
    rows = [[str(k), *map(str, range(1, len(heads)))] for k in range(5)]
    at = heads.index("y")
    ascending = {name: k for k, name in enumerate([*sorted(columns, key=columns.index), *point])}
    for k, row in enumerate(rows):
        for i, name in enumerate(heads):
            row[i] = str(LABELS[k]) if i == at else str(LABELS[k] + ascending.get(name, 0) - 1.3)
    path = write(tmp_path / "a.csv", "\n".join([names, *map(",".join, rows)]) + "\n")
    found = loaded(path)["columns"]
    assert found["label"] == "y"
    assert found["predictions"] == point
    assert found["kind"] == "quantile"
    assert found["forecast"] == {"shape": "quantiles", "columns": columns, "levels": pytest.approx(levels)}


@pytest.mark.parametrize("names", ["y,mean,sd", "y,pred,pred_std", "y,mu,sigma", "y,yhat,yhat_sd", "y,sd,prediction"])
def test_a_mean_and_a_standard_deviation_are_found(tmp_path: Path, names: str) -> None:
    spread = [0.5, 1, 2, 0.7, 1.1]
    middle = [1, 2, 3, 5, 1.5]
    columns = [spread, middle] if names.split(",")[1] == "sd" else [middle, spread]
    found = loaded(write(tmp_path / "a.csv", table(names, *columns)))
    deviation = next(name for name in names.split(",") if set(name.split("_")) & {"sd", "std", "sigma"})
    assert found["columns"]["kind"] == "normal"
    assert found["columns"]["forecast"]["columns"] == [deviation]
    assert found["crps"] is not None and found["nll"] is not None
    assert any(f"{deviation!r} is read as the standard deviation" in note for note in found["notes"])


@pytest.mark.parametrize(
    "content",
    [
        "y,p10,p50,p90\n10,.2,.3,.5\n50,.2,.3,.5\n90,.1,.1,.8\n",  # probabilities of classes 10, 50 and 90
        "y,p_0,p_1,p_2\n0,.2,.3,.5\n1,.2,.3,.5\n2,.1,.1,.8\n",
        "y,probability,lower,upper\n0,.2,.1,.5\n1,.7,.3,.8\n0,.1,.05,.2\n",  # the interval of a probability
        "y,pred,age,age_sd\n1.5,1,30,2\n2.5,2,31,2\n3.5,3,20,1\n",
        "y,pred,low,high\n1.5,1,1,2\n2.5,2,1,3\n3.5,3,1,4\n",  # prices
        "y,pred,lower,upper\n1.5,1,2,1\n2.5,2,3,1\n3.5,3,4,1\n",  # the lower is above the upper
    ],
)
def test_what_is_no_distribution(tmp_path: Path, content: str) -> None:
    assert loaded(write(tmp_path / "a.csv", content), "--skip-bad")["columns"]["forecast"] is None


def test_sixty_classes_are_no_quantiles(tmp_path: Path) -> None:
    heads = ["y", *(f"p_{k}" for k in range(60))]
    rows = [[str(k), *(["0.015"] * 59), "0.115"] for k in range(40)]
    assert (
        loaded(write(tmp_path / "a.csv", "\n".join(map(",".join, [heads, *rows])) + "\n"))["columns"]["forecast"]
        is None
    )


# ---- either way is noted, with the option that reads it the other way -----------------------------------------------


def notes(path: Path, *words: str) -> str:
    return " · ".join(loaded(path, *words)["notes"])


def test_probabilities_or_quantiles(tmp_path: Path) -> None:
    quantiles = write(tmp_path / "q.csv", table("y,p10,p50,p90"))
    assert "p10, p50, p90 are read as quantiles: --kind value" in notes(quantiles)
    alone = loaded(quantiles, "--kind", "value")["columns"]
    assert (alone["kind"], alone["predictions"], alone["forecast"]) == ("value", ["p50"], None)
    classes = write(tmp_path / "p.csv", "y,p10,p50,p90\n10,.2,.3,.5\n50,.2,.3,.5\n90,.1,.1,.8\n")
    assert "add up to 1 in every row and are taken as probabilities of classes: --kind quantile" in notes(classes)
    assert loaded(classes, "--kind", "quantile")["columns"]["forecast"]["levels"] == [0.1, 0.5, 0.9]
    assert "--kind probability reads them" in notes(write(tmp_path / "c.csv",
                                                          "y,p10,p50,p90\n1,0,2,3\n2,1,2,3\n3,1,2,5\n"))  # fmt: skip


def test_an_interval_of_unknown_size(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", table("y,lower,pred,upper"))
    told = notes(path)
    assert "an interval of 90%" in told and "--levels LOW,HIGH" in told and "--kind value" in told
    assert loaded(path, "--levels", ".025,.975")["columns"]["forecast"]["levels"] == [0.025, 0.975]
    assert "90 %" not in notes(path, "--levels", ".025,.975")
    assert loaded(path, "--kind", "value")["columns"]["predictions"] == ["pred"]


def test_the_middle_is_a_prediction(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "y,q10,q90\n1.5,1,2\n2.5,1,4\n3.5,3,5\n")
    assert "the middle of 'q10' and 'q90' is read as one" in notes(path)
    with Source.open([str(path)]) as source:
        (batch,) = source.batches()
        assert batch.prediction.tolist() == [1.5, 2.5, 4.0]
        assert batch.told is not None and batch.told.tolist() == [[1, 2], [1, 4], [3, 5]]


def test_columns_are_named_with_their_levels(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", table("y,a,b,c"))
    found = loaded(path, "--prediction-column", "c,a,b", "--kind", "quantile", "--levels", ".9,.1,.5")["columns"]
    assert found["forecast"] == {"shape": "quantiles", "columns": ["a", "b", "c"], "levels": [0.1, 0.5, 0.9]}
    assert found["predictions"] == ["b"]
    beside = loaded(path, "--prediction-column", "b,a,c", "--levels", ".1,.9")["columns"]
    assert (beside["predictions"], beside["forecast"]["columns"]) == (["b"], ["a", "c"])
    normal = loaded(path, "--prediction-column", "a,c", "--kind", "normal", "--skip-bad")["columns"]
    assert (normal["predictions"], normal["forecast"]["columns"]) == (["a"], ["c"])
    one = loaded(write(tmp_path / "q.csv", table("y,q10,q50,q90")), "--prediction-column", "q90")["columns"]
    assert (one["predictions"], one["forecast"]["levels"]) == (["q90"], [0.1, 0.5, 0.9])


@pytest.mark.parametrize(
    ("content", "words", "said"),
    [
        ("y,a,b\n1.5,1,2\n2.5,1,3\n3.5,1,4\n", ["--kind", "quantile"], "--levels .05,.5,.95"),
        ("y,a,b\n1.5,1,2\n2.5,1,3\n3.5,1,4\n", ["--kind", "normal"], "--prediction-column MEAN,SD"),
        ("y,a,b\n1.5,1,2\n2.5,1,3\n3.5,1,4\n", ["--prediction-column", "a,b", "--levels", ".1,.5,.6,.9"], "4 levels"),
        ("y,q10,q90\n1.5,1,2\n2.5,1,3\n3.5,1,4\n", ["--levels", ".1,.5,.9"], "3 levels where there are 2 columns"),
        ("y,q10,q90\n1.5,1,2\n2.5,1,3\n3.5,1,4\n", ["--levels", ".1,2"], "between 0 and 1"),
        ("y,q10,q90\n1.5,1,2\n2.5,1,3\n3.5,1,4\n", ["--levels", ".1,.1"], "different numbers"),
        ("y,q10,q90\n1.5,1,2\n2.5,1,3\n3.5,1,4\n", ["--levels", ".1,.9", "--kind", "logit"], "is of quantiles"),
        ("y,q10,q90\na,1,2\nb,1,3\nc,1,4\n", ["--kind", "quantile"], "labels that are numbers"),
        ("y,q1,q2,q3\n1.5,1,2,3\n2.5,1,2,3\n3.5,1,2,3\n", [], "--levels .25,.5,.75"),
        ("y,q10,q90\n1.5,1,2\n2.5,,3\n3.5,1,4\n", [], "row 2 (line 3): column 'q10' is empty"),
        ("y,q10,q90\n1.5,1,2\n2.5,-inf,3\n3.5,1,4\n", [], "-inf is not a finite value"),
        ("y,p_0,p_1,p_2\n0,.2,.3,.5\n1,.2,.3,.5\n2,.1,.1,.8\n", ["--kind", "value"], "--kind value is of one column"),
        ("y,mean,sd\n1.5,1,2\n2.5,1,0\n3.5,1,4\n", [], "0 is not a standard deviation above 0"),
    ],
)  # fmt: skip
def test_what_is_refused_says_what_would_be_right(tmp_path: Path, content: str, words: list[str], said: str) -> None:
    assert said in refused(write(tmp_path / "a.csv", content), *words)


def test_bad_rows_are_left_out_and_counted(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "y,q10,q90\n1.5,1,2\n2.5,,3\n3.5,1,inf\n4.5,3,5\n")
    found = loaded(path, "--skip-bad")
    assert (found["rows"], found["skipped"]) == (2, 2)
