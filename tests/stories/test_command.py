"""``lossterm story``: the list, the check, what is printed."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from lossterm.cli import run
from lossterm.stories.heads import heads


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert run(["story", *words]) == 0
    out: str = capsys.readouterr().out
    return out


def test_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert [line.split()[0] for line in printed(capsys).splitlines()] == [head.name for head in heads()]
    rows = json.loads(printed(capsys, "--format", "json"))
    assert [row["name"] for row in rows] == [head.name for head in heads()]


@pytest.mark.exhaustive
def test_a_story_as_text_and_markdown(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, "saturation")
    assert text.index("How many times") < text.index("Answers") < text.index("203 times")
    assert "lossterm plot --loss ce,mse" in text and "{" not in text
    assert all(len(line) <= 100 for line in text.splitlines())
    markdown = printed(capsys, "saturation", "--format", "markdown")
    assert markdown.startswith("# Why not squared error") and "```text" in markdown


@pytest.mark.exhaustive
def test_a_power_in_a_formula_is_no_emphasis(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, "design-a-loss")
    assert "-max((1 - p_t)**2, .05)*log(p_t) is the third curve" in text
    assert "never below a floor" in text.replace("\n", " ").replace("  ", " ")


def test_a_story_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(printed(capsys, "saturation", "--format", "json"))
    step = found["steps"][0]
    assert step["answer"] == "202.7" and step["command"].startswith("lossterm plot --loss ce,mse")


def test_check(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert "all of it holds" in printed(capsys, "saturation", "--check")
    bad = tmp_path / "bad.md"
    bad.write_text("---\ntitle: T\n---\n\n## One\nview: curves --loss ce\ncheck: ce.value < 0\n")
    assert run(["story", str(bad), "--check"]) == 1
    assert capsys.readouterr().out.startswith("bad.md:7: ")


@pytest.mark.parametrize("kind", ["text", "markdown", "json"])
def test_what_a_terminal_would_obey_has_a_stand_in(
    kind: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    own = tmp_path / "own.md"
    own.write_text(
        "---\ntitle: Red \x1b[31m\n---\n\n## One \x07\nview: curves --loss ce\n\n"
        "Text \x1b]0;t\x07 and \u202e it.\tTab\n\n"
        "ask: What?\n- [x] \x1b[5ma\n- [ ] b\nhint: h\x1b[2J\nreveal: r\x9b2J\n"
    )
    out = printed(capsys, str(own), "--format", kind)
    assert all(line.isprintable() for line in out.split("\n"))
    if kind == "json":
        out = json.dumps(json.loads(out), ensure_ascii=False)
        assert out.isprintable()
    assert "Red \u241b[31m" in out and "\u241b[5ma" in out and "it. " in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["saturaton"], "did you mean saturation?"),
        (["nowhere.md"], "nowhere.md: No such file"),
        (["--check"], "which story?"),
        (["saturation", "--format", "pdf"], "unknown format"),
    ],
)
def test_bad_input_is_one_line(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["story", *words]) == 2
    found = capsys.readouterr()
    assert said in found.err and found.err.count("\n") == 1 and not found.out


@pytest.mark.exhaustive
def test_pictures_are_written_beside_the_text_and_never_over_a_file(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    folder = tmp_path / "pictures"
    for suffix in ("", "-2"):
        markdown = printed(capsys, "saturation", "--format", "markdown", "--pictures", str(folder))
        names = re.findall(r"!\[.*?\]\(<(.*?)>\)", markdown)
        assert names[0] == (folder / f"saturation-1{suffix}.svg").as_posix()
        assert all(ElementTree.parse(name).getroot().tag.endswith("svg") for name in names)
    assert run(["story", "saturation", "--pictures", str(folder)]) == 2
    assert "add --format markdown" in capsys.readouterr().err
