"""Passes over one file or several: rows, groups, standard input, progress, stopping."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest

from lossterm.files.checks import BadData
from lossterm.files.chunk import ROWS
from lossterm.files.line_numbers import lines_at
from lossterm.files.quotes import look_through
from lossterm.files.source import Source
from tests.files.making import read, together, write


def test_several_files_are_one(tmp_path: Path) -> None:
    write(tmp_path / "preds-2.csv", "p,y,note\n0.1,1,c\n0.2,0,d\n")
    write(tmp_path / "preds-1.csv", "note,y,p\na,1,0.5\n\nb,0,0.25\n")
    pl.DataFrame({"y": [1], "p": [0.75], "note": ["e"]}).write_parquet(tmp_path / "more.parquet")
    source = Source.open([f"{tmp_path}/preds-*.csv", f"{tmp_path}/more.parquet"])
    found = together(list(source.batches()))
    assert found.row == [1, 2, 3, 4, 5]
    assert found.label == [1, 0, 1, 0, 1]
    assert found.prediction == [0.5, 0.25, 0.1, 0.2, 0.75]
    assert source.title == "preds-1.csv … more.parquet (3 files)"
    assert source.names == ("note", "y", "p")
    assert [row["note"] for row in source.rows([5, 1, 4, 2, 3, 1])] == ["e", "a", "d", "b", "c", "a"]
    assert source.size == sum(path.stat().st_size for path in tmp_path.iterdir())


def test_rows_of_several_files_before_a_pass(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "y,p\n1,0.5\n\n0,0.25\n")
    write(tmp_path / "b.csv", "y,p\n1,0.125\n")
    source = Source.open([f"{tmp_path}/a.csv", f"{tmp_path}/b.csv"])
    assert source.rows([3, 2]) == [{"y": "1", "p": "0.125"}, {"y": "0", "p": "0.25"}]


def test_columns_must_agree(tmp_path: Path) -> None:
    first = write(tmp_path / "a.csv", "y,p\n1,0.5\n")
    for content, what in (("y,q\n1,0.5\n", "it has no column 'p'"), ("y,p,q\n1,0.5,2\n", "one more column, 'q'")):
        second = write(tmp_path / "b.csv", content)
        with pytest.raises(BadData, match=f"b.csv: .*{what}.*a.csv has y, p"):
            read(first, second)


def test_a_bad_row_of_a_later_file(tmp_path: Path) -> None:
    first = write(tmp_path / "a.csv", "y,p\n1,0.5\n0,0.25\n")
    second = write(tmp_path / "b.csv", "y,p\n1,0.5\n0,7\n")
    with pytest.raises(BadData, match=r"b\.csv: row 2 \(line 3; 4 of all files\): column 'p': 7 is not a probability"):
        read(first, second)


def test_rows_give_what_is_in_the_file(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", 'id,y,p,note\n007,1,0.50,"a, b"\n\n008,0,.25,\n')
    source = Source.open([str(path)])
    assert source.rows([2, 1]) == [
        {"id": "008", "y": "0", "p": ".25", "note": ""},
        {"id": "007", "y": "1", "p": "0.50", "note": "a, b"},
    ]
    assert source.rows([]) == []
    with pytest.raises(BadData, match="there is no row 3"):
        source.rows([3])


@pytest.mark.parametrize(
    "content",
    [
        'id,y,p,note\n007,1,0.50,"a, b"\n 8 ,0,.25,"say ""no"""\n9,1,1e-3,ä\n',
        "1,.5,a\r\n0,.25,\r\n1,.125,c",
        "\ufeff1,.5,a\n0,.25,b\n0,.25,b\n",
        "# seed 7\ny;p;note\n1;0.5; a\n0;0.25;\n1;.5;z\n",
        "p,y\n.5,1\n\n.25,0\n.75,1\n",
        'y,p,note\n1,.5,"a\nb"\n0,.25,"c\nd"\n1,.75,e\n',
    ],
)
def test_rows_are_the_same_before_and_after_a_pass(tmp_path: Path, content: str) -> None:
    path = write(tmp_path / "a.csv", content)
    source = Source.open([str(path)])
    before = source.rows([1, 2, 3])
    assert len(list(source.batches())) == 1
    assert source.rows([1, 2, 3]) == before
    assert source.rows([3]) == before[2:]
    with pytest.raises(BadData, match="there is no row"):
        source.rows([9])


