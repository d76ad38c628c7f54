"""Numbers as they stand in a log: each with its name, and how exactly it is given."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from lossterm.core.numbers import MINUS
from lossterm.core.plain import echoed, shortened

Kind = Literal["loss", "share", "perplexity", "bits", "other"]
"""What a number is by its name: a loss; a share such as an accuracy; a perplexity; a loss in bits; none of these."""

LONGEST = 10_000
"""Characters of a line that is read."""

LONGEST_NAME = 40
"""Characters that are told of a name."""

SINGLE = 2e-6
"""The part of a number that is rounding whatever is printed: losses are means of many float32."""

_NUMBER = re.compile(
    r"(?<![\w.])([-+]?(?:(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?|inf(?:inity)?|nan))(%?)(?![\w]|\.\d)", re.IGNORECASE
)
_FRACTION = re.compile(r"([-+]?\d{1,15})/(0*[1-9]\d{0,14})")
_COUNT = re.compile(r"\d+\s*/\s*\d+(?![\w.])")
_WORD = re.compile(r"[^\W\d][\w/@.]*")
_DECIMAL_COMMA = re.compile(r"([-+]?\d+),(\d+)")

_LOSS = {"loss", "losses", "nll", "ce", "bce", "mse", "mae", "rmse", "brier", "cost", "objective", "dpo", "kl", "kld",
         "logloss", "hinge", "huber", "entropy", "error", "err", "perplexity", "ppl"}  # fmt: skip
_SHARES = {"acc", "accuracy", "auc", "auroc", "f1", "precision", "recall", "iou", "miou", "map", "top1", "top5", "r2"}
_PERPLEXITIES = {"ppl", "perplexity"}
_BITS = {"bits", "bpc", "bpb", "bpd"}
_OTHERS = {
    "step", "steps", "epoch", "epochs", "iter", "iters", "iteration", "iterations", "it", "batch", "batches", "lr",
    "rate", "time", "eta", "sec", "secs", "seconds", "ms", "speed", "throughput", "samples", "tokens", "tok", "gnorm",
    "norm", "gradient", "mem", "memory", "gpu", "cuda", "device", "seed", "rank", "worker", "size", "wd", "decay",
    "momentum", "temperature", "temp", "scale", "hour", "hours", "min", "mins", "minutes", "fold", "trial", "run",
    "update", "updates", "ep", "elapsed", "patience", "progress", "level", "version", "port",
}  # fmt: skip


@dataclass(frozen=True)
class Quoted:
    """A number of a line.

    Attributes:
        text: as it was typed.
        name: what stands before it; empty where nothing does.
        kind: what it is by its name.
        value: the number; of a perplexity and of bits the loss in nats.
        half: half of the last digit: what is meant lies within so much of it.
    """

    text: str
    name: str
    kind: Kind
    value: float
    half: float

    def agrees(self, value: float) -> bool:
        """Whether a number rounds to the digits given."""
        return abs(value - self.value) <= max(self.half, SINGLE * abs(self.value)) * (1 + 1e-9)


def kind_of(name: str) -> Kind:
    """What a number is by its name; without one it is a loss."""
    words = [word for word in re.split(r"[^a-z0-9]+", name.lower()) if word]
    if set(words) & _PERPLEXITIES:
        return "perplexity"
    if set(words) & _BITS:
        return "bits"
    if set(words) & _SHARES:
        return "share"
    if set(words) & _LOSS or any("loss" in word for word in words):
        return "loss"
    return "other" if set(words) & _OTHERS else "loss"


def is_loss(name: str) -> bool:
    """Whether a name says that a number is a loss."""
    words = {word for word in re.split(r"[^a-z0-9]+", name.lower()) if word}
    named = bool(words & (_LOSS | _BITS)) or any("loss" in word for word in words)
    return named and kind_of(name) in ("loss", "perplexity", "bits")


def figures_of(text: str) -> list[Quoted]:
    """The numbers of a text with their names, in order; where some have names, those without are left out.

    Raises:
        ValueError: there is none; the message says what would be right.
    """
    if len(text) > LONGEST:
        raise ValueError(f"a line of {len(text):,} characters is too long: at most {LONGEST:,}")
    plain = _plain(text)
    fraction = _FRACTION.fullmatch(plain)
    if fraction:
        return [Quoted(plain, "", "loss", int(fraction[1]) / int(fraction[2]), 0.0)]
    found = list(_figures(plain))
    if not found:
        raise ValueError(
            f"there is no number in {echoed(text)}: write one such as 0.6931, nan, inf, a line of a log in quotes, "
            "or a file with a number a line"
        )
    named = [one for one in found if one.name]
    return named if any(one.kind != "other" for one in named) else found


def _plain(text: str) -> str:
    # signs as they are pasted from papers and consoles; a decimal comma where there is nothing else
    plain = text.strip().replace(MINUS, "-").replace("–", "-").replace("∞", "inf")
    comma = _DECIMAL_COMMA.fullmatch(plain)
    return f"{comma[1]}.{comma[2]}" if comma else plain


def _figures(plain: str) -> Iterator[Quoted]:
    end, name, before, counted = 0, "", "", False
    for found in _NUMBER.finditer(plain):
        between = plain[end : found.start()]
        end = found.end()
        # 0.69 (0.70) are two numbers of one name; so are 3/10, which count, and are no losses
        same = before and (re.fullmatch(r"\s*[/(]\s*", between) or (counted and not between.strip()))
        name = before if same else _name(between)
        before = name
        total, counted = counted and between.strip() == "/", bool(_COUNT.match(plain, found.start()))
        made = figure(found[1], name, percent=bool(found[2]))
        # what is named a loss is the number after the count
        yield replace(made, name="" if made.kind == "loss" else name, kind="other") if counted or total else made
        counted = counted or total


def _name(between: str) -> str:
    # the last words before a number, after what parts it from what stood before
    last = re.split(r"[,;|\]\[(){}>]|\s-\s|[-–—]{2,}|\t|\s{2,}", between.rstrip(" :=\"'({[<"))[-1]
    words = _WORD.findall(last)
    return shortened(" ".join(words[-3:]), LONGEST_NAME)


def figure(text: str, name: str = "", *, percent: bool = False) -> Quoted:
    """A number with its name.

    Args:
        text: the number as it was typed.
        name: what it is called.
        percent: whether a percent sign follows.
    """
    value, kind = float(text), kind_of(name)
    half = half_digit(text)
    if percent:
        value, half, kind = value / 100, half / 100, "share" if kind == "loss" else kind
    if kind == "perplexity" and value > 0:
        return Quoted(text, name, kind, math.log(value), half / value)
    if kind == "bits":
        return Quoted(text, name, kind, value * math.log(2), half * math.log(2))
    return Quoted(text, name, kind, value, half)


def half_digit(text: str) -> float:
    """Half of the last digit of a number as it was typed; a whole number counts as with one decimal, 0 as exact."""
    mantissa, _, power = text.lower().partition("e")
    if not math.isfinite(float(text)) or mantissa.strip("+-") == "0":
        return 0.0
    decimals = len(mantissa.partition(".")[2])
    exponent = int(power) if power else 0
    return float(f"0.5e{exponent - max(decimals, 1)}")
