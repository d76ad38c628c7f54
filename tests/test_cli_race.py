"""`lossterm race`: the steps, the machine-readable formats, and one line for what is wrong."""

from __future__ import annotations

import csv
import io
import json
from itertools import pairwise

import pytest

from lossterm.cli import run

KEYS = ["loss", "params", "steps", "logit", "prediction", "value", "reason"]


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run(["race", *arguments]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return out


def loaded(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, object]]:
    text = printed(capsys, *arguments, "--format", "json")
    rows = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    assert isinstance(rows, list)
    return rows


def test_cross_entropy_19_squared_error_1542(capsys: pytest.CaptureFixture[str]) -> None:
    rows = loaded(capsys, "--loss", "ce,mse", "--start=-8", "--rate", "1", "--until", "0.9")
    assert [list(r) for r in rows] == [KEYS, KEYS]
    assert [(r["loss"], r["params"], r["steps"], r["reason"]) for r in rows] == [
        ("cross-entropy", {"pos_weight": 1.0}, 19, "reached"),
        ("squared-error", {}, 1542, "reached"),
    ]
    assert rows[0]["prediction"] == pytest.approx(0.908520, abs=1e-6)


def test_the_text_tells_the_factor(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, "--loss", "ce,mse", "--start", "-8")
    assert text.splitlines()[0] == "y = 1 · sigmoid · from z = −8 · gradient descent · until p ≥ 0.9"
    assert "1,542" in text
    assert "81.2" in text


@pytest.mark.parametrize(("match", "steps"), [("smoothness", [4, 239]), ("lipschitz", [19, 458]), ("off", [19, 1542])])
def test_fair_rates(capsys: pytest.CaptureFixture[str], match: str, steps: list[int]) -> None:
    assert [r["steps"] for r in loaded(capsys, "--match", match)] == steps


def test_newton_diverges_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    rows = loaded(capsys, "--optimizer", "newton")
    assert [r["steps"] for r in rows] == [1, None]
    assert "curvature is negative" in str(rows[1]["reason"])


def test_what_stalls_has_no_steps(capsys: pytest.CaptureFixture[str]) -> None:
    (stalled,) = loaded(capsys, "--loss", "mse", "--start=-40")
    assert stalled["steps"] is None
    assert str(stalled["reason"]).startswith("stalled: ")


def test_infinite_values_are_text(capsys: pytest.CaptureFixture[str]) -> None:
    (row,) = loaded(capsys, "--loss", "ce", "--activation", "identity", "--start=0")
    assert row["value"] == "inf"
    assert row["steps"] is None


def test_every_step(capsys: pytest.CaptureFixture[str]) -> None:
    rows = loaded(capsys, "--loss", "ce", "--trajectory")
    path = rows[0]["trajectory"]
    assert isinstance(path, list)
    assert list(rows[0]) == [*KEYS, "trajectory"]
    assert [p["step"] for p in path] == list(range(20))
    assert list(path[0]) == ["step", "logit", "prediction", "value", "d_logit"]
    assert path[0]["logit"] == -8
    for one, other in pairwise(path):
        assert other["logit"] == pytest.approx(one["logit"] - one["d_logit"], rel=1e-9)
    assert path[-1]["logit"] == rows[0]["logit"]


@pytest.mark.parametrize("trajectory", [False, True])
def test_csv_says_what_json_says(capsys: pytest.CaptureFixture[str], trajectory: bool) -> None:
    more = ["--trajectory"] if trajectory else []
    table = list(csv.DictReader(io.StringIO(printed(capsys, "--loss", "ce,focal", *more, "--format", "csv"))))
    rows = loaded(capsys, "--loss", "ce,focal", *more)
    if not trajectory:
        assert [float(r["logit"]) for r in table] == [r["logit"] for r in rows]
        assert list(table[0]) == KEYS
        assert table[1]["params"] == "gamma=2;alpha="
        return
    steps = [p for r in rows for p in r["trajectory"]]  # type: ignore[attr-defined]
    assert [(int(r["step"]), float(r["value"])) for r in table] == [(p["step"], p["value"]) for p in steps]


def test_every_step_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(capsys, "--loss", "ce", "--trajectory").splitlines()
    assert sum(line.startswith("cross-entropy ") for line in lines) == 21


@pytest.mark.parametrize("problem", ["separable", "overlapping", "imbalanced", "flipped", "outlier", "line"])
@pytest.mark.parametrize("form", ["text", "json", "csv"])
def test_problems(capsys: pytest.CaptureFixture[str], problem: str, form: str) -> None:
    loss = "mse,huber" if problem == "line" else "ce,mse"
    arguments = ("--problem", problem, "--loss", loss, "--max-steps", "60", "--format", form)
    text = printed(capsys, *arguments)
    assert text == printed(capsys, *arguments)  # the same from the same seed
    assert text != printed(capsys, *arguments, "--seed", "3")
    if form == "json":
        row = json.loads(text)[0]
        assert list(row) == ["loss", "params", "steps", "weights", "accuracy", "value", "gradient", "reason"]
        assert (row["accuracy"] is None) == (problem == "line")


def test_huber_hardly_sees_the_outlier(capsys: pytest.CaptureFixture[str]) -> None:
    rows = loaded(capsys, "--problem", "line", "--loss", "mse,huber")
    slopes = [r["weights"][0] for r in rows]  # type: ignore[index]
    assert abs(slopes[1] - 2) < abs(slopes[0] - 2) / 5


def test_a_problem_does_not_ask_for_the_label(capsys: pytest.CaptureFixture[str]) -> None:
    assert len(loaded(capsys, "--problem", "separable", "--loss", "ce", "--label", "7", "--max-steps", "3")) == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--until", "2"], "between"),
        (["--until", "0"], "between"),
        (["--rate", "0"], "rate"),
        (["--rate", "-1"], "rate"),
        (["--rate", "x"], "not a number"),
        (["--start", "nan"], "finite"),
        (["--start", ""], "not a number"),
        (["--match", "smooth"], "did you mean smoothness?"),
        (["--optimizer", "nevton"], "did you mean newton?"),
        (["--problem", "lines"], "did you mean line?"),
        (["--max-steps", "1.5"], "whole number"),
        (["--max-steps", "0"], "whole number between 1"),
        (["--max-steps", "1e18"], "whole number between 1"),
        (["--batch", "4"], "no meaning for --problem logit"),
        (["--problem", "line", "--start", "1"], "no meaning for --problem line"),
        (["--problem", "line", "--loss", "ce"], "does not fit a line"),
        (["--problem", "separable", "--examples", "5"], "between 20"),
        (["--label", "3"], "cross-entropy needs a label"),
        (["--loss", "zero-one", "--match", "smoothness"], "zero-one has no rate"),
        (["--loss", "nope"], "unknown loss"),
        (["--format", "xml"], "unknown format"),
        (["--maxsteps", "4"], "did you mean --max-steps?"),
    ],
)
def test_one_line_for_what_is_wrong(capsys: pytest.CaptureFixture[str], arguments: list[str], says: str) -> None:
    assert run(["race", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("lossterm: ")
    assert len(err.splitlines()) == 1
    assert says in err
