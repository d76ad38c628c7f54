"""The same numbers come out of every format."""

from __future__ import annotations

import gzip
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lossterm.files.checks import BadData
from lossterm.files.source import Source
from tests.files.making import read, write

LABEL = np.array([1.0, 0.0, 0.0, 1.0, 1.0] * 40)
PREDICTION = np.random.default_rng(5).random(200)
FRAME = pl.DataFrame(
    {"id": range(200), "y": LABEL.astype(int), "p": PREDICTION, "note": ["a, b", 'say "x"', "", "é", "z"] * 40}
)


PAIRED = list(zip(LABEL, PREDICTION, strict=True))


def as_csv(path: Path, separator: str = ",") -> None:
    FRAME.write_csv(path, separator=separator)


def as_gzip(path: Path) -> None:
    path.write_bytes(gzip.compress(FRAME.write_csv().encode()))


def as_array(path: Path) -> None:
    np.save(path, np.column_stack([LABEL, PREDICTION]))


def as_structured(path: Path) -> None:
    array = np.zeros(200, dtype=[("y", "i1"), ("p", "f8"), ("note", "U5")])
    array["y"], array["p"] = LABEL, PREDICTION
    np.save(path, array)


WRITERS: dict[str, Callable[[Path], object]] = {
    "a.csv": as_csv,
    "a.tsv": lambda path: as_csv(path, "\t"),
    "semicolon.csv": lambda path: as_csv(path, ";"),
    "pipe.txt": lambda path: as_csv(path, "|"),
    "space.txt": lambda path: FRAME.select("y", "p").write_csv(path, separator=" "),
    "no-header.csv": lambda path: FRAME.select("y", "p").write_csv(path, include_header=False),
    "bom.csv": lambda path: FRAME.write_csv(path, include_bom=True),
    "crlf.csv": lambda path: FRAME.write_csv(path, line_terminator="\r\n"),
    "cr.csv": lambda path: path.write_bytes(FRAME.select("y", "p").write_csv().replace("\n", "\r").encode()),
    "quoted.csv": lambda path: FRAME.write_csv(path, quote_style="always"),
    "blank.csv": lambda path: path.write_text("\n\n" + FRAME.write_csv() + "\n\n \n"),
    "spaces.csv": lambda path: path.write_text("".join(f"{y:g} , {float(p)!r} \n" for y, p in PAIRED)),
    "a.csv.gz": as_gzip,
    "named-otherwise": as_gzip,
    "a.ndjson": FRAME.write_ndjson,
    "a.jsonl": FRAME.write_ndjson,
    "json-without-suffix": FRAME.write_ndjson,
    "bom.ndjson": lambda path: path.write_text("\ufeff" + FRAME.write_ndjson()),
    "a.ndjson.gz": lambda path: path.write_bytes(gzip.compress(FRAME.write_ndjson().encode())),
    "a.parquet": FRAME.write_parquet,
    "parquet-called.csv": FRAME.write_parquet,
    "a.parquet.gz": lambda path: (FRAME.write_parquet(path), path.write_bytes(gzip.compress(path.read_bytes()))),
    "a.arrow": FRAME.write_ipc,
    "a.feather": lambda path: FRAME.write_ipc(path, compression="lz4"),
    "a.arrows": FRAME.write_ipc_stream,
    "a.npy": as_array,
    "structured.npy": as_structured,
    "a.npz": lambda path: np.savez(path, y_true=LABEL, y_prob=PREDICTION),
    "compressed.npz": lambda path: np.savez_compressed(path, target=LABEL.astype(int), p=PREDICTION[:, None]),
    "a[1]*?.csv": as_csv,
    "a[1]*?.parquet": FRAME.write_parquet,
}  # fmt: skip


