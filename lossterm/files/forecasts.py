"""Columns that tell the distribution of a label: quantiles, ends of an interval, a mean and a standard deviation."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from lossterm.core.numbers import trimmed
from lossterm.core.statistics.forecast import Forecast
from lossterm.files.checks import BadData, listed
from lossterm.files.content import Content
from lossterm.files.naming import called, role_of, subject_of

LOW = frozenset(("lower", "lo", "lwr", "low", "lb", "lcl", "untere", "inferior", "bas"))
HIGH = frozenset(("upper", "hi", "upr", "high", "ub", "ucl", "obere", "superior", "haut"))
PLAIN_WORDS = frozenset(("low", "high", "lo", "hi", "bas", "haut"))
"""Names that mean an end of an interval only beside another word: prices have a high and a low too."""

DEVIATION = frozenset(("sd", "std", "stddev", "stdev", "sigma", "stdv", "standarddeviation", "stds", "sigmas"))
POINTS = ("mean", "mu", "expected", "expectation", "point", "fit", "fitted", "loc", "median", "value", "moyenne")
"""Names of a prediction beside a standard deviation or quantiles."""

USUAL = 0.9
"""What an interval is to hold whose name does not tell."""

OF_LIBRARIES: Mapping[str, tuple[float, str]] = {
    "yhat": (0.8, "Prophet's interval_width"), "ci": (0.95, "statsmodels' alpha .05"),
}  # fmt: skip
"""What it holds where a word of the name is a library's, and which default that is."""

_QUANTILE = re.compile(
    r"^(?P<head>.*?)(?<![a-z])(?P<word>quantile|percentile|pctl|quant|tau|q|p)[ _\-]?"
    r"(?P<digits>0?\.\d+|0_\d+|\d{1,3}(?:\.\d+)?)(?P<tail>(?![0-9]).*)$"
)
_DECIMAL = re.compile(r"^0?\.\d+$")
_TOKENS = re.compile(r"[^\W\d_]+|\d*\.?\d+")

Holds = Literal["quantile", "normal"]


class ColumnsSeen(Protocol):
    """What is known of the columns of a file."""

    names: Sequence[str]
    content: dict[str, Content]
    taken: set[str]
    notes: list[str]

    def table(self, names: Sequence[str]) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
        """The first rows of some columns as numbers ``(n, K)``, NaN where there is none."""

    def sums_to_one(self, names: Sequence[str]) -> bool:
        """Whether columns are probabilities of classes: in [0, 1], and their sum is 1."""


@dataclass(frozen=True)
class ForecastColumns:
    """The columns of a distribution.

    Attributes:
        holds: as a person calls it.
        forecast: what they tell.
        point: the column of the prediction, or the two whose middle it is.
        columns: of the quantiles, in the order of their levels; or the one of the standard deviations.
        how: in a few words how they were found.
    """

    holds: Holds
    forecast: Forecast
    point: tuple[str, ...]
    columns: tuple[str, ...]
    how: str


@dataclass(frozen=True)
class NamedLevel:
    """A column whose name tells a quantile.

    Attributes:
        stem: what the name has beside it: columns of one model have it in common.
        word: what comes before the number: ``q``, ``p``, ``quantile``, or nothing.
        level: the level.
        digits: how many digits a whole number has; 0 of a decimal.
    """

    stem: str
    word: str
    level: float
    digits: int


def level_of(name: str) -> NamedLevel | None:
    """The level that a name tells: .05 of ``q05``, ``p5``, ``quantile_0.05`` and ``0.05``, .025 of ``q025``."""
    lower = name.strip().lower()
    if _DECIMAL.match(lower):
        return NamedLevel("", "", float(lower), 0) if 0 < float(lower) < 1 else None
    found = _QUANTILE.match(lower)
    if found is None:
        return None
    digits, word = found["digits"].replace("_", "."), found["word"]
    stem = f"{found['head']}|{found['tail'].lstrip('%')}"
    if "." in digits:
        value = float(digits)
        level = value / 100 if value > 1 or word in ("percentile", "pctl") else value
        return NamedLevel(stem, word, level, 0) if 0 < level < 1 else None
    level = int(digits) / (1000 if len(digits) == 3 else 100)
    return NamedLevel(stem, word, level, len(digits)) if 0 < level < 1 and digits != "100" else None


