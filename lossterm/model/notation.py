"""How losses, labels, points and windows are written on a command line or in a prompt, and read back."""

from __future__ import annotations

import difflib
import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf, isfinite
from typing import TYPE_CHECKING, Any, TypeVar

from lossterm.core.lazy import np
from lossterm.core.library_names import absent_because
from lossterm.core.losses.labels import Family, family_called, number
from lossterm.core.names import unknown
from lossterm.core.numbers import MINUS, parse, trimmed
from lossterm.core.plain import echoed
from lossterm.model.rows import ListedLoss, ListRow, Value
from lossterm.model.window import FARTHEST, Window

if TYPE_CHECKING:
    from lossterm.core.jets import Array
    from lossterm.core.losses.objective import Objective

MAX_POINTS = 100_000_000
"""More points than anyone means to ask for."""

NEAR_FAMILY = 0.8
"""How alike a name and a family's must be for the one to be a slip of the other."""

R = TypeVar("R", bound=ListRow[Any])

# ---- losses ---------------------------------------------------------------------------------------------------------


def losses_asked(texts: Iterable[str], kind: type[R], accepted: Callable[[R], bool] | None = None) -> list[R]:
    """The rows of ``NAME[:parameter=value…]`` specifications, of families and of ``all``; each curve once.

    Args:
        texts: the values of ``--loss``.
        kind: of the rows, which knows the registry.
        accepted: which rows ``all`` or a family stands for; every one that it can mean where nothing is given.

    Raises:
        ValueError: an unknown name or parameter (with the nearest), or a value that is out of range.
    """
    rows: list[R] = []
    for text in texts:
        for spec in text.split(","):
            if spec.strip().lower() == "all":
                every = [kind.of(name, shown=True) for name in kind.registry]
                rows += [row for row in every if row.entry.in_all and (accepted is None or accepted(row))]
            elif (family := family_called(spec)) is not None:
                rows += _of_family(family, kind, accepted)
            elif spec.strip():
                rows.append(_loss_or_near_family(spec, kind))
            else:
                raise ValueError(f"an empty name in --loss {text!r}: write names like ce,mse or focal:gamma=2")
    return list({r.key: r for r in rows}.values())


def _loss_or_near_family(spec: str, kind: type[R]) -> R:
    try:
        return loss_asked(spec, kind)
    except ValueError as problem:
        near = difflib.get_close_matches(spec.strip().lower(), [f.value for f in Family], n=1, cutoff=NEAR_FAMILY)
        if near and "did you mean" not in str(problem):
            raise ValueError(f"unknown loss {echoed(spec.strip())}: did you mean the family {near[0]}?") from None
        raise


def _of_family(family: Family, kind: type[R], accepted: Callable[[R], bool] | None) -> list[R]:
    every = [kind.of(name, shown=True) for name, entry in kind.registry.items() if _family(entry) is family]
    if not every:
        raise ValueError(f"{family.value} is a family of losses of one prediction: K classes have no families")
    # where none of them takes the label, who asks says so of the first
    return [row for row in every if accepted is None or accepted(row)] or every


def _family(entry: object) -> Family | None:
    return getattr(entry, "family", None)  # the losses of K classes have none


def loss_asked(spec: str, kind: type[R]) -> R:
    """The row of one specification.

    Raises:
        ValueError: an unknown name or parameter (with the nearest), or a value that is out of range.
    """
    try:
        whole: ListedLoss = kind.find(spec)
        return kind.of(whole.id, whole.preset(spec), shown=True)  # a name may have a colon itself: binary:logistic
    except ValueError:
        name, *settings = spec.strip().split(":")
        if not settings or absent_because(spec):
            raise
    entry: ListedLoss = kind.find(name)
    params: dict[str, Value] = dict(entry.preset(name))
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals:
            raise ValueError(f"{setting!r} in {spec.strip()!r} sets nothing: write {_example(entry)}")
        params[key.strip().lower()] = parameter_value(entry, key, value)
    return kind.of(entry.id, params, shown=True)


def _example(entry: ListedLoss) -> str:
    if not entry.parameters:
        return f"{entry.id}, which has no parameters"
    first = entry.parameters[0]
    default = (
        first.default if isinstance(first.default, str) else number(0.5 if first.default is None else first.default)
    )
    return f"{entry.id}:{first.name}={default}"


