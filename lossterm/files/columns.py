"""Which columns of a file are the labels, the predictions, the weights and the groups, and what the predictions are."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np

from lossterm.core.statistics.examples import Kind
from lossterm.core.statistics.forecast import Forecast
from lossterm.files.cells import number_of
from lossterm.files.checks import ROUNDING, SUM_TOLERANCE, BadData, listed, shown
from lossterm.files.chunk import as_text
from lossterm.files.content import Content, look, sums_to_one
from lossterm.files.families import (
    ColumnFamily,
    class_families,
    classes_of,
    families,
    in_order,
    kind_of_family,
    surroundings,
    whole_numbers,
)
from lossterm.files.forecasts import distribution_text, found_forecast, level_of, point_alone
from lossterm.files.naming import (
    ASIDE,
    PERCENT,
    RATES,
    called,
    invented,
    is_truth,
    kind_of,
    matching,
    of_identifier,
    plain,
    role_of,
    subject_of,
    words_of,
)

Holds: TypeAlias = Literal[
    "probability", "logit", "score", "value", "confidence", "log-probability", "quantile", "normal"
]
"""What the columns of predictions hold, as a person calls it: ``--kind``."""

KINDS: tuple[Holds, ...] = (
    "probability", "logit", "score", "value", "confidence", "log-probability", "quantile", "normal",
)  # fmt: skip

_HELP = "name them: --label-column NAME --prediction-column NAME"

_RIGHT = ("correct", "iscorrect")
"""Names of a column that tells whether the decision is right."""

FAR = 40.0
"""|z| from which a probability is 0 or 1 to the last digit but for one part in 10¹⁷: no model means that throughout."""


@dataclass(frozen=True)
class Asked:
    """What a person says of the columns; None is guessed.

    Attributes:
        label: the column of the labels.
        predictions: one column, or K in the order of the classes; a beginning with ``*`` stands for all such columns.
        kind: what the predictions are.
        weight: the column of the weights.
        group: the column of the groups.
        positive: the label that is 1.
        class_names: the classes in their order.
        out_of: what a certainty is in the file, where it is not 1.
        key: a column that tells the examples apart.
    """

    label: str | None = None
    predictions: tuple[str, ...] = ()
    kind: Holds | None = None
    weight: str | None = None
    group: str | None = None
    positive: str | None = None
    class_names: tuple[str, ...] = ()
    out_of: float | None = None
    key: str | None = None


@dataclass(frozen=True)
class Columns:
    """The columns that are read.

    Attributes:
        label: the column of the labels.
        predictions: one column, or K ≥ 3 in the order of the classes: what the figures are of.
        kind: what the figures take them for, once they are converted.
        weight: the column of the weights, or None.
        group: the column of the groups, or None.
        classes: the names of the classes in the order of the columns; () for one column.
        why: one line on how they were found.
        sources: the columns that predictions are made of, where they are others: the two of a binary model.
        holds: what the columns hold, where it is not ``kind``.
        decision: the column of the decisions that a confidence is of.
        other: whether the one column is of label 0: its complement is read.
        out_of: what a certainty is in the file.
        exponent: whether the values are logarithms of what is read.
        being_right: whether the labels are whether the decision is right: all that a confidence in one of K tells.
        key: a column that tells the examples apart.
        passed_over: columns that go by a name of a label or a prediction, and are not read.
        notes: doubts, and what was assumed; each names the option that says otherwise.
        label_names: the classes in the order of the labels that are their numbers.
        decisions: columns that hold decisions, and are not read.
        forecast: of values the distribution that they come with, or None.
        told: the columns that tell it: quantiles in the order of their levels, or the standard deviations.
        pairs: where an example may have several labels, each of them and its prediction; the first is what is read.
    """

    label: str
    predictions: tuple[str, ...]
    kind: Kind
    weight: str | None = None
    group: str | None = None
    classes: tuple[str, ...] = ()
    why: str = ""
    sources: tuple[str, ...] = ()
    holds: Holds | None = None
    decision: str | None = None
    other: bool = False
    out_of: float = 1.0
    exponent: bool = False
    being_right: bool = False
    key: str | None = None
    passed_over: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    label_names: tuple[str, ...] = ()
    decisions: tuple[str, ...] = ()
    forecast: Forecast | None = None
    told: tuple[str, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()

    @property
    def read(self) -> tuple[str, ...]:
        """The columns that the predictions are made of."""
        return self.sources or self.predictions

    @property
    def first_told(self) -> tuple[str, ...]:
        """The columns that tell most of an example: the label, what was decided, the predictions."""
        decided = [self.decision] if self.decision else self.decisions
        return tuple(dict.fromkeys((self.label, *decided, *self.read, *self.told)))

    @property
    def given(self) -> Holds:
        """What they hold."""
        return self.holds or self.kind


def guess(
    names: Sequence[str],
    sample: Mapping[str, Sequence[object]],
    *,
    label: str | None = None,
    predictions: Sequence[str] | None = None,
    kind: Holds | None = None,
    weight: str | None = None,
    group: str | None = None,
    class_names: Sequence[str] = (),
    out_of: float | None = None,
    key: str | None = None,
    levels: Sequence[float] = (),
    unnamed: bool = False,
) -> Columns:
    """The columns of a file, from names, contents and their agreement together.

    Args:
        names: all its columns, in order.
        sample: the first rows of each.
        label: the column of the labels, where a person named it; so for the others.
        predictions: one column, K in the order of the classes, or a beginning with ``*``.
        kind: what the predictions are.
        weight: the column of the weights.
        group: the column of the groups.
        class_names: the classes in their order.
        out_of: what a certainty is in the file.
        key: a column that tells the examples apart.
        levels: of quantiles, where the names of their columns do not tell.
        unnamed: whether the names are ours, not those of the file.

    Raises:
        BadData: a named column is not there (with the nearest), it cannot be told which columns are meant, or no
            reading of them is likely.
    """
    if len(names) == 1:
        what = f"there is one column only, {listed(names)}, where a label and a prediction are read"
        raise BadData(f"{what}; give the file of the other too, or what is between the fields of a text: --delimiter C")
    given = [_known(name, names) for name in matching(predictions or (), names)]
    label, weight, group, key = (None if n is None else _known(n, names) for n in (label, weight, group, key))
    finder = ColumnFinder(names, sample, {name for name in (label, weight, key, *given) if name is not None})
    asked_label, asked_predictions = label is not None, bool(given)
    weight = weight or finder.weight()
    pairs: list[tuple[str, str]] = []
    if label is None:
        finder.refuse_predictions_alone(given, unnamed)
        pairs = finder.pairs(given, unnamed)
        label = finder.take(pairs[0][0]) if pairs else finder.label_by_name(given)
        given = [pairs[0][1]] if pairs else given
    if group is None:
        group = finder.group()
    finder.taken |= {group} if group else set()  # only now: the labels may be the groups
    by_name = label
    if label is None:
        label = finder.label_by_content(given)
    how = "as named"
    if label in given:
        raise BadData(f"column {label!r} cannot be both the label and a prediction")
    forecast = None if pairs else found_forecast(finder, label, given, kind, levels)
    if kind == "value" and not given:
        given = list(point_alone(finder, label))
    if forecast is not None:
        given, how, kind = list(forecast.point), forecast.how, forecast.holds
    elif not given:
        given, how = finder.predictions(label)
    columns, classes = _of_classes(given, names, finder.content[label], () if forecast else class_names)
    reading = _Reading(finder, label, columns, classes, kind, out_of, asked_predictions).settled()
    if forecast is not None:
        reading = replace(reading, classes=(), forecast=forecast.forecast, told=forecast.columns)
    label_how = "as named" if asked_label else "by name" if by_name else finder.content[label].range_text
    told = f"{how}; {reading.given}{reading.why}"
    why = _why(label, label_how, reading, told, weight, group) + finder.passed_over
    read_too = [name for pair in pairs for name in pair]
    passed = tuple(
        finder.ignored([*read_too, label, *reading.read, *reading.told, weight, group, key, reading.decision])
    )
    return replace(
        reading, weight=weight, group=group, key=key or finder.key(), why=why,
        pairs=tuple(pairs), passed_over=passed, notes=tuple(finder.notes),
        decisions=tuple(finder.decisions(label, reading.read)[:1]),
    )  # fmt: skip


def several_labels(pairs: Sequence[tuple[str, str]]) -> str:
    """What is said where an example may have several labels."""
    label, prediction = pairs[0]
    return (
        f"{len(pairs)} labels with a prediction each ({listed([name for name, _ in pairs], 3)}): a table has each, "
        f"other figures are of one, the first or --label NAME; --label-column {label} --prediction-column {prediction} "
        "reads one alone"
    )


def _of_classes(
    given: Sequence[str], names: Sequence[str], label: Content, class_names: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The columns in the order of their classes, and the names of these; () for one column."""
    if len(given) < 2:
        return tuple(given), ()
    if class_names and len(class_names) != len(given):
        raise BadData(
            f"--class-names has {len(class_names)} names where there are {len(given)} columns: {listed(given)}"
        )
    if invented(names):  # column_7 is the seventh column and not class 7
        return tuple(given), tuple(class_names) or tuple(map(str, range(len(given))))
    own = classes_of(given, label.texts)
    if class_names:
        place = {name.strip().lower(): i for i, name in enumerate(class_names)}
        if {name.strip().lower() for name in own} == place.keys():
            ordered = sorted(zip(own, given, strict=True), key=lambda pair: place[pair[0].strip().lower()])
            return tuple(column for _, column in ordered), tuple(class_names)
        return in_order(given, own)[0], tuple(class_names)
    return in_order(given, own)


