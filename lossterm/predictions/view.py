"""How a file of predictions is read and looked at: frozen choices with pure changes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from lossterm.core.losses.labels import number
from lossterm.core.statistics.clip import CLIPS, Clip
from lossterm.core.statistics.condition import Holding

Page: TypeAlias = Literal[
    "coverage",
    "pit",
    "residuals",
    "qq",
    "reliability",
    "histogram",
    "losses",
    "share",
    "curve",
    "classes",
    "compare",
    "roc",
    "precision-recall",
    "net-benefit",
    "costs",
]

THRESHOLD_PAGES: tuple[Page, ...] = ("roc", "precision-recall", "net-benefit", "costs")
"""The charts whose cursor is the threshold: what is found against false alarms, how much of what is decided 1 is right,
what deciding is worth, and what it costs where costs are anything (the Murphy diagram)."""

FORECAST_PAGES: tuple[Page, ...] = ("coverage", "pit")
"""The charts of what quantiles, or means and standard deviations, hold of the labels."""

VALUE_PAGES: tuple[Page, ...] = ("residuals", "qq", "coverage")
"""The charts of the errors of plain values: over the predictions, against the normal distribution, and what v ± z·RMSE
holds."""

PAGE_TITLES: Mapping[Page, str] = {
    "reliability": "reliability",
    "histogram": "predictions",
    "losses": "distribution of the losses",
    "share": "share of Σ|∂L/∂z|",
    "curve": "the examples on the curve",
    "classes": "confusion",
    "compare": "B − A, in standard errors",
    "roc": "ROC",
    "precision-recall": "precision by recall",
    "net-benefit": "net benefit",
    "costs": "for every cost",
    "residuals": "errors over predictions",
    "qq": "QQ",
    "coverage": "coverage",
    "pit": "PIT",
}

PAGES: tuple[Page, ...] = tuple(PAGE_TITLES)
"""What the chart can show: the reliability diagram, the predictions by label, the distribution of the losses, the share
of the gradient that the worst hold, the examples on the loss curves, the confusion of K classes; of two predictions
the differences of their losses, and their scores for every ratio of costs; of plain values their errors, and what
intervals hold."""

SAME: Literal["same"] = "same"
"""Of the clip of the second prediction: that of the first."""

Beside: TypeAlias = Literal["fits", "corp", "none"]
BESIDE: tuple[Beside, ...] = ("fits", "corp", "none")
"""What is drawn beside the bins of the reliability: what T and Platt make of them, the isotonic regression, nothing."""

Scale: TypeAlias = Literal["linear", "symlog"]
SCALES: tuple[Scale, ...] = ("linear", "symlog")
"""Of the y axis of the histogram and of the loss curves."""

Range: TypeAlias = tuple[float | None, float | None]
"""The least and the largest prediction that count; None is no bound."""

KINDS = ("probability", "logit", "score", "value", "confidence", "log-probability", "quantile", "normal")
MOST_BINS, MOST_WORST = 1000, 10_000
COLDEST, HOTTEST = 1e-3, 1e3
STEPS_OF_TEMPERATURE = (0.1, 0.2, 0.25, 1 / 3, 0.5, 2 / 3, 0.75, 0.9, 1.0, 1.1, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 7.0,
                        10.0)  # fmt: skip


STORED = ".lossterm"
"""The ending of a file of a summary."""

NEEDS_ROWS = "a summary has no rows: that is asked of the files it was made of"
"""What is said of all that a summary cannot answer."""


@dataclass(frozen=True)
class FileChoice:
    """Which files are read, and how their columns are taken; None is guessed.

    Attributes:
        paths: files and globs, ``-`` is standard input.
        label_column: the column of the labels.
        label: of several labels the one that is looked at.
        prediction_columns: one column, or K of them, or a beginning with ``*``.
        kind: what the predictions are.
        weight_column: the column of the weights.
        group_column: the column of the groups.
        positive: which text is class 1.
        delimiter: between the fields of a line.
        skip_bad: whether bad rows are left out.
        class_names: the classes in their order.
        out_of: what a certainty is in the file, such as 100 of per cent.
        levels: of quantiles whose columns' names do not tell.
        key: a column that tells the examples apart.
        decimal: what stands before decimals, a dot or a comma.
        encoding: of text.
    """

    paths: tuple[str, ...] = ()
    label_column: str | None = None
    label: str | None = None
    prediction_columns: tuple[str, ...] = ()
    kind: str | None = None
    weight_column: str | None = None
    group_column: str | None = None
    positive: str | None = None
    delimiter: str | None = None
    skip_bad: bool = False
    class_names: tuple[str, ...] = ()
    out_of: float | None = None
    levels: tuple[float, ...] = ()
    key: str | None = None
    decimal: str | None = None
    encoding: str | None = None

    def __post_init__(self) -> None:
        if self.out_of is not None and not 0 < self.out_of < math.inf:
            raise ValueError(f"a certainty is a number above 0, such as 100, not {number(self.out_of)}")

    @property
    def is_stored(self) -> bool:
        """Whether the paths are of summaries, and not of rows.

        Raises:
            ValueError: some are, and some are not.
        """
        stored = [path.lower().endswith(STORED) for path in self.paths]
        if any(stored) and not all(stored):
            other = self.paths[stored.index(False)]
            raise ValueError(f"summaries ({STORED}) merge with each other, not with {other}: --save its summary first")
        return all(stored) and bool(stored)


@dataclass(frozen=True)
class Look:
    """How a file is looked at.

    Attributes:
        bins: of the reliability.
        mass: whether they have equal counts, not equal width.
        threshold: above which a probability means class 1.
        temperature: T by which every logit is divided, to see what would happen.
        clip: what a library would clip first, to see what it would compute; None is nothing.
        class_weights: by which the losses of K classes are weighed too, one a class; None is nothing.
        only_label: only the examples with this label or class, by its name or number; None for all.
        only_group: only those of this group, or None.
        only_range: only those with such a prediction.
        only: only rows in which other columns hold this.
        by: the column whose segments are to be laid over the screen, or None.
        worst: how many of the worst examples.
        page: what the chart shows.
        scale: of the y axis of the charts that can have another.
        beside: what is drawn beside the bins of the reliability.
        against: a second file of predictions of the same rows, or None.
        against_column: the columns of second predictions, or none.
        against_kind: what they are; None is guessed.
        against_out_of: what a certainty is among them; None is that of the first where they are above 1.
        against_positive: the label that is 1 in the second file; None is guessed.
        against_temperature: T of the second prediction; None is that of the first.
        against_clip: its clip, or `SAME`.
        against_loss: the losses that it is put to, as written; () are those of the first.
    """

    bins: int = 15
    mass: bool = False
    threshold: float = 0.5
    temperature: float = 1.0
    clip: Clip | None = None
    class_weights: tuple[float, ...] | None = None
    only_label: str | None = None
    only_group: str | None = None
    only_range: Range = (None, None)
    only: tuple[Holding, ...] = ()
    by: str | None = None
    worst: int = 100
    page: Page = "reliability"
    scale: Scale = "linear"
    beside: Beside = "fits"
    against: str | None = None
    against_column: tuple[str, ...] = ()
    against_kind: str | None = None
    against_out_of: float | None = None
    against_positive: str | None = None
    against_temperature: float | None = None
    against_clip: Clip | Literal["same"] | None = SAME
    against_loss: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= self.bins <= MOST_BINS:
            raise ValueError(f"bins must be from 1 to {MOST_BINS}, not {self.bins}")
        if not (COLDEST <= self.temperature <= HOTTEST):
            raise ValueError(f"a temperature is between {COLDEST:g} and {HOTTEST:g}, not {number(self.temperature)}")
        other = self.against_temperature
        if other is not None and not (COLDEST <= other <= HOTTEST):
            raise ValueError(f"a temperature is between {COLDEST:g} and {HOTTEST:g}, not {number(other)}")
        if not 0 <= self.threshold <= 1:
            raise ValueError(f"a threshold is between 0 and 1, not {number(self.threshold)}")
        if not 1 <= self.worst <= MOST_WORST:
            raise ValueError(f"the worst examples are from 1 to {MOST_WORST:,}, not {self.worst}")
        low, high = self.only_range
        if low is not None and high is not None and not low <= high:
            raise ValueError(f"an empty range: write lo:hi with lo ≤ hi, not {number(low)}:{number(high)}")

    @property
    def compares(self) -> bool:
        """Whether there is a second prediction, or the first is looked at in a second way."""
        return alone(self) != self

    @property
    def is_filtered(self) -> bool:
        """Whether only some examples count."""
        return (self.only_label, self.only_group, self.only_range, self.only) != (None, None, (None, None), ())


def with_threshold(look: Look, threshold: float) -> Look:
    """Another threshold, kept within 0 and 1."""
    return replace(look, threshold=min(max(round(threshold, 12), 0.0), 1.0))


def next_temperature(look: Look, direction: int) -> Look:
    """The next temperature up or down."""
    t = look.temperature
    ahead = [s for s in STEPS_OF_TEMPERATURE if (s - t) * direction > 1e-9 * t]
    if not ahead:
        return look
    return replace(look, temperature=ahead[0] if direction > 0 else ahead[-1])


def next_clip(look: Look, direction: int) -> Look:
    """The next of the libraries' clips, or none."""
    known = (None, *CLIPS.values())
    at = known.index(look.clip) if look.clip in known else 0
    return replace(look, clip=known[(at + direction) % len(known)])


