"""What programs write into a cell where numbers are meant: ``93%``, ``[0.93]``, ``tensor(0.93)``, vectors, mappings."""

from __future__ import annotations

import ast
import json
import math
import re
from collections.abc import Mapping
from typing import Any, TypeAlias

Parts: TypeAlias = "dict[str, float | None]"
"""The numbers in one cell by name: of a vector their places ``0``, ``1`` …, of a mapping its keys."""

LONGEST = 1 << 20
"""Characters of a cell that is looked into."""

_NUMBER = r"[-+]?(?:\d+(?:[.]\d*)?|[.]\d+)(?:[eE][-+]?\d+)?|[-+]?(?:nan|inf(?:inity)?)"
_WRAPPED = re.compile(
    r"(?:(?:torch|np|numpy|tf|jnp)\.)?(?:tensor|array|float(?:16|32|64)?|decimal)\((.*?)(?:,\s*[a-z_]+=.*)?\)",
    re.I | re.S,
)
_PLAIN = re.compile(rf"({_NUMBER})\s*(%?)", re.I)
_HEAD = re.compile(r"^[A-Za-z_.]*\(?(?=[\[({])")
_SEVERAL = re.compile(_NUMBER, re.I)
_BETWEEN = re.compile(r"[\s,;|]+")


def plain_number(text: str) -> float | None:
    """The number that a text is as programs write numbers, or None; NaN and infinities are numbers here."""
    if "_" in text or not text.isascii():  # float() takes 1_000 and ٣
        return None
    try:
        return float(text)
    except ValueError:
        return None


def number_of(text: str, decimal: str = ".") -> float | None:
    """The one number in a cell, whatever a program put around it; per cent are hundredths.

    Args:
        text: the cell.
        decimal: what stands before the decimals, a dot or a comma.
    """
    found = plain_number(text)
    if found is not None or not text or len(text) > 200:
        return found
    bare = text.strip().strip("'\"").strip()
    if decimal == "," and "." not in bare and bare.count(",") == 1:
        bare = bare.replace(",", ".")
        if (found := plain_number(bare)) is not None:
            return found
    if "_" in bare or not bare.isascii() or not any(mark in bare for mark in "%[("):
        return None
    if (wrapped := _WRAPPED.fullmatch(bare)) is not None:
        bare = wrapped[1].strip().strip("'")
    while bare[:1] + bare[-1:] in ("[]", "()"):
        bare = bare[1:-1].strip()
        if text.strip()[0] == "(" and not bare.endswith(","):  # (5) is −5 to a bookkeeper
            return None
        bare = bare.removesuffix(",").strip()
    match = _PLAIN.fullmatch(bare)
    if match is None:
        return None
    value = float(match[1])
    return _hundredth(match[1], value) if match[2] else value


def _hundredth(text: str, value: float) -> float:
    # 7% is the number nearest to .07, which 7/100 is, and 0.1% that nearest to .001, which 0.1/100 may not be
    try:
        return float(f"{text}e-2") if "e" not in text.lower() else value / 100
    except ValueError:
        return value / 100


def parts_of(cell: Any) -> Parts | None:
    """The numbers in a cell that holds several, by name; None where it is no vector and no mapping of numbers.

    A list of objects that each hold a label and a score is a mapping of the labels; what Spark writes of a vector are
    its values.
    """
    if isinstance(cell, str):
        cell = _parsed(cell)
    if isinstance(cell, Mapping):
        return _of_mapping(cell)
    if not isinstance(cell, list | tuple):
        return None
    while len(cell) == 1 and isinstance(cell[0], list | tuple):
        cell = cell[0]
    if not cell:
        return None
    if all(isinstance(each, Mapping) for each in cell):
        return _of_scored(cell)
    if len(cell) == 4 and isinstance(cell[3], list) and isinstance(cell[2], list):  # [1, 2, [], [.9, .1]] of Spark
        cell = cell[3]
    values = [_value(each[0] if isinstance(each, list | tuple) and len(each) == 1 else each) for each in cell]
    if any(value is _NONE for value in values):
        return None
    return {str(k): value for k, value in enumerate(values)}


