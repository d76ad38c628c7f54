"""`lossterm race`: the steps, the machine-readable formats, and one line for what is wrong."""

from __future__ import annotations

import csv
import io
import json
from itertools import pairwise
from typing import Any

import pytest

from lossterm.cli import run
from lossterm.core.descent.problems import PROBLEMS

SETTING = ["problem", "start", "start_weights", "label", "activation", "optimizer", "goal", "until", "rate", "match",
           "max_steps", "examples", "seed", "batch", "best_balanced_accuracy", "verdict", "why", "racers"]  # fmt: skip
KEYS = ["loss", "params", "rate", "goal", "steps", "at_arrival", "at_end", "ended", "reason"]
PLACE = ["step", "logit", "prediction", "value", "d_logit"]
ENDS = {"reached", "converged", "stalled", "diverged", "limit"}


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run(["race", *arguments]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return out


def document(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    text = printed(capsys, *arguments, "--format", "json")
    found = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    assert list(found) == SETTING
    assert {row["ended"] for row in found["racers"]} <= ENDS
    return found  # type: ignore[no-any-return]


def loaded(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, Any]]:
    racers = document(capsys, *arguments)["racers"]
    assert isinstance(racers, list)
    return racers


def unwrapped(text: str) -> str:
    """Words, wherever their lines break."""
    return " ".join(text.split())


def test_cross_entropy_19_squared_error_1542(capsys: pytest.CaptureFixture[str]) -> None:
    rows = loaded(capsys, "--loss", "ce,mse", "--start=-8", "--rate", "1", "--until", "0.9")
    assert [list(r) for r in rows] == [KEYS, KEYS]
    assert [(r["loss"], r["params"], r["steps"], r["reason"]) for r in rows] == [
        ("cross-entropy", {"pos_weight": 1.0}, 19, "reached"),
        ("squared-error", {}, 1542, "reached"),
    ]
    assert rows[0]["at_arrival"]["prediction"] == pytest.approx(0.908520, abs=1e-6)
    assert list(rows[0]["at_arrival"]) == list(rows[1]["at_end"]) == PLACE


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
    assert (stalled["ended"], stalled["at_arrival"]) == ("stalled", None)


def test_infinite_values_are_text(capsys: pytest.CaptureFixture[str]) -> None:
    (row,) = loaded(capsys, "--loss", "ce", "--activation", "identity", "--start=0")
    assert row["at_end"]["value"] == "inf"
    assert row["steps"] is None
    assert row["ended"] == "stalled"  # who never moved has not diverged


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
    assert path[-1]["logit"] == rows[0]["at_end"]["logit"]


@pytest.mark.parametrize("trajectory", [False, True])
def test_csv_says_what_json_says(capsys: pytest.CaptureFixture[str], trajectory: bool) -> None:
    more = ["--trajectory"] if trajectory else []
    table = list(csv.DictReader(io.StringIO(printed(capsys, "--loss", "ce,focal", *more, "--format", "csv"))))
    rows = loaded(capsys, "--loss", "ce,focal", *more)
    if not trajectory:
        assert [float(r["end_logit"]) for r in table] == [r["at_end"]["logit"] for r in rows]
        places = [f"{at}_{name}" for at in ("arrival", "end") for name in PLACE]
        assert list(table[0]) == ["loss", "params", "rate", "steps", *places, "ended", "reason"]
        assert table[1]["params"] == "gamma=2;alpha="
        return
    steps = [p for r in rows for p in r["trajectory"]]
    assert [(int(r["step"]), float(r["value"])) for r in table] == [(p["step"], p["value"]) for p in steps]


def test_every_step_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(capsys, "--loss", "ce", "--trajectory").splitlines()
    assert sum(line.startswith("cross-entropy ") for line in lines) == 21


def test_each_field_has_one_type(capsys: pytest.CaptureFixture[str]) -> None:
    kinds: dict[str, type] = {}
    for problem in ("logit", "minima", "line", "separable", "constant"):
        found = document(capsys, "--problem", problem, "--max-steps", "5")
        starts = (found["start"], found["start_weights"])
        assert starts.count(None) == 1
        for name, value in found.items():
            if value is not None:
                assert kinds.setdefault(name, type(value)) in (type(value), int, float), name
    assert (kinds["start"], kinds["start_weights"]) == (float, list)


@pytest.mark.exhaustive
def test_one_weight(capsys: pytest.CaptureFixture[str]) -> None:
    """The claims C10 and C21: the worse minimum, and who follows an outlier."""
    found = document(capsys, "--problem", "minima", "--start=-1", "--max-steps", "4000")
    ce, mse = found["racers"]
    ends = [ce["at_end"]["weights"], mse["at_end"]["weights"]]
    assert ends == [[pytest.approx(0.0553, abs=5e-5)], [pytest.approx(-0.5718, abs=5e-5)]]
    assert (ce["ended"], mse["steps"], mse["at_arrival"], mse["ended"]) == ("reached", None, None, "converged")
    assert (found["start"], found["label"], found["activation"]) == (-1, None, "sigmoid")
    for part in (
        "in the worse minimum, w = −0.5718 (mean L 0.3452)",
        "the better one is at w = 0.04947 (mean L 0.2445)",
    ):
        assert part in found["verdict"]  # 4 times these means: 1.3808 and .9780
    found = document(capsys, "--problem", "constant")
    rows = found["racers"]
    assert [r["loss"] for r in rows] == ["squared-error", "absolute-error", "huber"]
    assert [r["ended"] for r in rows] == ["converged", "reached", "reached"]
    assert rows[0]["at_end"]["weights"] == [pytest.approx(17.5)]
    assert rows[2]["at_end"]["weights"] == [pytest.approx(1.2)]
    assert "squared-error converged at the wrong number, w = 17.5, because of the outlier" in found["verdict"]
    assert "99.999% of its loss" in found["verdict"]
    assert "any from 1 to 1.1 is as low" in found["verdict"]
    text = printed(capsys, "--problem", "minima", "--start", "-2")
    assert unwrapped(text).startswith(
        "minima · from w = −2 · sigmoid · gradient descent · until 99% of the way down to its least mean L "
    )
    header = printed(capsys, "--problem", "constant", "--max-steps", "3", "--trajectory", "--format", "csv")
    assert header.splitlines()[0] == "loss,params,step,w1,accuracy,balanced_accuracy,value,gradient"


def test_the_line_that_an_outlier_ruins(capsys: pytest.CaptureFixture[str]) -> None:
    """Who came to rest has converged, if at the wrong line; nothing there wins or has stalled."""
    found = document(capsys, "--problem", "line")
    assert [r["ended"] for r in found["racers"]] == ["converged", "reached", "reached"]
    assert "squared-error converged at the wrong line, 1.785x + 0.8322, because of the outlier" in found["verdict"]
    assert "the outlier pulls with |∂L/∂v| = " in found["why"]
    assert "stalled" not in printed(capsys, "--problem", "line")


@pytest.mark.parametrize("problem", ["separable", "flipped", "outlier", "overlapping", "imbalanced"])
def test_each_problem_of_classes_tells_losses_apart(capsys: pytest.CaptureFixture[str], problem: str) -> None:
    """All arrive, at different steps; the numbers of the arrival meet the goal, and those of the end stand beside."""
    found = document(capsys, "--problem", problem)
    ce, mse = found["racers"]
    assert 1 < ce["steps"] < found["max_steps"] and 1 < mse["steps"] < found["max_steps"]
    assert ce["steps"] != mse["steps"]
    best = found["best_balanced_accuracy"]
    for row in (ce, mse):
        there, end = row["at_arrival"], row["at_end"]
        assert there["step"] == row["steps"] < end["step"]
        assert end["value"] < there["value"]
        assert end["balanced_accuracy"] <= best
        (alone,) = loaded(capsys, "--problem", problem, "--loss", row["loss"], "--max-steps", str(row["steps"]))
        for name in ("value", "gradient", "balanced_accuracy"):
            assert alone["at_end"][name] == pytest.approx(there[name], rel=1e-9)
        (short,) = loaded(capsys, "--problem", problem, "--loss", row["loss"], "--max-steps", str(row["steps"] - 1))
        assert (short["steps"], short["ended"]) == (None, "limit")
    assert found["verdict"] and found["why"]


def test_why_cross_entropy_is_faster(capsys: pytest.CaptureFixture[str]) -> None:
    """The claim C5: the slopes at −8, and what cancels."""
    why = document(capsys)["why"]
    assert "= −0.9997 (cross-entropy)" in why
    assert "= −0.0006703 (squared-error)" in why  # 2(p − 1)p(1 − p), p = 1/(1 + e⁸)
    assert "1,491 times" in why  # 1/(2p(1 − p)) is 1,491.5 there
    assert "cross-entropy's 1/p cancels the sigmoid's slope p(1 − p)" in why
    assert "cross-entropy's 1/(1 − p) cancels" in document(capsys, "--label", "0", "--start", "8")["why"]
    assert "cancels" not in document(capsys, "--loss", "mse,mae")["why"]


def test_who_falls_short_of_the_goal_is_not_shown_there(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, "--loss", "ce", "--until", ".999999")
    assert "p = 0.99999899999 after 1,000,000 steps, short of p ≥ 0.999999" in unwrapped(text)
    assert "p = 1 " not in text
    assert "p ≤ 1e−6" in printed(capsys, "--loss", "ce", "--label", "0", "--until", ".999999", "--max-steps", "9")


@pytest.mark.parametrize("problem", ["logit", "separable", "overlapping", "imbalanced", "flipped", "outlier", "line",
                                     "minima", "constant"])  # fmt: skip
@pytest.mark.parametrize("more", [(), ("--loss", "all"), ("--trajectory", "--loss", "all", "--max-steps", "30")])
@pytest.mark.sampled(3)
def test_text_fits_eighty_columns(capsys: pytest.CaptureFixture[str], problem: str, more: tuple[str, ...]) -> None:
    lines = printed(capsys, "--problem", problem, *more).splitlines()
    assert max(map(len, lines)) <= 80


def test_help_describes_every_problem(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run(["race", "--help"])
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 80
    told = unwrapped(text)
    for name, about in PROBLEMS.items():
        assert f"{name} {about}" in told


@pytest.mark.parametrize("problem", ["separable", "overlapping", "imbalanced", "flipped", "outlier", "line"])
@pytest.mark.parametrize("form", ["text", "json", "csv"])
def test_problems(capsys: pytest.CaptureFixture[str], problem: str, form: str) -> None:
    loss = "mse,huber" if problem == "line" else "ce,mse"
    arguments = ("--problem", problem, "--loss", loss, "--max-steps", "60", "--format", form)
    text = printed(capsys, *arguments)
    assert text == printed(capsys, *arguments)  # the same from the same seed
    assert text != printed(capsys, *arguments, "--seed", "3")
    if form == "json":
        row = json.loads(text)["racers"][0]["at_end"]
        assert list(row) == ["step", "weights", "accuracy", "balanced_accuracy", "value", "gradient"]
        assert (row["accuracy"] is None) == (row["balanced_accuracy"] is None) == (problem == "line")


def test_huber_hardly_sees_the_outlier(capsys: pytest.CaptureFixture[str]) -> None:
    rows = loaded(capsys, "--problem", "line", "--loss", "mse,huber")
    slopes = [r["at_end"]["weights"][0] for r in rows]
    assert abs(slopes[1] - 2) < abs(slopes[0] - 2) / 5


@pytest.mark.exhaustive
def test_a_line_is_fitted_by_losses_of_the_residual(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a name those that tell the story: the outlier holds squared error off the true line, and no other."""
    rows = loaded(capsys, "--problem", "line")
    assert [r["loss"] for r in rows] == ["squared-error", "absolute-error", "huber"]
    assert [r["steps"] is None for r in rows] == [True, False, False]
    assert "until 90% of the way to the true line" in unwrapped(printed(capsys, "--problem", "line"))
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
    assert (row["at_end"]["accuracy"], row["steps_to_best_line"] > 0) == (1.0, True)


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
    monkeypatch.setattr("lossterm.race.contest.MOST_KEPT", 2000)
    (alone,) = loaded(capsys, "--loss", "mse")
    assert run(["race", "--loss", "mse,ce", "--trajectory", "--format", "json"]) == 0
    out, err = capsys.readouterr()
    row = json.loads(out)["racers"][0]
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
        (("--problem", "imbalanced"), "until 99% of the way down to its least mean L"),
    ],
)
def test_the_goal_in_words(capsys: pytest.CaptureFixture[str], asked: tuple[str, ...], goal: str) -> None:
    assert f"{goal} loss " in unwrapped(printed(capsys, *asked, "--max-steps", "100"))


def test_all_for_the_larger_class_does_not_win(capsys: pytest.CaptureFixture[str]) -> None:
    rows = loaded(capsys, "--problem", "imbalanced", "--loss", "ce,ce:pos_weight=19", "--max-steps", "50")
    assert rows[0]["steps_to_best_line"] is None
    assert rows[1]["at_end"]["balanced_accuracy"] > rows[0]["at_end"]["balanced_accuracy"] + 0.1


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
    assert [row["loss"] for row in json.loads(out)["racers"]] == ["squared-error", "huber"]
    assert err == "lossterm: left out, without a rate by smoothness: absolute-error\n"


@pytest.mark.parametrize(
    "asked",
    [
        ("--problem", "line", "--rate", "5"),
        ("--problem", "line", "--optimizer", "newton", "--loss", "log-cosh"),
        ("--problem", "line", "--rate", "1e12", "--loss", "all"),
        ("--problem", "minima", "--start", "1e6", "--optimizer", "newton", "--loss", "all", "--activation", "exp"),
        ("--problem", "constant", "--start=-1e6", "--rate", "1e6", "--loss", "all"),
        ("--problem", "overlapping", "--rate", "1e12", "--optimizer", "momentum", "--activation", "exp"),
        ("--optimizer", "newton", "--loss", "log-cosh", "--start", "800", "--activation", "identity"),
        ("--rate", "1e12", "--loss", "all", "--activation", "exp", "--start", "700"),
    ],
)
def test_what_runs_away_says_so_and_nothing_else(capsys: pytest.CaptureFixture[str], asked: tuple[str, ...]) -> None:
    """Numbers beyond all numbers are told in the outcome, not by the arithmetic."""
    for form in ("text", "json"):
        assert printed(capsys, *asked, "--max-steps", "300", "--trajectory", "--format", form)


def test_a_rate_beyond_numbers_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["race", "--loss", "mse", "--label", "1e300", "--match", "smoothness"]) == 2
    assert "has no rate by smoothness: |∂²L/∂z²| is nowhere a finite number" in capsys.readouterr().err


def test_a_reason_calls_a_probability_as_the_table_does(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["race", "--loss", "ce", "--until", "1", "--max-steps", "1000"]) == 0
    assert ", p = 0.999 after" in capsys.readouterr().out
