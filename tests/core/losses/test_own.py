"""A loss of one's own: the same numbers as the built-in one of its formula, and one line for what is none."""

from __future__ import annotations

import json
import math
import tracemalloc
from itertools import product

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lossterm
from lossterm.core.losses.activations import ACTIVATIONS
from lossterm.core.losses.formulas import LOSSES, find_loss, names_of
from lossterm.core.losses.labels import Family, smoothed
from lossterm.core.losses.objective import evaluate_at
from lossterm.core.losses.own.definition import defined, taken_by
from lossterm.core.losses.own.examples import example, free_name
from lossterm.core.losses.own.grammar import (
    DEEPEST,
    FUNCTIONS,
    LONGEST,
    MOST_STEPS,
    NAMES,
    FormulaError,
    parsed,
    restarted,
)
from lossterm.core.losses.own.registry import define, forget, own_losses
from tests.reference import make_evaluations as oracle

REFERENCE = oracle.load()
FIELDS = ("value", "d_prediction", "d2_prediction", "d_logit", "d2_logit")
CROSS_ENTROPY = "mine: -y*log(p)-(1-y)*log(1-p)"


def numbers(text: str, label: float, activation: str, at: object) -> dict[str, np.ndarray]:
    loss = defined(text)
    found = evaluate_at(loss, loss.defaults, label, activation, at)  # type: ignore[arg-type]
    return {name: getattr(found, name) for name in FIELDS}


def one(text: str, at: float, label: float = 1.0, activation: str = "identity") -> list[float]:
    """L, ∂L/∂z and ∂²L/∂z² at a logit."""
    found = numbers(text, label, activation, [at])
    return [float(found[name][0]) for name in ("value", "d_logit", "d2_logit")]


# ---- against the reference ------------------------------------------------------------------------------------------


@pytest.mark.sampled(3)
@pytest.mark.parametrize(("activation", "label"), list(product(ACTIVATIONS, (0.0, 1.0))))
def test_the_cross_entropy_that_is_typed_has_the_numbers_of_the_reference(activation: str, label: float) -> None:
    logits = REFERENCE.logits
    assert max(logits) >= 1000 and min(logits) <= -1000
    cases = [(i, case) for i, case in enumerate(REFERENCE.cases)
             if (case.loss, case.activation, case.label) == ("cross-entropy", activation, label)
             and dict(case.parameters).get("pos_weight", 1.0) == 1.0]  # fmt: skip
    assert cases
    got = numbers(CROSS_ENTROPY, label, activation, logits)
    for index, case in cases:
        for j, name in enumerate(oracle.LOSS_QUANTITIES):
            want, allowed = REFERENCE.evaluations[index, j], REFERENCE.allowance[index, j]
            close = (got[name] == want) | (np.isnan(got[name]) & np.isnan(want)) | np.isinf(allowed)
            with np.errstate(invalid="ignore"):
                close |= np.abs(got[name] - want) <= 1e-12 * np.abs(want) + allowed + 1e-290
            assert close.all(), (json.dumps(dict(case.parameters)), name, np.asarray(logits)[~close], got[name][~close])


BESIDE_ROOTS = {
    "pseudo-huber",
    "charbonnier",
    "tukey",
    "linex",
    "log-cosh",
    "generalized-cross-entropy",
    "poisson",
    "gaussian-nll",
    "focal",
    "poly-1",
    "student-t-nll",
    "gamma",
    "tweedie",
    "negative-binomial",
}
"""Losses that are sums of terms that cancel somewhere: their digits there are of the size of these terms."""


READ_AS = {Family.POSITIVE: Family.VALUE, Family.RATIO: Family.VALUE, Family.PREFERENCE: Family.MARGIN}
"""As what a formula is taken that names the prediction, or the sign, alone."""


