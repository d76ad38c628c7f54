"""Reference figures of scikit-learn for files of predictions: tests/reference/data_statistics.json.

    python tests/reference/make_data.py        write the file beside this one

It needs scikit-learn (made with 1.9) and numpy, nothing of lossterm; the tests need only the JSON, which holds the
inputs too. Predictions are the numbers scikit-learn was given; logits are made first where a figure needs them.

calibration_curve has the same bins: ``searchsorted(bins[1:-1], p)`` is (lower, upper], 0 and all below the first inner
edge in the first; "uniform" edges are linspace(0, 1, B + 1), "quantile" ones numpy's linear percentiles.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import sklearn  # type: ignore[import-not-found, import-untyped, unused-ignore]
from sklearn.calibration import calibration_curve  # type: ignore[import-not-found, import-untyped, unused-ignore]
from sklearn.linear_model import LogisticRegression  # type: ignore[import-not-found, import-untyped, unused-ignore]
from sklearn.metrics import (  # type: ignore[import-not-found, import-untyped, unused-ignore]
    accuracy_score,
    balanced_accuracy_score,
    brier_score_loss,
    f1_score,
    log_loss,
    precision_score,
    recall_score,
    roc_auc_score,
)

PATH = Path(__file__).with_name("data_statistics.json")
BINS = (1, 5, 10, 15)
THRESHOLDS = (0.1, 0.3, 0.5, 0.9)


def sigmoid(z: Any) -> Any:
    """The predictions of logits."""
    return 1.0 / (1.0 + np.exp(-z))


def data_sets() -> dict[str, tuple[Any, Any]]:
    """Predictions and labels, seeded."""
    rng = np.random.default_rng(5)
    found = {}
    for n in (2, 7, 50, 300, 2000):
        z = rng.normal(0.2, 2.0, n)
        y = (rng.random(n) < sigmoid(0.6 * z + 0.3)).astype(int)
        y[:2] = 0, 1
        found[f"normal-{n}"] = sigmoid(z), y
    p = np.round(rng.random(400), 2)
    found["ties"] = p, (rng.random(400) < p).astype(int)
    p = np.round(rng.random(400), 1) * 0.5 + 0.25
    found["few-values"] = p, (rng.random(400) < p).astype(int)
    p = rng.integers(0, 21, 300) / 20
    found["on-edges"] = p, np.where(p == 0, 0, np.where(p == 1, 1, rng.random(300) < p)).astype(int)
    p = rng.random(200)
    p[:20], p[20:50] = 0.0, 1.0
    y = (rng.random(200) < p).astype(int)
    y[:50] = p[:50]
    found["certain-and-right"] = p, y
    z = rng.normal(0.0, 12.0, 500)
    found["extreme"] = sigmoid(z), (rng.random(500) < sigmoid(0.15 * z)).astype(int)
    z = rng.normal(-6.0, 1.5, 1500)
    y = (rng.random(1500) < sigmoid(z + 1.0)).astype(int)
    found["rare"] = sigmoid(z), y
    return found


def curve(p: Any, y: Any, bins: int, strategy: str) -> dict[str, list[float]]:
    """A reliability diagram."""
    frequency, confidence = calibration_curve(y, p, n_bins=bins, strategy=strategy)
    return {"confidence": confidence.tolist(), "frequency": frequency.tolist()}


def torchmetrics_ece(p: Any, y: Any, bins: int) -> dict[str, float]:
    """The rule of torchmetrics' calibration error, in float64: edges linspace, ``bucketize(p, edges, right=True) − 1``.

    That is [lower, upper), so that a prediction on an inner edge is one bin higher than in lossterm, and 1 alone in a
    bin after the last.
    """
    place = np.searchsorted(np.linspace(0.0, 1.0, bins + 1), p, side="right") - 1
    rows = [(np.mean(place == b), abs(p[place == b].mean() - y[place == b].mean())) for b in np.unique(place)]
    return {
        "l1": math.fsum(w * g for w, g in rows),
        "max": float(max(g for _, g in rows)),
        "l2": math.sqrt(math.fsum(w * g * g for w, g in rows)),
    }


def platt(p: Any, y: Any) -> dict[str, float] | None:
    """The unpenalised logistic regression on the logit."""
    inside = (p > 0) & (p < 1)
    if not inside.all():
        return None
    z = np.log(p) - np.log1p(-p)
    fit = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-14, max_iter=1000).fit(z[:, None], y)
    return {"a": float(fit.coef_[0, 0]), "b": float(fit.intercept_[0])}


def figures(p: Any, y: Any) -> dict[str, Any]:
    """All figures of one data set."""
    exact = np.where((p == 0) | (p == 1), np.nan, p)
    decided = {str(t): (p > t).astype(int) for t in THRESHOLDS}
    return {
        "prediction": p.tolist(),
        "label": y.tolist(),
        "log_loss": None if np.isnan(exact).any() else float(log_loss(y, p)),
        "brier": float(brier_score_loss(y, p)),
        "auroc": float(roc_auc_score(y, p)),
        "uniform": {str(b): curve(p, y, b, "uniform") for b in BINS},
        "quantile": {str(b): curve(p, y, b, "quantile") for b in BINS},
        "calibration_error": {str(b): torchmetrics_ece(p, y, b) for b in BINS},
        "platt": platt(p, y),
        "thresholds": {
            t: {
                "accuracy": float(accuracy_score(y, d)),
                "balanced_accuracy": float(balanced_accuracy_score(y, d)),
                "precision": float(precision_score(y, d, zero_division=np.nan)) if d.any() else None,
                "recall": float(recall_score(y, d)),
                "f1": float(f1_score(y, d)),
            }
            for t, d in decided.items()
        },
    }


def main() -> None:
    """Write the file."""
    sets = {name: figures(p, y) for name, (p, y) in data_sets().items()}
    PATH.write_text(json.dumps({"scikit-learn": sklearn.__version__, "sets": sets}) + "\n", "utf-8")


if __name__ == "__main__":
    main()
