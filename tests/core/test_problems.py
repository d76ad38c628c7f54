"""Generated data, and several losses fitting them side by side."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lossterm.core.activations import ACTIVATIONS
from lossterm.core.fitting import Fit
from lossterm.core.losses import LOSSES, Loss, Params, find_loss
from lossterm.core.objective import evaluate_at
from lossterm.core.problems import PROBLEMS, make_problem

CLASSES = [kind for kind in PROBLEMS if kind != "line"]


def racers(*names: str) -> list[tuple[Loss, Params]]:
    return [(find_loss(name), find_loss(name).defaults) for name in names]


# ---- data -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", PROBLEMS)
def test_data_come_from_the_seed(kind: str) -> None:
    first, again, other = (make_problem(kind, 100, seed) for seed in (1, 1, 2))
    assert first.features.tolist() == again.features.tolist()
    assert first.labels.tolist() == again.labels.tolist()
    assert first.features.tolist() != other.features.tolist()
    assert first.features.shape == (100, 2 if kind == "line" else 3)
    assert (first.features[:, -1] == 1).all()


def test_what_each_problem_promises() -> None:
    direction = np.array([2.0, 1.0])
    for kind in CLASSES:
        problem = make_problem(kind, 200)
        assert set(problem.labels.tolist()) == {0.0, 1.0}
        right = ((problem.features[:, :2] @ direction > 0) == problem.labels).mean()
        expected = {"separable": 1.0, "flipped": 0.9, "outlier": 0.995}.get(kind)
        assert right == pytest.approx(expected) if expected else 0.8 < right < 1
        assert int(problem.marked.sum()) == {"flipped": 20, "outlier": 1}.get(kind, 0)
    assert make_problem("imbalanced", 200).labels.mean() == pytest.approx(0.05)
    assert make_problem("line").marked.sum() == 1


def test_refusals() -> None:
    with pytest.raises(ValueError, match="choose from separable"):
        make_problem("easy")
    with pytest.raises(ValueError, match="at least 20"):
        make_problem("line", 3)
    with pytest.raises(ValueError, match="poisson does not fit a line"):
        Fit(make_problem("line"), racers("poisson"))
    with pytest.raises(ValueError, match="choose from gd"):
        Fit(make_problem("line"), racers("mse"), optimizer="adam")


# ---- fits -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", CLASSES)
@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_a_step_is_the_written_step(kind: str, momentum: float) -> None:
    """One racer at a time, example by example, by exact evaluations."""
    problem, names = make_problem(kind, 40), ("ce", "mse", "hinge", "focal")
    fit = Fit(problem, racers(*names), rates=[0.5, 1.0, 0.25, 2.0], optimizer="momentum" if momentum else "gd",
              momentum=momentum)  # fmt: skip
    fit.advance(8)
    for row, (name, rate) in enumerate(zip(names, (0.5, 1.0, 0.25, 2.0), strict=True)):
        loss, weights, speed = find_loss(name), np.zeros(3), np.zeros(3)
        for step in range(9):
            value, gradient = 0.0, np.zeros(3)
            for x, y in zip(problem.features, problem.labels, strict=True):
                e = evaluate_at(loss, loss.defaults, float(y), "sigmoid", float(x @ weights))
                value += float(e.value) / 40
                gradient += float(e.d_logit) * x / 40
            assert fit.history.loss[step, row] == pytest.approx(value, rel=1e-12)
            assert fit.history.gradient[step, row] == pytest.approx(float(np.linalg.norm(gradient)), rel=1e-9)
            assert fit.history.weights[step, row] == pytest.approx(weights, rel=1e-9, abs=1e-12)
            speed = momentum * speed + gradient
            weights = weights - rate * speed


def test_full_batches_in_parts_are_the_whole() -> None:
    for batch in (None, 16):
        whole, parts = (Fit(make_problem("overlapping"), racers("ce", "mse"), batch=batch, seed=5) for _ in range(2))
        whole.advance(60)
        for _ in range(20):
            parts.advance(3)
        assert whole.weights.tolist() == parts.weights.tolist()
        assert whole.step == parts.step == 60
        assert whole.history.loss.shape == (61, 2)


def test_batches_are_shared_and_cover_an_epoch() -> None:
    alone = Fit(make_problem("overlapping"), racers("mse"), batch=25, seed=3)
    together = Fit(make_problem("overlapping"), racers("ce", "mse"), batch=25, seed=3)
    for fit in (alone, together):
        fit.advance(50)
    assert together.weights[1] == pytest.approx(alone.weights[0], rel=1e-12)
    other = Fit(make_problem("overlapping"), racers("mse"), batch=25, seed=4)
    other.advance(50)
    assert other.weights[0].tolist() != alone.weights[0].tolist()


@pytest.mark.parametrize("kind", CLASSES)
def test_descent_descends_and_learns(kind: str) -> None:
    fit = Fit(make_problem(kind), racers("ce", "mse", "focal"), rates=0.5)
    fit.advance(300)
    history = fit.history
    assert (np.diff(history.loss, axis=0) <= 1e-15).all()
    assert (history.accuracy[-1] > 0.85).all()
    assert fit.status == ["", "", ""]


def test_newton_solves_a_likelihood_in_a_few_steps() -> None:
    fit = Fit(make_problem("overlapping"), racers("ce"), optimizer="newton", rates=1.0)
    fit.advance(8)
    assert fit.history.gradient[-1, 0] < 1e-10
    slow = Fit(make_problem("overlapping"), racers("ce"), rates=1.0)
    slow.advance(3000)
    assert fit.weights[0] == pytest.approx(slow.weights[0], rel=1e-4)


def test_newton_says_where_it_has_no_step() -> None:
    fit = Fit(
        make_problem("overlapping"), racers("hinge", "mse"), optimizer="newton", rates=1.0, start=[-3.0, -1.5, 0.0]
    )
    fit.advance(10)
    assert "Newton has no step" in fit.status[0] or "Newton climbs" in fit.status[0]
    assert "curvature is negative: Newton climbs" in fit.status[1]
    assert fit.weights[1] == pytest.approx([-3, -1.5, 0])


def test_a_line_by_squares_is_the_normal_equations() -> None:
    problem = make_problem("line")
    fit = Fit(problem, racers("mse", "mae", "huber"), rates=[0.2, 0.05, 0.2])
    fit.advance(1500)
    exact = np.linalg.lstsq(problem.features, problem.labels, rcond=None)[0]
    assert fit.weights[0] == pytest.approx(exact, rel=1e-9)
    # the outlier lifts the squares, and hardly the others
    clean = np.linalg.lstsq(problem.features[:-1], problem.labels[:-1], rcond=None)[0]
    off = np.linalg.norm(fit.weights - clean, axis=1)
    assert off[0] > 3 * max(off[1], off[2])
    assert np.isnan(fit.history.accuracy).all()


def test_divergence_is_told_and_stops() -> None:
    fit = Fit(make_problem("line"), racers("mse", "huber"), rates=[50.0, 0.1])
    fit.advance(600)
    assert fit.status[0].startswith("diverged")
    assert fit.status[1] == ""
    assert np.isfinite(fit.weights[1]).all()


@pytest.mark.parametrize("activation", ["sigmoid", "cloglog", "tanh", "identity"])
def test_the_boundary_is_where_the_decision_turns(activation: str) -> None:
    found = ACTIVATIONS[activation]
    fit = Fit(make_problem("overlapping"), racers("mse"), activation, rates=0.05)
    fit.advance(50)
    ends = fit.boundary(fit.weights[0], (-5.0, -5.0), (5.0, 5.0))
    assert ends is not None
    for x, y in ends:
        assert max(abs(x), abs(y)) == pytest.approx(5)
        z = float(fit.weights[0] @ np.array([x, y, 1.0]))
        v = float(evaluate_at(LOSSES["squared-error"], {}, 1.0, activation, z).prediction)
        assert v == pytest.approx(found.threshold, abs=1e-12)


def test_boundaries_that_miss_the_box_or_do_not_exist() -> None:
    fit = Fit(make_problem("overlapping"), racers("ce"))
    assert fit.boundary(np.array([1.0, 1.0, 100.0]), (-5, -5), (5, 5)) is None
    assert fit.boundary(np.zeros(3), (-5, -5), (5, 5)) is None
    assert fit.boundary(np.array([0.0, 1.0, 0.0]), (-5, -5), (5, 5)) == ((-5, 0), (5, 0))
    line = Fit(make_problem("line"), racers("mse"))
    assert line.boundary(np.array([2.0, 1.0]), (-2.0, -9.0), (2.0, 9.0)) == ((-2, -3), (2, 5))
    assert math.isnan(line.history.accuracy[0, 0])
