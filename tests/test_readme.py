"""README tells the truth: its pictures are what the program shows, its commands run, its keys exist."""

from __future__ import annotations

import ast
import re
import shlex
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

import lossterm
from lossterm.cli import run
from lossterm.curves.keys import CURVES
from lossterm.features import COMMANDS
from tests import pictures
from tests.harness import program
from tests.reference import make_peers
from tests.screens import NUMBER, read, shown, started

README = (Path(__file__).resolve().parents[1] / "README.md").read_text("utf-8")


def texts(svg: str) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


@pytest.mark.parametrize("name", pictures.PICTURES)
async def test_pictures_are_what_the_program_shows(name: str) -> None:
    stored = (pictures.FOLDER / name).read_text("utf-8")
    size, keys = pictures.PICTURES[name]
    assert texts(await pictures.taken(size, keys)) == texts(stored), "run: python -m tests.pictures"
    assert f".pictures/{name}" in README


def test_every_picture_is_one_that_is_compared() -> None:
    shown_in_readme = set(re.findall(r"\(\.pictures/([^)]*)\)", README))
    assert (
        shown_in_readme
        == {*pictures.PICTURES, pictures.IN_BROWSER}
        == {path.name for path in pictures.FOLDER.iterdir()}
    )


def lines_of_code() -> list[str]:
    """Every line of the indented blocks, without what is said beside it."""
    blocks = [line.strip() for line in README.splitlines() if re.match(r" {4}\S", line)]
    return [re.split(r"\s{2,}", line)[0] for line in blocks]


def of_the_program() -> list[str]:
    """Those that start the program."""
    return [line for line in lines_of_code() if line.startswith("lossterm")]


def opens_the_explorer(line: str) -> bool:
    """Whether a line has no command, and so opens the explorer."""
    return len(line.split()) == 1 or line.split()[1].startswith("-")


def test_every_line_of_code_is_run() -> None:
    # what is not the program's installs it or runs the tests: CI does that, and takes the line from here
    others = [line for line in lines_of_code() if not line.startswith("lossterm")]
    assert all(line.startswith("python3 -m venv .venv && .venv/bin/pip install ") for line in others)
    assert len(others) == 2
    assert len(of_the_program()) >= 12


