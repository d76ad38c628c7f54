"""Objectives that cannot be run: one line, exit code 2, and nothing left behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from lossterm.checking import running
from lossterm.cli import run

PLAIN = "def f(y, z):\n    return z - y, z * 0 + 1\n"

MISBEHAVING: dict[str, tuple[str, str]] = {
    "no Python": ("def f(y, z:\n    return 1\n", "line 1 is no Python"),
    "zeros": ("\0" * 100, "cannot be run: it is no Python: source code"),
    "import fails": ("import no_such_module_anywhere\n" + PLAIN, "its import fails: ModuleNotFoundError"),
    "leaves at import": ("import sys\nsys.exit(3)\n" + PLAIN, "leaves Python with code 3"),
    "another name": ("def g(y, z):\n    return z - y, z * 0 + 1\n", "there is no f in it: it has g"),
    "no function": ("f = 3\n", "f is no function, but a int"),
    "a class": ("class f:\n    def __call__(self, y, z):\n        return z - y, z\n", "f is a class"),
    "raises": ("def f(y, z):\n    raise KeyError('a\\x1b[31mb')\n", "KeyError"),
    "hangs": ("def f(y, z):\n    while True:\n        pass\n", "hangs: it was ended after 1 s"),
    "hangs at import": ("import time\ntime.sleep(1000)\n" + PLAIN, "hangs"),
    "ends its process": ("import os\ndef f(y, z):\n    os._exit(7)\n", "ends its process with the code 7"),
    "crashes": ("import os\ndef f(y, z):\n    os.abort()\n", "crashes (SIGABRT)"),
    "exits": ("def f(y, z):\n    raise SystemExit(0)\n", "leaves Python with code 0"),
    "forks": ("import os\ndef f(y, z):\n    os.fork()\n    return z - y, z * 0 + 1\n", "fork"),
    "prints": ("def f(y, z):\n    print('\\x1b[31mhello')\n    return z - y, z * 0 + 1\n", "prints"),
    "prints from below": ("import os\ndef f(y, z):\n    os.write(1, b'low')\n    return z - y, z * 0 + 1\n", "prints"),
    "changes its input": ("def f(y, z):\n    z -= y\n    return z, z * 0 + 1\n", "it changes the scores"),
    "nothing": ("def f(y, z):\n    pass\n", "returns nothing"),
    "one thing": ("def f(y, z):\n    return (z - y,)\n", "returns 1 things"),
    "a number": ("def f(y, z):\n    return 2.0\n", "returns a float"),
    "scalar Hessian": ("def f(y, z):\n    return z - y, 1.0\n", "np.full_like"),
    "other rows": ("def f(y, z):\n    return (z - y)[1:], z[1:]\n", "not one number for each"),
    "text": ("def f(y, z):\n    return ['a'] * len(z), z\n", "no array of numbers"),
    "random": ("import random\ndef f(y, z):\n    return z - y + random.random(), z * 0 + 1\n", "other numbers at each"),
    "three needed": ("def f(y, z, k):\n    return z - y, z * 0 + 1\n", "it takes 3 arguments without a default"),
    "no gradient": ("def f(y, z):\n    return z * 0, z * 0\n", "compared with no loss"),
}
"""A file each, and words of the line that is to be said."""


@pytest.mark.parametrize("name", MISBEHAVING)
def test_one_line_says_why_it_cannot_be_run(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text, said = MISBEHAVING[name]
    (tmp_path / "mine.py").write_text(text)
    limit = ["--timeout", "1"] if "hangs" in name else []
    assert run(["check", f"{tmp_path / 'mine.py'}:f", *limit]) == 2
    out, err = capsys.readouterr()
    assert not out
    assert err.startswith("lossterm: ")
    assert err.count("\n") == 1
    assert "\x1b" not in err
    assert said in err


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("nowhere.py:f", "there is no file nowhere.py"),
        ("{}/mine.py", "write FILE.py:NAME, such as mine.py:f"),
        ("{}:f", "is no file"),
        ("{}/mine.py:f g", "is no name of a function"),
    ],
)
def test_what_is_no_function_of_a_file_is_told(
    asked: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.py").write_text(PLAIN)
    assert run(["check", asked.format(tmp_path)]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--timeout", "0"], "--timeout"),
        (["--labels", "a"], "--label"),
        (["--loss", "focall"], "did you mean focal"),
        (["--loss", "hinge", "--labels", "2"], "hinge needs a label 0 or 1"),
        (["--format", "csv"], "--format"),
        (["--show", "--format", "json"], "choose one"),
    ],
)
def test_wrong_options_are_told(
    words: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.py").write_text(PLAIN)
    assert run(["check", f"{tmp_path / 'mine.py'}:f", *words]) == 2
    out, err = capsys.readouterr()
    assert not out
    assert said in err


def test_a_file_finds_what_lies_beside_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "my objectives, é"
    folder.mkdir()
    (folder / "child.py").write_text("SIZE = 1.0\n")  # the name of one of our own modules
    (folder / "scale.txt").write_text("1.0")
    (folder / "mine.py").write_text(
        "from pathlib import Path\nfrom child import SIZE\nS = float(Path('scale.txt').read_text()) * SIZE\n"
        "class Loss:\n    def objective(self, labels, margin, *, size=S):\n"
        "        return (margin - labels) * size, [size] * len(margin)\nmine = Loss()\n"
    )
    before = Path.cwd()
    assert run(["check", f"{folder / 'mine.py'}:mine.objective"]) == 0
    assert "half-squared" in capsys.readouterr().out
    assert Path.cwd() == before
    assert sorted(path.name for path in folder.iterdir()) == ["child.py", "mine.py", "scale.txt"]


def test_the_process_has_numpy_and_nothing_of_ours(tmp_path: Path) -> None:
    text = "import sys\nours = [m for m in sys.modules if m.startswith('lossterm')]\nassert not ours, ours\n" + PLAIN
    (tmp_path / "mine.py").write_text(text)
    answer = running.answer_of(tmp_path / "mine.py", "f", (0.0, 1.0), 60.0)
    assert [way["order"] for way in answer["ways"]] == [["label", "score"]]
