"""Whatever is wrong with a file is told in one line: the file, the row, the column, what is there."""

from __future__ import annotations

import errno
import gzip
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import polars as pl
import pytest

from lossterm.files.cells import number_of
from lossterm.files.checks import BadData
from lossterm.files.chunk import ROWS as BATCH
from lossterm.files.source import Source
from tests.files.making import read, together, write

LOTS = "1,0.5\n" * 300_000
"""Rows enough for several batches."""


def complaint(path: Path | str, **options: Any) -> str:
    with pytest.raises(BadData) as caught:
        read(path, **options)
    message = str(caught.value)
    assert "\n" not in message
    return re.sub(r" \(line [\d,]+\)", "", message)  # `test_lines` is of these


ROWS = {
    "too many fields": ("y,p\n1,0.5\n1,0.5,3\n", "row 2: 3 fields where the header has 2 fields"),
    "too many, not needed": ("y,p,q\n1,.5,a\n1,.5,a,b\n", "row 2: 4 fields where the header has 3 fields"),
    "too few fields": ("y,p\n1,0.5\n0,.5\n1\n0,.2\n", "row 3: 1 field where the header has 2 fields"),
    "too few, not needed": ("y,p,q\n1,0.5,a\n1,0.5\n0,.2,b\n", "row 2: 2 fields where the header has 3 fields"),
    "too many without a header": ("1,0.5\n0,0.5,3\n", "row 2: 3 fields where the first row has 2 fields"),
    "text for a number": ("y,p\n1,0.5\n1,abc\n", "row 2: column 'p': 'abc' is not a number"),
    "text for a label": ("y,p\n1,0.5\nmaybe,.2\n0,.5\n" + LOTS, "row 2: column 'y': 'maybe' is not a number"),
    "a NUL": ("y,p\n1,0.5\x00\n0,0.25\n", r"row 1: column 'p': '0.5\x00' is not a number"),
    "underscores": ("y,p\n1,0.5\n0,0_1\n", "row 2: column 'p': '0_1' is not a number"),
    "empty prediction": ("y,p\n1,0.5\n1,\n", "row 2: column 'p' is empty"),
    "empty label": ("y,p\n1,0.5\n,0.3\n", "row 2: column 'y' is empty"),
    "empty text label": ("y,p\nyes,0.5\n,0.3\nno,.1\n", "row 2: column 'y' is empty"),
    "NaN": ("y,p\n1,0.5\n0,NaN\n", "row 2: column 'p': nan is not a number"),
    "NaN label": ("y,p\n1,0.5\nnan,.5\n", "row 2: column 'y': the label is NaN"),
    "infinite probability": ("y,p\n1,0.5\n0,inf\n", "row 2: column 'p': inf is not a probability in [0, 1]"),
    "infinite logit": ("y,logit\n1,0.5\n0,-inf\n", "row 2: column 'logit': -inf is not a finite logit"),
    "overflowing logit": ("y,logit\n1,0.5\n0,1e400\n", "row 2: column 'logit': inf is not a finite logit"),
    "NaN logit": ("y,logit\n1,0.5\n0,nan\n", "row 2: column 'logit': nan is not a number"),
    "not a probability": ("y,p\n1,0.5\n0,1.25\n", "row 2: column 'p': 1.25 is not a probability in [0, 1]"),
    "logits": ("y,p\n1,-2\n0,3\n", "-2 is not a probability in [0, 1]: these look like logits: add --kind logit"),
    "K do not sum to 1": ("y,p0,p1,p2\n1,.5,.2,.3\n1,.2,.2,.2\n", "row 2: the 3 probabilities sum to 0.6, not to 1"),
    "one of K": ("y,p0,p1,p2\n1,.5,.2,.3\n1,.2,-.2,1\n", "row 2: column 'p1': -0.2 is not a probability in [0, 1]"),
    "all below 0": ("y,p\n1,-5\n0,-1.5\n", "-5 is not a probability in [0, 1]: these look like logits: add --kind"),
    "all above 1": ("y,p\n1,1.5\n0,7.75\n", "1.5 is not a probability in [0, 1]: these look like logits: add --kind"),
    "per cent": ("y,p\n1,1.5\n0,99.5\n", "1.5 is not a probability in [0, 1]: these look like per cent: add --out-of"),
    "a rounding": ("y,p\n1,.5\n0,1.0000000000000002\n", "row 2: column 'p': 1.0000000000000002 is not a probability"),
    "a small one": ("y,score\n1,.5\n0,-1e-9\n", "'score': -1e-09 is not a probability in [0, 1] (a rounding? if"),
    "one of K rounded": ("y,score_0,score_1\n1,.5,.5\n0,1.0001,0\n", "row 2: column 'score_0': 1.0001 is not a prob"),
    "a label nearly 1": ("y,p\n1,.5\n1.0000000000000002,.5\n", "column 'y': label 1.0000000000000002 is not 0 or 1"),
    "one of K is NaN": ("y,p0,p1,p2\n1,.5,.2,.3\n1,.2,.2,nan\n", "row 2: column 'p2': nan is not a number"),
    "label of K classes": ("y,p0,p1,p2\n1,.5,.2,.3\n7,.2,.2,.6\n", "row 2: column 'y': label 7 is not a class from 0"),
    "soft label of K": ("y,p0,p1,p2\n1,.5,.2,.3\n.5,.2,.2,.6\n", "column 'y': label 0.5 is not a class from 0 to 2"),
    "text label of K": ("y,p_a,p_b,p_c\na,.5,.2,.3\nd,.2,.2,.6\n", "row 2: column 'y': label 'd' is not one of a, b"),
    "label 3": ("y,p\n1,0.5\n2,.3\n" + LOTS + "3,.5", "row 300,003: column 'y': label 3 is not 1 or 2"),
    "label 2 of 3": ("y,p\n1,0.5\n0,.3\n2,.3\n", "row 3: column 'y': label 2 is not 0 or 1"),
    "−1 and 0": ("y,p\n1,0.5\n0,.3\n-1,.3\n", "row 3: column 'y': label -1 is not 0 or 1"),
    "infinite target": ("y,pred\n1.5,7.5\n2.5,.5\ninf,.3\n", "row 3: column 'y': label inf is not a finite number"),
    "negative weight": ("y,p,w\n1,.5,1\n0,.3,-1\n", "row 2: column 'w': -1 is not a weight of at least 0"),
    "NaN weight": ("y,p,w\n1,.5,1\n0,.3,nan\n", "row 2: column 'w': nan is not a number"),
    "infinite weight": ("y,p,w\n1,.5,1\n0,.3,inf\n", "row 2: column 'w': inf is not a finite weight"),
    "huge weight": ("y,p,w\n1,.5,1\n0,.3,1e151\n", "'w': 1e+151 is not 0 or a weight from 1e−150 to 1e150"),
    "tiny weight": ("y,p,w\n1,.5,0\n0,.3,1e-310\n", "'w': 1e-310 is not 0 or a weight from 1e−150 to 1e150"),
    "the first of several": ("y,p\n1,.5\n0,7\n5,.5\n1,x\n", "row 2: column 'p': 7 is not"),
    "far down": ("y,p\n" + LOTS + "1,7\n", "row 300,001: column 'p': 7 is not a probability"),
    "text far down": ("y,p\n" + LOTS + "1,x\n", "row 300,001: column 'p': 'x' is not a number"),
    "too long far down": ("y,p\n" + LOTS + "1,.5,2\n", "row 300,001: 3 fields"),
    "too short far down": ("y,p,q\n" + LOTS.replace("\n", ",a\n") + "1,.5\n", "row 300,001: 2 fields"),
    "an open quote": ('y,p,q\n1,.5,"a\n0,.5,b\n', "row 1: column 'q': the quotation mark is never closed"),
}  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
def test_a_bad_row_is_named(tmp_path: Path, name: str) -> None:
    content, what = ROWS[name]
    path = write(tmp_path / "preds.csv", content)
    message = complaint(path)
    assert what in message
    assert str(path) in message