@pytest.mark.parametrize("loss", [name for name, loss in LOSSES.items() if loss.expression])
def test_an_example_is_the_built_in_loss(loss: str) -> None:
    mine, built_in = defined(example(loss)), LOSSES[loss]
    assert mine.family is READ_AS.get(built_in.family, built_in.family) or loss in ("poisson", "nca")
    assert {p.name.removesuffix("_at") for p in mine.parameters} <= {p.name for p in built_in.parameters}
    at = np.concatenate([np.linspace(-20, 20, 81), [-1.0, -0.3, 0.3, 1.7, 2.9]])
    for activation, label in product(("sigmoid", "identity", "tanh", "exp"), (0.0, 1.0, 0.9, 3.5)):
        if mine.label_problem(label) or built_in.label_problem(label):
            continue
        got = evaluate_at(mine, mine.defaults, label, activation, at)
        want = evaluate_at(built_in, built_in.defaults, label, activation, at)
        known = ~np.isnan(want.value)  # Poisson's domain is declared, not seen in its formula
        if loss in ("gamma", "tweedie"):
            known &= want.prediction != 0  # two terms are infinite there, and their sum is not told by them
        for name in FIELDS:
            one, other = getattr(got, name)[known], getattr(want, name)[known]
            room = 1e-12 if loss not in BESIDE_ROOTS else 1e-9
            close = (one == other) | (np.isnan(one) & np.isnan(other))
            with np.errstate(invalid="ignore"):
                close |= np.abs(one - other) <= room * np.maximum(np.abs(other), 1e-3)
            assert close.all(), (activation, label, name, at[known][~close], one[~close], other[~close])


def test_every_built_in_loss_that_has_no_example_opens_an_empty_line() -> None:
    for loss, entry in LOSSES.items():
        text = example(loss)
        assert defined(text).definition == text if entry.expression else text == f"{free_name(loss)}: "
    assert example("focal", {"gamma": 5.0, "alpha": None}).startswith("my-focal(gamma=5[0,inf]): ")


ORACLES = {
    "-log(sigmoid(s*v))": lambda z, y: mp.log1p(mp.exp(-(2 * y - 1) * z)),
    "log(1 + exp(-s*v))": lambda z, y: mp.log1p(mp.exp(-(2 * y - 1) * z)),
    "log1p(exp(-s*v))": lambda z, y: mp.log1p(mp.exp(-(2 * y - 1) * z)),
    "-log(1/(1 + exp(-s*v)))": lambda z, y: mp.log1p(mp.exp(-(2 * y - 1) * z)),
    "sigmoid(-v)**2*softplus(-v)": lambda z, y: mp.log1p(mp.exp(-z)) / (1 + mp.exp(z)) ** 2,
    "tanh(r)**2": lambda z, y: mp.tanh(z - y) ** 2,
    "1 - erf(s*v)": lambda z, y: mp.erfc((2 * y - 1) * z),
    "log(v*v + 1)": lambda z, y: mp.log(z * z + 1),
    "2**(-s*v/9)": lambda z, y: mp.mpf(2) ** (-(2 * y - 1) * z / 9),
    "log((exp(r) + exp(-r))/2)": lambda z, y: mp.log(mp.cosh(z - y)),
    "log(cosh(r))": lambda z, y: mp.log(mp.cosh(z - y)),
    "cosh(r/9)": lambda z, y: mp.cosh((z - y) / 9),
    "expm1(r)**2": lambda z, y: mp.expm1(z - y) ** 2,
    "q = exp(-abs(r)); q/(1 + q)**2": lambda z, y: mp.exp(-abs(z - y)) / (1 + mp.exp(-abs(z - y))) ** 2,
}  # fmt: skip


@pytest.mark.parametrize("formula", ORACLES)
def test_derivatives_are_exact(formula: str) -> None:
    with mp.workdps(350):
        for z, y in product((-700.0, -5.5, -0.25, 17.0), (0.0, 1.0)):
            for n, got in enumerate(one(f"mine: {formula}", z, y)):
                want = float(mp.diff(lambda x, y=y: ORACLES[formula](x, mp.mpf(y)), mp.mpf(z), n))
                assert abs(got - want) <= 1e-12 * abs(want) + 1e-300, (z, y, n)


def test_a_logit_has_its_derivative_by_the_prediction_too() -> None:
    found = numbers("mine: z**2", 1.0, "sigmoid", [-3.0, 0.5, 900.0])
    p, q = 1 / (1 + np.exp([3.0, -0.5])), 1 / (1 + np.exp([-3.0, 0.5]))
    assert found["d_logit"].tolist() == [-6.0, 1.0, 1800.0]
    assert found["d_prediction"][:2] == pytest.approx(np.array([-6.0, 1.0]) / (p * q), rel=1e-14)
    assert found["d_prediction"][2] == math.inf  # 1800 e^900
    flat = numbers("mine: z**2", 1.0, "relu", [-3.0, 2.0])
    assert math.isnan(flat["d_prediction"][0]) and flat["d_prediction"][1] == 4.0