@pytest.mark.parametrize("line", [line for line in of_the_program() if not opens_the_explorer(line)])
def test_commands_run(line: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    demo = Path(lossterm.__file__).parent / "predictions" / "demo.csv"
    shutil.copy(demo, tmp_path / "predictions.csv")
    (tmp_path / "forecast.csv").write_text("y,lower,upper\n1.5,1,2\n2.5,1,4\n3.5,3,5\n")
    assert run(shlex.split(line)[1:]) == 0
    out, err = capsys.readouterr()
    assert out
    assert not err or "where these losses are at home" in err


@pytest.mark.parametrize("line", [line for line in of_the_program() if opens_the_explorer(line)])
def test_the_explorer_starts_so(line: str) -> None:
    assert started(line).title


def test_the_block_of_python_runs_and_gives_what_stands_below() -> None:
    (block,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    lines, compared = block.splitlines(), 0
    names: dict[str, object] = {}
    for statement in ast.parse(block).body:
        source = ast.get_source_segment(block, statement)
        assert source is not None and statement.end_lineno is not None
        if not isinstance(statement, ast.Expr):
            exec(source, names)
            continue
        value, below = eval(source, names), lines[statement.end_lineno :][:1]
        if below and below[0].startswith("# "):
            assert repr(value) == below[0].removeprefix("# ")
            compared += 1
    assert compared == 2
    assert len(value) == 2  # the frame, a row a loss


def test_the_parts_are_in_order() -> None:
    claim, picture, use = README.split("\n\n")[1:4]
    assert claim.startswith("**") and claim.endswith("**")
    assert picture.startswith("![")
    assert len(use.splitlines()) == 3
    headings = [line.removeprefix("## ") for line in README.splitlines() if line.startswith("## ")]
    wanted = ("Install and run", "Keys", "Command line", "A story", "Where the numbers come from", "How the code is")
    assert [heading for heading in headings if heading.startswith(wanted)] == headings
    assert [next(w for w in wanted if heading.startswith(w)) for heading in headings] == list(wanted)


# ---- the story, typed as it is told ---------------------------------------------------------------------------------

STORY = README.partition("## A story: why not squared error?")[2].partition("\n## ")[0]
STEP = re.compile(
    r"!\[.*?\]\(.*?\)"  # a picture
    r"|`(?P<code>[^`]+)`"  # a command, a key, or what is typed into a prompt
    r"|(?<![\w.])(?P<fraction>\d+/[\d.]+\d)"
    rf"|(?<![\w./])(?P<number>{NUMBER.pattern})"
)
NAMED = {"esc": "escape", "enter": "enter", "tab": "tab", "←": "left", "→": "right", "space": "space"}


def is_told(told: str, text: str) -> bool:
    """Whether a number is on the screen, to the digits that it is told with; which way it points, the words say."""
    if "/" in told:
        above, below = told.split("/")
        if above == "1" and is_told(below, text):
            return True
        value, half = float(above) / float(below), 0.002 * float(above) / float(below)
    else:
        value, half = read(told)
    on_screen = (read(found)[0] for found in NUMBER.findall(text))
    return any(abs(abs(number) - abs(value)) <= 1.02 * half for number in on_screen)


async def test_the_story_is_what_happens() -> None:
    steps = list(STEP.finditer(STORY))
    codes = [step["code"] for step in steps if step["code"]]
    assert codes[0] == "lossterm"
    assert len(codes) >= 12
    assert sum(bool(step["number"] or step["fraction"]) for step in steps) >= 30
    async with shown(codes[0], "") as screen:
        for step in steps:
            code, told = step["code"], step["fraction"] or step["number"]
            if code and code != codes[0]:
                await screen.press(NAMED.get(code, code) if len(code) == 1 or code in NAMED else f"'{code}'")
            elif told:
                try:
                    await screen.until(lambda told=told: is_told(told, screen.text))  # type: ignore[misc]
                except AssertionError as problem:
                    raise AssertionError(f"{told} is not there after {STORY[: step.end()][-80:]!r}") from problem


def test_a_number_that_is_not_there_is_noticed() -> None:
    assert is_told("0.9644", "b squared-error 0.9644 −0.03469")
    assert is_told("8/27", "∂L/∂z = −0.2963")
    assert is_told("203", "1/203")
    assert is_told("1,542", "step 19 of 1,542")
    for told in ("0.9645", "9/27", "204", "1,543"):
        assert not is_told(told, "b 0.9644 −0.2963 1/203 1,542")


def test_every_command_is_named() -> None:
    for command in COMMANDS:
        assert f"lossterm {command}" in README


def test_keys_of_the_readme_are_the_programs() -> None:
    commands = [*CURVES, *program().base_commands]
    shown = {replace(c, shown="", keys=(key,)).key_text for c in commands for key in c.keys}
    table = README.partition("## Keys")[2].partition("\n## ")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    assert len(rows) >= 8
    for key in re.findall(r"`([^`]+)`", " ".join(rows)):
        assert key in shown, key


def test_the_table_of_peers_is_what_was_recorded() -> None:
    record = make_peers.load()
    assert make_peers.table(record) in README
    assert record["points"] == len(make_peers.LOGITS) == 323
    assert [row["call"] for row in record["rows"]] == [row.call for row in make_peers.ROWS]
    for name in ("torch", "jax", "optax", "scikit-learn"):
        assert f"{name} {record['versions'][name].partition('+')[0]}" in " ".join(README.split())


def test_our_rows_of_that_table_are_still_so() -> None:
    record = make_peers.load()
    for row, stored in zip(make_peers.ROWS, record["rows"], strict=True):
        if row.call == "lossterm":
            assert make_peers.counted(row, make_peers.wanted(row.loss, row.activation)) == stored
            assert not any(stored[name] for name in make_peers.QUANTITIES)