@dataclass(frozen=True)
class IntervalEnd:
    """A column whose name tells an end of an interval.

    Attributes:
        stem: the other words of the name.
        upper: whether it is the upper end.
        number: the number in the name, or None.
    """

    stem: tuple[str, ...]
    upper: bool
    number: float | None


def end_of(name: str) -> IntervalEnd | None:
    """The end that a name tells: ``lower``, ``yhat_upper``, ``lo-80``, ``upper_0.95``."""
    tokens = _TOKENS.findall(name.lower())
    ends = [token for token in tokens if token in LOW | HIGH]
    numbers = [token for token in tokens if token[0] in ".0123456789"]
    if len(ends) != 1 or len(numbers) > 1 or (len(tokens) == 1 and ends[0] in PLAIN_WORDS):
        return None
    stem = tuple(token for token in tokens if token not in (*ends, *numbers))
    return IntervalEnd(stem, ends[0] in HIGH, float(numbers[0]) if numbers else None)


def found_forecast(
    finder: ColumnsSeen, label: str, given: Sequence[str], kind: str | None, levels: Sequence[float]
) -> ForecastColumns | None:
    """The columns of a distribution of the label; None where there are none, or the labels cannot have one.

    Args:
        finder: the columns.
        label: that of the labels.
        given: columns that a person named: the prediction, or all of them.
        kind: what a person says that they are.
        levels: what a person says that the levels are.

    Raises:
        BadData: a person asks for one, and it is not there.
    """
    search = _Search(finder, label, given, kind, tuple(levels))
    if kind not in (None, "quantile", "normal"):
        if levels:
            raise BadData(f"--levels is of quantiles, not of --kind {kind}")
        return None
    asked = kind is not None or bool(levels)
    if not search.possible(asked=asked):
        if asked:
            raise BadData(f"quantiles and standard deviations are of labels that are numbers: {label!r} holds "
                          f"{finder.content[label].range_text}")  # fmt: skip
        return None
    found = None if kind == "normal" else search.quantiles()
    if found is None and kind != "quantile" and not levels:
        found = search.normal()
    if found is None and asked:
        raise BadData(search.nothing())
    return found


def point_alone(finder: ColumnsSeen, label: str) -> tuple[str, ...]:
    """The one column of the prediction where others tell its distribution, which is not wanted; else none."""
    told = len(finder.notes)
    found = found_forecast(finder, label, (), None, ())
    del finder.notes[told:]
    return found.point if found is not None and len(found.point) == 1 else ()