_NONE = object()


def _value(each: Any) -> Any:
    """A number, None where there is none, or `_NONE` where it is something else."""
    if each is None:
        return None
    if isinstance(each, str):
        found = number_of(each.strip())
        return _NONE if found is None else found
    if isinstance(each, int | float):
        try:
            return float(each)
        except OverflowError:
            return math.inf
    return _NONE


def _of_mapping(cell: Mapping[Any, Any]) -> Parts | None:
    if isinstance(cell.get("values"), list) and "type" in cell:
        return parts_of(cell["values"])
    if len(cell) == 2 and any(isinstance(value, list | tuple) for value in cell.values()):
        names = next((v for k, v in cell.items() if str(k).lower() in ("labels", "classes", "names", "label")), None)
        scores = next((v for k, v in cell.items() if v is not names), None)
        if isinstance(names, list) and isinstance(scores, list) and len(names) == len(scores):
            cell = dict(zip(names, scores, strict=True))
    parts = {str(name): _value(value) for name, value in cell.items()}
    return None if not parts or any(value is _NONE for value in parts.values()) else parts


_LABELS = ("label", "class", "name", "value", "classes", "key", "category")
_SCORES = ("score", "prob", "probability", "confidence", "proba", "p", "logit", "value", "scores", "logprob")


def _of_scored(cell: list[Mapping[Any, Any]] | tuple[Mapping[Any, Any], ...]) -> Parts | None:
    """Objects of a label and a score each: of Hugging Face, BigQuery (``label``, ``prob``) and their like."""
    first = {str(name).lower(): name for name in cell[0]}
    score = next((first[name] for name in _SCORES if name in first and _value(cell[0][first[name]]) is not _NONE), None)
    label = next((first[name] for name in _LABELS if name in first and first[name] != score), None)
    if score is None or label is None:
        return None
    parts = {str(each.get(label)): _value(each.get(score)) for each in cell}
    return None if len(parts) < len(cell) or any(value is _NONE for value in parts.values()) else parts


def _row_of_numbers(text: str) -> list[str] | None:
    """Numbers with blanks, bars or semicolons between them, some with decimals: ``0.1 0.7 0.2``."""
    words = [word for word in re.split(r"[\s|;]+", text) if word]
    is_row = len(words) > 1 and "." in text and all(_SEVERAL.fullmatch(word) for word in words)
    return words if is_row else None


def _parsed(text: str) -> Any:
    """A text as the list or mapping that it is written as, or None."""
    bare = text.strip()
    if len(bare) < 3 or len(bare) > LONGEST:
        return None
    if not any(mark in bare[:40] for mark in "[({"):
        return _row_of_numbers(bare)
    head = _HEAD.match(bare)
    if head is None or (head[0] and not head[0].endswith("(") and head[0] not in ("", "DenseVector")):
        return None
    body = bare[head.end() :]
    if head[0]:
        body = body[: max(body.rfind(mark) for mark in "])}") + 1] if body[:1] in "[{" else body
        end = body.find("]", body.rfind("[")) if body[:1] == "[" and "]" in body else -1
        body = body[: body.rfind("]") + 1] if end >= 0 else body
    if body[:1] == "{":
        for reader in (json.loads, ast.literal_eval):
            try:
                return reader(body)
            except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
                continue
        return None
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        pass
    if "{" in body or "'" in body:
        try:
            return ast.literal_eval(body)
        except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
            return None
    inner = body.strip("[]() \t\r\n")
    words = [word for word in _BETWEEN.split(inner) if word]
    return words if words and all(_SEVERAL.fullmatch(word) for word in words) else None


def bare(text: str) -> str:
    """A label as it is compared: numbers by value, texts without case, and what Weka and others put before."""
    number = number_of(text.strip())
    if number is not None:
        return f"{number:.15g}"
    lower = text.strip().lower()
    head, mark, tail = lower.partition(":")
    return tail.strip() if mark and tail.strip() and head.strip().isdecimal() else lower


def is_same(one: str, other: str) -> bool:
    """Whether two labels are the same, so compared."""
    return bare(one) == bare(other)
