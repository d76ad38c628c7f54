"""Reference figures of how far a file of predictions can be relied on: tests/reference/honest_statistics.json.

    python tests/reference/make_honest.py        write the file beside this one

It needs scikit-learn, statsmodels, model-diagnostics and numpy, nothing of lossterm; the versions are in the file, and
so are the inputs. DeLong's standard error is by its definition, sums over all pairs.
"""

from __future__ import annotations

import json
import math
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from model_diagnostics.scoring import (  # type: ignore[import-not-found, import-untyped, unused-ignore]
    LogLoss,
    SquaredError,
    decompose,
)
from sklearn.calibration import calibration_curve  # type: ignore[import-not-found, import-untyped, unused-ignore]
from sklearn.isotonic import IsotonicRegression  # type: ignore[import-not-found, import-untyped, unused-ignore]
from sklearn.metrics import (  # type: ignore[import-not-found, import-untyped, unused-ignore]
    average_precision_score,
    brier_score_loss,
    d2_log_loss_score,
    roc_auc_score,
    roc_curve,
)
from statsmodels.stats.proportion import (  # type: ignore[import-not-found, import-untyped, unused-ignore]
    proportion_confint,
)

PATH = Path(__file__).with_name("honest_statistics.json")
LIBRARIES = ("scikit-learn", "statsmodels", "model-diagnostics", "numpy")


def sigmoid(z: Any) -> Any:
    """The predictions of logits."""
    return 1.0 / (1.0 + np.exp(-z))


def data_sets() -> dict[str, tuple[Any, Any, Any]]:
    """Predictions, labels and weights (or None), seeded."""
    rng = np.random.default_rng(14)
    found: dict[str, tuple[Any, Any, Any]] = {}
    for n in (6, 60, 600):
        z = rng.normal(0.3, 2.0, n)
        y = (rng.random(n) < sigmoid(0.5 * z)).astype(int)
        y[:4] = 0, 1, 0, 1
        found[f"normal-{n}"] = sigmoid(z), y, None
    p = np.round(rng.random(300), 1) * 0.8 + 0.1
    found["ties"] = p, (rng.random(300) < p).astype(int), None
    z = rng.normal(-3.0, 1.5, 500)
    found["rare"] = sigmoid(z), (rng.random(500) < sigmoid(z + 0.7)).astype(int), None
    p = rng.random(300)
    found["weighted"] = p, (rng.random(300) < p**2).astype(int), rng.gamma(1.0, 2.0, 300)
    return found


def delong(p: Any, y: Any) -> float:
    """The standard error of the AUROC, by the sums of the definition."""
    positives, negatives = p[y == 1], p[y == 0]
    psi = (positives[:, None] > negatives) + 0.5 * (positives[:, None] == negatives)
    m, n, area = len(positives), len(negatives), psi.mean()
    of_ones = sum((psi[i].mean() - area) ** 2 for i in range(m)) / (m - 1)
    of_zeros = sum((psi[:, j].mean() - area) ** 2 for j in range(n)) / (n - 1)
    return math.sqrt(of_ones / m + of_zeros / n)


def terms(scoring: Any, p: Any, y: Any, w: Any) -> dict[str, float]:
    """The decomposition of a mean score."""
    table = decompose(y_obs=y, y_pred=p, scoring_function=scoring, weights=w)
    columns = {"mcb": "miscalibration", "dsc": "discrimination", "unc": "uncertainty", "mean": "score"}
    return {name: float(table[column][0]) for name, column in columns.items()}


def wilson(p: Any, y: Any, bins: int) -> list[list[float]]:
    """Count, frequency and its interval of each bin (lower, upper] that is not empty."""
    place = np.clip(np.searchsorted(np.linspace(0, 1, bins + 1), p, side="left") - 1, 0, bins - 1)
    rows = []
    for b in np.unique(place):
        k, n = int(y[place == b].sum()), int((place == b).sum())
        low, high = proportion_confint(k, n, alpha=0.05, method="wilson")
        rows.append([n, k / n, float(low), float(high)])
    return rows


def figures(p: Any, y: Any, w: Any) -> dict[str, Any]:
    """All figures of one data set."""
    fitted = IsotonicRegression(out_of_bounds="clip").fit(p, y, sample_weight=w).predict(p)
    rate = float(np.average(y, weights=w))
    fpr, tpr, thresholds = roc_curve(y, p, sample_weight=w, drop_intermediate=False)
    inside = np.isfinite(thresholds)
    return {
        "prediction": p.tolist(),
        "label": y.tolist(),
        "weight": None if w is None else w.tolist(),
        "isotonic": fitted.tolist(),
        "auroc": float(roc_auc_score(y, p, sample_weight=w)),
        "auroc_standard_error": None if w is not None else delong(p, y),
        "average_precision": float(average_precision_score(y, p, sample_weight=w)),
        "brier_skill": 1 - float(brier_score_loss(y, p, sample_weight=w)) / (rate * (1 - rate)),
        "d2": float(d2_log_loss_score(y, p, sample_weight=w)),
        "log_loss": terms(LogLoss(), p, y, w),
        "squared": terms(SquaredError(), p, y, w),
        "curve": [part.tolist() for part in calibration_curve(y, p, n_bins=15)],
        "wilson": None if w is not None else wilson(p, y, 15),
        "roc": [thresholds[inside].tolist(), fpr[inside].tolist(), tpr[inside].tolist()],
    }


def main() -> None:
    """Write the file."""
    sets = {name: figures(p, y, w) for name, (p, y, w) in data_sets().items()}
    PATH.write_text(json.dumps({"made with": {n: version(n) for n in LIBRARIES}, "sets": sets}) + "\n", "utf-8")


if __name__ == "__main__":
    main()
