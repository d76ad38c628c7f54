"""Laws of the losses: of all of them, of families, and between them. Values are the oracle's business."""

import math
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lossterm.core.losses.formulas import LOSSES, Loss, Parameter, find_loss, matches
from lossterm.core.losses.labels import Family, hard, number, sign, smoothed
from lossterm.core.losses.objective import evaluate_at
from lossterm.core.names import normalise
from tests.families import FIRST

Floats = NDArray[np.float64]

VALUE = [name for name in FIRST if LOSSES[name].family is Family.VALUE]
PROBABILITY = [name for name in FIRST if LOSSES[name].family is Family.PROBABILITY]
MARGIN = [name for name in FIRST if LOSSES[name].family is Family.MARGIN]

PROBABILITIES = np.concatenate((np.linspace(0, 1, 201), [1e-300, 1e-12, 1 - 1e-12]))
REALS = np.concatenate((np.linspace(-6, 6, 241), [-1e5, -1e-9, 1e-9, 1e5]))


def values(name: str, at: Floats, label: float, **params: float | None) -> Floats:
    """The loss at predictions."""
    loss = LOSSES[name]
    return evaluate_at(loss, loss.complete(params), label, "identity", at).value


def parameters() -> Iterator[tuple[Loss, Parameter]]:
    for loss in LOSSES.values():
        for parameter in loss.parameters:
            yield loss, parameter


PARAMETERS = list(parameters())
PARAMETER_IDS = [f"{loss.id}:{parameter.name}" for loss, parameter in PARAMETERS]


# ---- a perfect prediction --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PROBABILITY)
@pytest.mark.parametrize("label", [0.0, 1.0])
def test_a_perfect_probability_costs_nothing_and_any_other_more(name: str, label: float) -> None:
    off = np.abs(label - PROBABILITIES)
    cost = values(name, PROBABILITIES, label)
    assert values(name, np.array([label]), label).tolist() == [0]
    assert (cost >= 0).all()
    assert (cost[off > 1e-6] > 0).all()


@pytest.mark.parametrize("name", VALUE)
@pytest.mark.parametrize("label", [0.0, 0.7, 1.0, 2.0, 3.5])
def test_a_perfect_value_costs_least(name: str, label: float) -> None:
    at = REALS[REALS >= 0] if name == "poisson" else REALS
    cost, least = values(name, at, label), values(name, np.array([label]), label)[0]
    assert (cost >= least - 1e-15).all()
    assert (cost[np.abs(at - label) > 1e-6] > least).all()


@pytest.mark.parametrize("name", VALUE)
def test_a_residual_of_zero_costs_nothing_unless_it_is_a_density(name: str) -> None:
    cost = values(name, np.array([2.0]), 2.0)[0]
    # −ln N(2; 2, 1) and −ln Pois(2; 2)
    expected = {"gaussian-nll": 0.5 * math.log(2 * math.pi), "poisson": 2 - 2 * math.log(2) + math.log(2)}.get(name, 0)
    assert cost == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize("name", MARGIN)
@pytest.mark.parametrize("label", [0.0, 1.0, -1.0])
def test_a_larger_margin_never_costs_more(name: str, label: float) -> None:
    ordered = np.linspace(-20, 20, 401) * (1 if label == 1 else -1)
    cost = values(name, ordered, label)
    assert (np.diff(cost) <= 0).all()
    assert cost[0] > cost[-1] >= 0


@pytest.mark.parametrize("label", [0.1, 0.5, 0.9])
def test_cross_entropy_with_a_soft_label_is_lowest_at_the_label_by_its_entropy(label: float) -> None:
    entropy = -label * math.log(label) - (1 - label) * math.log(1 - label)
    assert values("cross-entropy", np.array([label]), label)[0] == pytest.approx(entropy, rel=1e-14)
    elsewhere = PROBABILITIES[np.abs(label - PROBABILITIES) > 1e-6]
    assert (values("cross-entropy", elsewhere, label) > entropy).all()