JSON = {
    "not JSON": ('{"y":1,"p":0.5}\nhello\n', "row 2: 'hello' is not JSON"),
    "cut off": ('{"y":1,"p":0.5}\n{"y":1,"p":', "row 2"),
    "no object": ('{"y":1,"p":0.5}\n[1, 2]\n', "row 2: '[1, 2]' is not an object"),
    "text": ('{"y":1,"p":0.5}\n{"y":1,"p":"x"}\n', "row 2: column 'p': 'x' is not a number"),
    "missing": ('{"y":1,"p":0.5}\n\n{"y":1}\n', "row 2: column 'p' is empty"),
    "null": ('{"y":1,"p":0.5}\n{"y":null,"p":0.5}\n', "row 2: column 'y' is empty"),
    "NaN": ('{"y":1,"p":0.5}\n{"y":1,"p":NaN}\n', "row 2: column 'p': nan is not a number"),
    "huge": ('{"y":1,"p":0.5}\n{"y":1,"p":1' + "0" * 400 + "}\n", "row 2: column 'p': inf is not a probability"),
    "another list": ('{"y":1,"p":[0.5]}\n{"y":1,"p":[0.5,0.5]}\n', "row 2: column 'p': 2 values where there are 1 in"),
    "deep": ('{"y":1,"p":0.5}\n' + "[" * 100_000 + "\n", "row 2"),
}


