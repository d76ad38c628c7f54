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


def test_one_weight(capsys: pytest.CaptureFixture[str]) -> None:
    """The claims C10 and C21: the worse minimum, and who follows an outlier."""
    ce, mse = loaded(capsys, "--problem", "minima", "--start=-1", "--max-steps", "4000")
    assert [ce["weights"], mse["weights"]] == [[pytest.approx(0.0553, abs=5e-5)], [pytest.approx(-0.5718, abs=5e-5)]]
    assert (ce["reason"], mse["steps"]) == ("reached", None)
    rows = loaded(capsys, "--problem", "constant")
    assert [r["loss"] for r in rows] == ["squared-error", "absolute-error", "huber"]
    assert rows[0]["weights"] == [pytest.approx(17.5)]
    assert rows[2]["weights"] == [pytest.approx(1.2)]
    text = printed(capsys, "--problem", "minima", "--start", "-2")
    assert text.startswith(
        "minima · from w = −2 · sigmoid · gradient descent · until 90 % of the way down to the least L\n"
    )
    header = printed(capsys, "--problem", "constant", "--max-steps", "3", "--trajectory", "--format", "csv")
    assert header.splitlines()[0] == "loss,params,step,w1,accuracy,balanced_accuracy,value,gradient"


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
        assert list(row) == ["loss", "params", "steps", "weights", "accuracy", "balanced_accuracy", "value", "gradient",
                             "reason"]  # fmt: skip
        assert (row["accuracy"] is None) == (row["balanced_accuracy"] is None) == (problem == "line")


def test_huber_hardly_sees_the_outlier(capsys: pytest.CaptureFixture[str]) -> None:
    rows = loaded(capsys, "--problem", "line", "--loss", "mse,huber")
    slopes = [r["weights"][0] for r in rows]  # type: ignore[index]
    assert abs(slopes[1] - 2) < abs(slopes[0] - 2) / 5


