"""Between the command line and a view: how losses, points, labels and ranges are written and read."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import TYPE_CHECKING

from lossterm.core.activations import find_activation
from lossterm.core.labels import number, smoothed
from lossterm.core.lazy import np
from lossterm.core.losses import LOSSES, Loss, find_loss
from lossterm.core.names import unknown
from lossterm.numbers import parse
from lossterm.state import AXES, FARTHEST, MAX_SHOWN, NARROWEST, QUANTITIES, SCALES, Row, View, row, set_eta, set_label

if TYPE_CHECKING:
    import argparse

    from lossterm.core.jets import Array

MAX_POINTS = 100_000_000
"""More points than anyone means to ask for."""

_TAKES_NUMBER = frozenset(
    {
        "--at",
        "--label",
        "--range",
        "--smoothing",
        "--start",
        "--rate",
        "--logits",
        "--teacher",
        "--target",
        "--risk",
        "--only-range",
        "--only-label",
        "--threshold",
        "--temperature",
    }
)


def joined(arguments: Sequence[str]) -> list[str]:
    """``--at -4,0,4`` as ``--at=-4,0,4``: what begins with a minus sign and a digit is not an option."""
    result: list[str] = []
    for argument in arguments:
        if (
            result
            and result[-1] in _TAKES_NUMBER
            and argument[:1] in "-−"
            and argument[1:2].isdigit() | (argument[1:2] in {".", "i"})
        ):
            result[-1] += f"={argument}"
        else:
            result.append(argument)
    return result


# ---- reading -------------------------------------------------------------------------------------------------------


def losses(texts: Iterable[str], target: float | None = None) -> list[Row]:
    """The rows of ``NAME[:parameter=value…]`` specifications, comma-separated or several; each curve once.

    Args:
        texts: the values of ``--loss``.
        target: the label after smoothing; ``all`` means the losses that accept it.

    Raises:
        ValueError: an unknown name or parameter (with the nearest), or a value that is out of range.
    """
    rows: list[Row] = []
    for text in texts:
        for spec in text.split(","):
            if spec.strip().lower() == "all":
                everything = [row(name, shown=True) for name in LOSSES]
                rows += [r for r in everything if target is None or r.entry.label_problem(target) is None]
            elif spec.strip():
                rows.append(_loss(spec))
            else:
                raise ValueError(f"an empty name in --loss {text!r}: write names like ce,mse or focal:gamma=2")
    return list({r.key: r for r in rows}.values())


def _loss(spec: str) -> Row:
    name, *settings = spec.strip().split(":")
    entry = find_loss(name)
    params: dict[str, float | None] = {}
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals:
            raise ValueError(f"{setting!r} in {spec.strip()!r} sets nothing: write {_example(entry)}")
        params[key] = parameter_value(value)
    complete = entry.complete(params)
    return Row(entry.id, tuple(complete.items()), shown=True)


def _example(entry: Loss) -> str:
    if not entry.parameters:
        return f"{entry.id}, which has no parameters"
    first = entry.parameters[0]
    return f"{entry.id}:{first.name}={number(first.default if first.default is not None else 0.5)}"


def parameter_value(text: str) -> float | None:
    """A parameter's value: a number, or ``off``.

    Raises:
        ValueError: it is neither.
    """
    return None if text.strip().lower() in {"off", "none"} else parse(text)


@dataclass(frozen=True)
class Points:
    """Numbers given as a list of numbers and ranges ``lo:hi:n``.

    Attributes:
        parts: ``(lo, hi, n)``; a single number has n = 1.
    """

    parts: tuple[tuple[float, float, int], ...]

    @property
    def count(self) -> int:
        """How many there are."""
        return sum(n for _, _, n in self.parts)

    def chunks(self, size: int) -> Iterator[Array]:
        """The points in order, in arrays of at most ``size``."""
        for lo, hi, n in self.parts:
            for start in range(0, n, size):
                index = np.arange(start, min(start + size, n), dtype=float)
                last = max(n - 1, 1)
                if isfinite(hi - lo):
                    points = lo + index * ((hi - lo) / last)
                else:
                    points = lo * (1 - index / last) + hi * (index / last)
                if n > 1 and start + size >= n:
                    points[-1] = hi
                yield points


def points(text: str) -> Points:
    """``-4,0,4`` or ``-8:8:33`` (33 points), or both.

    Raises:
        ValueError: not numbers, or an empty range; the message says how it is written.
    """
    parts = []
    for part in text.split(","):
        pieces = part.split(":")
        if len(pieces) == 1:
            value = parse(part)
            parts.append((value, value, 1))
            continue
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
        parts.append((lo, hi, n))
    total = Points(tuple(parts))
    if total.count > MAX_POINTS:
        raise ValueError(f"{total.count} points are too many: at most {MAX_POINTS}")
    return total


def window(text: str) -> tuple[float, float]:
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


def label(text: str) -> float:
    """A label: a number; ``y=1`` is one too."""
    return parse(text.strip().removeprefix("y=")) + 0.0


# ---- options to views and back -------------------------------------------------------------------------------------


def applied(view: View, options: argparse.Namespace) -> View:
    """A view with what the command line says put over it.

    Raises:
        ValueError: something that it says is wrong; the message says what would be right.
    """
    if options.label is not None:
        view = set_label(view, label(options.label))
    if options.smoothing is not None:
        view = replace(view, smoothing=parse(options.smoothing))
    smoothed(view.label, view.smoothing)
    if options.loss:
        view = with_losses(view, losses(options.loss, view.target))
    if options.activation is not None:
        view = replace(view, activation=find_activation(options.activation).id, prediction_range=None)
    if getattr(options, "range", None) is not None and getattr(options, "axis", None) is None:
        view = replace(view, axis="logit")  # what a range is of, where nothing is said
    if getattr(options, "axis", None) is not None:
        view = replace(view, axis=choice(options.axis, AXES, "axis"))  # type: ignore[arg-type]
    if getattr(options, "range", None) is not None:
        lo, hi = window(options.range)
        if view.axis == "logit":
            view = replace(view, logit_range=(lo, hi))
        else:
            low, high = max(lo, view.link.lower), min(hi, view.link.upper)
            if not high - low > 2 * NARROWEST:
                raise ValueError(
                    f"{options.range!r} is outside the predictions of {view.activation}: "
                    f"write a range within {number(view.link.lower)}:{number(view.link.upper)}"
                )
            view = replace(view, prediction_range=(low, high))
    if getattr(options, "risk", None) is not None:
        view = set_eta(view, parse(options.risk))
    if getattr(options, "both_labels", None) is not None:
        view = replace(view, both_labels=options.both_labels)
    if getattr(options, "likelihood", None) is not None:
        view = replace(view, likelihood=options.likelihood)
    if view.likelihood and getattr(options, "at", None) is not None:
        view = replace(view, logit=_one_logit(options.at))
    if getattr(options, "scale", None) is not None:
        view = replace(view, scale=choice(options.scale, SCALES, "scale"))  # type: ignore[arg-type]
    if getattr(options, "reference", None) is not None:
        wanted = _loss(options.reference)
        keys = [r.key for r in view.rows]
        at = (
            keys.index(wanted.key)
            if wanted.key in keys
            else next((i for i, r in enumerate(view.rows) if r.loss == wanted.loss and r.shown), -1)
        )
        if at < 0 or not view.rows[at].shown:
            raise ValueError(f"--reference {options.reference} is not one of the losses asked for: add it to --loss")
        view = replace(view, reference=at)
    return view


def _one_logit(text: str) -> float:
    at = points(text)
    if at.count != 1:
        raise ValueError(f"--at {text} is {at.count} points: the densities are drawn at one logit")
    logit = at.parts[0][0]
    if abs(logit) > FARTHEST:
        raise ValueError(f"--at {text} is beyond ±{FARTHEST:g}")
    return logit


def shown_quantities(text: str | None, default: Sequence[str]) -> list[str]:
    """What ``--show`` asks for, in order."""
    if text is None:
        return list(default)
    return [choice(part.strip(), QUANTITIES, "quantity") for part in text.split(",")]


def with_losses(view: View, asked: Sequence[Row]) -> View:
    """A view that shows exactly these losses; the first is the reference."""
    if len(asked) > MAX_SHOWN:
        raise ValueError(f"{len(asked)} losses are too many for one picture: at most {MAX_SHOWN}")
    rows: list[Row] = []
    for name in LOSSES:
        wanted = [r for r in asked if r.loss == name]
        rows += [replace(r, shown=True) for r in wanted] or [row(name)]
    first = next(i for i, r in enumerate(rows) if r.key == asked[0].key)
    return replace(view, rows=tuple(rows), reference=first)


def check_labels(view: View) -> None:
    """Raise ValueError, naming the loss and the labels it takes, if a shown loss does not accept the view's label."""
    for index in view.shown:
        for target in (
            [view.target] if not view.both_labels and view.eta is None else [view.smooth(0.0), view.smooth(1.0)]
        ):
            problem = view.rows[index].entry.label_problem(target)
            if problem:
                raise ValueError(problem)


