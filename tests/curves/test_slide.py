"""``lossterm plot --format svg``: a chart for a slide."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from lossterm.chart.palette import DARK, LIGHT
from lossterm.cli import run

SVG = "{http://www.w3.org/2000/svg}"


def drawn(capsys: pytest.CaptureFixture[str], *words: str) -> ElementTree.Element:
    assert run(["plot", *words, "--format", "svg"]) == 0
    return ElementTree.fromstring(capsys.readouterr().out)


def texts(picture: ElementTree.Element) -> list[str]:
    return ["".join(text.itertext()) for text in picture.iter(f"{SVG}text")]


def test_a_picture_has_its_curves_axes_and_command(capsys: pytest.CaptureFixture[str]) -> None:
    picture = drawn(capsys, "--loss", "ce,focal", "--show", "loss,d_logit", "--at=-6")
    said = texts(picture)
    assert {"L", "∂L/∂z", "a cross-entropy", "b focal", "−6", "a", "b"} <= set(said)
    command = "lossterm plot --loss ce,focal --show loss,d_logit --at=-6 --format svg"
    assert picture.findtext(f"{SVG}desc") == command and command in said
    assert len(list(picture.iter(f"{SVG}circle"))) == 4, "the cursor on each curve of each chart"
    assert len(list(picture.iter(f"{SVG}clipPath"))) == 2


@pytest.mark.parametrize(("theme", "ink"), [("light", LIGHT[0]), ("dark", DARK[0])])
def test_the_theme_gives_the_colours(theme: str, ink: tuple[int, int, int], capsys: pytest.CaptureFixture[str]) -> None:
    picture = drawn(capsys, "--loss", "ce", "--theme", theme)
    assert {path.get("stroke") for path in picture.iter(f"{SVG}path")} == {"#{:02x}{:02x}{:02x}".format(*ink)}


def test_every_point_is_a_number_whatever_the_curve_does(capsys: pytest.CaptureFixture[str]) -> None:
    picture = drawn(capsys, "--loss", "all", "--activation", "identity", "--range=-3:3", "--show", "loss,d2_logit")
    for path in picture.iter(f"{SVG}path"):
        words = (path.get("d") or "").replace("M", " ").replace("L", " ").split()
        assert words and all(abs(float(word)) < 1e5 for word in words)
    assert any("undefined" in text for text in texts(picture))


def test_where_it_is_concave_it_is_dotted(capsys: pytest.CaptureFixture[str]) -> None:
    picture = drawn(capsys, "--loss", "mse")
    assert [bool(path.get("stroke-dasharray")) for path in picture.iter(f"{SVG}path")] == [True, False]


def test_a_file_is_never_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "picture.svg"
    assert run(["plot", "-o", str(path)]) == 0
    before = path.read_bytes()
    assert capsys.readouterr().out == f"{path}\n" and before.startswith(b"<svg")
    assert run(["plot", "--loss", "mse", "-o", str(path)]) == 2
    assert "not written over" in capsys.readouterr().err
    assert path.read_bytes() == before
    assert run(["plot", "-o", str(tmp_path / "none" / "x.svg")]) == 2


def test_the_numbers_and_the_text_go_into_files_too(tmp_path: Path) -> None:
    assert run(["plot", "-o", str(tmp_path / "curves.json")]) == 0
    assert json.loads((tmp_path / "curves.json").read_text())["axis"] == "logit"
    assert run(["plot", "-o", str(tmp_path / "picture")]) == 0
    assert "cross-entropy" in (tmp_path / "picture").read_text()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--theme", "dark"], "add --format svg"),
        (["--format", "svg", "--theme", "blue"], "unknown theme"),
        (["--format", "svg", "--likelihood"], "as text alone"),
        (["--format", "svg", "--marker", "dot"], "--marker is of text"),
        (["--format", "png"], "unknown format"),
    ],
)
def test_what_means_nothing_is_said(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plot", *words]) == 2
    found = capsys.readouterr()
    assert said in found.err and found.err.count("\n") == 1 and not found.out
