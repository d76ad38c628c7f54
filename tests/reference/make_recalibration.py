"""Reference recalibrations of scikit-learn and scipy: tests/reference/recalibration.json.

    python tests/reference/make_recalibration.py        write the file beside this one

It needs scikit-learn and scipy, nothing of lossterm; the tests need only the JSON, which holds the inputs too.

Platt and beta are logistic regressions without penalty on z, and on ln p and −ln(1 − p): where a coefficient of beta
would be negative that feature is left out, as the package betacal does. Isotonic is `IsotonicRegression`. T and vector
scaling are minimised by scipy. Folds are splitmix64 of the row number, from 1, modulo 5, in Python's whole numbers.
"""

from __future__ import annotations

import json
import platform
from pathlib import Path
from typing import Any

import numpy as np
import scipy  # type: ignore[import-untyped, unused-ignore]
import sklearn  # type: ignore[import-not-found, import-untyped, unused-ignore]
from scipy.optimize import brentq, minimize  # type: ignore[import-untyped, unused-ignore]
from scipy.special import expit, log_softmax, softmax  # type: ignore[import-untyped, unused-ignore]
from sklearn.isotonic import IsotonicRegression  # type: ignore[import-not-found, import-untyped, unused-ignore]
from sklearn.linear_model import LogisticRegression  # type: ignore[import-not-found, import-untyped, unused-ignore]

PATH = Path(__file__).with_name("recalibration.json")
BINS = 15
MASK = 2**64 - 1


def splitmix64(state: int) -> int:
    """The first output of splitmix64 from a state."""
    z = (state + 0x9E3779B97F4A7C15) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def data_sets() -> dict[str, dict[str, Any]]:
    """Predictions, labels and perhaps weights, seeded."""
    rng = np.random.default_rng(14)
    found: dict[str, dict[str, Any]] = {}
    z = rng.normal(0.3, 2.5, 240)
    y = (rng.random(240) < expit(0.5 * z - 0.4)).astype(int)
    found["over-confident"] = {"p": expit(z), "y": y, "w": None}
    found["weighted"] = {"p": expit(z), "y": y, "w": rng.integers(1, 9, 240) / 4}
    p = np.round(rng.random(240), 1) * 0.9 + 0.05
    found["ties"] = {"p": p, "y": (rng.random(240) < p**2).astype(int), "w": None}
    p = rng.uniform(0.5, 0.999, 240)  # only the top of the scale tells: b is 0 or a is
    found["at-a-bound"] = {
        "p": p,
        "y": (rng.random(240) < 0.2 + 0.75 * (1 - np.exp(-8 * (p - 0.5)))).astype(int),
        "w": None,
    }
    return found


def regression(x: Any, y: Any, w: Any) -> tuple[list[float], float]:
    """Coefficients and intercept without penalty."""
    model = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-14, max_iter=10_000).fit(x, y, w)
    return model.coef_[0].tolist(), float(model.intercept_[0])


def fit_beta(p: Any, y: Any, w: Any) -> tuple[float, float, float]:
    """a, b, c as betacal finds them."""
    x = np.column_stack([np.log(p), -np.log1p(-p)])
    (a, b), c = regression(x, y, w)
    if a < 0:
        (b,), c = regression(x[:, 1:], y, w)
        return 0.0, b, c
    if b < 0:
        (a,), c = regression(x[:, :1], y, w)
        return a, 0.0, c
    return a, b, c


def fit_temperature(p: Any, y: Any, w: Any) -> float:
    """1/β at the root of the slope."""
    z, weight = np.log(p) - np.log1p(-p), np.ones(len(y)) if w is None else w
    return float(1 / brentq(lambda beta: np.sum(weight * (expit(beta * z) - y) * z), 1e-6, 100, xtol=1e-15, rtol=1e-15))


def apply(method: str, p: Any, y: Any, w: Any, new: Any) -> Any:
    """Probabilities of new predictions by a fit to others."""
    z = np.log(new) - np.log1p(-new)
    if method == "T":
        return expit(z / fit_temperature(p, y, w))
    if method == "platt":
        (a,), b = regression((np.log(p) - np.log1p(-p))[:, None], y, w)
        return expit(a * z + b)
    if method == "beta":
        a, b, c = fit_beta(p, y, w)
        return expit(a * np.log(new) - b * np.log1p(-new) + c)
    return IsotonicRegression(out_of_bounds="clip").fit(p, y, w).predict(new)


