"""Which format a file has: by its first bytes, then by its name."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal, TypeAlias, cast

from lossterm.core.packing import MAGIC
from lossterm.files.checks import BadData

Layout: TypeAlias = Literal["delimited", "ndjson", "parquet", "arrow", "arrow-stream", "npy", "npz"]
Compression: TypeAlias = Literal["gzip", "zstd"]

GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"

_MAGIC: tuple[tuple[bytes, Layout], ...] = (
    (b"PAR1", "parquet"),
    (b"ARROW1", "arrow"),
    (b"\xff\xff\xff\xff", "arrow-stream"),
    (b"\x93NUMPY", "npy"),
    (b"PK\x03\x04", "npz"),
)
_FOREIGN = (
    (MAGIC, "a summary of lossterm, which has no rows"),
    (b"\x89HDF", "an HDF5 file"),
    (b"SQLite format", "an SQLite database"),
    (b"BZh", "bzip2-compressed"),
    (b"\xfd7zXZ", "xz-compressed"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"\x80\x04\x95", "a pickle"),
    (b"\x80\x05\x95", "a pickle"),
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"Obj\x01", "an Avro file"),
    (b"ORC", "an ORC file"),
)
_SUFFIX: dict[str, Layout] = {
    ".ndjson": "ndjson", ".jsonl": "ndjson", ".json": "ndjson", ".parquet": "parquet", ".pq": "parquet",
    ".arrow": "arrow", ".feather": "arrow", ".ipc": "arrow", ".npy": "npy", ".npz": "npz",
}  # fmt: skip
_READ = "CSV, NDJSON, Parquet, Arrow and NumPy files are read"


@dataclass(frozen=True)
class Format:
    """How a file is to be read.

    Attributes:
        layout: what is in it.
        compression: of the whole file, or None.
    """

    layout: Layout
    compression: Compression | None = None


def recognise(path: Path, title: str, *, encoded: bool = False) -> Format:
    """The format of a file.

    Args:
        path: where it is.
        title: as it is called in messages.
        encoded: whether a text may be in another encoding than UTF-8.

    Raises:
        BadData: it is empty, or of a format that is not read.
        OSError: it cannot be opened.
    """
    with path.open("rb") as file:
        start = file.read(4096)
    if not start:
        raise BadData(f"{title}: the file is empty")
    compression: Compression | None = None
    if start.startswith(GZIP):
        compression, start = "gzip", _unzipped(path, title)
    elif start.startswith(ZSTD):
        return Format("ndjson" if _by_suffix(path) == "ndjson" else "delimited", "zstd")
    for magic, layout in _MAGIC:
        if start.startswith(magic):
            return Format(_checked(path, title, layout, compression), compression)
    _reject(start, title, encoded)
    layout = _by_suffix(path)
    if layout not in ("delimited", "ndjson"):
        raise BadData(f"{title}: it is called {path.suffix} but does not begin like one (cut off, or something else?)")
    if layout == "delimited" and start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b'{"'):
        layout = "ndjson"
    return Format(layout, compression)


def open_plain(path: Path, compression: Compression | None) -> BinaryIO:
    """The file as it is after decompression by gzip; zstd is left to polars."""
    return cast(BinaryIO, gzip.open(path, "rb")) if compression == "gzip" else path.open("rb")


def _unzipped(path: Path, title: str) -> bytes:
    try:
        with gzip.open(path, "rb") as file:
            start = file.read1(4096)
    except (EOFError, OSError, zlib.error) as error:
        raise BadData(f"{title}: the gzip data are cut off or damaged ({error})") from None
    if not start:
        raise BadData(f"{title}: the file is empty")
    return start


def _by_suffix(path: Path) -> Layout:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    while suffixes and suffixes[-1] in (".gz", ".gzip", ".zst", ".zstd"):
        suffixes.pop()
    return _SUFFIX.get(suffixes[-1], "delimited") if suffixes else "delimited"


def _checked(path: Path, title: str, layout: Layout, compression: Compression | None) -> Layout:
    if layout == "npz" and compression is None:
        try:
            with zipfile.ZipFile(path) as archive:
                names = archive.namelist()
        except Exception as error:  # whatever the module raises of damaged directories
            raise BadData(f"{title}: the archive is cut off or damaged ({error})") from None
        if not any(name.endswith(".npy") for name in names):
            what = (
                "an Excel workbook: export it as CSV" if "[Content_Types].xml" in names else f"a zip archive; {_READ}"
            )
            raise BadData(f"{title}: this is {what}")
    return layout


def _reject(start: bytes, title: str, encoded: bool) -> None:
    for magic, what in _FOREIGN:
        if start.startswith(magic):
            raise BadData(f"{title}: this is {what}; {_READ}")
    if encoded and (start.startswith((b"\xff\xfe", b"\xfe\xff")) or 2 * start.count(0) >= len(start) - 8 > 0):
        return  # UTF-16 perhaps
    odds = [byte for byte in start if byte < 9 or 13 < byte < 32]
    # a single one of them, but not NUL, may be what is between the fields
    odd = 0 if len(set(odds)) == 1 and odds[0] else len(odds)
    broken = start.decode("utf-8", "replace").count("\ufffd")
    if odd * 10 > len(start) or (broken * 5 > len(start) and not encoded):
        raise BadData(f"{title}: this is not text but some binary format; {_READ}")
