"""What the first rows of a column tell of it: numbers or texts, whole or not, how many distinct."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lossterm.files.cells import number_of
from lossterm.files.chunk import as_text

FEW = 20
"""Distinct values up to which whole numbers or texts look like classes."""


@dataclass(frozen=True)
class Content:
    """A column's first rows.

    Attributes:
        texts: the distinct texts in order of appearance, empty ones left out.
        numbers: the distinct finite numbers, ascending; empty where most fields are texts.
        whole: whether they are whole numbers.
        boolean: whether they are true and false.
    """

    texts: tuple[str, ...]
    numbers: tuple[float, ...]
    whole: bool
    boolean: bool

    @property
    def numeric(self) -> bool:
        """Whether it is a column of numbers."""
        return bool(self.numbers)

    @property
    def within_unit(self) -> bool:
        """Whether its numbers are all in [0, 1]."""
        return self.numeric and self.numbers[0] >= 0 and self.numbers[-1] <= 1

    @property
    def like_scores(self) -> bool:
        """Whether its numbers may be probabilities or logits: in [0, 1], or fractions on both sides of 0."""
        return self.within_unit or (self.numeric and not self.whole and self.numbers[0] < 0 < self.numbers[-1])

    @property
    def like_classes(self) -> bool:
        """Whether the values look like names or numbers of classes."""
        if self.numeric:
            return self.whole and len(self.numbers) <= FEW
        return 0 < len(self.texts) <= FEW

    @property
    def binary(self) -> bool:
        """Whether the values are 0 and 1, −1 and 1, true and false, or one of them."""
        return self.boolean or (self.whole and set(self.numbers) in ({0.0, 1.0}, {-1.0, 1.0}, {0.0}, {1.0}))

    @property
    def range_text(self) -> str:
        """In words, for the line that says why a column was chosen."""
        if self.boolean:
            return "true or false"
        if not self.numeric:
            if not self.texts:
                return "empty"
            count = len(self.texts)  # in the first rows: of many there may be more
            return f"{count:,}{'+' if count > FEW else ''} distinct text{'' if count == 1 else 's'}"
        if self.whole and len(self.numbers) <= FEW:
            return "whole numbers " + ", ".join(f"{n:.15g}" for n in self.numbers[:4]) + ("…" * (len(self.numbers) > 4))
        return "a number in [0, 1]" if self.within_unit else "any number"


def look(values: Sequence[object]) -> Content:
    """The content of a column's first rows.

    It counts as numbers where most fields are: a stray text is a fault of its row, not of the column.
    """
    fields = Counter(field for field in map(as_text, values) if field)
    numbers = {text: number for text in fields if (number := number_of(text)) is not None}
    if 2 * sum(fields[text] for text in numbers) <= fields.total():
        boolean = bool(fields) and {text.lower() for text in fields} <= {"true", "false"}
        return Content(tuple(fields), (), False, boolean)
    finite = sorted({number for number in numbers.values() if math.isfinite(number)})
    return Content(tuple(fields), tuple(finite), all(n == math.floor(n) for n in finite), False)


def sums_to_one(columns: Sequence[Sequence[object]], tolerance: float) -> bool:
    """Whether the columns' first rows are probabilities of classes: all in [0, 1] with the sum 1."""
    rows = [[number_of(as_text(value)) for value in row] for row in zip(*columns, strict=True)]
    table = np.array([row for row in rows if None not in row], dtype=float)
    if not table.size or not np.isfinite(table).all():
        return False
    return bool(table.min() >= 0 and table.max() <= 1 and np.abs(table.sum(axis=1) - 1).max() <= tolerance)
