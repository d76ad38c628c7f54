"""Figures of segments, and corrections for many looks, by the libraries themselves; run it to write them anew.

    python -m tests.reference.make_segments

It needs polars, scipy and statsmodels: ``segments.json`` holds their versions.
"""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
import polars as pl
from scipy.stats import false_discovery_control, ttest_ind
from statsmodels.stats.multitest import multipletests  # type: ignore[import-not-found, unused-ignore]

from lossterm.predictions.options import DEMO

OUT = Path(__file__).with_name("segments.json")


def segments(frame: pl.DataFrame) -> list[dict[str, float | None]]:
    """The figures of each digit, by a group-by."""
    p, y = pl.col("probability"), pl.col("label")
    frame = frame.with_columns(
        loss=-(y * p.log() + (1 - y) * (1 - p).log()),
        bin=((p * 15).ceil() - 1).clip(0, 14),
    )
    found = []
    for digit in sorted(frame["digit"].unique()):
        here, rest = frame.filter(pl.col("digit") == digit), frame.filter(pl.col("digit") != digit)
        bins = here.group_by("bin").agg(gap=(p - y).sum().abs(), spread=(p * (1 - p)).sum())
        sums = here.select(
            base_rate=y.mean(),
            log_loss=pl.col("loss").mean(),
            z=((y - p) * (1 - 2 * p)).sum() / ((1 - 2 * p) ** 2 * p * (1 - p)).sum().sqrt(),
            bias=(p - y).mean(),
        ).row(0, named=True)
        ones = float(here["label"].to_numpy().sum())
        found.append(
            sums
            | {
                "value": int(digit),
                "rows": here.height,
                "calibration_ratio": float(here["probability"].to_numpy().sum()) / ones if ones else None,
                "ece": bins["gap"].sum() / here.height,
                "ece_floor": bins["spread"].sqrt().sum() * np.sqrt(2 / np.pi) / here.height,
                "loss_z": float(ttest_ind(here["loss"].to_numpy(), rest["loss"].to_numpy(), equal_var=False).statistic),
            }
        )
    return found


def main() -> None:
    """Write the file."""
    p = np.random.default_rng(7).random(40) ** 3
    corrected = false_discovery_control(p)
    assert np.allclose(corrected, multipletests(p, method="fdr_bh")[1], atol=1e-15)
    record = {
        "versions": {name: version(name) for name in ("polars", "scipy", "statsmodels", "numpy")},
        "demo": segments(pl.read_csv(DEMO)),
        "p": p.tolist(),
        "corrected": corrected.tolist(),
    }
    OUT.write_text(json.dumps(record, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