def test_lines_are_found_by_counting(tmp_path: Path) -> None:
    lines = [f"{number}\n".encode() * (1 + number % 3) for number in range(300_000)]
    path = write(tmp_path / "a.txt", content := b"".join(lines))
    expected = content.splitlines(keepends=True)
    wanted = [0, 1, 5, 5_000, 131_071, 200_000, len(expected) - 1]
    with path.open("rb") as file:
        ends = look_through(file).ends
    assert ends[-1] == len(expected)
    assert len(ends) > 2
    assert lines_at(path, wanted, ends) == [expected[number] for number in wanted]
    assert lines_at(path, [3, len(expected), len(expected) + 7], ends) == [expected[3]]
    edges = [number for end in ends[1:-1] for number in (end - 1, end, end + 1)]
    assert lines_at(path, edges, ends) == [expected[number] for number in edges]
    write(path, content[:1000])  # somebody has made it shorter
    assert lines_at(path, [3, *edges], ends) == [expected[3]]


def test_rows_of_a_ragged_file(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "y,p,t\n1,0.5,a\n1\n1,2,3,4\n\n0,0.25,b\n")
    source = Source.open([str(path)], skip_bad=True)
    found = together(list(source.batches()))
    assert found.row == [1, 4]
    assert source.rows([4]) == [{"y": "0", "p": "0.25", "t": "b"}]


