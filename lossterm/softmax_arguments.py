"""Between what is typed and a K-class example: lists of numbers, targets and losses, read and written."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence

from lossterm.arguments import parameter_value
from lossterm.core.labels import number
from lossterm.core.softmax import SoftmaxPoint
from lossterm.core.softmax_losses import SOFTMAX_LOSSES, Choice, SoftmaxLoss, find_softmax_loss
from lossterm.numbers import MINUS, parse
from lossterm.softmax_state import SoftmaxRow, SoftmaxView, softmax_row

_MASK = re.compile(r"-(inf(inity)?|∞)", re.IGNORECASE)

# ---- reading -------------------------------------------------------------------------------------------------------


def numbers(text: str, what: str) -> list[float]:
    """Numbers separated by commas, blanks, semicolons or line ends; −inf is one, brackets around them are ignored.

    Raises:
        ValueError: one is not a number; the message says which.
    """
    inner = text.strip().strip("[](){}")
    words = re.split(r"\s*[,;]\s*|\s+", inner.strip()) if inner.strip() else []
    if not words:
        raise ValueError(f"{what}: numbers are needed, such as 8,0,0")
    return [_number(word, index, what) for index, word in enumerate(words)]


def _number(word: str, index: int, what: str) -> float:
    plain = word.replace(MINUS, "-").replace("–", "-")
    if _MASK.fullmatch(plain):
        return -math.inf
    try:
        return parse(word)
    except ValueError as problem:
        why = str(problem) if word else "an empty place"
        raise ValueError(f"{what}: {why} (class {index})") from None


def label(text: str) -> int | list[float]:
    """A target: a class, or a probability for each class.

    Raises:
        ValueError: neither.
    """
    plain = text.strip().replace(MINUS, "-")
    if re.fullmatch(r"[+-]?\d{1,9}", plain):
        return int(plain)
    values = numbers(text, "target")
    if len(values) == 1:
        raise ValueError(f"target {text.strip()!r} is neither a class, such as 1, nor a distribution, such as .1,.2,.7")
    return values


def losses(texts: Iterable[str], point: SoftmaxPoint | None = None) -> list[SoftmaxRow]:
    """The rows of ``NAME[:parameter=value…]`` specifications, comma-separated or several; each loss once.

    Args:
        texts: the values of ``--loss``.
        point: where they will be computed; ``all`` means the losses that take its target.

    Raises:
        ValueError: an unknown name or parameter (with the nearest), or a value that is out of range.
    """
    rows: list[SoftmaxRow] = []
    for text in texts:
        for spec in text.split(","):
            if spec.strip().lower() == "all":
                every = SOFTMAX_LOSSES.values()
                rows += [softmax_row(x.id, shown=True) for x in every if not point or not x.target_problem(point)]
            elif spec.strip():
                rows.append(_loss(spec))
            else:
                raise ValueError(f"an empty name in --loss {text!r}: write names like ce,mse or focal:gamma=2")
    return list({r.key: r for r in rows}.values())


def _loss(spec: str) -> SoftmaxRow:
    name, *settings = spec.strip().split(":")
    entry = find_softmax_loss(name)
    return softmax_row(entry.id, parameters(entry, settings), shown=True)


def parameters(entry: SoftmaxLoss, settings: Sequence[str]) -> dict[str, float | str | None]:
    """``parameter=value`` words.

    Raises:
        ValueError: one is not of that form, or its value is no number where one is needed.
    """
    choices = {p.name for p in entry.parameters if isinstance(p, Choice)}
    result: dict[str, float | str | None] = {}
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals:
            raise ValueError(f"{setting!r} sets nothing: write {_example(entry)}")
        plain = key.strip().lower()
        result[plain] = value.strip().lower() if plain in choices else parameter_value(value)
    return result


def _example(entry: SoftmaxLoss) -> str:
    if not entry.parameters:
        return f"{entry.id}, which has no parameters"
    first = entry.parameters[0]
    default = first.default if isinstance(first.default, str) else number(first.default or 0.5)
    return f"{entry.id}:{first.name}={default}"


# ---- writing -------------------------------------------------------------------------------------------------------


def listed(values: Iterable[float]) -> str:
    """Numbers as one word that `numbers` reads back."""
    return ",".join(number(x) if math.isfinite(x) else "-inf" for x in values)


def spec(row: SoftmaxRow) -> str:
    """A row as it is written on the command line, defaults left out."""
    changed = [
        f":{p.name}={value if isinstance(value, str) else 'off' if value is None else number(value)}"
        for p, (_, value) in zip(row.entry.parameters, row.params, strict=True)
        if value != p.default
    ]
    return row.loss + "".join(changed)


def view_words(view: SoftmaxView) -> list[str]:
    """The options of ``lossterm softmax`` that print this view."""
    if view.given is not None:
        words = [f"--probabilities={listed(view.given)}", "--normalize"]
    else:
        words = [f"--logits={listed(view.logits)}"]
    target = view.target
    if isinstance(target.label, int):
        words.append(f"--target={target.label}")
    elif target.label is not None:
        words.append(f"--target={listed(target.label)}")
    if target.teacher is not None:
        words.append(f"--teacher={listed(target.teacher)}")
    if view.temperature != 1:
        words.append(f"--temperature={number(view.temperature)}")
    if target.smoothing:
        words.append(f"--smoothing={number(target.smoothing)}")
        words += ["--smoothing-over=others"] if target.over == "others" else []
    if view.shown:
        words += ["--loss", ",".join(spec(view.rows[i]) for i in view.shown)]
    return words
