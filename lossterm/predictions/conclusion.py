"""What the figures of a file say together, in a sentence that claims no more than their uncertainty allows.

A calibrated model is called anything else in less than one case of twenty, however few the rows: the two sums that are
tested share that by Bernstein's inequality, which holds for every number of rows. The ECE is a third test where enough
is at stake for its normal approximation to hold far out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lossterm.core.numbers import percent, trimmed
from lossterm.core.plain import visible
from lossterm.predictions.figures import told
from lossterm.predictions.label_figures import LABELS, mean_of, miscalibration
from lossterm.predictions.value_conclusion import ABOUT as ABOUT_VALUES
from lossterm.predictions.value_conclusion import value_forms

if TYPE_CHECKING:
    from lossterm.core.statistics.calibration import Reliability
    from lossterm.core.statistics.estimate import Estimate
    from lossterm.core.statistics.findings import Assessment, Calibration, Findings, LabelFinding

ALARM = 0.024
"""How often each of two tests may find fault with a calibrated model."""

ALARM_OF_ECE, ENOUGH = 0.0005, 50.0
"""The same of the ECE, and the Σp(1 − p) from which it is tested."""

DOUBTED, DOUBTED_ECE, DOUBTED_FROM = 2.81, 0.005, 5.0
"""What makes calibration doubtful where it is not surely bad: so many standard deviations (of ½ %), that p of the ECE,
by normal approximations, which need that Σp(1 − p)."""

SIGMAS = 1.96
"""Standard errors to either side that 95% are within."""

FITTED = 0.005
"""An applied T that is so near to the fitted one, as a part of it, is taken for it."""

FEWEST, CLOSEST = 20, 0.1
"""Fewer rows tell nothing; nor do those whose mean label is not known, ± 1.96 s.e., to within this."""

STEEP = 0.1
"""By how much the slope of Platt's line differs from 1 before a model is called over- or under-confident."""

MEANS_LITTLE = (0.01, 0.05, 0.01)
"""What means nothing in practice, however sure: this ECE, Σp/Σy as far from 1, that part of the log loss."""

GOOD, FAIR = 0.8, 0.7
"""The AUROC, less 1.96 s.e., from which the ranking is called good, or fair."""

SURELY = 3.3
"""Standard errors that the AUROC is below ½ by where the ranking is called reversed."""

RANKED = 10
"""Of fewer of one class nothing is said of the ranking: the standard error itself would not be known."""

ABOUT = (
    "in a sentence what the figures and their uncertainty say. A calibrated model is called otherwise in less than 1 "
    "case of 20, by tests of Σ(p − y) and of Spiegelhalter's sum that hold for any number of rows, and of the ECE; "
    f"perhaps not calibrated: by normal tests alone. Under {FEWEST} rows, or a mean label known to ± {CLOSEST:g} at "
    f"best, is too few. Over- and under-confident: Platt's slope is off 1 by {STEEP:g}. Ranking is good (fair) where "
    f"the AUROC less 1.96 s.e. is above {GOOD:g} ({FAIR:g}), of {RANKED} of each class or more. T and Platt are "
    f"in-sample; {ABOUT_VALUES}"
)
"""For the help."""


@dataclass(frozen=True)
class Seen:
    """The figures that the sentence is made of: with weights where there are any.

    Attributes:
        findings: all of them.
        now: the calibration.
        worth: what it is worth.
        bins: its reliability.
    """

    findings: Findings
    now: Calibration
    worth: Assessment
    bins: Reliability

    @property
    def rows(self) -> str:
        """How many rows there are, in words."""
        return "1 row" if self.findings.rows == 1 else f"{self.findings.rows:,} rows"

    @property
    def rate(self) -> float:
        """The mean label; of K classes how often the top class is right."""
        b = self.bins
        return math.fsum((b.count * b.frequency).tolist()) / math.fsum(b.count.tolist())

    @property
    def said(self) -> float:
        """The mean prediction, or confidence."""
        b = self.bins
        return math.fsum((b.count * b.confidence).tolist()) / math.fsum(b.count.tolist())

    @property
    def slope(self) -> float | None:
        """Platt's slope, or 1/T, of the logits as T is applied to them; below 1 for an over-confident model."""
        found, weighted = self.findings, self.findings.weighted
        line = found.platt if weighted is None else weighted.platt
        hot = found.temperature if weighted is None else weighted.temperature
        applied = found.question.temperature
        if line is not None and line.a is not None:
            return line.a * applied
        return applied / hot.value if hot.value else None