def test_rows_of_typed_files(tmp_path: Path) -> None:
    frame = pl.DataFrame({"y": [1, 0, 1], "p": [0.5, 0.25, 0.75], "note": ["a", None, "c"]})
    frame.write_parquet(tmp_path / "a.parquet")
    frame.write_ndjson(tmp_path / "a.ndjson")
    frame.write_ipc_stream(tmp_path / "a.arrows")
    for name in ("a.parquet", "a.ndjson", "a.arrows"):
        expected = [{"y": 1, "p": 0.75, "note": "c"}, {"y": 0, "p": 0.25, "note": None}]
        assert Source.open([str(tmp_path / name)]).rows([3, 2]) == expected
    np.savez(tmp_path / "a.npz", y=frame["y"].to_numpy(), p=frame["p"].to_numpy())
    assert Source.open([str(tmp_path / "a.npz")]).rows([3]) == [{"y": 1, "p": 0.75}]


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("large") / "large.csv"
    count = 3 * ROWS + 10
    frame = pl.DataFrame({"row": range(1, count + 1), "y": [0, 1] * (count // 2), "p": [0.25, 0.75] * (count // 2)})
    frame.write_csv(path)
    return path


def test_row_numbers_run_on_through_batches(large: Path) -> None:
    source = Source.open([str(large)])
    rows = np.concatenate([batch.row for batch in source.batches()])
    assert rows.tolist() == list(range(1, 3 * ROWS + 11))
    asked = [1, ROWS, ROWS + 1, 2 * ROWS, 3 * ROWS + 10]
    assert [row["row"] for row in source.rows(asked)] == [str(row) for row in asked]


def test_progress_runs_to_one(large: Path) -> None:
    source = Source.open([str(large)])
    for _ in range(2):
        seen: list[float] = []
        list(source.batches(progress=seen.append))
        assert seen == sorted(seen)
        assert 0 < seen[0] < 0.7 and seen[-1] == 1


def test_stopping(large: Path) -> None:
    source = Source.open([str(large)])
    before = threading.active_count()
    answers = iter([False, True])
    assert len(list(source.batches(cancelled=lambda: next(answers)))) == 1
    passing = source.batches()
    next(passing)
    passing.close()  # type: ignore[attr-defined]
    assert threading.active_count() == before
    assert sum(map(len, source.batches())) == 3 * ROWS + 10


def test_groups_keep_their_numbers(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "y,p,fold\n1,0.5,b\n0,0.25,\n1,0.5,a\n")
    write(tmp_path / "b.csv", "y,p,fold\n1,0.5,a\n0,0.25,c\n")
    source = Source.open([f"{tmp_path}/a.csv", f"{tmp_path}/b.csv"])
    for _ in range(2):
        assert together(list(source.batches())).group == [0, 1, 2, 2, 3]
        assert source.groups == ["b", "(none)", "a", "c"]


def test_the_label_may_be_the_group(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "y,p\n1,0.5\n0,0.25\n")
    source = Source.open([str(path)], group_column="y")
    assert together(list(source.batches())).group == [1, 0]
    assert source.groups == ["0", "1"]


def test_weights(tmp_path: Path) -> None:
    assert read(write(tmp_path / "a.csv", "y,p,w\n1,0.5,2\n0,0.25,0\n")).weight == [2, 0]


ARROW = pl.DataFrame({"y": [1, 0], "p": [0.5, 0.25]}).write_ipc(None).getvalue()


@pytest.mark.parametrize("content", [b"y,p\n1,0.5\n0,0.25\n", b'{"y":1,"p":0.5}\n{"y":0,"p":0.25}\n', ARROW])
def test_standard_input(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(content)))
    with Source.open(["-"]) as source:
        kept = source._found[0].path
        for _ in range(2):
            assert together(list(source.batches())).prediction == [0.5, 0.25]
        assert source.title == "standard input"
        assert kept.exists()
    assert not kept.parent.exists()


def test_closed_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(BadData, match="standard input: it is closed: give a file"):
        Source.open(["-"])


@pytest.mark.parametrize("name", ["fifo", "/dev/fd"])
def test_a_pipe_is_read_once_and_kept(tmp_path: Path, name: str) -> None:
    content = b"y,p\n" + b"1,0.5\n0,0.25\n" * 20_000  # more than a pipe holds
    if name == "fifo":
        path = tmp_path / "fifo"
        os.mkfifo(path)
        writer = threading.Thread(target=path.write_bytes, args=[content])
    else:
        end, into = os.pipe()
        path = Path(f"/dev/fd/{end}")
        if not path.exists():
            pytest.skip("this system has no /dev/fd")

        def fill() -> None:
            with os.fdopen(into, "wb") as pipe:
                pipe.write(content)

        writer = threading.Thread(target=fill)
    writer.start()
    with Source.open([str(path)]) as source:
        writer.join()
        for _ in range(2):
            assert together(list(source.batches())).prediction == [0.5, 0.25] * 20_000
        assert source.title == ("fifo" if name == "fifo" else str(path))
        assert source.rows([40_000]) == [{"y": "0", "p": "0.25"}]
    if name != "fifo":
        os.close(end)


def test_bad_standard_input_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"hello")))
    with pytest.raises(BadData, match="standard input: "):
        Source.open(["-"])
    assert list(tmp_path.iterdir()) == []


def test_standard_input_goes_with_the_program(tmp_path: Path) -> None:
    code = "from lossterm.files.source import Source; s = Source.open(['-']); print(sum(map(len, s.batches())))"
    done = subprocess.run(
        [sys.executable, "-c", code], input=b"y,p\n1,0.5\n0,0.25\n", capture_output=True, check=True, timeout=60,
        env={"TMPDIR": str(tmp_path), "PATH": ""},
    )  # fmt: skip
    assert done.stdout.split() == [b"2"] and done.stderr == b""
    assert list(tmp_path.iterdir()) == []


def test_without_polars_the_way_to_get_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.csv", "y,p\n1,0.5\n")
    np.save(tmp_path / "a.npy", np.array([[1, 0.5]]))
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(ValueError, match=r"reading files needs polars: pip install 'lossterm\[data\]'"):
        read(path)
    assert read(tmp_path / "a.npy").prediction == [0.5]


def test_polars_is_not_loaded_before_a_file_needs_it(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.array([[1, 0.5]]))
    code = (
        "import sys; from lossterm.files.source import Source; "
        f"list(Source.open([{str(tmp_path / 'a.npy')!r}]).batches()); print('polars' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True, timeout=60)
    assert done.stdout.strip() == "False"
