"""Reference figures of scikit-learn for predictions of K classes: tests/reference/class_statistics.json.

    python tests/reference/make_classes.py     write the file beside this one

It needs scikit-learn (made with 1.9) and numpy, nothing of lossterm; the tests need only the JSON, which holds the
inputs too. The Brier score of K classes is Σ(p_k − t_k)² (``scale_by_half=False``); calibration_curve gets the
confidence in the top class and whether that class is right.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import sklearn  # type: ignore[import-not-found, import-untyped, unused-ignore]
from sklearn.calibration import calibration_curve  # type: ignore[import-not-found, import-untyped, unused-ignore]
from sklearn.metrics import (  # type: ignore[import-not-found, import-untyped, unused-ignore]
    accuracy_score,
    brier_score_loss,
    confusion_matrix,
    hinge_loss,
    log_loss,
    precision_recall_fscore_support,
)

PATH = Path(__file__).with_name("class_statistics.json")
BINS = (1, 10, 15)
SETS = {"two": (2, 120, 1.5), "three": (3, 200, 2.0), "ten": (10, 150, 1.0), "over-confident": (4, 200, 6.0)}
"""Classes, rows, spread of the logits."""
COLUMNS = ("precision", "recall", "f1", "count")


def data_set(classes: int, rows: int, spread: float, seed: int) -> tuple[Any, Any, Any]:
    """Logits, probabilities and labels; the last class is never the label where there are ten."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0.0, spread, (rows, classes))
    drawn = logits[:, :-1] if classes == 10 else logits
    label = np.argmax(drawn / max(spread, 1.0) + rng.gumbel(0.0, 1.0, drawn.shape) * 0.7, axis=1)
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return logits, shifted / shifted.sum(axis=1, keepdims=True), label


def curve(confidence: Any, right: Any, bins: int, strategy: str) -> dict[str, list[float]]:
    """A reliability diagram of the top class."""
    frequency, mean = calibration_curve(right, confidence, n_bins=bins, strategy=strategy)
    return {"confidence": mean.tolist(), "frequency": frequency.tolist()}


def figures(logits: Any, p: Any, label: Any) -> dict[str, Any]:
    """All figures of one data set."""
    names = list(range(p.shape[1]))
    decided, confidence = p.argmax(axis=1), p.max(axis=1)
    right = (decided == label).astype(int)
    precision, recall, f1, count = precision_recall_fscore_support(label, decided, labels=names, zero_division=np.nan)
    return {
        "logits": logits.tolist(),
        "probabilities": p.tolist(),
        "label": label.tolist(),
        "log_loss": float(log_loss(label, p, labels=names)),
        "brier": float(brier_score_loss(label, p, labels=names, scale_by_half=False)),
        "hinge": float(hinge_loss(label, logits, labels=names)) if len(names) > 2 else None,
        "accuracy": float(accuracy_score(label, decided)),
        "confusion": confusion_matrix(label, decided, labels=names).tolist(),
        "classes": [
            {name: None if np.isnan(x) else float(x) for name, x in zip(COLUMNS, row, strict=True)}
            for row in zip(precision, recall, f1, count, strict=True)
        ],
        "uniform": {str(b): curve(confidence, right, b, "uniform") for b in BINS},
        "quantile": {str(b): curve(confidence, right, b, "quantile") for b in BINS},
    }


def main() -> None:
    """Write the file."""
    sets = {name: figures(*data_set(*shape, seed)) for seed, (name, shape) in enumerate(SETS.items())}
    PATH.write_text(json.dumps({"scikit-learn": sklearn.__version__, "sets": sets}) + "\n", "utf-8")


if __name__ == "__main__":
    main()