@pytest.mark.parametrize("name", FIRST)
def test_no_label_of_a_loss_makes_it_undefined_on_its_predictions(name: str) -> None:
    at = {"probability": PROBABILITIES, "value": REALS, "margin": REALS}[LOSSES[name].family.value]
    at = at[at >= 0] if name == "poisson" else at
    for label in (0.0, 1.0):
        assert not np.isnan(values(name, at, label)).any()


# ---- symmetry --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PROBABILITY)
def test_probability_losses_treat_both_classes_alike(name: str) -> None:
    p = np.array([0.0, 0.125, 0.25, 0.5, 0.75, 1.0])  # 1 − p is exact
    assert values(name, p, 1) == pytest.approx(values(name, 1 - p, 0), rel=1e-14)


@pytest.mark.parametrize(("name", "params"), [("cross-entropy", {"pos_weight": 3.0}), ("focal", {"alpha": 0.25})])
def test_weights_treat_them_differently(name: str, params: dict[str, float | None]) -> None:
    one, other = values(name, np.array([0.5]), 1, **params), values(name, np.array([0.5]), 0, **params)
    assert one[0] / other[0] == pytest.approx(3 if name == "cross-entropy" else 1 / 3, rel=1e-14)


@pytest.mark.parametrize("name", [name for name in VALUE if name != "poisson"])
@given(r=st.floats(-1e6, 1e6), y=st.sampled_from([0.0, 0.5, -3.0]))
def test_value_losses_mind_only_the_size_of_the_residual(name: str, r: float, y: float) -> None:
    above, below = values(name, np.array([y + r]), y), values(name, np.array([y - r]), y)
    assert above[0] == pytest.approx(below[0], rel=1e-6, abs=1e-9)


def test_two_value_losses_mind_its_sign() -> None:
    assert values("quantile", np.array([-1.0, 1.0]), 0, tau=0.9).tolist() == pytest.approx([0.9, 0.1])
    low, high = values("poisson", np.array([1.0, 3.0]), 2)
    assert low > high


@pytest.mark.parametrize("name", MARGIN)
@given(v=st.floats(-600, 600))
def test_margin_losses_mind_only_the_side(name: str, v: float) -> None:
    assert values(name, np.array([v]), 1).tolist() == values(name, np.array([-v]), 0).tolist()
    assert values(name, np.array([-v]), 0).tolist() == values(name, np.array([-v]), -1).tolist()


# ---- one loss as another ---------------------------------------------------------------------------------------------


def test_limits_and_special_cases() -> None:
    p, v = PROBABILITIES[(PROBABILITIES > 0) & (PROBABILITIES < 1)], REALS
    for y in (0.0, 1.0, 0.3):
        ce = values("cross-entropy", p, y)
        assert values("focal", p, y, gamma=0) == pytest.approx(ce, rel=1e-13)
        assert values("poly-1", p, y, epsilon=0) == pytest.approx(ce, rel=1e-13)
        assert values("generalized-cross-entropy", p, y, q=1e-9) == pytest.approx(ce, rel=1e-5)
    for y in (0.0, 1.0):
        assert values("generalized-cross-entropy", p, y, q=1) == pytest.approx(
            values("absolute-error", p, y), rel=1e-13
        )
    for y in (0.0, -2.5, 1.0):
        squared = values("squared-error", v, y)
        assert 2 * values("half-squared-error", v, y) == pytest.approx(squared, rel=1e-15)
        assert 2 * values("huber", v, y, delta=1e9) == pytest.approx(squared, rel=1e-13)
        for beta in (0.25, 1.0, 2.0):
            assert beta * values("smooth-l1", v, y, beta=beta) == pytest.approx(
                values("huber", v, y, delta=beta), rel=1e-14
            )
        assert 2 * values("quantile", v, y) == pytest.approx(values("absolute-error", v, y), rel=1e-15)
        both = values("quantile", v, y, tau=0.8) + values("quantile", v, y, tau=0.2)
        assert both == pytest.approx(values("absolute-error", v, y), rel=1e-13)
        constant = 0.5 * math.log(2 * math.pi)
        assert values("gaussian-nll", v, y) - constant == pytest.approx(squared / 2, rel=1e-12, abs=1e-12)
        narrow = values("gaussian-nll", v, y, sigma=math.sqrt(0.5))  # C15
        assert narrow - 0.5 * math.log(math.pi) == pytest.approx(squared, rel=1e-12, abs=1e-12)
    for y in (0.0, 1.0):
        assert values("squared-hinge", v, y) == pytest.approx(values("hinge", v, y) ** 2, rel=1e-14)
        assert values("focal", p, y, alpha=0.5) == pytest.approx(values("focal", p, y) / 2, rel=1e-14)
    assert values("cross-entropy", p, 1, pos_weight=99) == pytest.approx(99 * values("cross-entropy", p, 1), rel=1e-14)
    assert values("cross-entropy", p, 0, pos_weight=99).tolist() == values("cross-entropy", p, 0).tolist()


