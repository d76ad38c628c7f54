"""Which columns of a file may be the labels, the predictions, the weights and the groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from lossterm.files.cells import bare, is_same, number_of
from lossterm.files.checks import SUM_TOLERANCE, BadData, listed
from lossterm.files.chunk import as_text
from lossterm.files.columns import several_labels
from lossterm.files.content import Content, look, sums_to_one
from lossterm.files.families import ColumnFamily, class_families, classes_of, families, in_order, surroundings
from lossterm.files.forecasts import level_of
from lossterm.files.labels import pair_of
from lossterm.files.naming import (
    ASIDE,
    called,
    invented,
    is_truth,
    kind_of,
    of_identifier,
    plain,
    role_of,
    subject_of,
    words_of,
)

_HELP = "name them: --label-column NAME --prediction-column NAME"


_RIGHT = ("correct", "iscorrect")
"""Names of a column that tells whether the decision is right."""


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
        self.no_labels: tuple[str, ...] = ()

    @property
    def free(self) -> list[str]:
        """The columns that are not yet taken."""
        return [name for name in self.names if name not in self.taken]

    def take(self, name: str) -> str:
        """Take a column, and give its name."""
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
        """The column that tells the rows apart."""
        return next((name for name in self.names if name in self.identifiers), None)

    def ignored(self, used: Sequence[str | None]) -> list[str]:
        """Columns that go by a name of a label or a prediction and are not read."""
        left = [name for name in self.names if name not in used and name not in self.identifiers]
        labels = set(called(left, "label"))
        return [name for name in left if name in labels or role_of(name)]

    # ---- labels ---------------------------------------------------------------------------------------------------

    def weight(self) -> str | None:
        """Take the column that is called as weights are, if it holds numbers."""
        found = [name for name in called(self.free, "weight") if self.content[name].numeric]
        return self.take(found[0]) if found else None

    def group(self) -> str | None:
        """Take the column that is called as groups are."""
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
                if len(set(top)) > 1 and all(is_same(a, b) for a, b in zip(top, codes, strict=True)):
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
        """Take the column that looks as labels do.

        Raises:
            BadData: there is none, or it cannot be told which.
        """
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
        binary = [name for name in self.free if self._of_two(name)]
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
        self.no_labels = tuple(self._no_labels(pairs))
        self.notes.append(several_labels(pairs, self.no_labels))
        return pairs

    def _of_two(self, name: str) -> bool:
        """Whether it holds 0 and 1, or texts of which nobody doubts which is which."""
        content = self.content[name]
        return content.binary or (not content.numeric and 0 < len(content.texts) <= 2 and bool(pair_of(content.texts)))

    def _no_labels(self, pairs: Sequence[tuple[str, str]]) -> Iterator[str]:
        """Columns that have a prediction as labels have, and hold something else; each with what it holds."""
        (before, after), (head, tail) = map(surroundings, zip(*pairs, strict=True))
        known = {name for pair in pairs for name in pair}
        for name in self.free:
            if name.startswith(before) and name.endswith(after) and len(name) > len(before) + len(after):
                prediction = f"{head}{name[len(before) : len(name) - len(after)]}{tail}"
                if prediction in self.names and known.isdisjoint((name, prediction)) and prediction != name:
                    yield f"{name} ({self.content[name].range_text})"

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