def test_a_line_is_fitted_by_losses_of_the_residual(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a name those that tell the story: the outlier holds squared error off the true line, and no other."""
    rows = loaded(capsys, "--problem", "line")
    assert [r["loss"] for r in rows] == ["squared-error", "absolute-error", "huber"]
    assert [r["steps"] is None for r in rows] == [True, False, False]
    assert "until 90 % of the way to the true line" in printed(capsys, "--problem", "line")
    everything = [r["loss"] for r in loaded(capsys, "--problem", "line", "--loss", "all", "--max-steps", "3")]
    assert everything == ["squared-error", "half-squared-error", "absolute-error", "huber", "smooth-l1", "log-cosh",
                          "quantile", "gaussian-nll"]  # fmt: skip


def test_all_takes_those_that_accept_the_problem(capsys: pytest.CaptureFixture[str]) -> None:
    rows = loaded(capsys, "--problem", "separable", "--loss", "all", "--max-steps", "3")
    assert len(rows) == 17
    assert str(rows[-1]["reason"]).startswith("stalled: the mean loss jumps")
    assert run(["race", "--loss", "all", "--match", "smoothness", "--format", "json"]) == 0
    out, err = capsys.readouterr()
    assert err.startswith("lossterm: left out, without a rate by smoothness: ")
    assert "zero-one" in err
    assert "zero-one" not in out


@pytest.mark.parametrize(
    ("activation", "rate"), [("tanh", ".5"), ("identity", ".1"), ("softplus", ".5"), ("exp", ".02")]
)
def test_squared_error_separates_what_is_separable(
    capsys: pytest.CaptureFixture[str], activation: str, rate: str
) -> None:
    asked = ("--problem", "separable", "--loss", "mse", "--activation", activation, "--rate", rate)
    (row,) = loaded(capsys, *asked)
    assert (row["accuracy"], row["reason"]) == (1.0, "reached")


@pytest.mark.parametrize(
    "asked",
    [
        ("--problem", "separable", "--loss", "mse", "--activation", "identity"),
        ("--problem", "flipped", "--loss", "ce:pos_weight=0.05"),
        ("--problem", "line", "--loss", "mse"),
    ],
)
def test_matched_rates_of_problems_never_climb(capsys: pytest.CaptureFixture[str], asked: tuple[str, ...]) -> None:
    (row,) = loaded(capsys, *asked, "--match", "smoothness", "--max-steps", "300", "--trajectory")
    path = row["trajectory"]
    assert isinstance(path, list)
    values = [step["value"] for step in path]
    assert all(after <= before * (1 + 1e-14) for before, after in pairwise(values))
    assert values[-1] < values[0]


def test_the_result_is_that_of_the_whole_race(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lossterm.contest.MOST_KEPT", 2000)
    (alone,) = loaded(capsys, "--loss", "mse")
    assert run(["race", "--loss", "mse,ce", "--trajectory", "--format", "json"]) == 0
    out, err = capsys.readouterr()
    row = json.loads(out)[0]
    path = row.pop("trajectory")
    assert row == alone
    assert [step["step"] for step in path] == list(range(1001))
    assert err == "lossterm: the trajectory has the first 1,000 steps of a loss; the 542 after them are not kept\n"


@pytest.mark.parametrize(
    ("asked", "goal"),
    [
        (("--loss", "ce", "--smoothing", ".1", "--until", ".96"), "until |p − 0.95| ≤ 0.04"),
        (
            ("--activation", "identity", "--loss", "hinge,mse", "--start=-2"),
            "until v ≥ 0.9 (hinge) · |v − 1| ≤ 0.1 (squared-error)",
        ),
        (("--problem", "imbalanced"), "until balanced accuracy ≥ 0.9"),
    ],
)
def test_the_goal_in_words(capsys: pytest.CaptureFixture[str], asked: tuple[str, ...], goal: str) -> None:
    assert printed(capsys, *asked, "--max-steps", "100").splitlines()[0].endswith(goal)


def test_all_for_the_larger_class_does_not_win(capsys: pytest.CaptureFixture[str]) -> None:
    rows = loaded(capsys, "--problem", "imbalanced", "--loss", "ce,ce:pos_weight=19", "--max-steps", "50")
    assert rows[0]["steps"] is None
    assert isinstance(rows[1]["steps"], int)
    assert rows[1]["steps"] > 0


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
        (["--problem", "separable", "--label", "0"], "--label has no meaning for --problem separable"),
        (["--problem", "separable", "--smoothing", ".3"], "--smoothing has no meaning"),
        (["--seed", "5"], "--seed has no meaning for --problem logit"),
        (["--examples", "50"], "--examples has no meaning"),
        (["--problem", "line", "--activation", "tanh"], "--activation has no meaning for --problem line"),
        (["--problem", "minima", "--examples", "40"], "--examples has no meaning for --problem minima"),
        (["--problem", "constant", "--activation", "tanh"], "--activation has no meaning for --problem constant"),
        (["--problem", "constant", "--loss", "ce"], "does not fit a constant"),
        (["--problem", "outlier", "--batch", "1000", "--examples", "50"], "is more than the 50 examples"),
        (["--problem", "line", "--loss", "ce"], "does not fit a line: it is not about v − y, as squared-error, "),
        (["--problem", "line", "--loss", "all,ce"], "cross-entropy does not fit a line"),
        (["--loss", "all,mae", "--activation", "identity", "--match", "smoothness"], "absolute-error has no rate"),
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


def test_losses_that_nobody_named_may_lack_a_rate(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["race", "--problem", "line", "--match", "smoothness", "--format", "json"]) == 0
    out, err = capsys.readouterr()
    assert [row["loss"] for row in json.loads(out)] == ["squared-error", "huber"]
    assert err == "lossterm: left out, without a rate by smoothness: absolute-error\n"


def test_a_rate_beyond_numbers_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["race", "--loss", "mse", "--label", "1e300", "--match", "smoothness"]) == 2
    assert "has no rate by smoothness: |∂²L/∂z²| is nowhere a finite number" in capsys.readouterr().err


def test_a_reason_calls_a_probability_as_the_table_does(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["race", "--loss", "ce", "--until", "1", "--max-steps", "1000"]) == 0
    assert ", p = 0.999 after" in capsys.readouterr().out