class ColumnFinder:
    """The search among the columns that are not yet taken."""

    def __init__(self, names: Sequence[str], sample: Mapping[str, Sequence[object]], taken: set[str]) -> None:
        self.names = names
        self.sample = sample
        self.content = {name: look(sample[name]) for name in names}
        self.identifiers = {name for name in names if name not in taken and self._identifies(name)}
        self.taken = taken | self.identifiers
        self.passed_over = ""
        self.notes: list[str] = []

    @property
    def free(self) -> list[str]:
        return [name for name in self.names if name not in self.taken]

    def take(self, name: str) -> str:
        self.taken.add(name)
        return name

    def _identifies(self, name: str) -> bool:
        """Whether the column only tells the rows apart: it is named so, or counts the rows without a name."""
        values = [as_text(value) for value in self.sample[name]]
        content = self.content[name]
        unique = len(set(values)) == len(values)
        if not unique and content.like_classes and called([name], "label"):  # label_id
            return False
        if of_identifier(name):
            return unique or not (content.numeric and len(content.numbers) <= 2)
        counts = content.numeric and content.whole and unique and len(values) > 2
        steps = counts and len(values) - 1 == content.numbers[-1] - content.numbers[0]
        unnamed = self.names[0] == name and name in ("column_1", "") and not invented(self.names)
        return unnamed and (steps or (unique and not content.numeric and len(values) > 2))

    def key(self) -> str | None:
        return next((name for name in self.names if name in self.identifiers), None)

    def ignored(self, used: Sequence[str | None]) -> list[str]:
        """Columns that go by a name of a label or a prediction and are not read."""
        left = [name for name in self.names if name not in used and name not in self.identifiers]
        labels = set(called(left, "label"))
        return [name for name in left if name in labels or role_of(name)]

    # ---- labels ---------------------------------------------------------------------------------------------------

    def weight(self) -> str | None:
        found = [name for name in called(self.free, "weight") if self.content[name].numeric]
        return self.take(found[0]) if found else None

    def group(self) -> str | None:
        found = called(self.free, "group")
        return self.take(found[0]) if found else None

    def label_by_name(self, given: Sequence[str]) -> str | None:
        """The column that is called a label: the truth before what may be a decision as well."""
        found = called(self.free, "label")
        found = [name for name in found if not self._names_one_of_several(name)] or found
        found = found or [name for name in self.free if is_truth(name) and role_of(name) in (None, "decision")]
        found = found or self._begins_predictions()
        # SAS writes F_x of what is, I_x of what is decided, P_x1 of the probabilities
        of_sas = [name[2:] for name in self.free if name[:2].lower() == "p_"]
        found = found or [
            name for name in self.free if name[:2].lower() == "f_" and any(each.startswith(name[2:]) for each in of_sas)
        ]
        if not found:
            return None
        likely = [name for name in found if self.content[name].like_classes or is_truth(name)] or found
        two = [name for name in likely if plain(name) not in _RIGHT and len(self.content[name].texts) == 2]
        likely = two if plain(likely[0]) in _RIGHT and two else likely  # of two classes the class itself tells more
        if len(likely) > 1 and not is_truth(likely[0]):
            decided = [name for name in likely if self._is_decision(name)]
            likely = [name for name in likely if name not in decided] or likely
        chosen = self._truth_beside(likely[0])
        others = [name for name in found if name != chosen and self.content[name].like_classes]
        if others and not self.notes:
            what = "the decisions" if self._is_decision(others[0]) else "something else"
            self.notes.append(
                f"{chosen!r} is taken as the label and {others[0]!r} as {what}: --label-column {others[0]} turns that"
            )
        return self.take(chosen)

    def _truth_beside(self, label: str) -> str:
        """The truth beside a ``label`` that a classifier decided for, where there is its score and the same texts."""
        content = self.content[label]
        if is_truth(label) or content.numeric or not content.like_classes:
            return label
        texts = {bare(text) for text in content.texts}
        same = [
            name for name in self.free
            if name != label and not role_of(name) and not self.content[name].numeric
            and {bare(text) for text in self.content[name].texts} == texts
        ]  # fmt: skip
        scores = [name for name in self._real() if role_of(name) and self.content[name].within_unit]
        if len(same) == 1 and len(scores) == 1 and self.content[scores[0]].numbers[0] >= 1 / max(len(texts), 2) - 1e-6:
            self.notes.append(
                f"{same[0]!r} is taken as the label and {label!r} as the decision: --label-column {label} turns that"
            )
            return same[0]
        return label

    def _names_one_of_several(self, name: str) -> bool:
        """Whether it is a column of predictions all the same: ``class_0`` beside ``class_1``."""
        return plain(name) not in [plain(other) for other in called([name], "label")]

    def _begins_predictions(self) -> list[str]:
        """A column whose name the predictions begin with: ``readmitted`` of ``readmitted_1_PREDICTION``."""
        found = []
        for name in self.free:
            if len(name) < 2 or role_of(name) or not self.content[name].like_classes:
                continue
            named = [other for other in self.free if other != name and role_of(other) and plain(name) in plain(other)]
            if named and any(other.startswith((name + "_", name + ".", name + " ")) for other in named):
                found.append(name)
        return found if len(found) == 1 else []

    def _is_decision(self, name: str) -> bool:
        """Whether it is in every row the class with the largest of some columns, or a probability above ½."""
        codes = [as_text(value) for value in self.sample[name]]
        numeric = [other for other in self._numeric() if other != name and self.content[other].within_unit]
        numeric = [other for other in numeric if not self._hard(other)]
        for family in families(numeric, self.content[name].texts):
            table = self.table(family.columns)
            columns, classes = in_order(family.columns, classes_of(family.columns, self.content[name].texts))
            order = [family.columns.index(column) for column in columns]
            if np.isfinite(table).all():
                top = [classes[k] for k in table[:, order].argmax(axis=1)]
                if len(set(top)) > 1 and all(_same(a, b) for a, b in zip(top, codes, strict=True)):
                    return True
        kinds = sorted(set(codes))
        for other in numeric:
            values = self.table([other])[:, 0]
            if np.isfinite(values).all() and len(kinds) == 2:
                up, second = values > 0.5, [code == kinds[1] for code in codes]
                if up.any() and not up.all() and second in (up.tolist(), (~up).tolist()):
                    return True
        return False

    def label_by_content(self, given: Sequence[str]) -> str:
        likely = [name for name in self.free if self.content[name].like_classes]
        likely = [name for name in likely if not self._is_predicted(name)] or likely
        truths = [name for name in likely if not self._is_decision(name)]
        likely = truths if any(len(self.content[name].texts) == 2 for name in truths) else likely
        binary = [name for name in likely if self.content[name].binary]
        for found in (likely, binary):
            if len(found) == 1:
                return self.take(found[0])
        left = self.free
        texts = [name for name in left if not self.content[name].numeric and not self._is_predicted(name)]
        if len(texts) == 1 and not likely:  # of many classes
            return self.take(texts[0])
        if given and len(left) == 1:
            return self.take(left[0])
        single = [name for name in left if not self._is_predicted(name)]
        if len(left) == 2 and len(single) == 1:  # the other one is called a prediction
            return self.take(single[0])
        if len(left) == 1 and self.identifiers:
            ids = listed(sorted(self.identifiers, key=list(self.names).index))
            what = f"{ids} tells the rows apart and {left[0]!r} is left"
            raise BadData(f"{what}: no column is the label; name the file of the labels too, or {_HELP}")
        raise BadData(f"cannot tell which column is the label; the columns are {listed(self.names)}; {_HELP}")

    def _is_predicted(self, name: str) -> bool:
        return kind_of(name) is not None or bool(called([name], "either")) or role_of(name) is not None

    # ---- what is no table of predictions --------------------------------------------------------------------------

    def refuse_predictions_alone(self, given: Sequence[str], unnamed: bool) -> None:
        """Raise BadData where all columns are probabilities of classes, and none is left that could be the label."""
        left = [name for name in self.free if self.content[name].numeric]
        others = [name for name in self.free if name not in left]
        if len(left) < 2 or others or given or not all(self.content[name].within_unit for name in left):
            return
        if all(self._hard(name) for name in left) or not self.sums_to_one(left):
            return
        if any((self.content[name].binary or not unnamed) and called([name], "label") for name in left):
            return
        if sum(not self._hard(name) for name in left) == len(left) or len(left) == len(self.names):
            raise BadData(
                f"{listed(left, 6)} add up to 1 in every row: these are predictions of {len(left)} classes "
                "and no column "
                "is the label; give the labels too, in a column or in a file of their own"
            )

    def pairs(self, given: Sequence[str], unnamed: bool) -> list[tuple[str, str]]:
        """Several labels that have a prediction each, of which an example may have any; none where there are none."""
        if given or unnamed:
            return []
        binary = [name for name in self.free if self.content[name].binary]
        real = [name for name in self._numeric() if not self._hard(name)]
        pairs = []
        for name in binary:
            subject = subject_of(name)
            own = [other for other in real if subject and subject_of(other) == subject]
            own = own or [
                other for other in real if role_of(other) and not role_of(name) and plain(name) in plain(other)
            ]
            pairs += [(name, own[0])] if len(own) == 1 else []
        if len(pairs) < 2 or len({prediction for _, prediction in pairs}) < len(pairs):
            return []
        self.notes.append(several_labels(pairs))
        return pairs

    # ---- predictions ----------------------------------------------------------------------------------------------

    def predictions(self, label: str) -> tuple[list[str], str]:
        """The columns of the predictions, and how they were found.

        Decisions are often beside what they were made from, and often have the better name: a column of 0 and 1, of
        classes or of texts is passed over where another candidate has real values.
        """
        labels = self.content[label]
        self._refuse_no_prediction(label)
        rank = ("probability", "log-probability", "logit", "score", "confidence", "either", "decision")
        roles = {name: role_of(name) for name in self.free}
        named = [name for role in ("probability", "logit", "either") for name in called(self.free, role)]
        surely = list(named)
        named += sorted(
            (name for name in self.free if name not in named and roles[name]),
            key=lambda name: rank.index(roles[name] or ""),
        )
        named.sort(key=lambda name: (self._hard(name), not self.content[name].numeric))
        soft = [name for name in named if not self._hard(name)]
        exact = [name for name in soft if kind_of(name)]
        # a name that is one word of ours is surer than one that holds it; a probability surer than a score
        soft.sort(key=lambda name: (name not in exact[:1], rank.index(roles[name] or "decision")))
        single = soft[0] if soft else None
        numeric = self._numeric()
        found = [(each, all(map(self._hard, each.columns))) for each in families(numeric, labels.texts)]
        found += [
            (each, False) for each in class_families(numeric, labels.texts) if not all(map(self._hard, each.columns))
        ]
        found.sort(key=lambda each: (each[1], self._is_raw(each[0])))
        several, hard = found[0] if found else (None, False)
        # a probability beside p and 1 − p is enough; of more classes K columns say more than the greatest of them
        two = labels.binary or (len(labels.texts) == 2 and (several is None or not several.told))
        if several and not hard and not (single and single not in several.columns and two):
            return self._chosen(several.columns, named, "by name")
        if single and single not in surely and two and (both := self._with_complement(single)):
            return self._chosen(both, named, "by name")
        if single:
            self._tell_alternatives(single, [name for name in soft if name != single], labels)
            return self._chosen([single], named, "by name")
        if summing := self._summing():
            return self._chosen(summing, named, "they sum to 1")
        if several:
            return self._chosen(several.columns, named, "by name")
        if below := self._decided_from(named, labels):
            return self._chosen([below], named, "the decisions follow from it")
        if named and (self.content[named[0]].numeric or not self._real()):
            return [named[0]], "by name"
        columns, how = self._by_content()
        return self._chosen(columns, named, how)

    def _decided_from(self, named: Sequence[str], labels: Content) -> str | None:
        """The column without a known name from which the decisions follow, by a threshold at ½ or 0."""
        decisions = [name for name in named if self._hard(name) and self.content[name].like_classes]
        if not (labels.binary or len(labels.texts) == 2):
            return None
        for decision in decisions:
            codes = [bare(as_text(value)) for value in self.sample[decision]]
            kinds = sorted(set(codes))
            for name in self._real():
                values = self.table([name])[:, 0]
                if len(kinds) != 2 or not np.isfinite(values).all():
                    continue
                cut = 0.5 if self.content[name].within_unit else 0.0
                first = np.array([code == kinds[0] for code in codes])
                if len(values) >= 4 and (((values > cut) == ~first).all() or ((values > cut) == first).all()):
                    return name
        return None

    def _with_complement(self, single: str) -> list[str]:
        """A column of probabilities and the one other with which it adds up to 1, where they are called alike."""
        for name in self._real():
            both = sorted([single, name], key=list(self.names).index)
            if name != single and any(surroundings(both)) and self.sums_to_one(both):
                return both
        return []

    def _is_raw(self, family: ColumnFamily) -> bool:
        """Whether the columns are what probabilities were made of, and these may be there too."""
        return not all(self.content[name].within_unit for name in family.columns)

    def _tell_alternatives(self, chosen: str, others: Sequence[str], labels: Content) -> None:
        same = [name for name in others if self.content[name].numeric and role_of(name) == role_of(chosen)]
        values = self.table([chosen])[:, 0]
        for name in same:
            mine = self.table([name])[:, 0]
            if np.allclose(mine + values, 1, atol=SUM_TOLERANCE, equal_nan=True):
                continue  # p and 1 − p
            self.notes.append(f"{chosen!r} is taken as the prediction; {name!r} may be too: --prediction-column {name}")
            return

    def _refuse_no_prediction(self, label: str) -> None:
        if self.free:
            return
        ids = [name for name in self.names if name in self.identifiers]
        what = f" ({listed(ids)} tells the rows apart)" if ids else ""
        raise BadData(
            f"there is no prediction beside the label {label!r}{what}: give the file of the predictions too, "
            "or --prediction-column NAME"
        )

    def _chosen(self, columns: Sequence[str], named: Sequence[str], how: str) -> tuple[list[str], str]:
        """What is chosen, with a word on the names that were passed over for it."""
        passed = [name for name in named if name not in columns and self._hard(name)]
        if passed and not all(map(self._hard, columns)):
            self.passed_over = " · not " + ", ".join(f"{name!r} ({self.content[name].range_text})" for name in passed)
        return list(columns), how

    def _numeric(self) -> list[str]:
        return [name for name in self.free if self.content[name].numeric]

    def _hard(self, name: str) -> bool:
        """Whether it looks like decisions: classes by name or number, or texts."""
        return not self.content[name].numeric or self.content[name].like_classes

    def _real(self) -> list[str]:
        real = [name for name in self._numeric() if not self._hard(name)]
        return [name for name in real if role_of(name) or not set(words_of(name)) & ASIDE]

    def _summing(self) -> list[str]:
        """Two columns or more that are probabilities of classes: in [0, 1], and their sum is 1."""
        unit = [name for name in self._real() if self.content[name].within_unit]
        if len(unit) < 2 or not self.sums_to_one(unit):
            return []
        before, after = surroundings(unit)
        if before or after:  # a class that is never predicted looks like a decision: it has zeros alone
            like = [name for name in self._numeric() if name.startswith(before) and name.endswith(after)]
            like = [name for name in like if self.content[name].within_unit]
            if self.sums_to_one(like):
                return like
        return unit

    def sums_to_one(self, names: Sequence[str]) -> bool:
        """Whether columns are probabilities of classes: in [0, 1], and their sum is 1."""
        return sums_to_one([self.sample[name] for name in names], SUM_TOLERANCE)

    def _by_content(self) -> tuple[list[str], str]:
        real = self._real()
        numeric = [name for name in self._numeric() if role_of(name) or not set(words_of(name)) & ASIDE]
        unit = [name for name in real if self.content[name].within_unit]
        for found in (real, unit, numeric):
            if len(found) == 1:
                return found, self.content[found[0]].range_text
        what = "cannot tell which column is the prediction" if numeric else "no column of numbers is left to predict"
        if sum(level_of(name) is not None for name in numeric) > 1:
            what += " (quantiles are read with --kind quantile, and --levels .25,.5,.75 where names do not tell)"
        raise BadData(f"{what}; the columns are {listed(self.names)}; {_HELP}")

    def table(self, names: Sequence[str]) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
        """The first rows of some columns as numbers ``(n, K)``, NaN where there is none."""
        found = [[number_of(as_text(value)) for value in self.sample[name]] for name in names]
        return np.array(found, dtype=float).T

    def decisions(self, label: str, predictions: Sequence[str]) -> list[str]:
        """Columns whose values are labels: the truth aside, these are decisions."""
        labels = {bare(text) for text in self.content[label].texts}
        found = []
        for name in self.names:
            content = self.content[name]
            own = {bare(text) for text in content.texts}
            if name in (label, *predictions) or name in self.identifiers or not own:
                continue
            alike = content.like_classes and (own <= labels or (len(labels) == 1 and len(own) == 2 and labels < own))
            if not content.like_classes and (content.whole or not content.numeric):  # of many classes
                alike = 2 * len(own & labels) > len(own)
            if alike and (role_of(name) or called([name], "label")):
                found.append(name)
        return found