def conclusion(findings: Findings) -> str | None:
    """The sentence; None where no weight is positive."""
    forms = conclusion_forms(findings)
    return forms[0] if forms else None


def conclusion_forms(findings: Findings, key: str = "") -> tuple[str, ...]:
    """The sentence in forms, the longest first; none where no weight is positive.

    Args:
        findings: the figures.
        key: that applies the fitted T, where there is one.
    """
    if findings.labels:
        return _of_labels(findings.labels)
    if findings.calibration is None:
        return value_forms(findings)
    weighted = findings.weighted
    now, worth = findings.calibration, findings.assessment
    if weighted is not None and weighted.calibration is not None and weighted.assessment is not None:
        now, worth = weighted.calibration, weighted.assessment
    if now is None or worth is None:
        return ()
    seen = Seen(findings, now, worth, now.width)
    verdict, short = _calibration(seen)
    rank = _ranking(seen)
    if seen.bins.rows < FEWEST and not math.isinf(now.log_loss):
        return (verdict,)
    parts = [verdict, *_remedy(seen, verdict, "in-sample", key), *_use(seen)]
    brief = [short, *_remedy(seen, verdict, key=key), *_use(seen, brief=True)]
    full = [*parts, rank[0]] if rank else parts
    less = [*brief, rank[1]] if rank else brief
    forms = ("; ".join(full), "; ".join(less), "; ".join(brief), short)
    return tuple(dict.fromkeys(forms))


def _of_labels(labels: Sequence[LabelFinding]) -> tuple[str, ...]:
    """What several labels come to: their means, how many are surely not calibrated, and which is the worst."""
    count = len(labels)
    means = {s.name: mean_of(labels, s) for s in LABELS}
    parts = [f"{title} {told(means[name], 3)}" for name, title in (("log_loss", "log loss"), ("auroc", "AUROC"))
             if means[name] is not None]  # fmt: skip
    mean = f"mean of {count} labels: {', '.join(parts)}"
    verdicts = [(label, (conclusion_forms(label.found) or ("",))[-1]) for label in labels]
    faulty = [(label, said) for label, said in verdicts if any(word in said for word in FAULTY)]
    if not faulty:
        few = sum("too few rows" in said for _, said in verdicts)
        told_of = f"too few rows to tell of {few} of {count}" if few else "none is surely miscalibrated"
        return (f"{mean}; {told_of}",)
    worst, said = max(faulty, key=lambda pair: miscalibration(pair[0]))
    are = "is" if len(faulty) == 1 else "are"
    short = f"{len(faulty)} of {count} {are} not calibrated, {visible(worst.label)} the worst"
    return f"{mean}; {short}: {said}", f"{mean}; {short}", short


# ---- the calibration ------------------------------------------------------------------------------------------------

FAULTY = ("over-confident", "under-confident", "biased", "miscalibrated")
"""What a verdict that finds fault begins with."""


def _calibration(seen: Seen) -> tuple[str, str]:
    """What is said of the calibration, and in short."""
    findings, bins = seen.findings, seen.bins
    before = _applied(findings)
    if not findings.hard:
        text = "labels are not all 0 or 1: calibration is not tested"
        return text, text
    constant = _constant(seen)
    if constant is not None:
        before = f"{before}constant predictions (p = {told(constant, 3)}), "
    elif seen.rate in (0, 1) and findings.matrix is None:
        before = f"{before}one class only (every label is {int(seen.rate)}), "
    sure = _is_sure(seen)
    if sure and not _means_little(seen):
        fault = _fault(seen, constant is not None or seen.rate in (0, 1))
        floor = bins.floor
        chance = "" if floor is None or findings.question.clip else f" where chance gives up to {told(floor.most, 2)}"
        return f"{before}{fault} (ECE {told(bins.ece, 2)}{chance})", f"{before}{fault}"
    if sure:
        text = f"{before}calibrated for all practical purposes (ECE {told(bins.ece, 2)}, though surely not 0)"
        return text, f"{before}calibrated to within an ECE of {told(bins.ece, 2)}"
    if _is_doubtful(seen):
        text = f"{before}perhaps not calibrated, too few rows to be sure"
        return f"{text} (ECE {told(bins.ece, 2)}{_by_chance(seen)})", text
    if _tells_nothing(seen):
        text = f"{before}too few rows to tell ({seen.rows})"
        return text, text
    text = f"{before}calibrated as far as {seen.rows} can tell"
    return f"{text} (ECE {told(bins.ece, 2)}{_by_chance(seen)})", text


