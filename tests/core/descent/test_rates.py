"""Matched rates of problems: against closed forms, and what they promise."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lossterm.core.descent.fitting import Fit
from lossterm.core.descent.problems import PROBLEMS, FittingProblem, make_problem
from lossterm.core.descent.rates import fitted_rate
from lossterm.core.losses.formulas import Loss, Params, find_loss


def one(name: str, **params: float) -> tuple[Loss, Params]:
    loss = find_loss(name)
    return loss, loss.complete(params)


def bends_most(problem: FittingProblem) -> float:
    """The largest eigenvalue of XᵀX/n, by going round and round through the examples."""
    rows = problem.features.tolist()
    u = [1.0] * len(rows[0])
    size = 0.0
    for _ in range(3000):
        along = [sum(a * b for a, b in zip(row, u, strict=True)) for row in rows]
        u = [sum(s * row[k] for s, row in zip(along, rows, strict=True)) / len(rows) for k in range(len(u))]
        size = math.sqrt(sum(a * a for a in u))
        u = [a / size for a in u]
    return size


@pytest.mark.parametrize(("kind", "largest"), [("separable", 4.48), ("outlier", 4.85), ("line", 1.53)])
def test_the_data_bend_the_mean_loss(kind: str, largest: float) -> None:
    problem = make_problem(kind)
    assert problem.curvature == pytest.approx(largest, abs=5e-3)
    assert problem.curvature == pytest.approx(bends_most(problem), rel=1e-9)


@pytest.mark.parametrize("kind", PROBLEMS)
@pytest.mark.sampled(3)
def test_rates_by_smoothness_are_those_of_the_mean_loss(kind: str) -> None:
    problem = make_problem(kind)
    largest = bends_most(problem)
    constants = {("mse", "identity"): 2.0, ("huber", "identity"): 1.0}
    if problem.is_classification:
        constants |= {("ce", "sigmoid"): 0.25, ("mse", "sigmoid"): 0.15406, ("ce", "probit"): 1.0}
    for (name, activation), constant in constants.items():
        assert fitted_rate(*one(name), activation, problem) == pytest.approx(1 / (constant * largest), rel=5e-5)


@pytest.mark.parametrize("weight", [0.05, 20.0])
def test_the_steeper_label_decides(weight: float) -> None:
    problem = make_problem("flipped")
    steeper = max(weight, 1.0)
    rate = fitted_rate(*one("ce", pos_weight=weight), "sigmoid", problem)
    assert rate == pytest.approx(4 / steeper / bends_most(problem), rel=1e-6)
    # equal Lipschitz constants compare ∂L/∂z: the data have no part in it
    assert fitted_rate(*one("ce", pos_weight=weight), "sigmoid", problem, "lipschitz") == pytest.approx(1 / steeper)


@pytest.mark.parametrize(
    ("kind", "racer", "activation"),
    [
        ("separable", one("mse"), "identity"),
        ("flipped", one("ce", pos_weight=0.05), "sigmoid"),
        ("flipped", one("ce", pos_weight=20.0), "sigmoid"),
        ("outlier", one("ce"), "probit"),
        ("imbalanced", one("mse"), "sigmoid"),
        ("overlapping", one("squared-hinge"), "identity"),
        ("line", one("huber"), "identity"),
    ],
)
def test_no_step_of_that_rate_climbs(kind: str, racer: tuple[Loss, Params], activation: str) -> None:
    problem = make_problem(kind)
    fit = Fit(problem, [racer], activation, rates=fitted_rate(*racer, activation, problem))
    fit.advance(300)
    loss = fit.history.loss[:, 0]
    assert (np.diff(loss) <= 1e-15 * loss[0]).all()
    assert loss[-1] < loss[0]


def test_a_loss_without_a_constant_has_no_rate() -> None:
    with pytest.raises(ValueError, match="absolute-error has no rate by smoothness"):
        fitted_rate(*one("mae"), "identity", make_problem("line"))
