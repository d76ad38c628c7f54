"""How a file of predictions is read and looked at: frozen choices with pure transitions, to and from a document."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal, TypeAlias

from lossterm.core.labels import number

Page: TypeAlias = Literal["reliability", "histogram", "losses", "share", "curve", "classes"]

PAGES: tuple[Page, ...] = ("reliability", "histogram", "losses", "share", "curve", "classes")
"""What the chart can show: the reliability diagram, the predictions by label, the distribution of the losses, the share
of the gradient that the worst hold, the examples on the loss curves, the confusion of K classes."""

KINDS = ("probability", "logit", "value")
MOST_BINS, MOST_WORST = 1000, 10_000
COLDEST, HOTTEST = 1e-3, 1e3
STEPS_OF_TEMPERATURE = (0.1, 0.2, 0.25, 1 / 3, 0.5, 2 / 3, 0.75, 0.9, 1.0, 1.1, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 7.0,
                        10.0)  # fmt: skip


@dataclass(frozen=True)
class FileChoice:
    """Which files are read, and how their columns are taken; None is guessed.

    Attributes:
        paths: files and globs, ``-`` is standard input.
        label_column: the column of the labels.
        prediction_columns: one column, or K of them, or a beginning with ``*``.
        kind: what the predictions are.
        weight_column: the column of the weights.
        group_column: the column of the groups.
        positive: which text is class 1.
        delimiter: between the fields of a line.
        skip_bad: whether bad rows are left out.
    """

    paths: tuple[str, ...] = ()
    label_column: str | None = None
    prediction_columns: tuple[str, ...] = ()
    kind: str | None = None
    weight_column: str | None = None
    group_column: str | None = None
    positive: str | None = None
    delimiter: str | None = None
    skip_bad: bool = False


@dataclass(frozen=True)
class Look:
    """How a file is looked at.

    Attributes:
        bins: of the reliability.
        mass: whether they have equal counts, not equal width.
        threshold: above which a probability means class 1.
        temperature: T by which every logit is divided, to see what would happen.
        label: only the examples with this label (class), or None.
        group: only those of this group, or None.
        low: only predictions of at least this.
        high: only predictions of at most this.
        worst: how many of the worst examples.
        page: what the chart shows.
    """

    bins: int = 15
    mass: bool = False
    threshold: float = 0.5
    temperature: float = 1.0
    label: float | None = None
    group: str | None = None
    low: float | None = None
    high: float | None = None
    worst: int = 100
    page: Page = "reliability"

    def __post_init__(self) -> None:
        if not 1 <= self.bins <= MOST_BINS:
            raise ValueError(f"bins must be from 1 to {MOST_BINS}, not {self.bins}")
        if not (COLDEST <= self.temperature <= HOTTEST):
            raise ValueError(f"a temperature is between {COLDEST:g} and {HOTTEST:g}, not {number(self.temperature)}")
        if not 0 <= self.threshold <= 1:
            raise ValueError(f"a threshold is between 0 and 1, not {number(self.threshold)}")
        if not 1 <= self.worst <= MOST_WORST:
            raise ValueError(f"the worst examples are from 1 to {MOST_WORST:,}, not {self.worst}")
        if self.low is not None and self.high is not None and not self.low <= self.high:
            raise ValueError(f"an empty range: write lo:hi with lo ≤ hi, not {number(self.low)}:{number(self.high)}")

    @property
    def is_filtered(self) -> bool:
        """Whether only some examples count."""
        return (self.label, self.group, self.low, self.high) != (None, None, None, None)


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


def next_bins(look: Look, direction: int) -> Look:
    """More or fewer bins."""
    steps = (1, 2, 5, 10, 15, 20, 30, 50, 100)
    ahead = [s for s in steps if (s - look.bins) * direction > 0]
    return replace(look, bins=ahead[0] if direction > 0 else ahead[-1]) if ahead else look


def unfiltered(look: Look) -> Look:
    """Every example again."""
    return replace(look, label=None, group=None, low=None, high=None)


def next_page(look: Look, direction: int, among: tuple[Page, ...]) -> Look:
    """The next thing for the chart to show."""
    at = among.index(look.page) if look.page in among else -1
    return replace(look, page=among[(at + direction) % len(among)])


# ---- kept between runs ---------------------------------------------------------------------------------------------


def document(choice: FileChoice, look: Look, *, filtered: bool = False) -> dict[str, Any]:
    """As it is saved; a filter is of one file and one sitting, and is saved only where that is asked for."""
    return {"file": asdict(choice), "look": asdict(look if filtered else unfiltered(look))}


def read(saved: object) -> tuple[FileChoice, Look]:
    """What was saved, as far as it makes sense."""
    if not isinstance(saved, Mapping):
        return FileChoice(), Look()
    return _choice(saved.get("file")), _look(saved.get("look"))


def _choice(saved: object) -> FileChoice:
    if not isinstance(saved, Mapping):
        return FileChoice()
    lists = {
        name: tuple(x for x in saved.get(name) or () if isinstance(x, str))
        for name in ("paths", "prediction_columns")
        if isinstance(saved.get(name), list | tuple)
    }
    texts = {f.name: saved.get(f.name) for f in fields(FileChoice) if f.name not in {*lists, "skip_bad"}}
    kept = {name: text for name, text in texts.items() if isinstance(text, str)}
    if kept.get("kind") not in (None, *KINDS):
        del kept["kind"]
    if len(kept.get("delimiter", ",")) != 1:
        del kept["delimiter"]
    kept = {name: text for name, text in kept.items() if name not in {"paths", "prediction_columns"}}
    return FileChoice(**lists, **kept, skip_bad=saved.get("skip_bad") is True)  # type: ignore[arg-type]


def _look(saved: object) -> Look:
    if not isinstance(saved, Mapping):
        return Look()
    look = Look()
    for name, kind in (
        ("bins", int), ("worst", int), ("mass", bool), ("threshold", float), ("temperature", float), ("page", str),
        ("label", float), ("group", str), ("low", float), ("high", float),
    ):  # fmt: skip
        value = saved.get(name)
        if type(value) is not kind or (isinstance(value, float) and not math.isfinite(value)):
            continue
        if name == "page" and value not in PAGES:
            continue
        try:
            look = replace(look, **{name: value})  # type: ignore[arg-type]
        except ValueError:
            continue
    return look