def test_published_values() -> None:
    assert values("huber", np.array([3.0]), 0, delta=2).tolist() == [4]  # torch, keras, optax
    assert values("smooth-l1", np.array([3.0]), 0, beta=2).tolist() == [2]
    assert values("log-cosh", np.array([1.0]), 0)[0] == pytest.approx(0.4337808304830271, rel=1e-14)  # ln cosh 1
    assert values("log-cosh", np.array([1e6]), 0)[0] == pytest.approx(1e6 - math.log(2), rel=1e-15)
    assert values("poisson", np.array([2.0]), 3)[0] == pytest.approx(-math.log(8 / 6 * math.exp(-2)), rel=1e-14)
    assert values("exponential", np.array([-2.0]), 1)[0] == pytest.approx(math.exp(2), rel=1e-15)
    assert values("generalized-cross-entropy", np.array([0.0]), 1)[0] == pytest.approx(1 / 0.7, rel=1e-15)  # C18
    assert values("zero-one", np.array([-1.0, 0.0, 1.0]), 1).tolist() == [1, 0.5, 0]


def test_the_classic_losses_bound_the_zero_one_loss() -> None:
    for label in (0.0, 1.0):
        wrong = values("zero-one", REALS, label)
        for name in ("hinge", "squared-hinge", "exponential"):
            assert (values(name, REALS, label) >= wrong).all()


@given(st.floats(0, 1), st.floats(0, 1))
def test_absolute_error_of_both_labels_is_constant_and_focal_is_below_cross_entropy(p: float, q: float) -> None:
    at = np.array([p])
    assert values("absolute-error", at, 1)[0] + values("absolute-error", at, 0)[0] == pytest.approx(1, rel=1e-15)
    both = [values("generalized-cross-entropy", at, label)[0] for label in (0.0, 1.0)]
    assert 1.0975 <= sum(both) <= 1.4287  # C18, q = .7
    assert values("focal", at, 1)[0] <= values("cross-entropy", at, 1)[0]
    assert values("focal", at, q)[0] <= values("cross-entropy", at, q)[0] * (1 + 1e-12)


# ---- parameters ------------------------------------------------------------------------------------------------------

ANY = st.floats() | st.sampled_from([0.0, 1.0, -1.0, 0.5, 5e-324, 1.7e308, -0.0])