@pytest.mark.parametrize("name", JSON)
def test_a_bad_json_line_is_named(tmp_path: Path, name: str) -> None:
    content, what = JSON[name]
    assert what in complaint(write(tmp_path / "preds.ndjson", content))


def test_json_that_does_not_begin_with_an_object(tmp_path: Path) -> None:
    assert "row 1: 'hello' is not JSON" in complaint(write(tmp_path / "a.ndjson", "hello\n"))


@pytest.mark.exhaustive
def test_bad_values_of_typed_files(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    for column, what in (
        ([0.5, None], "row 2: column 'p' is empty"),
        (["0.5", "x"], "row 2: column 'p': 'x' is not a number"),
        ([0.5, float("nan")], "row 2: column 'p': nan is not a number"),
        ([[0.5], None, [0.25]], "row 2: column 'p' is empty"),
        ([[0.5], [0.25], []], "column 'p': "),
    ):
        pl.DataFrame({"y": [1, 0, 1][: len(column)], "p": column}).write_parquet(path)
        assert what in complaint(path)
    pl.DataFrame({"y": [], "p": []}).write_parquet(path)
    assert "no row of data" in complaint(path)
    np.save(tmp_path / "a.npy", np.array([[1, 0.5], [0, np.nan]]))
    assert "row 2: column 'prediction': nan" in complaint(tmp_path / "a.npy")


def test_what_is_not_there(tmp_path: Path) -> None:
    assert complaint(tmp_path / "nope.csv") == f"{tmp_path}/nope.csv: no such file"
    assert "this is a directory" in complaint(tmp_path)
    assert complaint(f"{tmp_path}/nope-*.csv") == f"{tmp_path}/nope-*.csv: no file matches"
    assert "null" in complaint("a\0b")
    with pytest.raises(BadData, match="no file is named"):
        Source.open([])


def test_a_tilde_is_a_home_or_part_of_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    for name in ("~tilde.csv", "a.csv"):
        write(tmp_path / name, "y,p\n1,0.5\n0,0.25\n")
    for path in ("~tilde.csv", "~/a.csv", "~/a*.csv", f"{tmp_path}/~tilde.csv"):
        assert read(path).prediction == [0.5, 0.25]
    assert complaint("~nobody-is-called-so/a.csv") == "~nobody-is-called-so/a.csv: no such file"
    assert complaint("~/b.csv") == f"{tmp_path}/b.csv: no such file"


def test_a_device_is_no_file() -> None:
    assert complaint("/dev/zero") == "/dev/zero: this is a device, not a file"


def test_permission_denied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.csv", "y,p\n1,0.5\n")

    def denied(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(Path, "open", denied)
    assert complaint(path) == f"{path}: permission denied"


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("", "the file is empty"),
        ("\n\n", "only blank lines"),
        ("y,p\n", "a header but no row of data"),
        ("y,p\n\n\n", "a header but no row of data"),
        ("y,p,y\n1,2,3\n", "two columns are called 'y'"),
        ("x" * 10_000_000 + ",y,p\n1,1,.4\n", f"the name of column 1 has 10,000,000 characters: '{'x' * 37}…'"),
        ("y,p," + "p_1" * 100_000 + "\n1,.4,1\n", "the name of column 3 has 300,000 characters"),
        ("a," * 300_000 + "\n", "two columns are called 'a'"),
        ("a" * 10_000_000, "a header but no row of data"),
        ("hello\nworld\n", "one column only, hello, where a label and a prediction"),
        ("hello, world\nhow, are you\n", "--label-column NAME --prediction-column NAME"),
    ],
)
def test_what_is_no_table(tmp_path: Path, content: str, what: str) -> None:
    message = complaint(write(tmp_path / "a.csv", content))
    assert what in message and "a.csv: " in message and len(message) < 400


@pytest.mark.exhaustive
def test_long_lines_are_read(tmp_path: Path) -> None:
    long = "a" * 10_000_000
    assert read(write(tmp_path / "a.csv", f"y,p,t\n1,0.5,{long}\n0,0.25,b\n")).prediction == [0.5, 0.25]
    assert "row 2: column 'p' is empty" in complaint(write(tmp_path / "a.csv", f"y,p,t\n1,0.5,{long}\n0,,b\n"))


