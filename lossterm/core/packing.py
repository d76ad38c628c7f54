"""Numbers, texts and arrays as bytes and back: a container that is distrusted when it is read.

A field is named once, by a function of a `Packer` that works both ways: one that writes takes the value, one that reads
gives another, of the same kind and shape. There is no pickle and nothing in the bytes is run.
"""

from __future__ import annotations

import hashlib
import json
import math
import struct
import zlib
from typing import TYPE_CHECKING, Any, TypeVar

from lossterm.core.jets import Array
from lossterm.core.lazy import np

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAGIC = b"lossterm summary\n"
"""What a summary begins with."""

VERSION = 2
"""Of the fields; bytes of another one are refused."""

MOST_BYTES = 1 << 31
"""Of the fields, unpacked: what is larger is refused before it takes memory."""

LONGEST_INTEGER = 1 << 12
"""Bytes of an integer; a sum of squares of doubles has less than 600."""

_HEAD = struct.Struct("<HQ8s")  # version, length of the fields, the beginning of their SHA-256

T = TypeVar("T", bound=Any)


class Packer:
    """Writes fields, or gives those that bytes hold.

    Args:
        given: the fields; None to write them.
    """

    def __init__(self, given: bytes | None = None) -> None:
        self.reads = given is not None
        self._given = memoryview(given or b"")
        self._at = 0
        self._written: list[bytes] = []

    # ---- the fields -----------------------------------------------------------------------------------------------

    def integer(self, value: int) -> int:
        """An integer of any size."""
        if not self.reads:
            size = value.bit_length() // 8 + 1
            self._written.append(struct.pack("<I", size) + value.to_bytes(size, "little", signed=True))
            return value
        size = self._size(LONGEST_INTEGER)
        return int.from_bytes(self._take(size), "little", signed=True)

    def count(self, value: int) -> int:
        """An integer of at least 0, within 62 bits."""
        found = self.integer(value)
        if not 0 <= found < 1 << 62:
            raise ValueError("a count is none")
        return found

    def flag(self, value: bool) -> bool:
        """True or false."""
        found = self.integer(int(value))
        if found not in (0, 1):
            raise ValueError("a yes or no is neither")
        return bool(found)

    def real(self, value: float) -> float:
        """A double."""
        if not self.reads:
            self._written.append(struct.pack("<d", value))
            return value
        return float(struct.unpack("<d", self._take(8))[0])

    def document(self, value: T, longest: int = 1 << 24) -> T:
        """What JSON has; its shape is for the caller to see."""
        if not self.reads:
            text = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
            self._written.append(struct.pack("<I", len(text)) + text)
            return value
        found: T = json.loads(bytes(self._take(self._size(longest))).decode())
        return found

    def array(self, value: NDArray[Any] | None, dtype: Any, shape: tuple[int, ...] | None) -> NDArray[Any]:
        """Numbers of one type.

        Args:
            value: what is written.
            dtype: of the numbers.
            shape: which they must have; None for one dimension of any length.
        """
        kind = np.dtype(dtype).newbyteorder("<")
        if not self.reads:
            flat = np.ascontiguousarray(value, dtype=kind)
            self._written += [struct.pack("<Q", flat.size), flat.tobytes()]
            return flat
        size = int(struct.unpack("<Q", self._take(8))[0])
        if shape is not None and size != math.prod(shape):
            raise ValueError("an array has another shape")
        if size * kind.itemsize > len(self._given) - self._at:
            raise ValueError("it is cut off")
        found = np.frombuffer(self._take(size * kind.itemsize), dtype=kind).astype(dtype)
        return found if shape is None else found.reshape(shape)

    def reals(self, value: Array | None, shape: tuple[int, ...] | None = None) -> Array:
        """Doubles."""
        return self.array(value, np.float64, shape)

    def counts(self, value: NDArray[np.int64] | None, shape: tuple[int, ...] | None = None) -> NDArray[np.int64]:
        """Integers of at least 0."""
        found: NDArray[np.int64] = self.array(value, np.int64, shape)
        if found.size and not (found.min() >= 0 and found.max() < 1 << 62):
            raise ValueError("a count is none")
        return found

    # ---- the bytes ------------------------------------------------------------------------------------------------

    def _size(self, most: int) -> int:
        size = int(struct.unpack("<I", self._take(4))[0])
        if size > most:
            raise ValueError("a field is too long")
        return size

    def _take(self, size: int) -> memoryview:
        if size > len(self._given) - self._at:
            raise ValueError("it is cut off")
        self._at += size
        return self._given[self._at - size : self._at]

    def end(self) -> None:
        """Raise ValueError where there is more than the fields."""
        if self._at != len(self._given):
            raise ValueError("there is something after its end")

    def to_bytes(self) -> bytes:
        """All that has been written, with its version and what tells that it is whole."""
        fields = b"".join(self._written)
        return MAGIC + _HEAD.pack(VERSION, len(fields), hashlib.sha256(fields).digest()[:8]) + zlib.compress(fields, 1)


def opened(data: bytes) -> Packer:
    """What gives the fields of some bytes.

    Raises:
        ValueError: they are none of ours, of another version, cut off or changed.
    """
    if not data.startswith(MAGIC):
        raise ValueError("it is no summary of lossterm")
    start = len(MAGIC) + _HEAD.size
    if len(data) < start:
        raise ValueError("it is cut off")
    version, size, digest = _HEAD.unpack(data[len(MAGIC) : start])
    if version != VERSION:
        raise ValueError(f"it is of version {version}, and version {VERSION} is read here")
    if size > MOST_BYTES:
        raise ValueError("it is larger than any summary")
    unpacking = zlib.decompressobj()
    try:
        fields = unpacking.decompress(data[start:], size + 1)
    except zlib.error:
        raise ValueError("it is cut off or damaged") from None
    if len(fields) != size or not unpacking.eof or unpacking.unused_data:
        raise ValueError("it is cut off or damaged")
    if hashlib.sha256(fields).digest()[:8] != digest:
        raise ValueError("it is damaged")
    return Packer(fields)