@pytest.mark.parametrize(("loss", "parameter"), PARAMETERS, ids=PARAMETER_IDS)
class TestParameter:
    def test_the_default_is_within_the_range(self, loss: Loss, parameter: Parameter) -> None:
        parameter.check(parameter.default)
        assert loss.complete({})[parameter.name] == parameter.default
        assert parameter.lower < parameter.upper
        assert parameter.step > 0
        assert parameter.symbol and parameter.about

    @settings(deadline=None)
    @given(value=ANY)
    def test_a_value_is_taken_or_refused_with_the_range(self, loss: Loss, parameter: Parameter, value: float) -> None:
        above = value > parameter.lower if parameter.open[0] else value >= parameter.lower
        below = value < parameter.upper if parameter.open[1] else value <= parameter.upper
        if above and below and (math.isfinite(value) or value == parameter.lower):
            assert loss.complete({parameter.name: value})[parameter.name] == value
        else:
            with pytest.raises(ValueError, match="must be") as problem:
                loss.complete({parameter.name: value})
            assert parameter.name in str(problem.value)
            bound = parameter.lower if math.isfinite(parameter.lower) else parameter.upper
            assert number(bound) in str(problem.value)

    @settings(deadline=None)
    @given(value=ANY, directions=st.lists(st.sampled_from([-1, 1]), max_size=60))
    def test_steps_stay_within_the_range(
        self, loss: Loss, parameter: Parameter, value: float, directions: list[int]
    ) -> None:
        try:
            parameter.check(value)
        except ValueError:
            return
        now: float | None = value
        for direction in directions:
            now = parameter.stepped(now, direction)
            parameter.check(now)

    @settings(deadline=None)
    @given(value=st.floats(-1, 1e6), direction=st.sampled_from([-1, 1]))
    def test_a_step_goes_where_it_should(self, loss: Loss, parameter: Parameter, value: float, direction: int) -> None:
        try:
            parameter.check(value)
        except ValueError:
            return
        moved = parameter.stepped(value, direction)
        if moved is not None:
            assert (moved - value) * direction >= 0
            assert abs(moved - value) <= 1.51 * parameter.step

    def test_steps_reach_up_and_come_back(self, loss: Loss, parameter: Parameter) -> None:
        value = parameter.default
        up = parameter.stepped(value, 1)
        assert up != value or value == parameter.upper
        for _ in range(1000):
            value = parameter.stepped(value, -1)
        lowest = value
        assert lowest is None if parameter.optional else lowest is not None
        for _ in range(1000):
            value = parameter.stepped(value, 1)
        assert value is not None
        if math.isfinite(parameter.upper):
            assert parameter.upper - value <= 1.0001 * parameter.step
        for _ in range(1000):
            value = parameter.stepped(value, -1)
        assert value == lowest

    def test_steps_are_round_numbers(self, loss: Loss, parameter: Parameter) -> None:
        value = parameter.default
        for _ in range(40):
            value = parameter.stepped(value, 1)
            assert value is not None and len(number(value)) <= 5

    def test_off_is_only_for_what_can_be_off(self, loss: Loss, parameter: Parameter) -> None:
        if parameter.optional:
            assert loss.complete({parameter.name: None})[parameter.name] is None
        else:
            with pytest.raises(ValueError, match=f"{parameter.name} cannot be off"):
                loss.complete({parameter.name: None})

    def test_a_parameter_matters(self, loss: Loss, parameter: Parameter) -> None:
        at, ratio = np.array([0.3, 0.6]), loss.family is Family.RATIO
        changed = loss.complete({parameter.name: parameter.stepped(parameter.default, 1 if loss.id != "gce" else -1)})
        at = at if loss.family is Family.PROBABILITY else np.append(at[ratio:], at * 9)

        def numbers(params: dict[str, float | None]) -> list[list[float]]:
            labels = (1.0, -1.0) if ratio else (1.0, 0.0) if loss.family is Family.PROBABILITY else (1.0,)
            return [evaluate_at(loss, params, label, "identity", at).value.tolist() for label in labels]

        assert numbers(changed) != numbers(loss.complete({}))


def test_a_parameter_may_be_spelt_with_a_hyphen_and_in_capitals() -> None:
    assert LOSSES["cross-entropy"].complete({"Pos-Weight": 3.0}) == {"pos_weight": 3}


@pytest.mark.parametrize(("name", "hint"), [("gama", "gamma"), ("alpah", "alpha"), ("g", "gamma")])
def test_an_unknown_parameter_names_the_nearest(name: str, hint: str) -> None:
    with pytest.raises(ValueError, match=hint):
        LOSSES["focal"].complete({name: 1.0})


