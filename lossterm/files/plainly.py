"""Files that hold a table in an odd way, written once more in a plain one: UTF-8, delimiters, JSON lines."""

from __future__ import annotations

import codecs
import csv
import json
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from lossterm.files import paths
from lossterm.files.cells import parts_of
from lossterm.files.checks import BadData, listed, shown
from lossterm.files.formats import open_plain, recognise
from lossterm.files.naming import is_truth, plain
from lossterm.files.paths import Found, Scratch

DOCUMENT = 256 << 20
"""Bytes of a JSON document, which has to be read as a whole; of lines of JSON there may be any number."""

_HEAD = 1 << 18
"""Bytes from which it is told what is in a file."""

_BOMS = (
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_JSON = (".json", ".ndjson", ".jsonl")


def plainly(found: Found, scratch: Scratch, encoding: str | None, delimiter: str | None) -> tuple[Found, list[str]]:
    """The file, or another one with the same table that the readers can take; and what must be said of it.

    Args:
        found: the file.
        scratch: where the other one is made.
        encoding: of its text, where a person named it.
        delimiter: likewise; then nothing is guessed of the layout.

    Raises:
        BadData: it is damaged, larger than what is unpacked, or of an unknown encoding.
    """
    notes: list[str] = []
    with found.path.open("rb") as file:
        start = file.read(8)
    if start.startswith(b"PK\x03\x04"):
        found, inside = _unzipped(found, scratch)
        notes += [f"{inside} in the archive is read"] if inside else []
    form = recognise(found.path, found.title, encoded=True)
    if form.layout not in ("delimited", "ndjson") or form.compression == "zstd":
        return found, notes
    head = _head(found, form.compression == "gzip")
    named = encoding or _encoding(head)
    if named is not None:
        found = _decoded(found, scratch, named, form.compression == "gzip")
        head = _head(found, False)
        if encoding is None and not named.startswith("utf"):
            notes.append(f"the text is not UTF-8 and is read as {named}: --encoding NAME says another one")
    text = head.decode("utf-8", "replace").removeprefix("\ufeff")
    if text.lstrip()[:1] in ("{", "[") and _is_document(text, found):
        found = _as_lines(found, scratch, form.compression == "gzip" and named is None)
    elif form.layout == "delimited" and delimiter is None and (widths := _layout(text)) is not None:
        found = _as_delimited(found, scratch, widths, form.compression == "gzip" and named is None)
    return found, notes


def _remade(found: Found, target: Path, *, has_lines: bool = True) -> Found:
    return replace(paths.regular(target, found.title), size=found.size, has_lines=has_lines)


def _head(found: Found, zipped: bool) -> bytes:
    with open_plain(found.path, "gzip" if zipped else None) as file:
        try:
            return file.read(_HEAD)
        except (EOFError, OSError, ValueError):  # told by the reader
            return b""


# ---- archives ------------------------------------------------------------------------------------------------------


def _unzipped(found: Found, scratch: Scratch) -> tuple[Found, str]:
    """The one file of a zip archive; the archive itself where it holds arrays or is no such thing."""
    try:
        with zipfile.ZipFile(found.path) as archive:
            entries = [
                entry for entry in archive.infolist()
                if not entry.is_dir() and not entry.filename.startswith("__MACOSX/")
            ]  # fmt: skip
            names = [entry.filename for entry in entries]
            if any(name.endswith(".npy") for name in names) or "[Content_Types].xml" in names:
                return found, ""
            if len(entries) != 1:
                what = f"{len(entries)} files: {listed(names, 6)}" if entries else "nothing"
                raise BadData(f"{found.title}: the archive holds {what}; one with a single table is read")
            suffixes = "".join(suffix for suffix in Path(names[0]).suffixes if re.fullmatch(r"\.\w{1,9}", suffix))
            target = scratch.new().with_suffix(suffixes or ".csv")
            with archive.open(entries[0]) as source, target.open("wb") as sink:
                paths.copied(source, sink, found.title)
    except BadData:
        raise
    except Exception as error:  # whatever the modules of the archive's parts raise
        raise BadData(f"{found.title}: the archive is cut off or damaged ({error})") from None
    return _remade(found, target), names[0]


# ---- encodings -----------------------------------------------------------------------------------------------------


def _encoding(head: bytes) -> str | None:
    """The encoding of a text that is no UTF-8, where its beginning tells."""
    for bom, name in _BOMS:
        if head.startswith(bom):
            return name
    few = head[:4096]
    if len(few) >= 8 and 0.35 * len(few) < few.count(0) < 0.65 * len(few):
        odd = few[1::2].count(0)
        if odd > 0.8 * len(few[1::2]):
            return "utf-16-le"
        if few[::2].count(0) > 0.8 * len(few[::2]):
            return "utf-16-be"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head, final=False)
    except UnicodeDecodeError:
        return "cp1252" if not any(byte in head for byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D)) else "latin-1"
    return None


