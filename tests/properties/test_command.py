"""`lossterm properties`: the table in four forms, and the numbers that every course quotes."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from lossterm.cli import run
from lossterm.core.properties import ABOUT
from tests.families import FIRST

NAMES = [
    "convex_in_logit", "inflections", "convex_in_prediction", "bounded", "max_abs_d_logit", "saturates", "lipschitz",
    "smoothness", "minimiser", "infimum", "symmetric", "growth", "strictly_proper", "proper", "risk_minimiser",
    "classification_calibrated", "noise_tolerant", "likelihood",
]  # fmt: skip


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run(["properties", *arguments]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return out


def loaded(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, Any]]:
    text = printed(capsys, *arguments, "--format", "json")
    rows = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    assert isinstance(rows, list)
    return rows


def values(row: dict[str, Any]) -> dict[str, Any]:
    return {name: cell["value"] for name, cell in row["properties"].items()}


def test_json_has_exactly_these_fields(capsys: pytest.CaptureFixture[str]) -> None:
    rows = loaded(capsys, "--loss", "ce,focal:gamma=3")
    assert [list(r) for r in rows] == [["loss", "params", "label", "smoothing", "activation", "properties"]] * 2
    assert rows[1]["params"] == {"gamma": 3.0, "alpha": None}
    for r in rows:
        assert list(r["properties"]) == list(ABOUT)
        assert [name for name in ABOUT if name in NAMES] == NAMES  # what is promised
        for cell in r["properties"].values():
            assert list(cell) == ["value", "evidence", "tolerance"]
            assert cell["evidence"]
            assert isinstance(cell["value"], bool | int | float | str | None)


def test_cross_entropy_and_squared_error(capsys: pytest.CaptureFixture[str]) -> None:
    ce, mse = map(values, loaded(capsys, "--loss", "ce,mse"))
    assert (ce["convex_in_logit"], mse["convex_in_logit"]) == (True, False)
    assert (ce["bounded"], mse["bounded"]) == (False, True)
    assert (ce["saturates"], mse["saturates"]) == (False, True)
    assert mse["max_abs_d_logit"] == pytest.approx(8 / 27)
    assert mse["inflections"] == pytest.approx(-0.693147, abs=1e-6)
    assert (ce["lipschitz"], mse["lipschitz"]) == ("inf", 2)
    assert (ce["smoothness"], mse["smoothness"]) == (0.25, pytest.approx(0.15406, abs=1e-5))
    assert (ce["likelihood"], mse["likelihood"]) == ("Bernoulli", "Gaussian")
    assert ce["strictly_proper"] is mse["strictly_proper"] is True


def test_undecided_is_null(capsys: pytest.CaptureFixture[str]) -> None:
    (hinge,) = loaded(capsys, "--loss", "hinge", "--activation", "identity")
    assert hinge["properties"]["strictly_proper"]["value"] is None
    assert "margin" in hinge["properties"]["strictly_proper"]["evidence"]


@pytest.mark.parametrize("activation", ["sigmoid", "identity", "relu", "exp"])
def test_all_losses(capsys: pytest.CaptureFixture[str], activation: str) -> None:
    rows = loaded(capsys, "--loss", "all", "--activation", activation)
    assert [r["loss"] for r in rows] == list(FIRST)


def test_who_does_not_take_the_label_is_undecided(capsys: pytest.CaptureFixture[str]) -> None:
    rows = {r["loss"]: r["properties"] for r in loaded(capsys, "--loss", "all", "--label", "3")}
    assert list(rows) == list(FIRST)
    assert rows["squared-error"]["bounded"]["value"] is True
    assert rows["cross-entropy"]["bounded"]["value"] is None
    assert rows["cross-entropy"]["bounded"]["evidence"] == "cross-entropy needs a label between 0 and 1, not 3"
    assert rows["cross-entropy"]["strictly_proper"]["value"] is True  # it is not about the label
    (hinge,) = loaded(capsys, "--loss", "hinge", "--smoothing", ".1")
    assert hinge["properties"]["growth"]["evidence"].endswith("not 0.95")


def test_two_inflections_are_told_as_briefly_as_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert "| −1.84, 0.9926 |" in printed(capsys, "--loss", "mse", "--label", ".3", "--format", "markdown")


def test_csv(capsys: pytest.CaptureFixture[str]) -> None:
    rows = list(csv.DictReader(io.StringIO(printed(capsys, "--loss", "ce,focal,hinge", "--format", "csv"))))
    assert list(rows[0]) == ["loss", "params", *ABOUT]
    assert [r["params"] for r in rows] == ["pos_weight=1", "gamma=2;alpha=", ""]
    assert (rows[0]["convex_in_logit"], rows[0]["lipschitz"], rows[2]["strictly_proper"]) == ("true", "inf", "")


def test_markdown(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(capsys, "--loss", "ce,mse,log-cosh", "--format", "markdown").splitlines()
    assert len(lines) == 5
    assert {line.replace("\\|", "").count("|") for line in lines} == {2 + len(ABOUT)}
    assert set(lines[1]) <= set("|- ")
    assert "hyperbolic secant" in lines[4]


def test_text_is_aligned_and_folded(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, "--loss", "all")
    assert max(map(len, text.splitlines())) <= 100
    blocks = text.split("\n\n")[1:]
    heads = " ".join(block.splitlines()[0] for block in blocks)
    assert all(head in heads for head in ("convex z", "max|∂L/∂z|", "likelihood"))
    for block in blocks:
        if block.startswith("loss"):
            assert len({len(line) for line in block.splitlines() if line}) == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--label", "x"], "not a number"),
        (["--loss", "hinje"], "did you mean hinge?"),
        (["--format", "yaml"], "unknown format"),
        (["--activation", "sigmod"], "did you mean sigmoid?"),
        (["--at", "3"], "unknown argument"),
    ],
)
def test_one_line_for_what_is_wrong(capsys: pytest.CaptureFixture[str], arguments: list[str], says: str) -> None:
    assert run(["properties", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.splitlines()) == 1
    assert says in err