# ---- names -----------------------------------------------------------------------------------------------------------


def test_no_two_losses_share_a_name() -> None:
    names = [normalise(name) for loss in LOSSES.values() for name in (loss.id, *loss.aliases, *loss.presets)]
    assert len(names) == len(set(names))
    assert all(key == loss.id == normalise(loss.id) for key, loss in LOSSES.items())


@pytest.mark.parametrize("name", LOSSES)
def test_each_is_found_and_matched_by_all_its_names(name: str) -> None:
    loss = LOSSES[name]
    for alias in (loss.id, *loss.aliases):
        for spelling in (alias, alias.upper(), alias.replace("-", " "), alias.replace("-", "_"), f"  {alias} "):
            assert find_loss(spelling) is loss
            assert matches(loss, spelling)
        for start in range(len(alias)):
            assert matches(loss, alias[start:]), alias[start:]
            assert matches(loss, alias[: start + 1]), alias[: start + 1]
    assert matches(loss, "")
    assert not matches(loss, "no such loss")
    assert loss.formula and loss.about and loss.source


def test_a_filter_leaves_what_a_person_means() -> None:
    def left(text: str) -> set[str]:
        return {name for name in FIRST if matches(LOSSES[name], text)}

    assert left("bce") == {"cross-entropy"}
    assert left("brier") == {"squared-error"}
    assert left("mae") >= {"absolute-error"}
    assert left("huber") >= {"huber"}
    # focal is found by what a library calls it, BinaryFocalCrossentropy
    assert left("cross") == {"cross-entropy", "generalized-cross-entropy", "focal"}
    assert left("nll") == {"cross-entropy", "poisson", "gaussian-nll"}
    assert left("zz") == set()
    # what spans words begins with one
    assert {name for name in LOSSES if matches(LOSSES[name], "dpo")} == {"dpo", "robust-dpo"}
    assert left("squarederror") >= {"squared-error", "half-squared-error"}


# ---- labels ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FIRST)
@given(label=st.floats(-5, 5) | st.sampled_from([-1.0, 0.0, 1.0, 0.5, 2.0]))
def test_a_label_is_accepted_or_the_sentence_names_the_loss(name: str, label: float) -> None:
    family = LOSSES[name].family
    accepted = {
        Family.VALUE: name != "poisson" or label >= 0,
        Family.PROBABILITY: 0 <= label <= 1,
        Family.MARGIN: label in (-1, 0, 1),
    }[family]
    problem = LOSSES[name].label_problem(label)
    if accepted:
        assert problem is None
    else:
        assert problem is not None
        assert problem.startswith(f"{name} needs a label")
        assert problem.endswith(f"not {number(label)}")


@given(st.floats(0, 1), st.floats(0, 1))
def test_smoothing_stays_between_the_label_and_one_half(label: float, smoothing: float) -> None:
    y = smoothed(label, smoothing)
    assert min(label, 0.5) - 1e-15 <= y <= max(label, 0.5) + 1e-15
    assert smoothed(label, 0) == label
    assert smoothed(label, 1) == 0.5
    assert y + smoothed(1 - label, smoothing) == pytest.approx(1, rel=1e-15)


@pytest.mark.parametrize(("label", "smoothing"), [(1.0, -0.1), (1.0, 1.1), (2.0, 0.1), (-1.0, 0.1), (0.5, math.nan)])
def test_what_cannot_be_smoothed(label: float, smoothing: float) -> None:
    with pytest.raises(ValueError, match="smoothing"):
        smoothed(label, smoothing)


def test_hard_labels() -> None:
    assert [hard(y) for y in (0, 1, -1, 0.5, 2)] == [0, 1, 0, None, None]
    assert [sign(y) for y in (0, 1, -1)] == [-1, 1, -1]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_written_so_that_it_is_read_back(x: float) -> None:
    text = number(x)
    assert float(text) == x
    assert len(text) <= max(len(repr(x)), len(str(int(x))) if abs(x) < 1e16 else 0)
