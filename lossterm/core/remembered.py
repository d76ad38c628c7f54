"""What was made last, by what it was made of."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Remembered(Generic[T]):
    """The last results of something that takes long; for arguments that have a short key and cannot be one themselves.

    Args:
        most: how many are kept; beyond it the oldest is forgotten.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._made: dict[Hashable, T] = {}

    def of(self, key: Hashable, make: Callable[[], T]) -> T:
        """The result for a key, which is made where it is not remembered."""
        if key not in self._made:
            while len(self._made) >= self._most:
                del self._made[next(iter(self._made))]
            self._made[key] = make()
        return self._made[key]