def _decoded(found: Found, scratch: Scratch, encoding: str, zipped: bool) -> Found:
    try:
        decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    except LookupError:
        raise BadData(f"--encoding: there is none called {shown(encoding)}; utf-8, utf-16, latin-1, cp1252 …") from None
    target = scratch.new().with_suffix("".join(s for s in found.path.suffixes if s.lower() in _JSON) or ".csv")
    left = paths.UNPACKED
    with open_plain(found.path, "gzip" if zipped else None) as source, target.open("wb") as sink:
        while True:
            part = source.read(1 << 20)
            try:
                text = decoder.decode(part, final=not part)
            except (TypeError, ValueError, AttributeError):  # a codec that is none of text, such as hex
                raise BadData(f"--encoding: {shown(encoding)} is no encoding of text") from None
            left -= len(part)
            if left < 0:
                raise BadData(f"{found.title}: larger than {paths.UNPACKED >> 30} GB: save it as UTF-8")
            sink.write(text.removeprefix("\ufeff").encode("utf-8", "replace"))
            if not part:
                break
    return _remade(found, target)


# ---- JSON documents ------------------------------------------------------------------------------------------------


def _is_document(text: str, found: Found) -> bool:
    """Whether the beginning is that of one JSON value over the whole file rather than of one object a line."""
    bare = text.lstrip()
    if bare.startswith("["):
        first = bare.split("\n", 1)[0].strip()
        return not (re.fullmatch(r"\[[A-Za-z_ ]+\]", first) or _is_json_row(bare))
    first, _, rest = bare.partition("\n")
    try:
        value = json.loads(first)
    except (ValueError, RecursionError):
        # an object over several lines; or one line that is cut where the beginning ends
        return len(first.strip()) <= 2 or '":' in first or not rest.strip()
    if rest.strip() or not isinstance(value, dict):
        return False
    is_split = isinstance(value.get("columns"), list) and isinstance(value.get("data"), list)
    is_record = any(not isinstance(part, list | dict) for part in value.values())
    if is_record:
        return _holds_a_table(value)
    return is_split or (not is_record and _rows_of(value) is not None)


_LONG = 8
"""Numbers from which lists side by side in one object are taken for columns."""


def _holds_a_table(value: Mapping[str, Any]) -> bool:
    """Whether beside what is said of it there is a table.

    One list of objects, which are no scores of one example's classes; or several lists that are as long as no vector
    of one example is likely to be.
    """
    lists = [part for part in value.values() if isinstance(part, list) and part]
    columns = [part for part in lists if len(part) >= _LONG and not isinstance(part[0], Mapping | list)]
    if len(columns) > 1 and len({len(part) for part in columns}) == 1:
        return True
    if any(isinstance(part, Mapping) and _holds_a_table(part) for part in value.values()):
        return True
    rows = [part for part in lists if isinstance(part[0], Mapping)]
    if len(rows) != 1 or len(rows[0]) < 2 or parts_of(rows[0]) is not None:
        return False
    return not any(is_truth(str(name)) or plain(str(name)) in ("label", "y") for name in value)


