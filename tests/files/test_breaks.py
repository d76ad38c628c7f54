"""Damaged and hostile files: one line, whatever a library would have written, and nothing that a terminal obeys."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from lossterm.core.names import unknown
from lossterm.core.plain import visible
from lossterm.files import paths
from lossterm.files.checks import LONGEST_MESSAGE, BadData
from tests.files.making import read, write

CASES = Path(__file__).with_name("cases") / "E_breaks"
READ = ("escape_in_class_names.csv", "escape_in_column_names.csv")
"""Those that are tables all the same."""


def ran(*words: str) -> subprocess.CompletedProcess[str]:
    """The program as a process of its own, for what ends processes."""
    return subprocess.run(
        [sys.executable, "-m", "lossterm", *words], capture_output=True, text=True, check=False, timeout=120,
        stdin=subprocess.DEVNULL, env={**os.environ, "RUST_BACKTRACE": "1"}, cwd=Path(__file__).parents[2],
    )  # fmt: skip


@pytest.mark.parametrize("name", sorted(path.name for path in CASES.iterdir()))
def test_one_line_or_figures(name: str) -> None:
    done = ran("data", str(CASES / name), "--format", "json")
    assert done.returncode == (0 if name in READ else 2), done.stderr
    assert done.stderr.count("\n") == (0 if name in READ else 1)
    assert done.stderr.isprintable() or done.stderr[:-1].isprintable()
    assert "Traceback" not in done.stderr and "panicked" not in done.stderr


def parquet(path: Path) -> bytes:
    frame = pl.DataFrame(
        {"y": [0, 1, 1] * 100, "p": np.random.default_rng(1).random(300), "g": [f"g{i % 7}" for i in range(300)],
         "v": [[0.25, 0.75]] * 300, "n": [None, 1.5, 2.5] * 100}
    )  # fmt: skip
    if path.suffix == ".parquet":
        frame.write_parquet(path)
    elif path.suffix == ".arrow":
        frame.write_ipc(path)
    else:
        frame.write_ipc_stream(path)
    return path.read_bytes()


@pytest.mark.parametrize("suffix", ["parquet", "arrow", "arrows"])
@pytest.mark.sampled(3)
@pytest.mark.exhaustive
def test_a_damaged_byte_somewhere(tmp_path: Path, suffix: str, capfd: pytest.CaptureFixture[str]) -> None:
    whole = parquet(tmp_path / f"whole.{suffix}")
    rng = np.random.default_rng(len(suffix))
    for _ in range(6):
        data = bytearray(whole)
        for at in rng.integers(4, len(data) - 4, 12):
            data[at] = rng.integers(256)
        try:
            read(write(tmp_path / f"a.{suffix}", bytes(data)), label_column="y", prediction_columns=["p"])
        except BadData as error:
            assert "\n" not in str(error)
    assert capfd.readouterr().err == ""


def header(shape: str, dtype: str = "<f8") -> bytes:
    text = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}"
    text += " " * (-(len(text) + 11) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode()


@pytest.mark.parametrize(
    "head",
    [
        header("(100000000000,)"),
        header("(99999999999999999999999, 2)"),
        header("(3, 2"),
        header("(-1, 2)"),
        header("(3, 2)", "|O"),
        header("__import__('os')"),
        header("(1e400, 2)"),
        header("("),
        b"\x93NUMPY\x09\x00" + bytes(40),
        b"\x93NUMPY\x02\x00\xff\xff\xff\xff" + bytes(40),
    ],
)
def test_headers_of_arrays(tmp_path: Path, head: bytes) -> None:
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("y.npy", head + bytes(48))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for path in (write(tmp_path / "a.npy", head + bytes(48)), tmp_path / "a.npz"):
            with pytest.raises(BadData, match=r"a\.np[yz]: "):
                read(path)


def test_an_archive_with_an_odd_flag(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", y=np.ones(3), p=np.ones(3))
    data = (tmp_path / "a.npz").read_bytes()
    for flag, method in ((0x20, 0), (0x1, 0), (0, 99), (0x40, 8)):
        odd = bytearray(data)
        for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            start = odd.find(mark)
            while start >= 0:
                struct.pack_into("<HH", odd, start + at, flag, method)
                start = odd.find(mark, start + 4)
        with pytest.raises(BadData, match=r"a\.npz: "):
            read(write(tmp_path / "a.npz", bytes(odd)))


def test_what_unpacks_to_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import gzip

    monkeypatch.setattr(paths, "UNPACKED", 1 << 20)
    monkeypatch.setattr("lossterm.files.arrays.UNPACKED", 1 << 20)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    np.savez_compressed(tmp_path / "a.npz", y=np.zeros(1 << 18), p=np.zeros(1 << 18))
    np.save(tmp_path / "a.npy", np.zeros((1 << 18, 2)))
    write(tmp_path / "a.npy.gz", gzip.compress((tmp_path / "a.npy").read_bytes()))
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", "y,p\n" + "1,0.5\n" * (1 << 18))
    for name in ("a.npz", "a.npy.gz", "a.zip"):
        with pytest.raises(BadData, match=rf"{name}: .*(larger than|are read)"):
            read(tmp_path / name)
    assert not [path for path in tmp_path.rglob("lossterm-*/*") if path.stat().st_size]


QUOTES = {
    "at the end": ('y,p\n1,0.5\n0,0.3\n"', "row 3 (line 4)"),
    "in a note": (
        "y,p,note\n" + "1,.5,ok\n" * 10 + '0,.25,"bad\n' + "0,.25,ok\n" * 90, "row 11 (line 12): column 'note'"
    ),
    "closed far below": (
        "y,p,note\n" + "1,.5,ok\n" * 10 + '0,.25,"bad\n' + "0,.25,ok\n" * 90 + '1,.5,too"\n' + "1,.5,ok\n" * 5,
        "row 11 (line 12): a quotation mark goes on over 90 lines that look like rows",
    ),
    "in a number": ('y,p\n1,.4\n0,".3\n1,.5\n0,.2\n', "row 2 (line 3): column 'p'"),
    "in the header": ('y,"p\n1,.4\n0,.3\n1,.5\n', "row 1"),
}  # fmt: skip


@pytest.mark.parametrize("skip_bad", [False, True])
@pytest.mark.parametrize("name", QUOTES)
def test_a_quotation_mark_that_is_never_closed(tmp_path: Path, name: str, skip_bad: bool) -> None:
    content, what = QUOTES[name]
    with pytest.raises(BadData) as caught:
        read(write(tmp_path / "a.csv", content), skip_bad=skip_bad)
    assert what in str(caught.value) or name == "in the header"


def test_quotation_marks_that_are_meant(tmp_path: Path) -> None:
    lines = ['1,.5,"a\nb, ""c""\n\nd"', '0,.25,5" pipe', '1,.75,"x"', "0,.125,it"]
    found = read(write(tmp_path / "a.csv", "\n".join(["y,p,note", *lines]) + "\n"))
    assert (found.label, found.prediction) == ([1, 0, 1, 0], [0.5, 0.25, 0.75, 0.125])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain é ü 漢字", "plain é ü 漢字"),
        ("\x1b]0;x\x07\x1b[31m", "␛]0;x␇␛[31m"),
        ("a\nb\tc\r\x7f", "a␊b␉c␍␡"),
        ("\u202eabc\u200f\u2028", "�abc��"),
        ("\x9b31m\x85", "�31m�"),
        ("a\u00a0b", "a b"),
    ],
)
def test_visible(text: str, shown: str) -> None:
    assert visible(text) == shown
    assert shown.isprintable()


def test_names_of_files_and_columns_in_messages(tmp_path: Path) -> None:
    odd = "a\n\x1b[31mlossterm: fake line.csv"
    with pytest.raises(BadData) as caught:
        read(write(tmp_path / odd, "x\x1b[31m,z\nfoo,bar\n"))
    assert str(caught.value).isprintable()
    done = ran("data", str(tmp_path / odd), "--label-column", "\x1b[31m" * 300)
    assert done.stderr.count("\n") == 1 and "\x1b" not in done.stderr and len(done.stderr) < LONGEST_MESSAGE + 50


def test_a_name_among_very_many() -> None:
    message = unknown("zzzzz" * 100, "group", [f"g{i:06d}" for i in range(300_000)])
    assert len(message) < 2_300 and "(300,000 in all)" in message


def test_an_array_that_is_cut_while_it_is_open(tmp_path: Path) -> None:
    from lossterm.files.source import Source

    path = tmp_path / "a.npy"
    np.save(path, np.column_stack([[0.0, 1.0] * 500_000, [0.25, 0.5] * 500_000]))
    with Source.open([str(path)]) as source:
        passing = source.batches()
        next(passing)
        os.truncate(path, 200)
        with pytest.raises(BadData, match="has changed since it was opened"):
            list(passing)


@pytest.mark.parametrize("how", ["cut", "written anew"])
@pytest.mark.parametrize("suffix", ["csv", "ndjson", "parquet", "arrow", "arrows", "npz"])
@pytest.mark.sampled(4)
def test_a_file_that_changes_while_it_is_read(tmp_path: Path, suffix: str, how: str) -> None:
    path = tmp_path / f"a.{suffix}"
    count = 600_000
    frame = pl.DataFrame({"y": np.arange(count) % 2, "p": np.linspace(0.1, 0.9, count)})
    if suffix == "npz":
        np.savez(path, y=frame["y"].to_numpy(), p=frame["p"].to_numpy())
    else:
        writers: dict[str, Callable[[Path], object]] = {
            "csv": frame.write_csv, "ndjson": frame.write_ndjson, "parquet": frame.write_parquet,
            "arrow": frame.write_ipc, "arrows": frame.write_ipc_stream,
        }  # fmt: skip
        writers[suffix](path)
    code = f"""
import os
from lossterm.files.source import Source
from lossterm.files.checks import BadData
with Source.open([{str(path)!r}]) as source:
    passing = source.batches()
    next(passing)
    os.truncate({str(path)!r}, 100) if {how == "cut"} else open({str(path)!r}, "wb").write(b"y,p" * 999)
    try:
        list(passing)
    except BadData as error:
        print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    assert "has changed since it was opened" in done.stdout