class _Search:
    """The search for them."""

    def __init__(
        self, finder: ColumnsSeen, label: str, given: Sequence[str], kind: str | None, levels: tuple[float, ...]
    ) -> None:
        self.finder, self.label, self.given, self.kind, self.levels = finder, label, tuple(given), kind, levels
        self.labels: Content = finder.content[label]
        taken = finder.taken - set(given) | {label}
        self.free = [name for name in finder.names if name not in taken and finder.content[name].numeric]

    def possible(self, *, asked: bool) -> bool:
        if not self.labels.numeric:
            return False
        return asked or (not self.labels.binary and len(self.labels.numbers) > 2)

    def nothing(self) -> str:
        if self.kind == "normal":
            return "--kind normal needs a mean and a standard deviation: --prediction-column MEAN,SD"
        return ("--kind quantile needs columns called by their levels, such as q05,q50,q95 or lower,upper; else name "
                "them and their levels: --prediction-column A,B,C --levels .05,.5,.95")  # fmt: skip

    # ---- quantiles ------------------------------------------------------------------------------------------------

    def quantiles(self) -> ForecastColumns | None:
        among = list(self.given) if len(self.given) > 1 else self.free
        if self.levels and len(self.given) > 1:
            return self._with_levels(self.given)
        return self._by_level(among) or self._by_ends(among)

    def _with_levels(self, columns: Sequence[str]) -> ForecastColumns:
        point = columns[:1] if len(columns) == len(self.levels) + 1 else ()
        columns = columns[len(point) :]
        if len(columns) != len(self.levels):
            raise BadData(f"--levels has {len(self.levels)} levels where there are {len(columns)} columns: "
                          f"{listed(columns)}")  # fmt: skip
        return self._made(dict(zip(columns, self.levels, strict=True)), point, "as named")

    def _by_level(self, among: Sequence[str]) -> ForecastColumns | None:
        groups: dict[tuple[str, str], dict[str, NamedLevel]] = {}
        for name in among:
            if (level := level_of(name)) is not None and self.finder.content[name].numeric:
                groups.setdefault((level.stem, level.word), {})[name] = level
        sets = [group for group in groups.values() if self._is_set(group)]
        if not sets:
            return None
        group = max(sets, key=len)
        columns = list(group)
        if self.kind is None and not self._surely(group):
            return None
        if self.levels and len(self.levels) != len(columns):
            raise BadData(f"--levels has {len(self.levels)} levels where there are {len(columns)} columns: "
                          f"{listed(columns)}")  # fmt: skip
        told = self.levels or tuple(level.level for level in group.values())
        if len(sets) > 1:
            others = list(next(each for each in sets if each is not group))
            self._note(f"the quantiles {listed(columns, 3)} are read, not {listed(others, 3)}: "
                       f"--prediction-column {','.join(others)}")  # fmt: skip
        found = self._made(dict(zip(columns, told, strict=True)), self._named(columns), "by name")
        if next(iter(group.values())).word in ("p", "") and self.kind is None:
            classes = "--kind probability reads them as probabilities of classes, " if self.labels.like_classes else ""
            self._note(f"{listed(columns, 3)} are read as quantiles: {classes}--kind value reads the prediction alone")
        return found

    def _is_set(self, group: Mapping[str, NamedLevel]) -> bool:
        found = [level.level for level in group.values()]
        told = self.levels or any(level.digits != 1 for level in group.values())
        return len(group) > 1 and len(set(found)) == len(found) and bool(told)

    def _surely(self, group: Mapping[str, NamedLevel]) -> bool:
        """Whether the columns are quantiles, and not probabilities of classes that are called by a number."""
        if next(iter(group.values())).word not in ("p", ""):
            return True
        columns = list(group)
        family, numbers = self._family(next(iter(group.values())))
        if self._counts_classes(numbers):
            return False
        if self.finder.sums_to_one(family):
            self._note(f"{listed(columns, 3)} add up to 1 in every row and are taken as probabilities of classes: "
                       "--kind quantile reads them as quantiles")  # fmt: skip
            return False
        labels = set(self.labels.numbers)
        return not (self.labels.whole and 2 * len(labels & numbers) >= len(labels))

    def _family(self, like: NamedLevel) -> tuple[list[str], set[float]]:
        """All columns that are called by a number as one is, whether that can be a level or not, and these numbers."""
        found = {}
        for name in self.free:
            match = _QUANTILE.match(name.strip().lower())
            if match and match["word"] == like.word and f"{match['head']}|{match['tail'].lstrip('%')}" == like.stem:
                found[name] = float(match["digits"].replace("_", "."))
        return list(found), set(found.values())

    @staticmethod
    def _counts_classes(numbers: set[float]) -> bool:
        """Whether numbers are those of classes: one is no level, or they follow one on the other."""
        beyond = any(number == 0 or number >= 100 for number in numbers)
        return beyond or (len(numbers) > 2 and max(numbers) - min(numbers) == len(numbers) - 1)

    def _by_ends(self, among: Sequence[str]) -> ForecastColumns | None:
        ends = {name: end for name in among if (end := end_of(name)) is not None and self.finder.content[name].numeric}
        pairs = [
            (low, high)
            for low, one in ends.items() for high, other in ends.items()
            if not one.upper and other.upper and one.stem == other.stem and _one_interval(one, other)
        ]  # fmt: skip
        pairs = [pair for pair in pairs if ends[pair[0]].stem == ends[pairs[0][0]].stem and self._in_order(pair)]
        if not pairs or (self.kind is None and self._is_chance(pairs)):
            return None
        stem = ends[pairs[0][0]].stem
        levels: dict[str, float] = {}
        if self.levels:
            columns = [name for pair in pairs for name in pair]
            if len(self.levels) != len(columns):
                raise BadData(f"--levels has {len(self.levels)} levels where there are {len(columns)} columns: "
                              f"{listed(columns)}")  # fmt: skip
            levels = dict(zip(columns, self.levels, strict=True))
        for low, high in pairs if not self.levels else ():
            levels[low], levels[high] = self._told_by(ends[low], ends[high], (low, high))
        return self._made(levels, self._named(list(levels)) or self._called(stem), "by name")

    def _named(self, columns: Sequence[str]) -> list[str]:
        """The prediction that a person named, alone or among the columns."""
        return [name for name in self.given if len(self.given) == 1 or name not in columns][:1]

    def _told_by(self, low: IntervalEnd, high: IntervalEnd, pair: tuple[str, str]) -> tuple[float, float]:
        if low.number is not None and high.number is not None:
            least, most = (n / 100 if n > 1 else n for n in (low.number, high.number))
            if low.number != high.number:
                return least, most
            return round((1 - most) / 2, 12), round((1 + most) / 2, 12)
        part, why = next(
            (known for word, known in OF_LIBRARIES.items() if word in low.stem), (USUAL, "what is usual")
        )  # fmt: skip
        ends = round((1 - part) / 2, 12), round((1 + part) / 2, 12)
        self._note(
            f"{pair[0]!r} and {pair[1]!r} are taken as the ends of an interval of {100 * part:.4g}% ({why}), the "
            f"quantiles {trimmed(ends[0])} and {trimmed(ends[1])}: --levels LOW,HIGH says others, --kind value reads "
            "the predictions alone"
        )
        return ends

    def _in_order(self, pair: tuple[str, str]) -> bool:
        low, high = self.finder.table(pair).T
        return bool(np.nanmean(low <= high) >= 0.5)

    def _is_chance(self, pairs: Sequence[tuple[str, str]]) -> bool:
        """Whether they may be the interval of a probability."""
        names = [name for pair in pairs for name in pair]
        return self.labels.within_unit and all(self.finder.content[name].within_unit for name in names)

    def _made(self, levels: Mapping[str, float], point: Sequence[str], how: str) -> ForecastColumns:
        bad = [level for level in levels.values() if not 0 < level < 1]
        if bad or len(set(levels.values())) < len(levels) or len(levels) < 2:
            raise BadData(f"--levels are two or more different numbers between 0 and 1, not "
                          f"{', '.join(map(trimmed, levels.values()))}")  # fmt: skip
        columns = sorted(levels, key=levels.__getitem__)
        told = tuple(levels[name] for name in columns)
        point = list(point)[:1] or self._point(columns)
        if not point:
            at = next((name for name in columns if levels[name] == 0.5), None)
            point = [at] if at is not None else self._inner(columns, told)
        return ForecastColumns("quantile", Forecast("quantiles", told), tuple(point), tuple(columns), how)

    def _inner(self, columns: Sequence[str], levels: Sequence[float]) -> list[str]:
        """The two quantiles around the median, or the nearest one."""
        below = [name for name, level in zip(columns, levels, strict=True) if level < 0.5]
        above = [name for name, level in zip(columns, levels, strict=True) if level > 0.5]
        if not below or not above:
            nearest = min(zip(columns, levels, strict=True), key=lambda pair: abs(pair[1] - 0.5))[0]
            self._note(f"no column holds a prediction: {nearest!r} is read as one: --prediction-column NAME")
            return [nearest]
        both = [below[-1], above[0]]
        self._note(f"no column holds a prediction: the middle of {both[0]!r} and {both[1]!r} is read as one: "
                   "--prediction-column NAME")  # fmt: skip
        return both

    # ---- the prediction -------------------------------------------------------------------------------------------

    def _called(self, stem: tuple[str, ...]) -> list[str]:
        """The column that is called as an interval without its ends: ``yhat`` of ``yhat_lower``."""
        same = [name for name in self.free if stem and tuple(_TOKENS.findall(name.lower())) == stem]
        return same[:1]

    def _point(self, columns: Sequence[str]) -> list[str]:
        if len(self.given) > 1:
            return []
        left = [name for name in self.free if name not in columns and end_of(name) is None and level_of(name) is None]
        roles = [name for name in left if role_of(name) == "either" and not _is_deviation(name)]
        named = [*called(left, "either"), *roles]
        by_word = [name for word in POINTS for name in left if word in _TOKENS.findall(name.lower())]
        return [*named, *(name for name in by_word if not _is_deviation(name))][:1]

    # ---- a normal distribution ------------------------------------------------------------------------------------

    def normal(self) -> ForecastColumns | None:
        if len(self.given) == 2 and (self.kind == "normal" or any(map(_is_deviation, self.given))):
            pair = sorted(self.given, key=_is_deviation) if any(map(_is_deviation, self.given)) else list(self.given)
            return ForecastColumns("normal", Forecast("normal"), (pair[0],), (pair[1],), "as named")
        if len(self.given) > 1:
            return None
        deviations = [name for name in self.free if _is_deviation(name) and self.finder.content[name].numbers[0] >= 0]
        for deviation in deviations:
            point = list(self.given) or self._point([deviation])
            if not point or (self.kind is None and self._may_be_of_chance(point[0])):
                continue
            if subject_of_deviation(deviation) - set(_TOKENS.findall(point[0].lower())):
                continue  # the deviation of something else
            if self.kind is None:
                self._note(f"{deviation!r} is read as the standard deviation of a normal distribution about "
                           f"{point[0]!r}: --kind value reads {point[0]!r} alone")  # fmt: skip
            return ForecastColumns("normal", Forecast("normal"), tuple(point), (deviation,), "by name")
        return None

    def _may_be_of_chance(self, point: str) -> bool:
        return self.labels.within_unit and self.finder.content[point].within_unit

    def _note(self, text: str) -> None:
        self.finder.notes.append(text)


def _one_interval(low: IntervalEnd, high: IntervalEnd) -> bool:
    """Whether two ends are of one interval: of one number, or of two levels that add up to 1."""
    if low.number is None or high.number is None:
        return low.number is high.number
    return low.number == high.number or low.number + high.number in (1.0, 100.0)


def _is_deviation(name: str) -> bool:
    return bool(set(_TOKENS.findall(name.lower())) & DEVIATION)


def subject_of_deviation(name: str) -> set[str]:
    """What a standard deviation is of, by its name: nothing of ``pred_std``, ``age`` of ``age_sd``."""
    return {word for word in subject_of(name) if word not in DEVIATION | set(POINTS)} - {"y"}


def distribution_text(forecast: Forecast, columns: Sequence[str]) -> str:
    """In a few words what columns tell of the distribution: ``quantiles .05 … .95: 'q05' … 'q95'``."""
    if forecast.is_normal:
        return f"standard deviation: {columns[0]!r}"
    first, last = (trimmed(forecast.levels[end]) for end in (0, -1))
    return f"{len(columns)} quantiles {first} … {last}: {columns[0]!r} … {columns[-1]!r}"
