"""The pictures of a file of predictions: one for each page of the Data screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from lossterm.core.statistics.findings import Findings
from lossterm.core.statistics.ordered_values import WEIGHTLESS
from lossterm.core.statistics.value_findings import ValueFinding
from lossterm.predictions.pictures.concentration import draw_concentration
from lossterm.predictions.pictures.confusion import draw_confusion
from lossterm.predictions.pictures.coverage import draw_coverage, draw_pit
from lossterm.predictions.pictures.distribution import draw_distribution
from lossterm.predictions.pictures.examples import draw_examples
from lossterm.predictions.pictures.figure import TOO_SMALL, PredictionFigure, Shown, nothing
from lossterm.predictions.pictures.histogram import draw_histogram
from lossterm.predictions.pictures.reliability import draw_reliability
from lossterm.predictions.pictures.residuals import draw_quantiles, draw_residuals
from lossterm.predictions.pictures.thresholds import draw_threshold_page
from lossterm.predictions.value_text import first
from lossterm.predictions.view import PAGES, THRESHOLD_PAGES, Beside

if TYPE_CHECKING:
    from lossterm.predictions.comparing import Comparison

__all__ = ["PredictionFigure", "Shown", "draw"]

OF_VALUES: Mapping[str, Callable[[ValueFinding, tuple[int, int]], PredictionFigure]] = {
    "coverage": draw_coverage,
    "pit": draw_pit,
    "residuals": draw_residuals,
    "qq": draw_quantiles,
}
"""The charts of plain values."""

NO_VALUES = "probabilities have no errors v − y, and no intervals"


def draw(
    page: str, findings: Findings, size: tuple[int, int], *, shown: Sequence[Shown], current: int = 0,
    mass: bool = False, log_y: bool = False, classes: Sequence[str] = (), threshold: float = 0.5,
    at: float = 0.0, beside: Beside = "fits", comparison: Comparison | None = None, not_compared: str = "",
) -> PredictionFigure:  # fmt: skip
    """Compute and paint a page; moving the cursor over it computes nothing again.

    Args:
        page: one of `PAGES`. x is p, p, log10 L, a part of the examples, z, the index of a class, Δ in standard
            errors, four times a threshold, v, a normal quantile, a level, a probability.
        findings: of the file.
        size: width and height in cells, of any size: where there is no room the figure says so.
        shown: how the losses of the findings are told apart, in their order.
        current: which of them is the current one.
        mass: whether the bins of the reliability have equal counts and not equal width.
        log_y: whether the y axis of the histogram and of the curve is a symmetric logarithm.
        classes: names of the classes; those of the question where there are none.
        threshold: above which a probability means class 1.
        at: the class at the cursor, where not all have room.
        beside: what is drawn beside the bins of the reliability.
        comparison: with a second prediction, whose reliability is drawn then too.
        not_compared: why there is none, where one is asked for.

    Raises:
        ValueError: there is no such page, or not one ``shown`` for each loss.
    """
    if page not in PAGES:
        raise ValueError(f"a page is one of {', '.join(PAGES)}, not {page!r}")
    if len(shown) != len(findings.losses):
        raise ValueError(f"there are {len(findings.losses)} losses, and {len(shown)} of them shown")
    if min(size) < 1:
        return nothing(TOO_SMALL)
    if page in ("losses", "share", "curve") and not findings.losses:
        return nothing("no loss is chosen")
    pages: Mapping[str, Callable[[], PredictionFigure]] = {
        "reliability": lambda: draw_reliability(findings, size, mass=mass, beside=beside, comparison=comparison),
        "histogram": lambda: draw_histogram(findings, size, log_y=log_y, threshold=threshold),
        "losses": lambda: draw_distribution(findings, size, shown, current),
        "share": lambda: draw_concentration(findings, size, shown, current),
        "curve": lambda: draw_examples(findings, size, shown, current, log_y=log_y),
        "classes": lambda: draw_confusion(findings, size, classes, threshold, at),
    }
    if page in OF_VALUES:
        found = first(findings)
        if found is None:
            return nothing(NO_VALUES if findings.values is None else WEIGHTLESS)
        return OF_VALUES[page](found, size)
    if page == "compare" or (page == "costs" and comparison is not None):
        if comparison is None:
            return nothing(not_compared or "c chooses a second prediction")
        from lossterm.predictions.pictures.comparison import draw_costs, draw_forest

        return draw_forest(comparison, size) if page == "compare" else draw_costs(comparison, size)
    if page in THRESHOLD_PAGES:
        return draw_threshold_page(page, findings, size, threshold)
    return pages[page]()