def parameter_value(entry: ListedLoss, name: str, text: str) -> Value:
    """A parameter's value: a number or ``off``; one of its words where it has words.

    Raises:
        ValueError: it is none of these.
    """
    key = name.strip().lower().replace("-", "_")
    if any(knob.name == key and isinstance(knob.default, str) for knob in entry.parameters):
        return text.strip().lower()
    # of a parameter that has a limit −∞ is a value like any other
    endless = text.strip().lower().replace(MINUS, "-") in {"-inf", "-infinity", "-∞"}
    if endless and any(knob.name == key and getattr(knob, "limit", None) is not None for knob in entry.parameters):
        return -inf
    return number_or_off(text)


def number_or_off(text: str) -> float | None:
    """A number, or None for ``off``.

    Raises:
        ValueError: it is neither.
    """
    return None if text.strip().lower() in {"off", "none"} else parse(text)


def typed_parameters(entry: Any, text: str) -> Mapping[str, Value]:
    """``2``, ``gamma=2`` or ``gamma=2 alpha=off``: the parameters that are told, checked.

    Raises:
        ValueError: it is none of these, or out of range.
    """
    told: dict[str, Value] = {}
    for n, word in enumerate(text.replace(",", " ").replace(":", " ").replace(" =", "=").replace("= ", "=").split()):
        name, equals, value = word.partition("=")
        if not equals:
            if n >= len(entry.parameters):
                raise ValueError(f"{entry.id} has {len(entry.parameters)} parameters")
            name, value = entry.parameters[n].name, word
        symbols = {p.symbol: p.name for p in entry.parameters}
        name = symbols.get(name, name)
        told[name] = parameter_value(entry, name, value)
    complete = entry.complete(told)
    return {name: value for name, value in complete.items() if name in told}


def params_cell(params: Mapping[str, Value]) -> str:
    """Parameters in a cell of CSV: ``gamma=2;alpha=``."""
    texts = {n: "" if v is None else v if isinstance(v, str) else number(v) for n, v in params.items()}
    return ";".join(f"{name}={text}" for name, text in texts.items())


UNWEIGHTED = ("pos_weight", 1.0)
"""The one default that goes without saying."""


def loss_name(objective: Objective) -> str:
    """The id of an objective's loss with the parameters that are on: ``focal γ=2``."""
    symbols = {p.name: p.symbol for p in objective.loss.parameters}
    shown = [(name, value) for name, value in objective.params if value is not None and (name, value) != UNWEIGHTED]
    on = [f"{symbols[name]}={trimmed(value)}" for name, value in shown]
    return " ".join([objective.loss.id, *on])


def row_name(row: ListRow[Any]) -> str:
    """The title of a row's loss with the parameters that are on: ``focal γ=2``."""
    on = [
        f"{knob.symbol}={trimmed(value, 3) if isinstance(value, float | int) else value}"
        for knob, (name, value) in zip(row.entry.parameters, row.params, strict=True)
        if value is not None and (name, value) != UNWEIGHTED
    ]
    return " ".join([row.entry.title, *on])


# ---- points and windows ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stretch:
    """Numbers at even distances, or a single one.

    Attributes:
        lo: the first.
        hi: the last.
        n: how many.
        logits: from these to the numbers that are meant; None where they are these.
    """

    lo: float
    hi: float
    n: int
    logits: Callable[[Array], Array] | None = None


@dataclass(frozen=True)
class Points:
    """Numbers given as a list of numbers and ranges ``lo:hi:n``."""

    parts: tuple[Stretch, ...]

    @property
    def count(self) -> int:
        """How many there are."""
        return sum(part.n for part in self.parts)

    def chunks(self, size: int) -> Iterator[Array]:
        """The points in order, in arrays of at most ``size``."""
        for part in self.parts:
            lo, hi, n = part.lo, part.hi, part.n
            for start in range(0, n, size):
                index = np.arange(start, min(start + size, n), dtype=float)
                last = max(n - 1, 1)
                if isfinite(hi - lo):
                    points = lo + index * ((hi - lo) / last)
                else:
                    points = lo * (1 - index / last) + hi * (index / last)
                if n > 1 and start + size >= n:
                    points[-1] = hi
                yield points if part.logits is None else part.logits(points)