@pytest.mark.parametrize("name", WRITERS)
def test_every_format_gives_the_same_examples(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    WRITERS[name](path)
    found = read(path)
    assert found.row == list(range(1, 201))
    assert found.label == LABEL.tolist()
    assert found.prediction == PREDICTION.tolist()


@pytest.mark.skipif(shutil.which("zstd") is None, reason="the program zstd makes the file")
@pytest.mark.parametrize("name", ["a.csv", "a.ndjson"])
def test_zstd(tmp_path: Path, name: str) -> None:
    WRITERS[name](tmp_path / name)
    subprocess.run(["zstd", "-q", name], cwd=tmp_path, check=True)
    found = read(tmp_path / f"{name}.zst")
    assert found.prediction == PREDICTION.tolist()
    packed = (tmp_path / f"{name}.zst").read_bytes()
    write(tmp_path / "cut.csv.zst", packed[: len(packed) // 2])
    with pytest.raises(BadData, match=r"cut\.csv\.zst: .*cut off or damaged"):
        read(tmp_path / "cut.csv.zst")


def test_a_bad_row_of_a_zstd_file_is_found(tmp_path: Path) -> None:
    if shutil.which("zstd") is None:
        pytest.skip("the program zstd makes the file")
    write(tmp_path / "a.csv", "y,p\n1,0.5\n1,0.5,2\n")
    subprocess.run(["zstd", "-q", "a.csv"], cwd=tmp_path, check=True)
    with pytest.raises(BadData, match=r"row 2 \(line 3\): 3 fields where the header has 2"):
        read(tmp_path / "a.csv.zst")


@pytest.mark.parametrize("kind", ["csv", "npy", "npz", "parquet"])
def test_k_columns(tmp_path: Path, kind: str) -> None:
    table = np.random.default_rng(3).dirichlet([1, 1, 1], 50)
    label = np.arange(50) % 3
    names = ["p_0", "p_1", "p_2"]
    frame = pl.DataFrame({"label": label} | {name: table[:, k] for k, name in enumerate(names)})
    path = tmp_path / f"a.{kind}"
    writers: dict[str, Callable[[Path], object]] = {
        "csv": frame.write_csv,
        "parquet": frame.write_parquet,
        "npy": lambda path: np.save(path, np.column_stack([label, table])),
        "npz": lambda path: np.savez(path, labels=label, prob=table),
    }
    writers[kind](path)
    with Source.open([str(path)]) as source:
        (batch,) = source.batches()
    assert batch.prediction.shape == (50, 3)
    assert batch.prediction.tolist() == table.tolist()
    assert batch.label.tolist() == label.tolist()
    assert source.label_names == ("0", "1", "2") == source.columns.classes


def test_texts_and_groups_of_typed_files(tmp_path: Path) -> None:
    frame = pl.DataFrame({"y": ["no", "yes", "no"], "p": [0.1, 0.2, 0.3], "fold": [2, 1, 2], "w": [1, 2, 3]})
    frame.write_parquet(tmp_path / "a.parquet")
    fold, weight = np.array([2, 1, 2]), np.array([1, 2, 3])
    np.savez(tmp_path / "a.npz", y=np.array(["no", "yes", "no"]), p=np.array([0.1, 0.2, 0.3]), fold=fold, w=weight)
    for name in ("a.parquet", "a.npz"):
        with Source.open([str(tmp_path / name)]) as source:
            (batch,) = source.batches()
        assert batch.label.tolist() == [0, 1, 0]
        assert batch.weight is not None and batch.weight.tolist() == [1, 2, 3]
        assert batch.group is not None and [source.groups[i] for i in batch.group] == ["2", "1", "2"]
        assert source.label_names == ("no", "yes")


def test_a_named_delimiter(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "y~p\n1~0.5\n")
    assert read(path, delimiter="~").prediction == [0.5]
    with pytest.raises(BadData, match="a delimiter is one character"):
        read(path, delimiter="ab")


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("a.csv", b"", "the file is empty"),
        ("a.csv", bytes(range(256)) * 20, "not text"),
        ("a.csv", b"\x89HDF\r\n\x1a\n" + bytes(50), "an HDF5 file"),
        ("a.parquet", b"hello\nworld\n", "called .parquet but does not begin like one"),
        ("a.json", b'[{"y": 1, "p": 0.5}', "cut off or damaged"),
        ("a.json", b'{"loss": 0.5, "epoch": {"last": 3}, "tags": ["a"]}', "column"),
        ("a.json", b"[1, 2, 3]", "the JSON holds an array of int"),
        ("a.json", b"[]", "there are no rows"),
        ("a.npz", b"PK\x03\x04" + bytes(80), "cut off or damaged"),
        ("a.gz", b"\x1f\x8b\x08\x00" + bytes(6), "cut off or damaged"),
        ("a.gz", gzip.compress(b"", mtime=0), "the file is empty"),
        ("a.npy", b"\x93NUMPY\x01\x00", "cannot be read"),
        ("a.arrows", b"\xff\xff\xff\xff\x10\x00\x00\x00" + bytes(4), "cut off or damaged"),
    ],
)
def test_what_is_no_table_is_said_in_one_line(tmp_path: Path, name: str, content: bytes, what: str) -> None:
    with pytest.raises(BadData) as caught:
        read(write(tmp_path / name, content))
    message = str(caught.value)
    assert name in message and what in message and "\n" not in message


def test_other_archives_are_named(tmp_path: Path) -> None:
    for inside, what in ((["[Content_Types].xml"], "Excel"), (["a.csv", "b.csv"], "2 files: a.csv, b.csv; one")):
        with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
            for name in inside:
                archive.writestr(name, "x")
        with pytest.raises(BadData, match=what):
            read(tmp_path / "a.xlsx")


@pytest.mark.parametrize("name", ["a.parquet", "a.arrow", "a.arrows", "a.npy", "a.npz"])
def test_half_a_file(tmp_path: Path, name: str) -> None:
    WRITERS[name](tmp_path / name)
    whole = (tmp_path / name).read_bytes()
    cut = write(tmp_path / f"cut-{name}", whole[: len(whole) // 2])
    with pytest.raises(BadData, match=f"cut-{name}: .*(cut off|cannot be read)"):
        read(cut)


def test_arrays_that_do_not_fit(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", y=np.ones(3), p=np.ones(2))
    np.save(tmp_path / "one.npy", np.ones(3))
    np.save(tmp_path / "objects.npy", np.array([None]))
    np.save(tmp_path / "none.npy", np.ones((0, 2)))
    for name, what in (
        ("a.npz", "'p' has 2 rows, where others have 3"),
        ("one.npy", "one column only, one, where a label and a prediction are read; give the file of the other"),
        ("objects.npy", "cannot"),
        ("none.npy", "no rows"),
    ):
        with pytest.raises(BadData, match=what):
            read(tmp_path / name)


def test_arrays_that_are_no_columns_do_not_matter(tmp_path: Path) -> None:
    p = np.array([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6], [0.2, 0.2, 0.6], [0.25, 0.5, 0.25]])
    path = tmp_path / "a.npz"
    others: dict[str, Any] = {
        "classes": np.array(["ant", "bee", "cat"]), "images": np.ones((4, 2, 2)), "epoch": np.array(3),
        "when": np.array(["2024-01-01"] * 4, dtype="M8[D]"), "objects": np.array([None, "x"], dtype=object),
    }  # fmt: skip
    np.savez(path, labels=np.array([0, 1, 2, 1]), probs=p, **others)
    with Source.open([str(path)]) as source:
        (batch,) = source.batches()
    assert (source.names, source.label_names) == (
        ("labels", "probs_ant", "probs_bee", "probs_cat"), ("ant", "bee", "cat"),
    )  # fmt: skip
    assert (batch.label.tolist(), batch.prediction.tolist()) == ([0, 1, 2, 1], p.tolist())
    np.savez(path, labels=np.array(["cat", "ant", "bee", "bee"]), probs=p, **others)
    assert read(path).label == [2, 0, 1, 1]
    np.savez(path, y=np.array([1, 0, 1]), q=np.array([0.5, 0.25]), id=np.arange(3), also=np.ones(3))
    with pytest.raises(BadData, match=r"no column 'q'.*\(array 'q' has 2 rows, where others have 3\)"):
        read(path, prediction_columns=["q"])


@pytest.mark.exhaustive
def test_categories_are_what_they_stand_for(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    for kind in (pl.Categorical, pl.Enum(["1", "0"])):
        pl.DataFrame({"y": pl.Series(["1", "0", "0"], dtype=kind), "p": [0.5, 0.25, 0.75]}).write_parquet(path)
        assert read(path).label == [1, 0, 0]
    pl.DataFrame({"y": [1, 0], "p": pl.Series(["0.5", "x"], dtype=pl.Categorical)}).write_parquet(path)
    with pytest.raises(BadData, match="row 2: column 'p': 'x' is not a number"):
        read(path)
    pl.DataFrame({"y": [1, 0], "when": pl.Series(["2024-01-31", None]).str.to_date()}).write_parquet(path)
    with pytest.raises(BadData, match="row 1: column 'when': '2024-01-31' is not a number"):
        read(path, prediction_columns=["when"])


@pytest.mark.parametrize("suffix", ["parquet", "arrow", "npy", "npz"])
def test_what_is_unpacked_keeps_its_name(tmp_path: Path, suffix: str) -> None:
    WRITERS[f"a.{suffix}"](tmp_path / f"a.{suffix}")
    path = write(tmp_path / f"b.{suffix}.gz", gzip.compress((tmp_path / f"a.{suffix}").read_bytes()))
    with Source.open([str(path)]) as source:
        assert source.title == f"b.{suffix}.gz"
        assert sum(map(len, source.batches())) == 200


@pytest.mark.parametrize("delimiter", [*":^~!#&*/=@\\", *"\x01\x02\x0b\x1f"], ids=lambda mark: f"{ord(mark):02x}")
def test_any_delimiter_is_guessed(tmp_path: Path, delimiter: str) -> None:
    rows = [("1", "0.5"), ("0", "-1.5e-2"), ("1", "0.25")]
    lines = [delimiter.join(row) for row in [("y", "logit"), *rows]]
    path = write(tmp_path / "a.txt", "\n".join(lines) + "\n")
    assert read(path).prediction == [0.5, -0.015, 0.25]
    short = write(tmp_path / "b.txt", "\n".join([*(f"{line}{delimiter}a" for line in lines), "1"]))
    with pytest.raises(BadData, match=r"row 4 \(line 5\): 1 field where the header has 3 fields"):
        read(short, delimiter=delimiter)


@pytest.mark.parametrize(
    ("content", "names"),
    [
        ("# made by me\n# seed 7, twice\ny,p\n1,0.5\n0,0.25\n", ("y", "p")),
        ("\n# made by me\n\ny p\n1 0.5\n0 0.25\n", ("y", "p")),
        ("# y p\n1 0.5\n0 0.25\n", ("y", "p")),
        ("# of a run\r\n#y,p\r\n1,0.5\r\n0,0.25\r\n", ("y", "p")),
        ('# it "is\n1,0.5\n0,0.25\n', ("column_1", "column_2")),
        ("#,y,p\n0,1,0.5\n1,0,0.25\n", ("column_1", "y", "p")),
        ("#id;y;p\nr1;1;0.5\nr2;0;0.25\n", ("id", "y", "p")),
    ],
)
def test_comments_before_the_header(tmp_path: Path, content: str, names: tuple[str, ...]) -> None:
    with Source.open([str(write(tmp_path / "a.csv", content))]) as source:
        (batch,) = source.batches()
        assert (source.names, batch.row.tolist(), batch.label.tolist()) == (names, [1, 2], [1, 0])
        assert batch.prediction.tolist() == [0.5, 0.25]
        assert source.rows([2])[0][names[-1]] == "0.25"
    with pytest.raises(BadData, match=r"row 3 \(line \d\): column '(p|column_2)': 'x' is not a number"):
        read(write(tmp_path / "a.csv", content + content.splitlines()[-1].replace("0.25", "x") + "\n"))


NUMBERS = st.floats(min_value=0, max_value=1)


@pytest.mark.exhaustive
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(st.sampled_from([0, 1]), NUMBERS, st.text(max_size=6)), min_size=1, max_size=30),
    delimiter=st.sampled_from(",;\t|"),
    ends=st.sampled_from(["\n", "\r\n"]),
)
def test_any_table_survives_csv(tmp_path: Path, rows: list[tuple[int, float, str]], delimiter: str, ends: str) -> None:
    path = tmp_path / "any.csv"
    texts = ['"' + text.replace('"', '""').replace("\r", "") + '"' for *_, text in rows]
    lines = [delimiter.join([repr(p), text, str(y)]) for (y, p, _), text in zip(rows, texts, strict=True)]
    path.write_bytes((ends.join([delimiter.join(["prob", "text", "label"]), *lines]) + ends).encode())
    found = read(path, delimiter=delimiter)
    assert found.label == [y for y, *_ in rows]
    assert found.prediction == [p for _, p, _ in rows]
