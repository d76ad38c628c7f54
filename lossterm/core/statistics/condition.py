"""What a column of a file must hold for a row to count: ``COLUMN=VALUE``, or ``COLUMN=LO:HI`` of numbers."""

from __future__ import annotations

from dataclasses import dataclass

MISSING = "—"
"""How a value is written that there is none of."""

EQUALS = "="


@dataclass(frozen=True)
class Holding:
    """What a column must hold, as it is written: whether a value is a text, a number or a range the file decides.

    Attributes:
        text: ``COLUMN=VALUE``; the name of a column may have a sign of equality itself.
    """

    text: str

    def __post_init__(self) -> None:
        if not self.text.partition(EQUALS)[1] or self.text.startswith(EQUALS):
            raise ValueError(
                f"{self.text!r} is no condition: write COLUMN=VALUE, or COLUMN=LO:HI of numbers (one that has a comma "
                "in it in double quotes)"
            )

    @classmethod
    def of(cls, column: str, value: str) -> Holding:
        """That a column holds a value."""
        return cls(f"{column}{EQUALS}{value}")

    def ways(self) -> list[tuple[str, str]]:
        """Column and value, the shortest name first."""
        places = [i for i, sign in enumerate(self.text) if sign == EQUALS]
        return [(self.text[:i], self.text[i + 1 :]) for i in places]