def _applied(findings: Findings) -> str:
    # the T that is applied; calibration at the very T that fits these rows proves little
    applied, fitted = findings.question.temperature, findings.temperature.value
    if applied == 1:
        return ""
    own = fitted is not None and abs(applied / fitted - 1.0) < FITTED
    return f"at T = {trimmed(applied)}{', fitted to these rows,' if own else ''} "


def _by_chance(seen: Seen) -> str:
    floor = seen.bins.floor
    return (
        "" if floor is None or floor.p is None else f"; a calibrated model shows as much in {percent(floor.p)} of cases"
    )


def _constant(seen: Seen) -> float | None:
    """The one prediction that all examples have, or None."""
    terms = seen.findings.calibration.width.decomposition if seen.findings.calibration is not None else None
    if terms is None or seen.bins.count.size != 1 or terms.within_bin_variance > 0:
        return None
    ranked = seen.findings.ranked
    if ranked is not None and len(ranked) and ranked.ordered[0] != ranked.ordered[-1]:
        return None
    return seen.said


def _is_sure(seen: Seen) -> bool:
    """Whether the deviations are more than chance."""
    tests = [test for test in (seen.worth.surprise, seen.worth.surplus) if test is not None]
    surplus, floor = seen.worth.surplus, seen.bins.floor
    enough = surplus is not None and surplus.variance >= ENOUGH * surplus.largest**2
    of_ece = enough and floor is not None and floor.p is not None and floor.p < ALARM_OF_ECE
    return of_ece or any(test.bound < ALARM for test in tests)


def _is_doubtful(seen: Seen) -> bool:
    """Whether the deviations are rare by chance, of too few rows to be sure."""
    surplus, floor = seen.worth.surplus, seen.bins.floor
    if surplus is None or surplus.variance < DOUBTED_FROM * surplus.largest**2:
        return False
    tests = [test.z for test in (seen.worth.surprise, surplus) if test is not None and test.z is not None]
    return any(abs(z) > DOUBTED for z in tests) or (floor is not None and floor.p is not None and floor.p < DOUBTED_ECE)


def _means_little(seen: Seen) -> bool:
    ece, ratio, part = MEANS_LITTLE
    there = seen.worth.skill.calibration_ratio
    saved = _saved(seen)
    return seen.bins.ece < ece and there is not None and abs(there - 1.0) < ratio and (saved is None or saved < part)


def _tells_nothing(seen: Seen) -> bool:
    rows, test = seen.bins.rows, seen.worth.surplus
    if rows < FEWEST:
        return True
    total = math.fsum(seen.bins.count.tolist())
    return test is not None and SIGMAS * math.sqrt(test.variance) / total > CLOSEST


def _fault(seen: Seen, constant: bool) -> str:
    # what is wrong, of what is surely wrong; of one prediction or one label there is no confidence to be spoken of
    found, slope, test = [], seen.slope, seen.worth.surprise
    gap = seen.said - seen.rate
    if seen.findings.matrix is not None:
        return f"{'over' if gap > 0 else 'under'}-confident"
    if _is_reversed(seen):
        return "reversed, high predictions go with label 0"
    if slope is not None and not constant and test is not None and test.bound < ALARM:
        if slope < 1.0 - STEEP and test.total > 0:
            found.append("over-confident")
        elif slope > 1.0 + STEEP and test.total < 0:
            found.append("under-confident")
    error = math.sqrt(
        max(seen.bins.brier, 0.0) / seen.bins.rows
    )  # from the labels: an over-confident model's own is low
    surplus = seen.worth.surplus
    if surplus is not None and surplus.bound < ALARM and abs(gap) > SIGMAS * error and (not found or _leans(seen)):
        said, happens = told(seen.said, 3), told(seen.rate, 3)
        found.append(f"biased {'high' if gap > 0 else 'low'}: it says {said} on average, {happens} happen")
    return " and ".join(found) or "miscalibrated"


def _leans(seen: Seen) -> bool:
    ratio = seen.worth.skill.calibration_ratio
    return ratio is not None and abs(ratio - 1.0) > STEEP


def _saved(seen: Seen) -> float | None:
    """The part of the log loss that T takes, or None."""
    after = seen.findings.tempered
    before = seen.findings.calibration
    if after is None or before is None or not 0 < before.log_loss < math.inf:
        return None
    return 1.0 - after.log_loss / before.log_loss