def _is_json_row(bare: str) -> bool:
    # tensors and vectors without a header are no JSON document
    return re.match(r"\[\s*[-+\d.eE]+[\s\d.eE+-]*\]\s*[,;\t]", bare) is not None


def _as_lines(found: Found, scratch: Scratch, zipped: bool) -> Found:
    with open_plain(found.path, "gzip" if zipped else None) as file:
        data = file.read(DOCUMENT + 1)
    if len(data) > DOCUMENT:
        raise BadData(
            f"{found.title}: a JSON document larger than {DOCUMENT >> 20} MB: write one object a line "
            "(orient='records', lines=True)"
        )
    try:
        value = json.loads(data.decode("utf-8-sig", "replace"))
    except RecursionError:
        raise BadData(f"{found.title}: the JSON is nested too deeply for a table") from None
    except ValueError as error:
        if _looks_like_lines(data):
            return found
        raise BadData(f"{found.title}: the JSON is cut off or damaged ({error})") from None
    rows = _rows_of(value)
    if rows is None:
        raise BadData(
            f"{found.title}: the JSON holds {_kind(value)}; an array of objects, columns by name, or columns and data "
            "(orient='split') are read"
        )
    target = scratch.new().with_suffix(".ndjson")
    with target.open("w", encoding="utf-8", errors="replace") as sink:
        sink.writelines(json.dumps(row) + "\n" for row in rows)
    if not target.stat().st_size:
        raise BadData(f"{found.title}: there are no rows of data")
    return _remade(found, target, has_lines=False)


def _looks_like_lines(data: bytes) -> bool:
    lines = [line for line in data[:_HEAD].splitlines() if line.strip()]
    return len(lines) > 1 and lines[0].strip().startswith(b"{") and lines[0].strip().endswith(b"}")


def _kind(value: object) -> str:
    if isinstance(value, Mapping):
        return f"an object with {listed([str(name) for name in value], 6)}" if value else "an empty object"
    if isinstance(value, list):
        return "an empty array" if not value else f"an array of {type(value[0]).__name__}"
    return "a single value"


def _rows_of(value: object) -> Iterator[Mapping[str, Any]] | None:
    """The rows of a JSON document of one of the usual shapes."""
    if isinstance(value, list):
        return _of_list(value, None)
    if not isinstance(value, Mapping) or not value:
        return None
    names, data = value.get("columns"), value.get("data")
    schema = value.get("schema")
    if isinstance(schema, Mapping) and isinstance(schema.get("fields"), list) and isinstance(data, list):
        return _of_list(data, None)
    if isinstance(names, list) and isinstance(data, list):
        return _of_list(data, [str(n.get("name") if isinstance(n, Mapping) else n) for n in names])
    if _holds_a_table(value):
        value = {name: part for name, part in value.items() if isinstance(part, list | dict)}
    columns = _columns_of(value)
    if columns is not None:
        return columns
    inner = [part for part in value.values() if isinstance(part, list) and part and isinstance(part[0], Mapping)]
    if len(inner) == 1:  # {"predictions": [{…}, …]}
        return _of_list(inner[0], None)
    nested = [found for part in value.values() if isinstance(part, Mapping) and (found := _rows_of(part)) is not None]
    return nested[0] if len(nested) == 1 else None


def _of_list(rows: Sequence[Any], names: Sequence[str] | None) -> Iterator[Mapping[str, Any]] | None:
    if all(isinstance(row, Mapping) for row in rows):
        return iter(rows)
    if rows and all(isinstance(row, list) for row in rows):
        width = len(rows[0])
        heads = rows[0] if names is None else names
        body = rows[1:] if names is None and all(isinstance(head, str) for head in heads) else rows
        if names is None and body is rows:
            heads = [f"column_{i}" for i in range(1, width + 1)]
        if len(set(heads)) == len(heads) and all(len(row) <= len(heads) for row in rows):
            return (dict(zip(heads, row, strict=False)) for row in body)
    return None