class _Reading:
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
        equal = np.mean([_same(as_text(a), as_text(b)) for a, b in pairs])
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


def _is_threshold(values: np.ndarray[tuple[int], np.dtype[np.float64]], codes: Sequence[str]) -> bool:
    """Whether the decisions follow from a threshold on the values, in either direction."""
    kinds = sorted(set(codes))
    if len(kinds) < 2:
        return False
    first = np.array([code == kinds[0] for code in codes])
    one, other = values[first], values[~first]
    return bool(one.max() <= other.min() or other.max() <= one.min())


def _core(holds: Holds) -> Kind:
    if holds in ("logit", "score", "log-probability"):
        return "logit"
    return "value" if holds in ("value", "quantile", "normal") else "probability"


def bare(text: str) -> str:
    """A label as it is compared: numbers by value, texts without case, and what Weka and others put before."""
    number = number_of(text.strip())
    if number is not None:
        return f"{number:.15g}"
    lower = text.strip().lower()
    head, mark, tail = lower.partition(":")
    return tail.strip() if mark and tail.strip() and head.strip().isdecimal() else lower


def _same(one: str, other: str) -> bool:
    return bare(one) == bare(other)


def _known(name: str, names: Sequence[str]) -> str:
    if name in names:
        return name
    same = [other for other in names if plain(other) == plain(name)]
    if len(same) == 1:
        return same[0]
    near = difflib.get_close_matches(name.lower(), [other.lower() for other in names], n=1, cutoff=0.5)
    hint = ""
    if near:
        hint = f": did you mean {shown(next(other for other in names if other.lower() == near[0]))}?"
    raise BadData(f"no column {shown(name)}{hint or f'; the columns are {listed(names)}'}")


def _why(label: str, label_how: str, found: Columns, how: str, weight: str | None, group: str | None) -> str:
    given = found.read
    if len(given) == 1:
        what = f"prediction: {given[0]!r} ({how})"
    elif found.kind == "value":
        what = f"prediction: the middle of {given[0]!r} and {given[1]!r} ({how})"
    else:
        what = f"{len(given)} predictions: {given[0]!r} … {given[-1]!r} ({how})"
    decided = f" · decision: {found.decision!r}" if found.decision else ""
    if found.forecast is not None:
        decided += f" · {distribution_text(found.forecast, found.told)}"
    extra = "".join(f" · {role}: {name!r}" for role, name in (("weight", weight), ("group", group)) if name)
    return f"label: {label!r} ({label_how}) · {what}{decided}{extra}"


__all__ = ["KINDS", "Asked", "Columns", "Holds", "guess", "whole_numbers"]