def spec(r: Row) -> str:
    """A row as it is written on the command line, defaults left out."""
    changed = [
        f":{p.name}={'off' if value is None else number(value)}"
        for p, (_, value) in zip(r.entry.parameters, r.params, strict=True)
        if value != p.default
    ]
    return r.loss + "".join(changed)


def view_arguments(view: View, *, picture: bool = True) -> list[str]:
    """The options that tell this view; reading them back gives it again."""
    labels = [view.smooth(0.0), view.smooth(1.0)] if view.both_labels or view.eta is not None else [view.target]
    # a loss that does not take the label has no curve: the picture without it is the same
    drawn = [i for i in view.shown if all(view.rows[i].entry.label_problem(y) is None for y in labels)] or view.shown
    result = []
    if drawn:
        result += ["--loss", ",".join(spec(view.rows[i]) for i in drawn)]
        if view.reference in drawn[1:] and picture:
            result += ["--reference", spec(view.rows[view.reference])]
    result += [f"--label={number(view.label)}"]
    if view.smoothing:
        result += [f"--smoothing={number(view.smoothing)}"]
    result += ["--activation", view.activation]
    if picture:
        if view.axis != "logit":
            result += ["--axis", view.axis]
        lo, hi = view.window
        result += [f"--range={number(lo)}:{number(hi)}"] if isfinite(lo) and isfinite(hi) else []
        result += ["--both-labels"] if view.both_labels else []
        result += [f"--risk={number(view.eta)}"] if view.eta is not None else []
        result += ["--scale", view.scale] if view.scale != "linear" else []
        result += ["--likelihood", f"--at={number(view.logit)}"] if view.likelihood else []
    return result


def command(words: Sequence[str]) -> str:
    """Words as one line that a shell reads back."""
    return shlex.join(words)


__all__ = ["Points", "applied", "check_labels", "command", "joined",
           "label", "losses", "parameter_value", "points", "shown_quantities", "spec", "view_arguments", "window",
           "with_losses"]  # fmt: skip