def test_a_long_text_is_cut_in_the_message(tmp_path: Path) -> None:
    assert len(complaint(write(tmp_path / "a.csv", "y,p\n1,0.5\n0," + "x" * 1_000_000 + "\n"))) < 300


def test_damaged_characters_do_no_harm_where_nobody_reads(tmp_path: Path) -> None:
    assert read(write(tmp_path / "a.csv", b"y,p,t\xff\n1,0.5,\xff\xfe\n0,0.25,\xc3\n")).prediction == [0.5, 0.25]


class TestCutOff:
    @pytest.mark.exhaustive
    def test_gzip(self, tmp_path: Path) -> None:
        whole = gzip.compress(("y,p\n" + LOTS).encode())
        for kept in (len(whole) // 2, len(whole) - 4):
            message = complaint(write(tmp_path / "a.csv.gz", whole[:kept]))
            assert "a.csv.gz: the data end early or are damaged" in message and "after row " in message
        assert "cut off or damaged" in complaint(write(tmp_path / "a.csv.gz", whole[:12]))
        assert "end early" in complaint(write(tmp_path / "a.csv.gz", whole[:-9]), skip_bad=True)

    def test_gzip_of_something_else(self, tmp_path: Path) -> None:
        pl.DataFrame({"y": [1, 0], "p": [0.5, 0.2]}).write_parquet(tmp_path / "a.parquet")
        whole = gzip.compress((tmp_path / "a.parquet").read_bytes())
        assert "cut off or damaged" in complaint(write(tmp_path / "a.parquet.gz", whole[:-20]))

    def test_a_damaged_middle(self, tmp_path: Path) -> None:
        whole = gzip.compress("".join(f"{i % 2},0.{i:06d}\n" for i in range(100_000)).encode())
        half = len(whole) // 2
        complaint(write(tmp_path / "a.csv.gz", whole[:half] + bytes(200) + whole[half + 200 :]))


class TestSkipping:
    CONTENT = "y,p\n1,.5\n1,abc\n2,.3\n1\n1,2,3\n\n0,.25\n,.3\n0,1.5\n1,nan\n"
    REASONS: ClassVar = {
        "not a number": 1,
        "label that is not a class": 1,
        "wrong number of fields": 1,
        "empty or missing field": 2,
        "probability outside [0, 1]": 1,
        "NaN": 1,
    }

    def test_bad_rows_are_counted_by_reason(self, tmp_path: Path) -> None:
        source = Source.open([str(write(tmp_path / "a.csv", self.CONTENT))], skip_bad=True)
        for _ in range(2):
            batches = list(source.batches())
            assert [row for batch in batches for row in batch.row.tolist()] == [1, 6]
            assert [p for batch in batches for p in batch.prediction.tolist()] == [0.5, 0.25]
            assert source.skip_reasons == self.REASONS
            assert source.skipped == 7
        assert source.rows([6]) == [{"y": "0", "p": ".25"}]

    def test_far_down(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.csv", "y,p\n" + LOTS + "1,x\n1,7\n" + LOTS + "1,2,3\n0,.5\n")
        source = Source.open([str(path)], skip_bad=True)
        rows = [row for batch in source.batches() for row in batch.row.tolist()]
        assert rows == [*range(1, 300_001), *range(300_003, 600_003), 600_004]
        assert source.skip_reasons == {"not a number": 1, "probability outside [0, 1]": 1, "wrong number of fields": 1}

    def test_json(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.ndjson", '{"y":1,"p":0.5}\nhello\n{"y":1}\n{"y":0,"p":0.25}\n')
        source = Source.open([str(path)], skip_bad=True)
        assert [row for batch in source.batches() for row in batch.row.tolist()] == [1, 4]
        assert source.skip_reasons == {"not JSON": 1, "empty or missing field": 1}

    def test_empty_fields_alone(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.csv", "y,p,t\n" + "1,,x\n0,.5,\n" * 5)
        source = Source.open([str(path)], skip_bad=True)
        assert [row for batch in source.batches() for row in batch.row.tolist()] == [2, 4, 6, 8, 10]
        assert source.skip_reasons == {"empty or missing field": 5}


class TestFarDown:
    @pytest.mark.exhaustive
    def test_short_rows(self, tmp_path: Path) -> None:
        lots = LOTS.replace("\n", ",a\n")
        path = write(tmp_path / "a.csv", "y,p,q\n" + lots + "\n , ,\n1,.5\n" + lots + "1\n0,.25,b\n")
        assert "row 300,001: 2 fields where the header has 3 fields" in complaint(path)
        source = Source.open([str(path)], skip_bad=True)
        rows = [row for batch in source.batches() for row in batch.row.tolist()]
        assert rows == [*range(1, 300_001), *range(300_002, 600_002), 600_003]
        assert source.skip_reasons == {"wrong number of fields": 2}

    def test_every_fault(self, tmp_path: Path) -> None:
        content = "y,p,q\n1,.5,a\n1,.5,a,\n\n1,.5,a,b\n1,x,a\n,.5,a\n0, 0.25 ,a\n1\n"
        path = write(tmp_path / "a.csv", content)
        source = Source.open([str(path)], skip_bad=True)
        found = together(list(source.batches()))
        assert (found.row, found.label, found.prediction) == ([1, 2, 6], [1, 1, 0], [0.5, 0.5, 0.25])
        assert source.skip_reasons == {
            "wrong number of fields": 2, "not a number": 1, "empty or missing field": 1
        }  # fmt: skip

    @pytest.mark.exhaustive
    def test_the_rows_before_a_bad_one_are_not_read_twice(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        taken = 0

        def counted(field: Any, decimal: str) -> float | None:
            nonlocal taken
            taken += 1
            return number_of(field, decimal)

        monkeypatch.setattr("lossterm.files.diagnose.number_of", counted)
        for blank in ("", "\n"):
            path = write(tmp_path / "a.csv", "y,p\n1,0.5\n" + blank + LOTS + "1,x\n")
            assert "row 300,002: column 'p': 'x' is not a number" in complaint(path)
            assert taken < 2 * BATCH + 10


def test_quoted_fields_are_still_read_row_by_row(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", 'y,p,q\n1,.5,"a\nb"\n1,.5\n0,.25,c\n')
    assert "row 2: 2 fields where the header has 3 fields" in complaint(path)
    assert read(path, skip_bad=True).row == [1, 3]


def test_polars_says_nothing(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", 'y,p\n1,.4\n0,".3\n1,.5\n0,.2\n')
    code = f"from lossterm.cli import run; raise SystemExit(run(['data', {str(path)!r}]))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60, stdin=subprocess.DEVNULL
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"lossterm: {path}: row 2 (line 3): column 'p': the quotation mark is never closed\n"


def test_a_row_that_is_too_long_and_far_away(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "y,p\n" + LOTS + "1,.5,seven\n")
    assert "row 300,001: 3 fields where the header has 2 fields" in complaint(path)


def test_one_class_is_no_fault(tmp_path: Path) -> None:
    assert read(write(tmp_path / "a.csv", "y,p\n1,0.5\n1,0.2\n")).label == [1, 1]


def test_two_decimals_sum_to_one(tmp_path: Path) -> None:
    assert read(write(tmp_path / "a.csv", "y,p0,p1,p2\n0,.33,.33,.33\n")).prediction == [[0.33, 0.33, 0.33]]


def test_the_source_is_checked_between_passes(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "y,p\n1,0.5\n0,0.25\n")
    source = Source.open([str(path)])
    list(source.batches())
    os.truncate(path, 10)
    with pytest.raises(BadData, match=r"a\.csv: the file has changed since it was opened"):
        list(source.batches())
    with pytest.raises(BadData, match="has changed"):
        source.rows([1])
    path.unlink()
    with pytest.raises(BadData, match=r"a\.csv: the file has gone since it was opened \(no such file\)"):
        list(source.batches())


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_of_several_files_one_without_rows_is_left_out_and_told(tmp_path: Path, ending: str) -> None:
    """As the last parts of a job often are."""
    frame = pl.DataFrame({"y": [0, 1, 1], "p": [0.2, 0.7, 0.9]})
    paths = [str(tmp_path / f"part-{k}.{ending}") for k in range(3)]
    for path, part in zip(paths, (frame[:0], frame, frame[:0].rename({"p": "q"})), strict=True):
        part.write_csv(path) if ending == "csv" else part.write_parquet(path)
    for few in (paths[:2], paths[1::-1]):
        source = Source.open(few)
        assert [len(each) for each in source.batches()] == [3]
        assert source.notes[0] == f"with the same columns, but no row of data: part-0.{ending}"
    for wrong in (paths[:1], [paths[0], paths[0]], paths[1:]):
        with pytest.raises(BadData, match="no row of data"):
            Source.open(wrong)
