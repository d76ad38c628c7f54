"""What torch, jax with optax, and scikit-learn make of the losses at 323 logits, beside mpmath and lossterm.

    pip install torch jax optax scikit-learn mpmath
    python -m tests.reference.make_peers            write peers.json beside this file
    python -m tests.reference.make_peers --table    print the README's table from it

Each loss is asked for its value, ∂L/∂z and ∂²L/∂z² in float64 as its own library computes them: torch by autograd
through autograd, jax by grad of grad, scikit-learn by its loss module. A point counts as off where the relative error
against mpmath is above 1e-10 (an absolute one of 1e-300 is none). The label is 1.
"""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from mpmath import mp, mpf
from numpy.typing import NDArray

import lossterm
from tests.reference import make_evaluations as oracle

Floats: TypeAlias = NDArray[np.float64]

PATH = Path(__file__).with_name("peers.json")
TOLERANCE, FLOOR = 1e-10, 1e-300
LABEL = 1.0

_SIZES = np.geomspace(1e-3, 1e3, 161)
LOGITS: Floats = np.concatenate([-_SIZES[::-1], [0.0], _SIZES])
"""323 logits: 0, and 161 sizes from 0.001 to 1000, evenly by ratio, of both signs."""

QUANTITIES = ("value", "d_logit", "d2_logit")
LIBRARIES = ("torch", "jax", "optax", "scikit-learn", "numpy")

Triple: TypeAlias = "tuple[Floats | None, Floats | None, Floats | None]"
"""Value, slope and curvature at the logits; None where the library does not give it."""


class Row(NamedTuple):
    """One way to compute one loss.

    Attributes:
        loss: the loss, as lossterm calls it.
        activation: what makes the prediction.
        call: how the library is called, for the table.
        compute: what it gives at the logits.
    """

    loss: str
    activation: str
    call: str
    compute: Callable[[], Triple]


def _lossterm(loss: str, activation: str) -> Row:
    def compute() -> Triple:
        got = lossterm.evaluate(loss, label=LABEL, activation=activation, at=LOGITS)
        return got.value, got.d_logit, got.d2_logit

    return Row(loss, activation, "lossterm", compute)


def _torch(loss: str, activation: str, call: str, function: Callable[[Any, Any, Any], Any]) -> Row:
    def compute() -> Triple:
        import torch  # only where the table is made

        z = torch.tensor(LOGITS, dtype=torch.float64, requires_grad=True)
        value = function(torch, z, torch.full_like(z, LABEL))
        (slope,) = torch.autograd.grad(value.sum(), z, create_graph=True)
        (curvature,) = torch.autograd.grad(slope.sum(), z)
        return value.detach().numpy(), slope.detach().numpy(), curvature.detach().numpy()

    return Row(loss, activation, call, compute)


def _jax(loss: str, activation: str, call: str, function: Callable[[Any, Any, Any], Any]) -> Row:
    def compute() -> Triple:
        import jax
        import optax

        jax.config.update("jax_enable_x64", True)

        def one(z: Any) -> Any:
            return function(jax, optax, z)

        value, slope, curvature = (
            np.asarray(jax.vmap(way)(LOGITS)) for way in (one, jax.grad(one), jax.grad(jax.grad(one)))
        )
        return value, slope, curvature

    return Row(loss, activation, call, compute)


def _half_binomial() -> Triple:
    from sklearn._loss import HalfBinomialLoss

    loss, labels = HalfBinomialLoss(), np.full_like(LOGITS, LABEL)
    gradient, hessian = loss.gradient_hessian(y_true=labels, raw_prediction=LOGITS.copy())
    return loss.loss(y_true=labels, raw_prediction=LOGITS.copy()), gradient, hessian


def _of_probability(metric: str) -> Callable[[], Triple]:
    def compute() -> Triple:
        from scipy.special import expit
        from sklearn import metrics

        function = getattr(metrics, metric)
        values = [function([LABEL], [p], labels=[0.0, 1.0]) for p in expit(LOGITS).tolist()]
        return np.array(values), None, None

    return compute


