"""Files that a person asks for never replace another file, and are whole or absent."""

import csv
from pathlib import Path
from typing import IO

import pytest

from lossterm.model import records as export
from lossterm.model.records import write_new


def put(folder: Path, text: str = "new", stem: str = "view", suffix: str = ".csv") -> Path:
    return write_new(folder, stem, suffix, lambda file: file.write(text))


def test_a_free_name_is_used_as_it_is(tmp_path: Path) -> None:
    path = put(tmp_path, "z,L\n−4,4.018\n")
    assert path == tmp_path / "view.csv"
    assert path.read_bytes() == "z,L\n−4,4.018\n".encode()


def test_no_file_is_ever_replaced(tmp_path: Path) -> None:
    paths = [put(tmp_path, str(n)) for n in range(1, 13)]
    assert [path.name for path in paths] == ["view.csv", *(f"view-{n}.csv" for n in range(2, 13))]
    assert [path.read_text() for path in paths] == [str(n) for n in range(1, 13)]


def test_the_first_gap_is_filled(tmp_path: Path) -> None:
    for name in ("view.csv", "view-3.csv"):
        (tmp_path / name).write_text("old")
    assert put(tmp_path).name == "view-2.csv"
    assert put(tmp_path).name == "view-4.csv"
    assert (tmp_path / "view.csv").read_text() == (tmp_path / "view-3.csv").read_text() == "old"


def test_other_suffixes_and_stems_do_not_count(tmp_path: Path) -> None:
    put(tmp_path)
    assert put(tmp_path, suffix=".svg").name == "view.svg"
    assert put(tmp_path, stem="views").name == "views.csv"


def test_a_folder_or_a_dangling_link_of_that_name_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "view.csv").mkdir()
    (tmp_path / "view-2.csv").symlink_to(tmp_path / "nowhere")
    assert put(tmp_path).name == "view-3.csv"
    assert (tmp_path / "view.csv").is_dir()
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("problem", [ValueError, OSError, KeyboardInterrupt])
def test_what_fails_half_way_leaves_nothing(tmp_path: Path, problem: type[BaseException]) -> None:
    def write(file: IO[str]) -> None:
        file.write("half")
        file.flush()
        raise problem("in the middle")

    (tmp_path / "view.csv").write_text("old")
    with pytest.raises(problem, match="in the middle"):
        write_new(tmp_path, "view", ".csv", write)
    assert [path.name for path in tmp_path.iterdir()] == ["view.csv"]
    assert (tmp_path / "view.csv").read_text() == "old"


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        put(tmp_path / "missing")
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("old")
    with pytest.raises(OSError):
        put(tmp_path / "file")
    assert (tmp_path / "file").read_text() == "old"


def test_when_every_name_is_taken_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "_TRIES", 4)
    for _ in range(3):
        put(tmp_path)
    with pytest.raises(FileExistsError, match="taken"):
        put(tmp_path)
    assert len(list(tmp_path.iterdir())) == 3


def test_line_ends_are_those_that_were_written(tmp_path: Path) -> None:
    def write(file: IO[str]) -> None:
        csv.writer(file, lineterminator="\n").writerows([["a", "b\nc"], ["∂", "−"]])

    assert write_new(tmp_path, "view", ".csv", write).read_bytes() == 'a,"b\nc"\n∂,−\n'.encode()
    assert put(tmp_path, "a\r\nb\n").read_bytes() == b"a\r\nb\n"


def test_text_is_utf8_whatever_the_locale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C")
    assert put(tmp_path, "∂L/∂z = −∞").read_text("utf-8") == "∂L/∂z = −∞"


def test_the_permissions_are_the_usual_ones(tmp_path: Path) -> None:
    usual = tmp_path / "usual"
    usual.write_text("")
    assert put(tmp_path).stat().st_mode == usual.stat().st_mode
