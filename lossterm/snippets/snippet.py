"""A snippet: the code of a loss for a library, and how its numbers compare with the exact ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from lossterm.core.lazy import np
from lossterm.core.losses.activations import ACTIVATIONS
from lossterm.core.losses.formulas import LOSSES, Loss
from lossterm.core.losses.labels import Family, number
from lossterm.core.losses.objective import evaluate_at

LIBRARIES = ("numpy", "xgboost", "lightgbm", "torch", "jax", "keras", "catboost")
"""Who a snippet can be written for."""

PRECISIONS = ("float64", "float32")
"""In which the numpy snippet is run."""

DYING = 0.1
"""A Hessian dies where it times the distance to the label is less than this part of the gradient: Newton overshoots."""

MISSING = "a snippet needs sympy and black: pip install 'lossterm[code]'"


@dataclass(frozen=True)
class Snippet:
    """The code of a loss for a library.

    Attributes:
        loss: the loss's id.
        params: all its parameters, as pairs.
        activation: behind which.
        library: for which library.
        code: the code.
        checked: by precision, how the numpy snippet of the same expressions compares with the exact values.
    """

    loss: str
    params: tuple[tuple[str, float | None], ...]
    activation: str
    library: str
    code: str
    checked: Mapping[str, Any]


def make_snippet(loss: str, params: tuple[tuple[str, float | None], ...], library: str, activation: str) -> Snippet:
    """The snippet of a loss behind an activation.

    Args:
        loss: the loss's id.
        params: all its parameters, as pairs.
        library: one of `LIBRARIES`.
        activation: the activation's id; empty for the one that the loss is written for.

    Raises:
        ValueError: there is none; the message says why, and what would be.
    """
    if library not in LIBRARIES:
        raise ValueError(f"unknown library {library}: choose from {', '.join(LIBRARIES)}")
    try:
        from lossterm.snippets import libraries
    except ImportError as problem:
        if (problem.name or "").partition(".")[0] not in ("sympy", "black"):
            raise
        raise ValueError(MISSING) from None
    derivation, policy, checked = _derived(loss, LOSSES[loss].formula, params, activation)
    written = libraries.Written(derivation, policy, (_note(checked),))
    link = derivation.activation.id
    return Snippet(loss, params, link, library, libraries.LIBRARIES[library](written), checked)


@lru_cache(maxsize=64)
def _derived(
    name: str, formula: str, params: tuple[tuple[str, float | None], ...], activation: str
) -> tuple[Any, str, Any]:
    # one derivation and its check for every library
    from lossterm.snippets import checking, libraries
    from lossterm.snippets.derivation import derive, natural_activation, reads_hard_labels

    loss = LOSSES[name]
    link = ACTIVATIONS[activation or natural_activation(loss)]
    labels = checking.labels_of(loss, hard=reads_hard_labels(loss))
    policy = policy_of(loss, params, link.id, labels)

    def tried(*, even: bool) -> tuple[Any, dict[str, Any]]:
        plain = libraries.Written(derive(loss, dict(params), link, even=even), policy, ())
        code = libraries.numpy_code(plain)
        return plain.derivation, {
            dtype: checking.run(code, plain.name, loss, dict(params), link, labels, dtype) for dtype in PRECISIONS
        }

    derivation, checked = tried(even=False)
    if checking.cancels(checked["float64"]):
        other = tried(even=True)
        derivation, checked = min((derivation, checked), other, key=lambda pair: checking.badness(pair[1]["float64"]))
    return derivation, policy, checked


def _note(checked: Mapping[str, Any]) -> str:
    told = []
    for dtype, c in checked.items():
        fails = "" if c.fails_from is None else f", but {c.why} from z = {c.fails_from:.4g} on"
        within = f"within {c.max_error:.0e}" if c.max_error else "to the last digit"
        told.append(f"{dtype} {within}{fails}")
    labels = ", ".join(number(y) for y in next(iter(checked.values())).labels)
    return (f"Run with numpy against the exact values for |z| <= 1000, y = {labels}; relative errors: "
            f"{'; '.join(told)}.")  # fmt: skip


def policy_of(loss: Loss, params: tuple[tuple[str, float | None], ...], activation: str, labels: Any) -> str:
    """What stands for the Hessian in boosting, from the exact numbers: a key of `libraries.CURVATURE`."""
    z = np.linspace(-30, 30, 1201) + 0.0123
    slopes, bends, residuals = [], [], []
    for label in labels:
        e = evaluate_at(loss, dict(params), label, activation, z)
        known = np.isfinite(e.d_logit) & np.isfinite(e.d2_logit)
        slopes.append(e.d_logit[known])
        bends.append(e.d2_logit[known])
        residuals.append(z[known] - label)
    slope, bend, r = np.concatenate(slopes), np.concatenate(bends), np.concatenate(residuals)
    if not np.any(bend):
        return "one"
    lost = (bend < 0) | ((bend == 0) & (slope != 0))
    if activation == "identity" and loss.family is Family.VALUE:
        dies = lost | (bend * np.abs(r) < DYING * np.abs(slope))
        return "exact" if not dies.any() else "weight" if _weight_falls(slope, r) else "bounded"
    return "bounded" if lost.any() else "exact"


def _weight_falls(slope: Any, r: Any) -> bool:
    # ψ(r)/r falls with |r| on both sides: then it is a parabola above the loss that touches it (Huber 1981)
    def falls(side: Any) -> bool:
        order = np.argsort(np.abs(r[side]))
        weight = (slope[side] / r[side])[order]
        return bool((weight >= 0).all() and (np.diff(weight) <= 1e-9 * weight.max(initial=1.0)).all())

    return falls(r > 0.01) and falls(r < -0.01)
