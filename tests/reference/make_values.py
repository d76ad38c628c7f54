"""Reference figures of plain values and of the distributions that they come with: tests/reference/values.json.

    python tests/reference/make_values.py        write the file beside this one

It needs scoringrules, scikit-learn, scipy and numpy, nothing of lossterm; the versions are in the file, and so are the
inputs.
"""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import scoringrules  # type: ignore[import-not-found, import-untyped, unused-ignore]
from scipy.stats import norm  # type: ignore[import-not-found, import-untyped, unused-ignore]
from sklearn.metrics import (  # type: ignore[import-not-found, import-untyped, unused-ignore]
    mean_absolute_error,
    mean_pinball_loss,
    r2_score,
    root_mean_squared_error,
)

PATH = Path(__file__).with_name("values.json")
LIBRARIES = ("scoringrules", "scikit-learn", "scipy", "numpy")
ERROR_LEVELS = (0.025, 0.05, 0.25, 0.5, 0.75, 0.95, 0.975)
LEVELS = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)


def data_sets() -> dict[str, dict[str, Any]]:
    """Labels, means, standard deviations, quantiles, weights or None; seeded."""
    rng = np.random.default_rng(20)
    found = {}
    for name, n, width, shift, weighted in (
        ("right", 400, 1.0, 0.0, False), ("narrow", 300, 0.6, 0.2, False), ("weighted", 250, 1.3, -0.5, True),
        ("few", 7, 0.8, 0.0, False),
    ):  # fmt: skip
        mean = 3.0 * rng.standard_normal(n) + 1000.0 * (name == "narrow")
        deviation = 0.3 + np.abs(rng.standard_normal(n))
        y = mean + shift + deviation * rng.standard_normal(n)
        told = width * deviation
        quantiles = mean[:, None] + told[:, None] * norm.ppf(LEVELS)
        weight = rng.gamma(1.0, 2.0, n) if weighted else None
        if weight is not None:
            weight[:5] = 0.0
        found[name] = {"y": y, "mean": mean, "sd": told, "quantiles": quantiles, "weight": weight}
    return found


def figures(data: dict[str, Any]) -> dict[str, Any]:
    """What the libraries say."""
    y, v, sd, q, w = (data[name] for name in ("y", "mean", "sd", "quantiles", "weight"))
    t = (y - v) / sd
    intervals = [(0, 6, 0.9), (1, 5, 0.8), (2, 4, 0.5)]
    weights = np.ones(len(y)) if w is None else w

    def mean(values: Any) -> float:
        return float(np.average(values, weights=weights))

    return {
        "bias": mean(v - y),
        "mae": mean_absolute_error(y, v, sample_weight=w),
        "rmse": root_mean_squared_error(y, v, sample_weight=w),
        "r2": r2_score(y, v, sample_weight=w),
        "error_quantiles": np.quantile(v - y, ERROR_LEVELS, method="inverted_cdf", weights=w).tolist(),
        "pinball": [mean_pinball_loss(y, q[:, k], sample_weight=w, alpha=a) for k, a in enumerate(LEVELS)],
        "crps_quantiles": mean(scoringrules.crps_quantile(y, q, np.array(LEVELS))),
        "crps_normal": mean(scoringrules.crps_normal(y, v, sd)),
        "nll_normal": mean(-norm.logpdf(y, v, sd)),
        "squared_standing": mean(t * t),
        "interval_score": [
            mean(scoringrules.interval_score(y, q[:, i], q[:, j], 1.0 - part)) for i, j, part in intervals
        ],
        "coverage": [mean((q[:, i] <= y) & (y <= q[:, j])) for i, j, _ in intervals],
        "below": [mean(y <= q[:, k]) for k in range(len(LEVELS))],
        "pit_normal": np.histogram(norm.cdf(t), bins=np.linspace(0.0, 1.0, 11))[0].tolist(),
    }


def plain(value: Any) -> Any:
    """Arrays as lists."""
    if isinstance(value, dict):
        return {name: plain(part) for name, part in value.items()}
    return value.tolist() if isinstance(value, np.ndarray) else value


def main() -> None:
    """Write the file."""
    sets = {name: {"data": plain(data), "figures": plain(figures(data))} for name, data in data_sets().items()}
    document = {"versions": {name: version(name) for name in LIBRARIES}, "levels": LEVELS, "sets": sets}
    PATH.write_text(json.dumps(document, indent=None, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