def next_bins(look: Look, direction: int) -> Look:
    """More or fewer bins."""
    steps = (1, 2, 5, 10, 15, 20, 30, 50, 100)
    ahead = [s for s in steps if (s - look.bins) * direction > 0]
    return replace(look, bins=ahead[0] if direction > 0 else ahead[-1]) if ahead else look


def other_bins(look: Look) -> Look:
    """Bins of equal counts, or of equal width again."""
    return replace(look, mass=not look.mass)


def other_scale(look: Look) -> Look:
    """The other scale of the y axis."""
    return replace(look, scale=SCALES[(SCALES.index(look.scale) + 1) % len(SCALES)])


def next_beside(look: Look, direction: int) -> Look:
    """Something else beside the bins of the reliability."""
    return replace(look, beside=BESIDE[(BESIDE.index(look.beside) + direction) % len(BESIDE)])


def alone(look: Look) -> Look:
    """Without a second prediction."""
    return replace(
        look, against=None, against_column=(), against_kind=None, against_out_of=None, against_positive=None,
        against_temperature=None, against_clip=SAME, against_loss=(),
    )  # fmt: skip


def unfiltered(look: Look) -> Look:
    """Every example again."""
    return replace(look, only_label=None, only_group=None, only_range=(None, None), only=())


def narrowed(look: Look, conditions: tuple[Holding, ...]) -> Look:
    """Only the rows that fulfil these conditions, too."""
    return replace(look, only=tuple(dict.fromkeys((*look.only, *conditions))), by=None)


def next_page(look: Look, direction: int, among: tuple[Page, ...]) -> Look:
    """The next thing for the chart to show."""
    at = among.index(look.page) if look.page in among else -1
    return replace(look, page=among[(at + direction) % len(among)])
