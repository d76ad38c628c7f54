"""What the columns of predictions hold, and how it becomes what the figures are of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from lossterm.core.statistics.examples import Kind
from lossterm.files.cells import bare, is_same
from lossterm.files.checks import ROUNDING, SUM_TOLERANCE, BadData, listed
from lossterm.files.chunk import as_text
from lossterm.files.column_finder import ColumnFinder
from lossterm.files.columns import Columns, Holds
from lossterm.files.families import kind_of_family
from lossterm.files.naming import PERCENT, RATES, kind_of, plain, role_of, words_of

FAR = 40.0
"""|z| from which a probability is 0 or 1 to the last digit but for one part in 10¹⁷: no model means that throughout."""


class PredictionReading:
    """What the columns of the predictions hold, and how it becomes what the figures are of."""

    def __init__(
        self,
        finder: ColumnFinder,
        label: str,
        columns: tuple[str, ...],
        classes: tuple[str, ...],
        kind: Holds | None,
        out_of: float | None,
        asked: bool,
    ) -> None:
        self.finder, self.label, self.columns, self.classes = finder, label, columns, classes
        self.kind, self.out_of, self.asked = kind, out_of, asked
        self.labels = finder.content[label]
        self.contents = [finder.content[name] for name in columns]
        self.why = ""

    def settled(self) -> Columns:
        """What they hold, and what is read of them.

        Raises:
            BadData: what was said of them cannot be.
        """
        holds = self.kind or self._holds()
        out_of = self.out_of or self._out_of(holds)
        one = len(self.columns) == 1
        found = Columns(self.label, self.columns, _core(holds), classes=self.classes, out_of=out_of, why=self.why)
        if holds != found.kind:
            found = replace(found, holds=holds)
        if holds == "value" and not one:
            raise BadData(f"--kind value is of one column, not of {listed(self.columns)}: --prediction-column NAME")
        if holds == "confidence":
            if not one:
                raise BadData(f"--kind confidence is of one column, not of {listed(self.columns)}")
            found = self._of_confidence(found)
        elif one and holds == "value" and self._is_log_rate():
            self._note(
                f"{self.columns[0]!r} is read as exp({self.columns[0]}), the rate: --kind value reads it as it is"
            )
            found = replace(found, exponent=True)
        elif one and holds in ("probability", "log-probability") and self.kind is None:
            found = self._maybe_confidence(found)
        if len(self.columns) == 2 and holds != "value":
            found = replace(found, predictions=self.columns[1:], sources=self.columns)
        if holds == "score" and self.kind is None:
            self._note(
                f"{listed(self.columns, 3)} is taken as scores: margin losses read them as they are, the "
                "others through "
                "the sigmoid; --kind logit|value"
            )
        if one and holds == "probability" and self.contents[0].binary:
            self._note(
                f"every prediction in {self.columns[0]!r} is 0 or 1: these look like decisions; the "
                "probability that they "
                "were made of tells more"
            )
        if holds == "log-probability" and self.kind is None:
            self._note(f"{listed(self.columns, 3)} is read as ln p: --kind logit|value reads it otherwise")
        return found

    def _note(self, text: str) -> None:
        self.finder.notes.append(text)

    # ---- what they hold -------------------------------------------------------------------------------------------

    def _holds(self) -> Holds:
        return self._of_one() if len(self.columns) == 1 else self._of_several()

    def _of_several(self) -> Holds:
        numbers = [number for content in self.contents for number in content.numbers]
        named = kind_of_family(self.columns, self.labels.texts)
        unit = all(content.within_unit or not content.numeric for content in self.contents)
        logs = {role_of(name) for name in self.columns} == {"log-probability"}
        table = self.finder.table(self.columns)
        if not unit and numbers and max(numbers) <= ROUNDING and np.isfinite(table).all():
            if np.abs(np.exp(table).sum(axis=1) - 1).max() <= SUM_TOLERANCE:
                return "log-probability"
            if logs:
                self._note(f"{listed(self.columns, 3)} do not add up to 1 as logarithms, and are taken as logits")
        if named == "logit" and unit and self.finder.sums_to_one(self.columns):
            self._note(
                f"{listed(self.columns, 3)} add up to 1 in every row: a softmax was applied already, and they "
                "are taken "
                "as probabilities; --kind logit"
            )
            return "probability"
        if named == "logit" and unit and len(self.labels.texts) and table.shape[0] >= 5:
            self._note(f"{listed(self.columns, 3)} are all in [0, 1]: logits hardly are; --kind probability")
        if named:
            return named
        if unit:
            return "probability"
        if min(numbers) >= -ROUNDING and max(numbers) <= 1 + ROUNDING:
            return "probability"  # a rounding; which row it is in, and what to do, is told when it is read
        if all(role_of(name) is None for name in self.columns) and self._looks_per_cent(table):
            return "probability"
        if self._looks_per_cent(table):
            return "probability"
        self.why = f", for it runs from {min(numbers):.4g} to {max(numbers):.4g}"
        return "logit"

    def _looks_per_cent(self, table: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> bool:
        return bool(np.isfinite(table).all() and table.min() >= 0 and np.abs(table.sum(axis=1) - 100).max() <= 1)

    def _of_one(self) -> Holds:
        name, content, label = self.columns[0], self.contents[0], self.labels
        role, named = role_of(name), kind_of(name)
        if not content.numeric:
            return "probability"  # that these are no numbers is told with the row
        low, high = content.numbers[0], content.numbers[-1]
        real = label.numeric and not label.like_classes and not label.binary
        if named is None and label.numeric and not label.binary:
            self._refuse_decisions()
        if role == "log-probability" and high <= 1e-9:
            return "log-probability"
        if label.numeric and self._is_log_rate():
            return "value"
        if named == "probability" or (role == "probability" and not real):
            return "probability"
        if named == "logit" or role in ("logit", "score"):
            holds: Holds = "score" if role == "score" else "logit"
            if content.within_unit and len(content.numbers) >= 5:
                self._note(f"{name!r} is all in [0, 1]: a {holds} hardly is; --kind probability")
            elif high <= 0 and len(content.numbers) >= 5 and self._has_many_ones():
                self._note(f"{name!r} is nowhere above 0: logarithms of probabilities? --kind log-probability")
            return holds
        certain = role in ("probability", "confidence") and label.whole
        if real and content.within_unit and (certain or self.finder.decisions(self.label, self.columns)):
            return "probability"  # the confidence in a decision among many classes
        if real and not (label.within_unit and content.within_unit):
            if label.within_unit and role != "either":
                pass
            if label.within_unit:
                self._note(
                    f"labels in [0, 1] and predictions from {low:.4g} to {high:.4g}: plain values, a "
                    "regression; --kind logit"
                )
            return "value"
        if content.within_unit:
            if real:
                self._note("labels between 0 and 1 are taken as soft labels: --kind value for a regression")
            return "probability"
        if label.numeric and not label.binary and not label.within_unit and not self._two_classes():
            return "value"
        if low >= -ROUNDING and high <= 1 + ROUNDING:
            return "probability"
        if set(words_of(name)) & PERCENT:
            return "probability"
        return self._unbounded(name, low, high)

    def _has_many_ones(self) -> bool:
        values = self.finder.table([self.label])[:, 0]
        return bool(self.labels.binary and np.nanmean(values == max(self.labels.numbers, default=1.0)) > 0.3)

    def _two_classes(self) -> bool:
        return self.labels.whole and len(self.labels.numbers) == 2

    def _unbounded(self, name: str, low: float, high: float) -> Holds:
        """What a column is that no name explains and that leaves [0, 1]."""
        values = self.finder.table([name])[:, 0]
        values = values[np.isfinite(values)]
        inside = np.mean((values >= 0) & (values <= 1)) if len(values) else 0.0
        if low >= -0.5 and high <= 1.5 and inside >= 0.5 and not self.asked:
            raise BadData(
                f"column {name!r} runs from {low:.4g} to {high:.4g}, mostly in [0, 1]: a linear model of "
                "probabilities? "
                "--kind value reads plain values, --kind probability --skip-bad those in [0, 1], --kind logit logits"
            )
        if low >= 0 and high > FAR:
            points = "per cent (--out-of 100)" if high <= 100 else "points (--out-of N, their most)"
            raise BadData(
                f"column {name!r} runs from {low:.4g} to {high:.4g}: neither probabilities nor logits; {points}, "
                "scores (--kind score) or plain values (--kind value)"
            )
        if len(values) and np.abs(values).min() > FAR:
            self._note(f"every |z| of {name!r} is above {FAR:g}: these are hardly logits; --kind score|value")
        self.why = f", for it runs from {low:.4g} to {high:.4g}"
        self._note(f"{name!r} runs from {low:.4g} to {high:.4g} and is taken as logits: --kind score|value")
        return "logit"

    def _refuse_decisions(self) -> None:
        """Raise BadData where labels of several classes have decisions beside them and nothing else."""
        name, content, label = self.columns[0], self.contents[0], self.labels
        if not (content.whole and label.whole) or self.asked:
            return
        many = len(set(label.numbers) | set(content.numbers))
        pairs = zip(self.finder.sample[self.label], self.finder.sample[name], strict=True)
        equal = np.mean([is_same(as_text(a), as_text(b)) for a, b in pairs])
        known = set(content.numbers) <= set(label.numbers) or not label.like_classes
        if many > 2 and known and equal >= 0.5:
            raise BadData(
                f"column {name!r} holds decisions among {many} classes and no probability: losses need a "
                "column a class, or "
                f"a confidence (--kind confidence); {100 * equal:.4g}% of the decisions are right; --kind "
                "value reads numbers"
            )

    def _is_log_rate(self) -> bool:
        words = set(words_of(self.columns[0]))
        counts = self.labels.numeric and self.labels.whole and self.labels.numbers[0] >= 0
        logs = ({"log", "ln"} & words and words & RATES) or {"lograte", "logmu", "loglambda", "logmean"} & words
        return bool(counts and logs and not self.contents[0].whole)

    # ---- how much ------------------------------------------------------------------------------------------------

    def _out_of(self, holds: Holds) -> float:
        if holds not in ("probability", "confidence"):
            return 1.0
        named = any(set(words_of(name)) & PERCENT or "%" in name for name in self.columns)
        texts = [as_text(value) for name in self.columns for value in self.finder.sample[name][:50]]
        if any(text.endswith("%") for text in texts):
            return 1.0  # each cell says so itself
        several = len(self.columns) > 1 and self._looks_per_cent(self.finder.table(self.columns))
        if named or several:
            self._note(f"{listed(self.columns, 3)} is read as per cent: --out-of 1 reads it as it is")
            return 100.0
        return 1.0

    # ---- confidence ----------------------------------------------------------------------------------------------

    def _of_confidence(self, found: Columns) -> Columns:
        """A confidence that a person named: in the decisions that are in the file."""
        decisions = self.finder.decisions(self.label, self.columns)
        if not decisions:
            raise BadData(
                f"--kind confidence is of a decision, and no column holds one: its values are those of {self.label!r}"
            )
        many = len(self._every(decisions[0]))
        self._note(_confidence_note(self.columns[0], decisions[0], many))
        return replace(found, decision=decisions[0], being_right=many > 2)

    def _every(self, decision: str) -> set[str]:
        texts = (*self.labels.texts, *self.finder.content[decision].texts)
        return {bare(text) for text in texts}

    def _maybe_confidence(self, found: Columns) -> Columns:
        """The probability of the decided class, where the numbers and the decisions leave no doubt of it."""
        name, content = self.columns[0], self.contents[0]
        values = self.finder.table([name])[:, 0]
        if found.holds == "log-probability":
            values = np.exp(values)
        values = values / found.out_of
        if not np.isfinite(values).all() or values.min() < 0 or not content.numeric or content.binary:
            return found
        decisions = self.finder.decisions(self.label, self.columns)
        for decision in decisions:
            many = len(self._every(decision))
            if many < 2 or values.min() < 1 / many - 1e-6:
                continue
            codes = [bare(as_text(value)) for value in self.finder.sample[decision]]
            if many == 2 and _is_threshold(values, codes):
                continue
            if len(set(codes)) < 2 and len(codes) < 5 and role_of(name) != "confidence":
                continue
            self._note(_confidence_note(name, decision, many))
            return replace(found, holds="confidence", kind="probability", decision=decision, being_right=many > 2)
        lone = values.min() >= 0.5 and len(values) >= 5 and len(self.labels.texts) > 1 and not decisions
        if lone and plain(self.label) not in ("correct", "iscorrect"):
            self._note(
                f"every prediction in {name!r} is ½ or more: is it the confidence in a decision that is not "
                "in the file? "
                "It is taken as the probability of label 1"
            )
        return found


def _confidence_note(name: str, decision: str, many: int) -> str:
    if many > 2:
        return (
            f"{name!r} is the confidence in the decision {decision!r} among {many} classes: the losses and "
            "figures are those "
            "of being right; --kind probability"
        )
    return (
        f"{name!r} is the probability of the class that {decision!r} decides for: --kind probability takes it as "
        "of label 1"
    )


def _core(holds: Holds) -> Kind:
    if holds in ("logit", "score", "log-probability"):
        return "logit"
    return "value" if holds in ("value", "quantile", "normal") else "probability"


def _is_threshold(values: np.ndarray[tuple[int], np.dtype[np.float64]], codes: Sequence[str]) -> bool:
    """Whether the decisions follow from a threshold on the values, in either direction."""
    kinds = sorted(set(codes))
    if len(kinds) < 2:
        return False
    first = np.array([code == kinds[0] for code in codes])
    one, other = values[first], values[~first]
    return bool(one.max() <= other.min() or other.max() <= one.min())
