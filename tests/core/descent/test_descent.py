"""The race against a plain loop over exact evaluations, its known results, and its ways to end."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest

from lossterm.core.descent.goal import goal
from lossterm.core.descent.logit import Outcome, Race, decimated
from lossterm.core.descent.rates import matched_rates
from lossterm.core.descent.slope_table import TOLERANCE, SlopeTable
from lossterm.core.losses.activations import ACTIVATIONS
from lossterm.core.losses.formulas import LOSSES, Loss, Params, find_loss
from lossterm.core.losses.objective import evaluate_at
from lossterm.core.properties.minima import minimisers
from lossterm.core.properties.sampling import Samples

Racers = list[tuple[Loss, Params]]


def racers(*names: str) -> Racers:
    return [(find_loss(name), find_loss(name).defaults) for name in names]


CE_MSE = racers("ce", "mse")


def steps(race: Race) -> list[int | None]:
    return [outcome.steps for outcome in race.run()]


def one(name: str, activation: str = "sigmoid", label: float = 1.0, **options: object) -> Outcome:
    options.setdefault("start", -8.0)
    (outcome,) = Race(racers(name), activation, label, **options).run()  # type: ignore[arg-type]
    return outcome


def plain(
    loss: Loss, activation: str, label: float, start: float, rate: float, count: int, m: float = 0.0
) -> list[float]:
    """The update as it is written, by exact evaluations."""
    path, speed = [start], 0.0
    for _ in range(count):
        speed = m * speed + float(evaluate_at(loss, loss.defaults, label, activation, path[-1]).d_logit)
        path.append(path[-1] - rate * speed)
    return path


# ---- known results --------------------------------------------------------------------------------------------------


def test_from_minus_8_at_rate_1() -> None:
    assert steps(Race(CE_MSE, "sigmoid", 1.0, start=-8.0)) == [19, 1542]


def test_each_at_its_own_smoothness() -> None:
    rates = matched_rates(CE_MSE, "sigmoid", 1.0)
    assert rates == pytest.approx([4, 6.491], abs=5e-4)
    assert steps(Race(CE_MSE, "sigmoid", 1.0, start=-8.0, rates=rates)) == [4, 239]


def test_at_equal_lipschitz_constants() -> None:
    rates = matched_rates(CE_MSE, "sigmoid", 1.0, "lipschitz")
    assert rates == pytest.approx([1, 27 / 8])
    assert steps(Race(CE_MSE, "sigmoid", 1.0, start=-8.0, rates=rates)) == [19, 458]


def test_newton_runs_away_where_squared_error_is_concave() -> None:
    race = Race(CE_MSE, "sigmoid", 1.0, start=-8.0, optimizer="newton")
    ce, mse = race.run()
    assert (ce.steps, ce.reason) == (1, "reached")
    assert ce.at.logit == pytest.approx(-8 + 1 + math.exp(8), rel=1e-12)  # 2974
    assert (mse.steps, mse.reason[:9]) == (None, "diverged:")
    assert "curvature is negative" in mse.reason
    path = race.trajectory(1).at.logit[:3]
    assert path == pytest.approx([-8, -9.00, -10.00], abs=5e-3)


def test_newton_says_so_at_the_step_limit_too() -> None:
    outcome = one("mse", optimizer="newton", max_steps=5)
    assert "curvature is negative" in outcome.reason
    assert outcome.taken == 5


# ---- against the plain loop -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "activation", "label", "start", "rate"),
    [
        ("mse", "sigmoid", 1.0, -8.0, 1.0),
        ("ce", "sigmoid", 0.0, 6.0, 0.3),
        ("focal", "probit", 1.0, -3.0, 0.1),
        ("huber", "identity", 3.5, -10.0, 0.4),
        ("log-cosh", "tanh", 0.3, 2.0, 0.5),
        ("poisson", "exp", 3.5, -4.0, 0.05),
        ("mae", "sigmoid", 0.3, 5.0, 1.0),
        ("gce", "cloglog", 1.0, -7.0, 1.0),
        ("quantile", "hard-sigmoid", 0.7, -2.9, 0.7),
        ("mse", "softplus", 5.0, -9.0, 0.3),
    ],
)
@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_every_step_is_the_plain_step(
    name: str, activation: str, label: float, start: float, rate: float, momentum: float
) -> None:
    loss, count = find_loss(name), 400
    optimizer = "momentum" if momentum else "gd"
    race = Race(racers(name), activation, label, start=start, rates=rate, optimizer=optimizer, momentum=momentum,
                until=None, max_steps=count)  # fmt: skip
    race.run()
    found, expected = race.trajectory(0).at.logit, plain(loss, activation, label, start, rate, count, momentum)
    if name == "mae" or name == "quantile":  # to and fro over a kink: the least error decides the side
        found, expected = found[:30], expected[:30]
    np.testing.assert_allclose(found, expected[: len(found)], rtol=1e-8, atol=1e-9)


def test_the_long_way_of_squared_error() -> None:
    expected = plain(LOSSES["squared-error"], "sigmoid", 1.0, -8.0, 1.0, 1542)
    race = Race(CE_MSE, "sigmoid", 1.0, start=-8.0)
    race.run()
    np.testing.assert_allclose(race.trajectory(1).at.logit, expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.sampled(4)
def test_tabulated_slopes_are_the_exact_ones(name: str, activation: str) -> None:
    loss = LOSSES[name]
    table = SlopeTable(loss, loss.defaults, ACTIVATIONS[activation], 1.0)
    rng = np.random.default_rng(4)
    held = 0
    for start in (-40.0, -7.3, -3.0, -0.5, 0.4, 2.9, 12.0, 100.0):
        block = next(b for b in (table.block(start) for _ in range(5)) if b is not None)
        z = rng.uniform(block.low, block.high, 50)
        exact = evaluate_at(loss, loss.defaults, 1.0, activation, z)
        place = (z - block.low) * block.cells
        cell = place.astype(int)
        x = place - cell
        c0, c1, c2, c3 = (np.array(part)[cell] for part in (block.c0, block.c1, block.c2, block.c3))
        slope = ((c3 * x + c2) * x + c1) * x + c0
        holds = ~np.isnan(slope)
        held += int(holds.sum())
        np.testing.assert_allclose(slope[holds], exact.d_logit[holds], rtol=20 * TOLERANCE, atol=1e-14)
        assert (np.abs(exact.d_logit[holds]) <= block.steepest).all()
    assert held >= 45


def test_chunks_change_nothing() -> None:
    options = {"start": -6.0, "rates": 1.0}
    whole = Race(CE_MSE, "sigmoid", 1.0, **options)  # type: ignore[arg-type]
    whole.run()
    parts = Race(CE_MSE, "sigmoid", 1.0, **options)  # type: ignore[arg-type]
    counts = [1, 2, 100, 7, 500, 1000]
    for count in counts:
        parts.advance(count)
    assert parts.outcomes() == whole.outcomes()
    assert parts.trajectory(1).at.logit.tolist() == whole.trajectory(1).at.logit.tolist()


def test_progress_and_cancelling() -> None:
    race = Race(CE_MSE, "sigmoid", 1.0, start=-8.0)
    assert race.advance(10)
    assert race.step == 10
    assert not race.done
    ce, _ = race.outcomes()
    assert (ce.steps, ce.reason, ce.taken) == (None, "", 10)
    assert race.advance(10)
    assert race.outcomes()[0].steps == 19
    assert not race.advance(10_000)
    assert race.step == 1542


def test_a_million_steps_are_the_limit() -> None:
    outcome = one("mse", start=-14.6)
    assert (outcome.steps, outcome.taken) == (None, 1_000_000)
    assert outcome.reason.startswith("step limit")


def test_the_time_from_a_plateau_is_that_of_the_flow() -> None:
    """Along the tail dz/dt = 2e^z, so that leaving −12 takes about e¹²/2 steps."""
    outcome = one("mse", start=-12.0)
    assert outcome.steps == pytest.approx(math.exp(12) / 2, rel=0.01)


# ---- ways to end ----------------------------------------------------------------------------------------------------


def test_stalled_for_good() -> None:
    for start in (-20.0, -40.0, -400.0):
        outcome = one("mse", start=start)
        assert (outcome.steps, outcome.reason[:8]) == (None, "stalled:")


def test_a_certified_stall_is_true() -> None:
    outcome = one("mse", start=-16.0, max_steps=150_000)
    assert outcome.reason.startswith("stalled: 150,000 steps of at most")
    path = plain(LOSSES["squared-error"], "sigmoid", 1.0, -16.0, 1.0, 50)
    assert 150_000 * (path[50] - path[0]) / 50 < 1


def test_converged_at_the_minimum() -> None:
    outcome = one("focal", label=0.7, until=0.999)  # focal's minimum is not at its label
    assert outcome.reason.startswith("converged: the slope is 0")
    assert outcome.reason.endswith("short of |p − 0.7| ≤ 0.001")
    (least,) = minimisers(Samples(*racers("focal")[0], "sigmoid", (0.7,)), 0.7)
    assert outcome.at.prediction == pytest.approx(least.low, abs=1e-9)


def test_stalled_on_a_flat_activation() -> None:
    for activation in ("relu", "hard-sigmoid"):
        assert one("mse", activation).reason.startswith("stalled: the slope is 0")
        assert one("ce", activation).reason.startswith("stalled: L is ∞ and has no slope")
    assert one("zero-one").reason.startswith("stalled: the slope is 0")


def test_stalled_to_and_fro_over_a_kink() -> None:
    outcome = one("mae", "identity", start=-8.3, rates=0.7, until=0.99)
    assert outcome.reason.startswith("stalled: it goes round and round")
    assert outcome.taken < 1000


def test_diverged_out_of_the_numbers_and_out_of_the_domain() -> None:
    far = one("mse", "identity", start=0.3, rates=1.5)
    assert far.reason == "diverged: z is beyond all numbers"
    outside = one("ce", "identity", start=0.3, rates=1.5)
    assert outside.reason.startswith("diverged: L is not defined at z = 5.3")


def test_reached_at_the_start() -> None:
    outcome = one("ce", start=5.0)
    assert (outcome.steps, outcome.reason) == (0, "reached")


def test_no_goal_runs_to_the_limit() -> None:
    outcome = one("ce", until=None, max_steps=1000)
    assert (outcome.taken, outcome.steps) == (1000, None)
    assert outcome.reason.startswith("step limit")


@pytest.mark.parametrize(
    ("name", "activation", "label", "until", "inside", "outside"),
    [
        ("ce", "sigmoid", 1.0, 0.9, 2.2, 2.19),
        ("mse", "sigmoid", 0.0, 0.9, -2.2, -2.19),
        ("hinge", "identity", 1.0, 0.9, 7.0, 0.89),
        ("hinge", "tanh", -1.0, 0.9, -3.0, -1.0),
        ("mse", "identity", 3.5, 0.9, 3.41, 3.39),
        ("mse", "identity", 1.0, 0.9, 1.05, 4.0),
        ("ce", "sigmoid", 0.5, 0.9, 0.0, 0.5),
        ("ce", "identity", 1.0, 0.9, 0.95, 1.1),
        ("ce", "hard-sigmoid", 1.0, 1.0, 3.0, 2.9),
    ],
)
def test_goals(name: str, activation: str, label: float, until: float, inside: float, outside: float) -> None:
    aim = goal(find_loss(name), ACTIVATIONS[activation], label, until)
    assert aim.holds(inside)
    assert not aim.holds(outside)


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("label", "until", "text"),
    [
        (0.95, 0.96, "|p − 0.95| ≤ 0.04"), (1 * 0.9 + 0.05, 0.96, "|p − 0.95| ≤ 0.04"),
        (1 / 3, 0.9, "|p − 0.333333| ≤ 0.1"), (1.0, 0.999999999, "p ≥ 0.999999999"), (0.0, 0.7, "p ≤ 0.3"),
    ],
)  # fmt: skip
def test_a_goal_in_words_has_the_digits_that_were_typed(label: float, until: float, text: str) -> None:
    assert goal(LOSSES["cross-entropy"], ACTIVATIONS["sigmoid"], label, until).text == text


def test_the_goal_is_met_by_the_prediction_itself() -> None:
    for activation in ("sigmoid", "probit", "cloglog"):
        for until in (0.9, 0.99, 2 / 3):
            aim = goal(LOSSES["cross-entropy"], ACTIVATIONS[activation], 1.0, until)
            below = math.nextafter(aim.low, -math.inf)
            at = evaluate_at(*racers("ce")[0], 1.0, activation, [below, aim.low]).prediction
            assert at[1] >= until
            assert at[0] <= until + 1e-15


def test_matched_rates_refuse_what_has_no_constant() -> None:
    with pytest.raises(ValueError, match=r"absolute-error has no rate by smoothness: .* jumps"):
        matched_rates(racers("mae"), "identity", 1.0)
    with pytest.raises(ValueError, match="squared-error has no rate by lipschitz"):
        matched_rates(racers("mse"), "identity", 1.0, "lipschitz")
    with pytest.raises(ValueError, match="needs a label"):
        matched_rates(racers("ce"), "sigmoid", 2.0)
    with pytest.raises(ValueError, match="smoothness or lipschitz"):
        matched_rates(racers("ce"), "sigmoid", 1.0, "hope")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rates": 0.0}, "positive"),
        ({"rates": [1.0, 2.0, 3.0]}, "need 2 rates"),
        ({"optimizer": "adam"}, "choose from gd"),
        ({"momentum": 1.0}, r"\[0, 1\)"),
        ({"start": math.inf}, "finite"),
        ({"max_steps": -1}, "negative"),
        ({"label": 2.0}, "cross-entropy needs a label"),
    ],
)
def test_refusals(options: dict[str, object], message: str) -> None:
    arguments: dict[str, object] = {"activation": "sigmoid", "label": 1.0, "start": -8.0, **options}
    with pytest.raises(ValueError, match=message):
        Race(CE_MSE, **arguments)  # type: ignore[arg-type]


def test_trajectories_are_exact_and_can_be_thinned() -> None:
    race = Race(CE_MSE, "sigmoid", 1.0, start=-8.0)
    race.run()
    whole, thin = race.trajectory(1), race.trajectory(1, points=100)
    assert whole.step.tolist() == list(range(1543))
    expected = evaluate_at(*CE_MSE[1], 1.0, "sigmoid", whole.at.logit)
    assert whole.at.value.tolist() == expected.value.tolist()
    assert len(thin.step) <= 101
    assert (thin.step[0], thin.step[-1]) == (0, 1542)
    assert thin.at.logit.tolist() == whole.at.logit[thin.step].tolist()
    assert race.outcomes()[1].at.logit == whole.at.logit[-1]


def test_a_race_goes_on_when_no_more_is_kept() -> None:
    race, whole = (Race(CE_MSE, "sigmoid", 1.0, start=-8.0, keep=keep) for keep in (700, None))
    assert steps(race) == steps(whole) == [19, 1542]
    assert race.trajectory(1).at.logit.tolist() == whole.trajectory(1).at.logit.tolist()[:701]
    assert (race.kept, whole.kept) == (700, 1542)


def test_without_a_record_only_the_start_is_kept() -> None:
    race = Race(CE_MSE, "sigmoid", 1.0, start=-8.0, keep=0)
    assert steps(race) == [19, 1542]
    assert race.trajectory(1).at.logit.tolist() == [-8]


@pytest.mark.parametrize(("count", "points"), [(5, None), (5, 10), (1000, 10), (2, 2), (10**6, 300)])
def test_decimated(count: int, points: int | None) -> None:
    chosen: Sequence[int] = decimated(count, points).tolist()
    assert (chosen[0], chosen[-1]) == (0, count - 1)
    assert chosen == sorted(set(chosen))
    assert len(chosen) <= max(points or count, 4) + 1