def points(text: str, logits: Callable[[Array], Array] | None = None) -> Points:
    """``-4,0,4`` or ``-8:8:33`` (33 points), or both; ``p=.02,.5`` or ``p=.1:.9:9`` are predictions.

    A name before a number holds for those after it too, until ``z=`` goes back to logits.

    Args:
        text: as it was typed.
        logits: the logits of predictions, which says what is wrong with one that has none; None where only numbers
            are meant.

    Raises:
        ValueError: not numbers, or an empty range; the message says how it is written.
    """
    parts: list[Stretch] = []
    meant: Callable[[Array], Array] | None = None
    for part in text.split(","):
        name, equals, rest = part.partition("=")
        if equals and logits is not None:
            if name.strip().lower() not in ("z", "p", "v"):
                raise ValueError(f"{part.strip()!r} is no point: write -4 or z=-4 for a logit, p=.02 for a prediction")
            meant, part = None if name.strip().lower() == "z" else logits, rest  # noqa: PLW2901
        stretch = _stretch(part, meant)
        if meant is not None:
            meant(np.array([stretch.lo, stretch.hi]))  # says what is wrong with them before anything is printed
        parts.append(stretch)
    total = Points(tuple(parts))
    if total.count > MAX_POINTS:
        raise ValueError(f"{total.count} points are too many: at most {MAX_POINTS}")
    return total


def _stretch(part: str, logits: Callable[[Array], Array] | None) -> Stretch:
    pieces = part.split(":")
    if len(pieces) == 1:
        value = parse(part)
        return Stretch(value, value, 1, logits)
    if len(pieces) > 3:
        raise ValueError(f"{part!r} is not a range: write lo:hi:n, such as -8:8:33")
    lo, hi = parse(pieces[0]), parse(pieces[1])
    if len(pieces) == 2:
        if not (abs(hi - lo) < MAX_POINTS and lo == int(lo) and hi == int(hi)):
            raise ValueError(f"{part!r} needs the number of points: write lo:hi:n, such as {part}:33")
        n = int(min(abs(hi - lo), float(MAX_POINTS))) + 1
    else:
        if not re.fullmatch(r"\s*-?\d{1,12}\s*", pieces[2]):
            raise ValueError(f"{pieces[2]!r} in {part!r} is not a whole number of points")
        n = int(pieces[2])
    if n < 1 or hi < lo:
        raise ValueError(f"{part!r} is an empty range: write lo:hi:n with lo ≤ hi and n ≥ 1")
    if n == 1 and lo != hi:
        raise ValueError(f"{part!r} is one point for two ends: write lo:hi:n with n ≥ 2")
    return Stretch(lo, hi, n, logits)


def window_asked(text: str) -> Window:
    """``lo:hi``.

    Raises:
        ValueError: not two numbers, or lo is not below hi.
    """
    pieces = text.split(":")
    if len(pieces) != 2:
        raise ValueError(f"{text!r} is not a range: write lo:hi, such as -8:8")
    lo, hi = parse(pieces[0]), parse(pieces[1])
    if not lo < hi:
        raise ValueError(f"{text!r} is an empty range: write lo:hi with lo < hi")
    if max(abs(lo), abs(hi)) > FARTHEST:
        raise ValueError(f"{text!r} reaches beyond ±{FARTHEST:g}")
    if hi - lo < 0.99e-9 * max(1.0, abs(lo), abs(hi)):
        raise ValueError(f"{text!r} is too narrow to tell its columns apart")
    return lo, hi


def choice(text: str, among: Sequence[str], what: str) -> str:
    """``text`` when it is one of the words.

    Raises:
        ValueError: it is not; the message names the nearest or all.
    """
    if text in among:
        return text
    raise ValueError(unknown(text, what, among))


def whole(text: str, what: str, least: int = 0, most: int | None = None) -> int:
    """A whole number within bounds.

    Args:
        text: as it was typed.
        what: what it is, for the message: ``--bins``.
        least: the smallest that means anything.
        most: the largest; None is without bound.

    Raises:
        ValueError: it is none; the message says what would be right.
    """
    value = parse(text)
    if value != int(value) or value < least or (most is not None and value > most):
        within = f"from {least:,} to {most:,}" if most is not None else f"from {least:,} on"
        raise ValueError(f"{what} takes a whole number {within}, not {text.strip()!r}")
    return int(value)


def command_line(words: Sequence[str]) -> str:
    r"""Words as one line that a shell reads back, and that holds no control characters where it is pasted.

    A word with characters that cannot be seen is written as ``$'a\x1bb'``, which bash, zsh and ksh read.
    """
    return " ".join(shlex.quote(word) if word.isprintable() else _dollar_quoted(word) for word in words)


def _dollar_quoted(word: str) -> str:
    signs = (
        f"\\{c}" if c in "\\'"
        else c if c.isprintable()
        else "".join(f"\\x{byte:02x}" for byte in c.encode("utf-8", "surrogateescape"))
        for c in word
    )  # fmt: skip
    return f"$'{''.join(signs)}'"
