"""The help of a command: prose is broken for the width that there is, tables are not."""

from itertools import pairwise

import pytest

from lossterm.cli import run
from lossterm.features import COMMANDS
from lossterm.model.parser import Parser
from lossterm.model.printing import PIPED_WIDTH

WIDE = PIPED_WIDTH - 2
"""What argparse makes of the width."""

PROSE = (
    "This is a line of prose that is so long that it ends only because there is no more room for\n"
    "it; the next one goes on. And this: one.\nA short line ends where it ends.\n  a table   of two columns\n"
    "  is none   of that"
)


def test_a_paragraph_is_broken_anew_and_a_table_is_not() -> None:
    lines = Parser("x", PROSE).format_help().split("\n\n")[1].splitlines()
    assert " ".join(lines[:2]) == " ".join(PROSE.splitlines()[:2])
    assert lines[2:] == PROSE.splitlines()[2:]


@pytest.mark.parametrize("name", COMMANDS)
def test_no_line_of_prose_is_cut_short(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run([name, "--help"])
    lines = capsys.readouterr().out.splitlines()
    for line, following in pairwise(lines):
        if all(text and text[0] not in " -" and "  " not in text for text in (line, following)):
            first = following.split()[0]
            assert len(line) + 1 + len(first) > WIDE or line[-1] in ".:;", (line, following)
