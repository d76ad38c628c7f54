"""Reference figures of two predictions of the same rows: tests/reference/comparison.json.

    python -m tests.reference.make_comparison        write the file beside this one

It needs numpy, scipy and statsmodels, nothing of lossterm. The losses and differences are numpy's; McNemar's exact test
is that of statsmodels, and scipy's binomial test beside it; DeLong's errors are by the definition, with all pairs of
rows (the structural components of DeLong, DeLong and Clarke-Pearson 1988); the Murphy diagram is by its definition, row
by row (Ehm et al. 2016).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import scipy  # type: ignore[import-untyped, unused-ignore]
import statsmodels  # type: ignore[import-not-found, import-untyped, unused-ignore]
from scipy.stats import binomtest  # type: ignore[import-untyped, unused-ignore]
from statsmodels.stats.contingency_tables import (  # type: ignore[import-not-found, import-untyped, unused-ignore]
    mcnemar,
)

PATH = Path(__file__).with_name("comparison.json")
NORMAL = 1.959964
THETAS = (0.01, 0.1, 0.25, 0.5, 0.77, 0.99)


def sigmoid(z: Any) -> Any:
    """The predictions of logits."""
    return 1.0 / (1.0 + np.exp(-z))


def data_sets() -> dict[str, tuple[Any, Any, Any, Any]]:
    """Labels, two predictions and weights, seeded."""
    rng = np.random.default_rng(14)
    found = {}
    for n in (6, 60, 400):
        z = rng.normal(0, 2, n)
        y = (rng.random(n) < sigmoid(z)).astype(int)
        y[:4] = 0, 0, 1, 1
        first, second = sigmoid(1.8 * z + rng.normal(0, 0.8, n)), sigmoid(z + rng.normal(0, 0.5, n))
        found[f"normal-{n}"] = y, first, second, rng.random(n) + 0.1
    y, first, second, weight = found["normal-400"]
    found["ties"] = y, np.round(first * 18 + 1) / 20, np.round(second * 18 + 1) / 20, weight
    return found


def losses(y: Any, p: Any) -> dict[str, Any]:
    """Of each row."""
    return {"cross-entropy": -np.where(y == 1, np.log(p), np.log1p(-p)), "squared-error": (p - y) ** 2}


def placements(y: Any, p: Any) -> tuple[Any, Any]:
    """The structural components, by looking at each pair."""
    pairs = (p[y == 1][:, None] > p[y == 0][None, :]) + 0.5 * (p[y == 1][:, None] == p[y == 0][None, :])
    return pairs.mean(axis=1), pairs.mean(axis=0)


def area(of_ones: Any, of_zeros: Any) -> list[float]:
    """A mean of placements with its standard error."""
    variance = np.var(of_ones, ddof=1) / len(of_ones) + np.var(of_zeros, ddof=1) / len(of_zeros)
    return [float(of_ones.mean()), float(np.sqrt(variance))]


def score(theta: float, y: Any, p: Any) -> float:
    """The mean elementary score."""
    return float(np.mean(np.where((y == 1) & (p <= theta), 1 - theta, np.where((y == 0) & (p > theta), theta, 0.0))))


def figures(y: Any, first: Any, second: Any, weight: Any) -> dict[str, Any]:
    """All of them."""
    found: dict[str, Any] = {"losses": {}}
    for (name, a), b in zip(losses(y, first).items(), losses(y, second).values(), strict=True):
        d = b - a
        error = float(np.std(d, ddof=1) / np.sqrt(len(d)))
        mean = float((weight * d).sum() / weight.sum())
        found["losses"][name] = {
            "difference": float(d.mean()),
            "standard_error": error,
            "interval": [float(d.mean() - NORMAL * error), float(d.mean() + NORMAL * error)],
            "better": float((d < 0).mean()),
            "worse": float((d > 0).mean()),
            "weighted": mean,
            "weighted_error": float(np.sqrt((weight**2 * (d - mean) ** 2).sum()) / weight.sum()),
        }
    right = [(p > 0.5) == (y == 1) for p in (first, second)]
    lost, gained = int((right[0] & ~right[1]).sum()), int((~right[0] & right[1]).sum())
    both, neither = int((right[0] & right[1]).sum()), int((~right[0] & ~right[1]).sum())
    p = float(mcnemar([[both, lost], [gained, neither]], exact=True).pvalue)
    by_scipy = float(binomtest(lost, lost + gained).pvalue) if lost + gained else 1.0
    if abs(p - by_scipy) > 1e-12:
        raise ValueError(f"statsmodels {p}, scipy {by_scipy}")
    found["flips"] = [lost, gained, both, neither, p]
    one, other = placements(y, first), placements(y, second)
    found["areas"] = [area(*one), area(*other), area(other[0] - one[0], other[1] - one[1])]
    found["costs"] = [[theta, score(theta, y, first), score(theta, y, second)] for theta in THETAS]
    return found


def main() -> None:
    """Write all of it."""
    sets = {
        name: {
            "y": y.tolist(),
            "first": first.tolist(),
            "second": second.tolist(),
            "weight": weight.tolist(),
            **figures(y, first, second, weight),
        }
        for name, (y, first, second, weight) in data_sets().items()
    }
    tosses = [(0, 0), (3, 0), (5, 9), (499, 501), (600, 580), (5000, 5200), (100_000, 101_000), (120, 2000)]
    document = {
        "versions": {"numpy": np.__version__, "scipy": scipy.__version__, "statsmodels": statsmodels.__version__},
        "sets": sets,
        "mcnemar": [[a, b, float(binomtest(a, a + b).pvalue) if a + b else 1.0] for a, b in tosses],
    }
    PATH.write_text(json.dumps(document) + "\n", "utf-8")


if __name__ == "__main__":
    main()
