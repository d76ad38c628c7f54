"""Generated data, and several losses fitting them side by side."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest

from lossterm.core.descent.best_line import best_balanced_accuracy
from lossterm.core.descent.bottom import least_mean_loss
from lossterm.core.descent.fitting import Fit
from lossterm.core.descent.problems import GIVEN, PROBLEMS, FittingProblem, make_problem
from lossterm.core.descent.targets import Aim, aim_of
from lossterm.core.losses.activations import ACTIVATIONS
from lossterm.core.losses.formulas import LOSSES, Loss, Params, find_loss
from lossterm.core.losses.objective import evaluate_at

SIGMOID = ACTIVATIONS["sigmoid"]
GENERATED = [kind for kind in PROBLEMS if kind not in GIVEN]
CLASSES = [kind for kind in GENERATED if kind != "line"]


def racers(*names: str) -> list[tuple[Loss, Params]]:
    return [(find_loss(name), find_loss(name).defaults) for name in names]


def _to_the_line(problem: FittingProblem, until: float, count: int) -> Aim:
    return aim_of(problem, until, racers(*["mse"] * count), SIGMOID)


# ---- data -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", GENERATED)
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


def test_given_examples_are_those_of_the_claims() -> None:
    minima, constant = (make_problem(kind, 40, 3) for kind in GIVEN)
    assert (minima.features[:, 0].tolist(), minima.labels.tolist()) == ([10, 5, 2, 0.5], [1, 0, 0, 1])
    assert (constant.features[:, 0].tolist(), constant.labels.tolist()) == ([1] * 6, [1, 1.2, 0.8, 1.1, 0.9, 100])
    assert constant.marked.tolist() == [False] * 5 + [True]
    with pytest.raises(ValueError, match="poisson does not fit a constant"):
        Fit(constant, racers("poisson"))


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
@pytest.mark.sampled(3)
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
    assert fit.status[0].startswith("diverged: the mean loss is ∞, after ")
    assert "diverged" not in fit.status[1]
    assert np.isfinite(fit.weights[1]).all()
    assert fit.taken[0] < fit.taken[1] <= fit.step


# ---- decisions ------------------------------------------------------------------------------------------------------

HALF, ZERO = 0.5, 0.0


@pytest.mark.parametrize(
    ("name", "activation", "threshold"),
    [
        ("mse", "sigmoid", HALF), ("mse", "cloglog", HALF), ("mse", "tanh", HALF), ("mse", "identity", HALF),
        ("mse", "softplus", HALF), ("mse", "exp", HALF), ("mse", "relu", HALF), ("ce", "hard-sigmoid", HALF),
        ("hinge", "identity", ZERO), ("hinge", "tanh", ZERO), ("hinge", "relu", ZERO),
        ("zero-one", "sigmoid", HALF), ("zero-one", "identity", ZERO), ("zero-one", "tanh", ZERO),
    ],
)  # fmt: skip
def test_the_boundary_is_where_the_decision_turns(name: str, activation: str, threshold: float) -> None:
    fit = Fit(make_problem("overlapping"), racers(name), activation)
    assert not fit.always(0)
    weights = np.array([0.6, 0.8, -0.3])
    ends = fit.boundary(0, weights, (-5.0, -5.0), (5.0, 5.0))
    assert ends is not None
    for x, y in ends:
        assert max(abs(x), abs(y)) == pytest.approx(5)
        # just beyond the line the prediction is above the threshold, just before it is not
        beside = [float(weights @ np.array([x, y, 1.0])) + step for step in (-1e-9, 1e-9)]
        below, above = (float(evaluate_at(LOSSES["squared-error"], {}, 1.0, activation, z).prediction) for z in beside)
        assert below <= threshold < above


@pytest.mark.parametrize(("name", "activation"), [("hinge", "sigmoid"), ("hinge", "exp"), ("zero-one", "softplus")])
def test_who_always_decides_for_one_class_has_no_boundary(name: str, activation: str) -> None:
    fit = Fit(make_problem("overlapping"), racers(name), activation)
    assert fit.always(0)
    assert fit.boundary(0, np.array([1.0, 0.0, 0.0]), (-5, -5), (5, 5)) is None
    assert fit.now.balanced.tolist() == [0.5]


def test_boundaries_that_miss_the_box_or_do_not_exist() -> None:
    fit = Fit(make_problem("overlapping"), racers("ce"))
    assert fit.boundary(0, np.array([1.0, 1.0, 100.0]), (-5, -5), (5, 5)) is None
    assert fit.boundary(0, np.zeros(3), (-5, -5), (5, 5)) is None
    assert fit.boundary(0, np.array([0.0, 1.0, 0.0]), (-5, -5), (5, 5)) == ((-5, 0), (5, 0))
    line = Fit(make_problem("line"), racers("mse"))
    assert line.boundary(0, np.array([2.0, 1.0]), (-2.0, -9.0), (2.0, 9.0)) == ((-2, -3), (2, 5))
    assert math.isnan(line.history.accuracy[0, 0])


ACTIVATED = {
    "tanh": (math.tanh, 0.5), "identity": (lambda z: z, 0.1), "softplus": (lambda z: math.log1p(math.exp(z)), 0.5),
    "exp": (math.exp, 0.02), "sigmoid": (lambda z: 1 / (1 + math.exp(-z)), 0.5),
}  # fmt: skip


@pytest.mark.parametrize("activation", ACTIVATED)
@pytest.mark.parametrize("kind", ["separable", "imbalanced"])
@pytest.mark.sampled(3)
def test_the_decisions_of_squared_error_are_taken_at_one_half(kind: str, activation: str) -> None:
    """Targets are 0 and 1, whatever range the activation has; counted one example after the other."""
    problem, (formula, rate) = make_problem(kind), ACTIVATED[activation]
    fit = Fit(problem, racers("mse"), activation, rates=rate)
    fit.advance(1000)
    right = {0.0: [0, 0], 1.0: [0, 0]}
    for x, y in zip(problem.features.tolist(), problem.labels.tolist(), strict=True):
        v = formula(sum(w * part for w, part in zip(fit.weights[0].tolist(), x, strict=True)))
        right[y][0] += (v > 0.5) == (y == 1)
        right[y][1] += 1
    (r0, n0), (r1, n1) = right[0.0], right[1.0]
    assert fit.now.accuracy[0] == pytest.approx((r0 + r1) / (n0 + n1))
    assert fit.now.balanced[0] == pytest.approx((r0 / n0 + r1 / n1) / 2)
    if kind == "separable":
        assert fit.now.accuracy[0] == 1


# ---- how they end ---------------------------------------------------------------------------------------------------


def test_a_gradient_whose_square_underflows() -> None:
    problem = make_problem("separable")
    fit = Fit(problem, racers("ce"), optimizer="newton", rates=0.5)
    fit.advance(1000)
    with mpmath.workdps(500):
        total = [mpmath.mpf(0)] * 3
        for x, y in zip(problem.features.tolist(), problem.labels.tolist(), strict=True):
            z = mpmath.fsum(mpmath.mpf(a) * mpmath.mpf(b) for a, b in zip(fit.weights[0].tolist(), x, strict=True))
            slope = 1 / (1 + mpmath.exp(-z)) - int(y)
            total = [t + slope * mpmath.mpf(part) / 200 for t, part in zip(total, x, strict=True)]
        expected = mpmath.sqrt(mpmath.fsum(t * t for t in total))
        assert 0 < expected < 1e-200
        assert float(fit.now.gradient[0] / expected) == pytest.approx(1, rel=1e-10)


@pytest.mark.parametrize("seed", range(6))
def test_a_singular_hessian_is_not_a_negative_one(seed: int) -> None:
    """Two examples never span three weights, and cross-entropy is convex: only rounding makes eigenvalues negative."""
    fit = Fit(make_problem("overlapping", seed=seed), racers("ce"), optimizer="newton", rates=0.5, batch=2, seed=seed)
    fit.advance(30)
    assert fit.status == ["stalled: no curvature in some direction: Newton has no step, after 0 steps"]


def test_zero_one_has_no_slope_where_it_jumps() -> None:
    fit = Fit(make_problem("separable"), racers("zero-one", "ce"))
    fit.advance(3)
    assert fit.status == ["stalled: the mean loss jumps at these weights, 0.5 has no slope, after 0 steps", ""]
    assert fit.taken == [0, 3]
    elsewhere = Fit(make_problem("separable"), racers("zero-one"), start=[1.0, 0.0, 0.2])
    elsewhere.advance(3)
    assert elsewhere.status == ["stalled: the slope is 0, after 0 steps"]


def test_who_no_longer_moves_has_stalled() -> None:
    dead = Fit(make_problem("separable"), racers("mse"), "relu")  # at the weights 0 the slope of relu is 0
    dead.advance(1000)
    assert (dead.step, dead.status) == (0, ["stalled: the slope is 0, after 0 steps"])
    dying = Fit(make_problem("separable"), racers("mse"), "relu", batch=20, start=[0.0, 0.0, 0.1])
    dying.advance(50)
    assert dying.status[0].startswith("stalled: the slope is 0, after ")
    assert (dying.problem.features @ dying.weights[0] <= 0).all()
    line = Fit(make_problem("line"), racers("mse"), rates=0.1)
    coin = Fit(make_problem("overlapping"), racers("ce"), optimizer="momentum")
    for fit in (line, coin):
        fit.advance(2000)
        assert fit.status[0].startswith("stalled: a step of ")
        assert fit.taken[0] == fit.step < 2000
    exact = np.linalg.lstsq(line.problem.features, line.problem.labels, rcond=None)[0]
    assert line.weights[0] == pytest.approx(exact, rel=1e-12)
    # the last digits go to and fro
    fro = Fit(make_problem("line"), racers("mse"), rates=0.5)
    fro.advance(2000)
    assert fro.status[0].startswith("stalled: ")


# ---- what is kept ---------------------------------------------------------------------------------------------------


def test_reading_what_happened_copies_nothing() -> None:
    fit = Fit(make_problem("overlapping"), racers("ce", "mse"))
    fit.advance(600)
    for name in ("weights", "loss", "balanced", "gradient"):
        first, again = getattr(fit.history, name), getattr(fit.history, name)
        assert len(first) == 601
        assert np.shares_memory(first, again)


def test_a_fit_goes_on_when_no_more_is_kept() -> None:
    whole, part = (Fit(make_problem("overlapping"), racers("ce", "mse"), keep=keep) for keep in (None, 300))
    for fit in (whole, part):
        fit.advance(700)
    assert (whole.kept, part.kept) == (700, 300)
    assert part.history.loss.tolist() == whole.history.loss[:301].tolist()
    assert part.now.loss.tolist() == whole.at(700).loss.tolist()
    assert part.at(700).loss.tolist() == whole.at(300).loss.tolist()


# ---- what is to be reached ------------------------------------------------------------------------------------------


def test_always_the_larger_class_is_no_balanced_accuracy() -> None:
    problem = make_problem("imbalanced")
    fit = Fit(problem, racers("ce"), aim=aim_of(problem, 0.9, racers("ce"), SIGMOID))
    assert (fit.now.accuracy[0], fit.now.balanced[0]) == (pytest.approx(0.95), 0.5)
    assert (fit.arrived, fit.decided) == ([None], [None])
    ce = find_loss("ce")
    pair = [(ce, ce.complete({"pos_weight": 19.0}))]
    aim = aim_of(problem, 0.9, pair, SIGMOID)
    weighted = Fit(problem, pair, aim=aim)
    weighted.advance(50)
    assert weighted.decided[0] == np.flatnonzero(weighted.history.balanced[:, 0] >= 0.9 * aim.line)[0]


@pytest.mark.parametrize("kind", CLASSES)
@pytest.mark.parametrize("seed", [0, 5])
@pytest.mark.sampled(3)
def test_no_line_decides_better_than_the_best(kind: str, seed: int) -> None:
    """Every line through two of 30 examples, moved a little to each of its four sides, and thousands of others."""
    problem = make_problem(kind, 30, seed)
    points, ones = problem.features[:, :2], problem.labels == 1

    def balanced(normal: np.ndarray, offset: float) -> float:
        above = points @ normal > offset
        share = (above[ones].mean() + (~above)[~ones].mean()) / 2
        return float(max(share, 1 - share))

    rng, found = np.random.default_rng(seed), 0.0
    for i in range(30):
        for j in range(i):
            for tilt in (-1e-9, 1e-9):
                along = points[i] - points[j]
                angle = math.atan2(along[0], -along[1]) + tilt
                normal = np.array([math.cos(angle), math.sin(angle)])
                middle = float((points[i] + points[j]) @ normal) / 2
                found = max(found, *(balanced(normal, middle + push) for push in (-1e-7, 0.0, 1e-7)))
    for angle in rng.uniform(0, math.pi, 500):
        normal = np.array([math.cos(angle), math.sin(angle)])
        assert balanced(normal, float(rng.normal())) <= best_balanced_accuracy(problem) + 1e-12
    assert best_balanced_accuracy(problem) == pytest.approx(found, abs=1e-12)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        *((kind, "ce") for kind in ("overlapping", "flipped", "outlier")),
        ("overlapping", "focal"),
        ("flipped", "mse"),
        ("line", "mse"),
        ("line", "huber"),
    ],
)
@pytest.mark.sampled(3)
def test_the_least_mean_loss_is_where_a_long_descent_ends(kind: str, name: str) -> None:
    problem, pair = make_problem(kind), racers(name)
    link = SIGMOID if problem.is_classification else ACTIVATIONS["identity"]
    place, low = least_mean_loss(problem, *pair[0], link)
    fit = Fit(problem, pair, rates=0.2, start=place.tolist())
    assert fit.now.loss[0] == pytest.approx(low, rel=1e-12)
    assert fit.now.gradient[0] < 1e-5
    far = Fit(problem, pair, rates=0.5 if problem.is_classification else 0.2)
    far.advance(6000)
    assert low <= far.now.loss[0] * (1 + 1e-12)
    if name != "mse":  # the others have one minimum
        assert far.now.loss[0] == pytest.approx(low, rel=1e-6)


def test_what_is_apart_has_no_least_likelihood() -> None:
    problem = make_problem("separable")
    for name in ("ce", "mse", "focal"):
        assert least_mean_loss(problem, *racers(name)[0], SIGMOID)[1] < 1e-6
    assert least_mean_loss(problem, *racers("hinge")[0], SIGMOID)[1] == pytest.approx(0.5, abs=1e-6)  # 1 − p ≥ ½ of 0
    outlier = make_problem("outlier")
    assert least_mean_loss(outlier, *racers("mse")[0], SIGMOID)[1] == pytest.approx(1 / 200, rel=1e-6)  # it is let go


@pytest.mark.parametrize("seed", range(8))
def test_a_line_has_arrived_when_it_stays_near_the_true_one(seed: int) -> None:
    problem = make_problem("line", seed=seed)
    fit = Fit(problem, racers("mse", "mae", "huber"), rates=0.2, aim=_to_the_line(problem, 0.9, 3))
    fit.advance(1000)
    x = problem.features[:, 0]

    def apart(weights: list[float]) -> float:  # root mean square of the distance to 2x + 1
        return math.sqrt(sum((weights[0] * a + weights[1] - 2 * a - 1) ** 2 for a in x.tolist()) / len(x))

    start = apart([0.0, 0.0])
    for racer, arrived in enumerate(fit.arrived):
        far = [apart(w) > 0.1 * start for w in fit.history.weights[:, racer].tolist()]
        assert arrived == (None if far[-1] else max(i for i, is_far in enumerate(far) if is_far) + 1)
    assert fit.arrived[0] is None  # the outlier holds squared error off, and not the others
    assert None not in fit.arrived[1:]


def test_who_leaves_again_has_not_arrived() -> None:
    problem = make_problem("line")
    fit = Fit(problem, racers("mse"), rates=0.2, optimizer="momentum", aim=_to_the_line(problem, 0.85, 1))
    seen = []
    for _ in range(300):
        fit.advance(1)
        seen.append(fit.arrived[0])
    firsts = [step for step in dict.fromkeys(seen) if step is not None]
    assert firsts
    assert seen[-1] != firsts[0]