def test_the_tails_that_a_clip_loses_are_lost() -> None:
    clipped, added = (
        one("mine: -log(clip(p, 1e-7, 1 - 1e-7))", -40, 1, "sigmoid"),
        one("mine: -log(p + 1e-7)", -40, 1, "sigmoid"),
    )
    assert clipped[0] == pytest.approx(16.118, abs=1e-3) and clipped[1:] == [0, 0]
    assert added[0] == pytest.approx(16.118, abs=1e-3)
    assert one(CROSS_ENTROPY, -40, 1, "sigmoid")[:2] == [40.0, -1.0]


# ---- kinks, jumps, domains ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("formula", "at", "label", "want"),
    [
        ("abs(r)", 1.0, 1.0, [0.0, 0.0, 0.0]),  # the mean of −1 and 1
        ("max(r, -r)", 1.0, 1.0, [0.0, 0.0, 0.0]),
        ("max(0, 1 - s*v)", 1.0, 1.0, [0.0, 0.0, 0.0]),  # the flat side, as the hinge
        ("max(1 - s*v, 0)", -1.0, 0.0, [0.0, 0.0, 0.0]),
        ("min(v, 2)", 2.0, 1.0, [2.0, 0.0, 0.0]),
        ("clip(v, -1, 2)", 5.0, 1.0, [2.0, 0.0, 0.0]),
        ("clip(v, -1, 2)", 0.5, 1.0, [0.5, 1.0, 0.0]),
        ("3*r if r > 0 else -r", 1.0, 1.0, [0.0, 1.0, 0.0]),
        ("r**2 if r < 0 else r**3", 1.0, 1.0, [0.0, 0.0, 2.0]),  # the second derivative of the left side
        ("1 if v > 0 else 0", 0.0, 1.0, [0.0, math.nan, math.nan]),  # a jump
        ("1 if v >= 0 else 0", 0.0, 1.0, [1.0, math.nan, math.nan]),
        ("v if y == 1 else 2*v", 3.0, 0.0, [6.0, 2.0, 0.0]),
        ("v if y != 1 else 2*v", 3.0, 1.0, [6.0, 2.0, 0.0]),
        ("log(v)", -2.0, 1.0, [math.nan] * 3),
        ("v - y*log(v)", -2.0, 0.0, [-2.0, 1.0, 0.0]),  # an exact 0 as a factor
        ("0*log(v) + v**2", -2.0, 1.0, [4.0, -4.0, 2.0]),
        ("v/0", 2.0, 1.0, [math.inf, math.inf, 0.0]),
    ],
)
def test_a_formula_at_a_point(formula: str, at: float, label: float, want: list[float]) -> None:
    got = one(f"mine: {formula}", at, label)
    assert got[:2] == pytest.approx(want[:2], nan_ok=True)
    assert (
        math.isnan(got[2]) if math.isnan(want[2]) else got[2] == pytest.approx(want[2], nan_ok=True) or "v/0" in formula
    )


def test_what_names_p_is_nowhere_outside_of_the_unit_interval() -> None:
    assert all(map(math.isnan, one("mine: p**2", 1.5)))
    assert one("mine: v**2", 1.5) == [2.25, 3.0, 2.0]


@pytest.mark.parametrize(
    ("formula", "family", "hard"),
    [
        ("(1 - p_t)**2", Family.PROBABILITY, False), ("-log(p)*y", Family.PROBABILITY, False),
        ("softplus(-s*v)", Family.MARGIN, True), ("r**2*s", Family.VALUE, False), ("softplus(-z)", Family.VALUE, False),
        ("p*s", Family.PROBABILITY, False),
    ],
)  # fmt: skip
def test_the_family_is_what_it_names(formula: str, family: Family, *, hard: bool) -> None:
    loss = defined(f"mine: {formula}")
    assert (loss.family, loss.hard_only) == (family, hard)
    assert (loss.label_problem(3.5) is None) is (family is Family.VALUE)


def test_a_smoothed_label_knows_what_is_missing_to_1() -> None:
    label = smoothed(1.0, 1e-18)
    got = numbers(CROSS_ENTROPY, label, "sigmoid", [40.0])["value"][0]
    want = evaluate_at(LOSSES["cross-entropy"], {"pos_weight": 1.0}, label, "sigmoid", [40.0]).value[0]
    assert got == pytest.approx(want, rel=1e-12) and 0 < got < 1e-15