def _columns_of(value: Mapping[str, Any]) -> Iterator[Mapping[str, Any]] | None:
    """Columns by name, each a list or a mapping from the row; or rows by name, each a mapping from the column."""
    parts = list(value.values())
    if len(parts) >= 2 and all(isinstance(part, list) for part in parts):
        lengths = {len(part) for part in parts}
        if len(lengths) == 1:
            return (dict(zip(value, row, strict=True)) for row in zip(*parts, strict=True))
        return None
    if len(parts) >= 2 and all(isinstance(part, Mapping) for part in parts):
        first = cast("Mapping[str, Any]", parts[0])
        if any(isinstance(cell, Mapping) for part in parts for cell in part.values()):
            pass
        rows = list(first)
        alike = all(part.keys() == first.keys() for part in parts)
        numbered = bool(rows) and all(row.lstrip("-").isdecimal() for row in rows)
        if alike and (numbered or not all(name.lstrip("-").isdecimal() for name in value)):
            return ({name: part[row] for name, part in value.items()} for row in rows)
        if all(name.lstrip("-").isdecimal() for name in value):
            return iter(cast("list[Mapping[str, Any]]", parts))
    return None


# ---- tables that are printed ---------------------------------------------------------------------------------------

_RULE = re.compile(r"[\s|+=:\-─━┌┬┐├┼┤└┴┘╞╪╡│┃]+")
_FOOT = re.compile(r"\(\d+ rows?\)|\[\d+ rows x \d+ columns\]|shape: \(.*\)|… with .*|# A tibble.*")


def _layout(text: str) -> tuple[str, int] | None:
    """How a printed table is laid out: what splits its lines, and how many fields they have; None where it is none."""
    lines = [line for line in text.splitlines()[:60] if line.strip() and not _FOOT.fullmatch(line.strip())]
    if len(lines) > 50:
        lines = lines[:50]
    rows = [line for line in lines if not _RULE.fullmatch(line)]
    if len(rows) < 2:
        return None
    if len(rows) < len(lines) and any(mark in rows[0] for mark in "|│┃"):
        return r"\s*[|│┃]\s*", 0
    if any(mark in line for line in rows for mark in '\t;|"') or not any("  " in line.strip() for line in rows):
        return None
    commas = [line.count(",") for line in rows]
    if min(commas) > 0 and len(set(commas)) == 1:
        return None
    for splitter in (r"\s+", r"\s{2,}"):
        counts = [len(re.split(splitter, line.strip())) for line in rows]
        body = set(counts[1:])
        if len(body) == 1 and (width := body.pop()) >= 2 and counts[0] in (width, width - 1) and counts[0] >= 1:
            return splitter, width
    return None


def _as_delimited(found: Found, scratch: Scratch, layout: tuple[str, int], zipped: bool) -> Found:
    splitter, width = re.compile(layout[0]), layout[1]
    target = scratch.new().with_suffix(".csv")
    first = True
    with (
        open_plain(found.path, "gzip" if zipped else None) as source,
        target.open("w", encoding="utf-8", newline="") as sink,
    ):
        writer = csv.writer(sink, lineterminator="\n")
        for data in source:
            line = data.decode("utf-8", "replace").removeprefix("\ufeff").strip()
            if not line or _RULE.fullmatch(line) or _FOOT.fullmatch(line):
                continue
            if width:
                fields = splitter.split(line)
                fields = ["", *fields] if first and len(fields) == width - 1 else fields
            else:
                fields = splitter.split(line.strip("|│┃ "))
            writer.writerow(fields)
            first = False
    return _remade(found, target, has_lines=False)