def figures(p: Any, y: Any, w: Any) -> dict[str, Any]:
    """Log loss, Brier and ECE by their definitions."""
    weight = np.ones(len(y)) if w is None else w
    with np.errstate(divide="ignore"):
        loss = np.where(y == 1, -np.log(p), -np.log1p(-p))
    place = np.searchsorted(np.linspace(0, 1, BINS + 1)[1:-1], p)
    gaps = [np.sum((weight * (p - y))[place == b]) for b in range(BINS)]
    return {
        "losses": [x if np.isfinite(x) else "inf" for x in loss.tolist()],
        "log_loss": float(np.average(loss, weights=weight)) if np.isfinite(loss).all() else "inf",
        "brier": float(np.average((p - y) ** 2, weights=weight)),
        "ece": float(np.sum(np.abs(gaps)) / weight.sum()),
        "infinite": int(np.sum(~np.isfinite(loss))),
    }


def binary(data: dict[str, Any]) -> dict[str, Any]:
    """Every method on one data set."""
    p, y, w = data["p"], data["y"], data["w"]
    fold = np.array([splitmix64(i + 1) % 5 for i in range(len(y))])
    (a,), b = regression((np.log(p) - np.log1p(-p))[:, None], y, w)
    grid = np.linspace(0.001, 0.999, 41)
    plain = figures(p, y, w)
    result: dict[str, Any] = {
        "p": p.tolist(), "y": y.tolist(), "w": None if w is None else w.tolist(), "plain": plain,
        "fits": {"T": {"T": fit_temperature(p, y, w)}, "platt": {"a": a, "b": b},
                 "beta": dict(zip("abc", fit_beta(p, y, w), strict=True))},
        "grid": grid.tolist(), "applied": {}, "outside": {},
    }  # fmt: skip
    for method in ("T", "platt", "beta", "isotonic"):
        result["applied"][method] = apply(method, p, y, w, grid).tolist()
        out = np.empty(len(y))
        for k in range(5):
            own = fold == k
            out[own] = apply(method, p[~own], y[~own], None if w is None else w[~own], p[own])
        found = figures(out, y, w)
        if not found["infinite"]:
            d = np.array(found["losses"]) - np.array(plain["losses"])
            weight = np.ones(len(y)) if w is None else w
            mean = np.average(d, weights=weight)
            error = np.sqrt(np.sum(weight**2 * (d - mean) ** 2)) / weight.sum()
            found |= {
                "difference": float(mean),
                "error": float(d.std(ddof=1) / np.sqrt(len(d)) if w is None else error),
            }
        del found["losses"]
        result["outside"][method] = found
    del plain["losses"]
    return result


def classes() -> dict[str, Any]:
    """T and vector scaling of four classes."""
    rng = np.random.default_rng(15)
    z = rng.normal(size=(200, 4)) * 2
    t = np.array([rng.choice(4, p=row) for row in softmax(z * [0.5, 0.7, 0.4, 0.6] + [0.3, -0.2, 0, 0.1], axis=1)])
    one = np.eye(4)[t]

    def nll(place: Any) -> float:
        return float(-np.sum(one * log_softmax(z * place[:4] + np.append(place[4:], 0), axis=1)))

    def slope(place: Any) -> Any:
        rest = softmax(z * place[:4] + np.append(place[4:], 0), axis=1) - one
        return np.concatenate([(rest * z).sum(axis=0), rest[:, :3].sum(axis=0)])

    def bend(place: Any) -> Any:
        p = softmax(z * place[:4] + np.append(place[4:], 0), axis=1)
        total = np.zeros((7, 7))
        for x, row in zip(z, p, strict=True):
            jacobian = np.hstack([np.diag(x), np.eye(4)[:, :3]])
            total += jacobian.T @ (np.diag(row) - np.outer(row, row)) @ jacobian
        return total

    found = minimize(
        nll, np.array([1.0] * 4 + [0.0] * 3), jac=slope, hess=bend, method="trust-exact", options={"gtol": 1e-12}
    )
    place = found.x - np.linalg.solve(bend(found.x), slope(found.x))  # to the last digit
    bias = np.append(place[4:], 0)
    t_slope = lambda beta: float(np.sum((softmax(beta * z, axis=1) - one) * z))  # noqa: E731
    return {
        "z": z.tolist(), "t": t.tolist(), "T": 1 / brentq(t_slope, 1e-3, 10, xtol=1e-15, rtol=1e-15),
        "scale": place[:4].tolist(), "bias": (bias - bias.mean()).tolist(),
    }  # fmt: skip


def main() -> None:
    """Write the file."""
    versions = {"scikit-learn": sklearn.__version__, "scipy": scipy.__version__, "numpy": np.__version__,
                "python": platform.python_version()}  # fmt: skip
    found = {
        "versions": versions,
        "binary": {name: binary(data) for name, data in data_sets().items()},
        "classes": classes(),
    }
    PATH.write_text(json.dumps(found, allow_nan=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