def _remedy(seen: Seen, verdict: str, how: str = "", key: str = "") -> list[str]:
    # what would mend it, where there is something to mend: how it was judged, and the key that shows it
    findings, before = seen.findings, seen.findings.calibration
    if "reversed" in verdict:
        return ["is class 1 the right label (--positive)?"]
    if _constant(seen) is not None or (findings.matrix is None and seen.rate in (0, 1)):
        return []
    if not any(word in verdict for word in FAULTY) or before is None or not 0 < before.log_loss < math.inf:
        return []
    ways = []
    leans = "confident" not in verdict and "biased" in verdict  # which no T mends
    if findings.tempered is not None and findings.temperature.value is not None and not leans:
        saved = 1.0 - findings.tempered.log_loss / before.log_loss
        ways.append((saved, f"T = {told(findings.temperature.value, 3)}"))
    if findings.scaled is not None:
        ways.append((1.0 - findings.scaled.log_loss / before.log_loss, "Platt's az + b"))
    best = max(ways, default=(0.0, ""))
    if ways and not leans and ways[0][0] >= 0.8 * best[0]:  # the simpler one, where it does nearly as well
        best = ways[0]
    if best[0] < MEANS_LITTLE[2]:
        return ["neither T nor Platt mends it"] if ways else []
    pressed = f" ({key})" if key and best[1].startswith("T") else ""
    of = "the log loss" if findings.weighted is None else "the unweighted log loss"  # the fit is without weights
    return [f"{best[1]}{pressed} takes {100 * best[0]:.0f}% of {of}{f' ({how})' if how else ''}"]


# ---- what it is good for --------------------------------------------------------------------------------------------


def _use(seen: Seen, *, brief: bool = False) -> list[str]:
    """What is said where the predictions are surely worse than the base rate, or not surely better."""
    findings, skill = seen.findings, seen.worth.skill
    if math.isinf(seen.now.log_loss):
        wrong = max((loss.infinite for loss in findings.losses), default=0)
        rows = f" for {wrong:,} {'row' if wrong == 1 else 'rows'}" if wrong else ""
        return [f"the log loss is ∞{rows}: sure and wrong"]
    if skill.d2 is None or skill.d2 > 0 or _constant(seen) is not None:
        return []
    error = _error_of_log_loss(findings)
    hardest = seen.now.log_loss / skill.normalized_entropy if skill.normalized_entropy else math.nan
    ahead = 2.0 / seen.bins.rows  # the base rate is fitted to these very rows: ½ of 1/n on average
    if error is not None and seen.now.log_loss - hardest > SIGMAS * error + ahead:
        return ["worse than always saying the base rate" + ("" if brief else f" (D² {told(skill.d2, 3)})")]
    return ["no better than always saying the base rate"]


def _error_of_log_loss(findings: Findings) -> float | None:
    for loss in findings.losses:
        c = loss.criterion
        plain = all(name != "pos_weight" or value == 1 for name, value in c.params)
        if c.loss.id == "cross-entropy" and plain and not c.smoothing:
            return loss.standard_error if findings.weighted is None else loss.weighted_standard_error
    return None


def _ranking(seen: Seen) -> tuple[str, str] | None:
    """How well they rank, and in short; None where nothing is ranked, or its error is not known."""
    findings = seen.findings
    area, error = findings.auroc, findings.assessment.auroc_standard_error if findings.assessment is not None else None
    if findings.weighted is not None or area.value is None or error is None or error.value is None:
        return None
    if _constant(seen) is not None or min(_of_each(seen)) < RANKED:
        return None
    low, high = area.value - _half(area, error), area.value + SURELY / SIGMAS * _half(area, error)
    if high < 0.5:
        word = "the ranking is reversed"
    elif low <= 0.5:
        word = "no ranking can be told from chance"
    else:
        word = "ranking is good" if low > GOOD else "ranking is fair" if low > FAIR else "ranking is weak"
    return f"{word} (AUROC {told(area.value, 3)}, s.e. {told(error.value, 2)})", word


def _of_each(seen: Seen) -> tuple[float, float]:
    # how many examples there are of each label
    ones = seen.findings.label_mean * seen.findings.rows
    return ones, seen.findings.rows - ones


def _is_reversed(seen: Seen) -> bool:
    found = _ranking(seen)
    return found is not None and "reversed" in found[1]


def _half(area: Estimate, error: Estimate) -> float:
    return SIGMAS * ((error.value or 0.0) + error.error) + area.error