# ---- the language ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "at", "says"),
    [
        ("mine: (p", 8, "')' is expected"),
        ("mine: 2*-", 9, "a number, a name or a bracket is expected"),
        ("mine: lgo(p)", 6, "did you mean log?"),
        ("mine: ln(p)", 6, "log is the natural one"),
        ("mine: p^2", 7, "a power is written **"),
        ("mine: max(p^2, 1)", 11, "a power is written **: ')' is expected"),
        ("mine: x*p", 6, "declare it: mine(x=2)"),
        ("mine: log*p", 6, "write log(v)"),
        ("mine: y(2)", 6, "a product is written y*(…)"),
        ("mine: 2 p", 8, "a sign such as * is"),
        ("mine: v.real", 7, "is no sign of a formula"),
        ("mine: __import__('os')", 6, "unknown function"),
        ("mine: v if v else 0", 13, "a comparison is expected"),
        ("mine: v > 0", 8, "a comparison stands in a if r > 0 else b"),
        ("mine: 0 < v < 1", 8, "a comparison stands in"),
        ("mine: v if 0 < v < 1 else 0", 17, "one comparison is taken"),
        ("mine: v if v == 1 else 0", 13, "compares the label and parameters alone"),
        ("mine: lgamma(v)", 6, "lgamma is of the label and parameters alone"),
        ("mine: clip(v, 1)", 6, "clip takes 3 values, not 2"),
        ("mine: v**101", 9, "a power is at most 100"),
        ("mine: 1e200*v", 6, "a number is at most 1e+100"),
        ("mine: y + 1", 5, "a loss depends on the prediction"),
        ("mine:", 5, "a formula is expected"),
        ("v**2", 0, "a name is expected first"),
        ("mine(g): v", 6, "'=' is expected"),
        ("mine(p=2): v", 5, "p is the prediction as a probability: take another name"),
        ("mine(g=2, g=3): v", 10, "g is there already"),
        ("mine(g=20[0,10]): v", 5, "outside of its range"),
        ("mine(g=2[3,1]): v", 5, "from the lower to the higher end"),
        ("mine(G=2): v", 5, "small letters"),
        ("mine: g = 2; g = 3; v", 13, "g is there already"),
        ("mine: g = 2;", 12, "the loss itself is expected"),
        ("mine: 'a'", 6, "is no sign of a formula"),
        ("mine: v\0", 7, "is no sign of a formula"),
        ("mine: vé", 7, "is no sign of a formula"),
        ("focal: v", 0, "focal is a built-in loss"),
        ("svm: v", 0, "svm is a name of hinge"),
        ("BCEWithLogitsLoss: v", 0, "what a library calls cross-entropy"),
        ("distillation: v", 0, "of K classes"),
        ("all: v", 0, "a word of the command line"),
        ("mine: " + "(" * (DEEPEST + 1) + "v", DEEPEST + 6, "within one another"),
        ("mine: v" + "+v*2" * LONGEST, LONGEST, f"at most {LONGEST} characters"),
        ("mine: v" + "".join(f"+{n}" for n in range(MOST_STEPS)), None, f"at most {MOST_STEPS} operations"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(text: str, at: int | None, says: str) -> None:
    with pytest.raises(FormulaError) as caught:
        defined(text)
    message = str(caught.value)
    assert says in message and "\n" not in message and message.count("^") >= 1
    assert at is None or caught.value.at == at


@pytest.mark.parametrize(
    "text",
    ["mine: r**2", "mine(): r**2", " MINE : r **\n2", "m_ine(g=4): g*r", "a(g=-.5(-1,0]): r*g", "q(g=1[0,inf]): g*r"],
)
def test_a_definition_reads_back_as_itself(text: str) -> None:
    once = defined(text).definition
    assert defined(once).definition == once and "\n" not in once


def test_parameters_are_stepped_within_their_range() -> None:
    loss = defined("mine(g=4[0,10], h=1): g*h*r**2")
    g, h = loss.parameters
    assert (g.step, g.stepped(4.0, 1), g.stepped(10.0, 1), g.stepped(0.0, -1)) == (0.5, 4.5, 10.0, 0.0)
    assert h.stepped(1.0, -1) == 0.9
    with pytest.raises(ValueError, match=r"g must be in \[0, 10\], not 11"):
        loss.complete({"g": 11.0})
    with pytest.raises(ValueError, match="h must be a number, not inf"):
        loss.complete({"h": math.inf})
    assert restarted(loss.definition, {"g": 6.0, "h": 7.0}) == "mine(g=6[0,10], h=7): g*h*r**2"


def test_a_loss_is_in_the_list_until_it_is_forgotten() -> None:
    define("tail(g=4): -y*log(p) - (1-y)*p**g*log(1-p)")
    assert find_loss("TAIL") is LOSSES["tail"] and names_of(LOSSES["tail"]) == ("tail",)
    assert lossterm.evaluate("tail:g=1", label=0, activation="sigmoid", at=0.0).value == pytest.approx(
        0.5 * math.log(2)
    )
    define("tail: r**2")
    assert [loss.formula for loss in own_losses()] == ["r**2"] and not taken_by("tail")
    forget("tail")
    forget("focal")  # nothing of one's own
    assert "tail" not in LOSSES and "focal" in LOSSES


# ---- whatever is typed ----------------------------------------------------------------------------------------------

_LEAVES = st.sampled_from([*NAMES, "g", "0", "1", "2", ".5", "1e99", "100"])


def _formulas(of: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    def call(name: str, values: int) -> st.SearchStrategy[str]:
        return st.tuples(*[of] * values).map(lambda inside: f"{name}({', '.join(inside)})")

    calls = [call(name, least) for name, (least, _) in FUNCTIONS.items()]
    return st.one_of(
        st.tuples(of, st.sampled_from(["+", "-", "*", "/", "**"]), of).map(lambda a: f"({a[0]}){a[1]}({a[2]})"),
        st.tuples(of, of, st.sampled_from(["<", ">", "<=", ">=", "=="]), of, of).map(
            lambda a: f"({a[0]} if {a[1]} {a[2]} {a[3]} else {a[4]})"),
        of.map(lambda a: f"-({a})"),
        *calls,
    )  # fmt: skip


FORMULAS = st.recursive(_LEAVES, _formulas, max_leaves=12)
AT = np.array([-1000.0, -40.0, -1.0, 0.0, 1e-300, 0.5, 1.0, 40.0, 1000.0])


@given(FORMULAS, st.sampled_from(["0", "1", "2", "-1", ".5"]), st.sampled_from(list(ACTIVATIONS)))
def test_whatever_is_a_formula_is_evaluated(formula: str, g: str, activation: str) -> None:
    try:
        loss = defined(f"mine(g={g}): {formula}")
    except FormulaError as problem:
        assert "\n" not in str(problem)
        return
    for label in (0.0, 1.0, 0.3, 2.0):
        if loss.label_problem(label) is None:
            found = evaluate_at(loss, loss.defaults, label, activation, AT)
            assert all(getattr(found, name).shape == AT.shape for name in FIELDS)


_WORDS = st.sampled_from(
    [*NAMES, *FUNCTIONS, *"+-*/^()[],;:=<>. \0é'1", "**", "if", "else", "1e400", "and", "__class__"]
)


@given(st.text(max_size=60) | st.lists(_WORDS, max_size=40).map(" ".join))
def test_whatever_is_typed_is_a_formula_or_one_line(text: str) -> None:
    try:
        parsed(text)
    except FormulaError as problem:
        assert "\n" not in str(problem) and str(problem).isprintable()
        assert 0 <= problem.at <= len(text)


@pytest.mark.parametrize(
    "text",
    ["-" * 490 + "v", "(" * 490, "v" + "**v" * 160, "v" + "*v" * 118, "v" + "-1" * 118, "exp(" * 38 + "v" + ")" * 38,
     "v" + "**2" * 38, "1-(" * 38 + "p" + ")" * 38, "p" + "/p" * 118, "v if v>0 else " * 30 + "v", "v+9**9**9**9",
     "log(1+" * 38 + "exp(v)" + ")" * 38, "sigmoid(" * 38 + "v" + ")" * 38, "abs(1-" * 38 + "p" + ")" * 38,
     "v" * 100_000, "a=v;" * 120 + "a"],
)  # fmt: skip
def test_what_is_deep_long_or_huge_ends_soon_in_little_memory(text: str) -> None:
    tracemalloc.start()
    try:
        loss = defined(f"mine: {text}")
        evaluate_at(loss, loss.defaults, 1.0, "sigmoid", AT)
    except FormulaError as problem:
        assert "\n" not in str(problem) and len(str(problem)) < 400
    finally:
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert used < 20e6