ROWS = (
    _lossterm("cross-entropy", "sigmoid"),
    _torch("cross-entropy", "sigmoid", "torch `BCEWithLogitsLoss`",
           lambda t, z, y: t.nn.BCEWithLogitsLoss(reduction="none")(z, y)),
    _torch("cross-entropy", "sigmoid", "torch `BCELoss` of `sigmoid`",
           lambda t, z, y: t.nn.BCELoss(reduction="none")(t.sigmoid(z), y)),
    _jax("cross-entropy", "sigmoid", "optax `sigmoid_binary_cross_entropy`",
         lambda j, o, z: o.losses.sigmoid_binary_cross_entropy(z, LABEL)),
    Row("cross-entropy", "sigmoid", "scikit-learn `HalfBinomialLoss`", _half_binomial),
    Row("cross-entropy", "sigmoid", "scikit-learn `log_loss` of `expit`", _of_probability("log_loss")),
    _lossterm("focal", "sigmoid"),
    _jax("focal", "sigmoid", "optax `sigmoid_focal_loss`", lambda j, o, z: o.losses.sigmoid_focal_loss(z, LABEL)),
    _lossterm("squared-error", "sigmoid"),
    _torch("squared-error", "sigmoid", "torch `MSELoss` of `sigmoid`",
           lambda t, z, y: t.nn.MSELoss(reduction="none")(t.sigmoid(z), y)),
    _jax("squared-error", "sigmoid", "optax `squared_error` of `sigmoid`",
         lambda j, o, z: o.losses.squared_error(j.nn.sigmoid(z), LABEL)),
    Row("squared-error", "sigmoid", "scikit-learn `brier_score_loss` of `expit`", _of_probability("brier_score_loss")),
    _lossterm("log-cosh", "identity"),
    _jax("log-cosh", "identity", "optax `log_cosh`", lambda j, o, z: o.losses.log_cosh(z, LABEL)),
)  # fmt: skip
"""Every way that is compared, in the order of the table."""


def wanted(loss: str, activation: str) -> Floats:
    """Value, slope and curvature by mpmath, quantity × logit."""
    columns = []
    with mp.workdps(1000):
        for z in LOGITS.tolist():
            results = oracle.evaluate(loss, activation, mpf(z), mpf(LABEL), {})
            named = dict(zip(oracle.LOSS_QUANTITIES, results, strict=True))
            columns.append([oracle.to_float(named[name]) for name in QUANTITIES])
    return np.array(columns).T


def points_off(got: Floats | None, want: Floats) -> int | None:
    """At how many logits the numbers are off by more than the tolerance; None where there are none."""
    if got is None:
        return None
    with np.errstate(all="ignore"):
        right = np.abs(got - want) <= np.maximum(TOLERANCE * np.abs(want), FLOOR)
    return int((~(right | (got == want))).sum())


def counted(row: Row, want: Floats) -> dict[str, Any]:
    """A row of the table: the call, and how many points are off of each quantity."""
    off = [points_off(got, one) for got, one in zip(row.compute(), want, strict=True)]
    return {"loss": row.loss, "call": row.call, **dict(zip(QUANTITIES, off, strict=True))}


def table(record: dict[str, Any]) -> str:
    """The README's table of a record."""
    lines = [f"| of {record['points']} points, off by more than 1e-10 | L | ∂L/∂z | ∂²L/∂z² |", "|---|---|---|---|"]
    loss = ""
    for row in record["rows"]:
        if row["loss"] != loss:
            loss = row["loss"]
            lines.append(f"| **{loss.replace('-', ' ')}** | | | |")
        numbers = " | ".join("" if row[name] is None else str(row[name]) for name in QUANTITIES)
        lines.append(f"| {row['call']} | {numbers} |")
    return "\n".join(lines)


def make() -> dict[str, Any]:
    """Everything, with the versions that were asked."""
    kinds = {(row.loss, row.activation): wanted(row.loss, row.activation) for row in ROWS}
    return {
        "versions": {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}},
        "points": len(LOGITS),
        "tolerance": TOLERANCE,
        "label": LABEL,
        "rows": [counted(row, kinds[row.loss, row.activation]) for row in ROWS],
    }


def load() -> dict[str, Any]:
    """What was recorded."""
    record: dict[str, Any] = json.loads(PATH.read_text(encoding="utf-8"))
    return record


def main() -> None:
    """Write the record, or print the table."""
    if "--table" in sys.argv[1:]:
        print(table(load()))
        return
    PATH.write_text(json.dumps(make(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
