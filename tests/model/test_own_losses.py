"""Losses of one's own between runs: the file of them, whatever is in it, and the command line."""

from __future__ import annotations

import json
import os
import tomllib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lossterm.cli import run
from lossterm.core.losses.formulas import LOSSES
from lossterm.core.losses.own.registry import define, forget, own_losses
from lossterm.model.own_losses import define_words, drop_loss, keep_loss, load_losses, losses_file
from lossterm.model.rows import restored_rows, saved_rows, up_to_date, with_losses
from lossterm.model.store import Saved, load, save
from lossterm.model.subject import Row, Subject
from lossterm.model.subject_options import losses, subject_words

TAIL = "tail(g=4[0,10]): -y*log(p) - (1-y)*p**g*log(1-p)"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config" / "lossterm" / "losses.toml"


def written(file: Path, text: str | bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text if isinstance(text, bytes) else text.encode())


def names() -> list[str]:
    return [loss.id for loss in own_losses()]


# ---- the file -------------------------------------------------------------------------------------------------------


def test_it_is_where_the_platform_keeps_settings(file: Path) -> None:
    assert losses_file() == file


def test_what_is_kept_is_there_the_next_time(file: Path) -> None:
    assert load_losses() == []
    assert keep_loss(TAIL) == "" == keep_loss("mine: r**2")
    assert keep_loss("tail: r**4") == ""  # in the place of the other one
    assert load_losses() == [] and names() == ["tail", "mine"] and LOSSES["tail"].formula == "r**4"
    assert drop_loss("tail") == "" == drop_loss("nobody")
    forget("tail")
    assert load_losses() == [] and names() == ["mine"]
    assert [path.name for path in file.parent.iterdir()] == ["losses.toml"]


def test_comments_and_other_keys_stay(file: Path) -> None:
    before = """# mine, of the spring
author = 'me'

losses = [  # a few
  # robust ones
  'one: r**2',  # the # first
    "two(c=3): min(abs(r), c)",

  # of the summer
  'three: r**4'  # still to be checked
]
"""
    file.parent.mkdir(parents=True)
    file.write_text(before)
    assert keep_loss("two(c=4): min(abs(r), c)") == ""
    changed = before.replace('    "two(c=3): min(abs(r), c)",', "  'two(c=4): min(abs(r), c)',")
    assert file.read_text() == changed.replace("'three: r**4'  #", "'three: r**4',  #")
    assert keep_loss("four: r**6") == ""
    assert file.read_text().endswith("  'three: r**4',  # still to be checked\n  'four: r**6',\n]\n")
    assert keep_loss("one: r**2/2") == ""
    assert "  'one: r**2/2',  # the # first\n" in file.read_text()
    assert drop_loss("four") == drop_loss("three") == ""
    kept = file.read_text()
    assert tomllib.loads(kept) == {"author": "me", "losses": ["one: r**2/2", "two(c=4): min(abs(r), c)"]}
    assert all(comment in kept for comment in ("# mine, of the spring", "# a few", "# robust ones", "# of the summer"))


@pytest.mark.parametrize("text", ["losses = ['one: r**2', 'two: abs(r)']", "losses = [\n'one: r**2', 'two: abs(r)'\n]"])
def test_a_list_in_a_line_is_written_a_line_each(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True)
    file.write_text(text)
    assert keep_loss("one: r**4") == ""
    assert tomllib.loads(file.read_text())["losses"] == ["one: r**4", "two: abs(r)"]
    assert drop_loss("two") == ""
    assert tomllib.loads(file.read_text())["losses"] == ["one: r**4"]


def test_a_line_that_is_none_is_told_and_stays(file: Path) -> None:
    written(file, f"losses = ['{TAIL}', 'mine: (', \"hinge: r**2\", 7, \"odd'\\\\\\u001b: v\"]\n")
    told = load_losses()
    assert names() == ["tail"] and len(told) == 4
    assert all("\n" not in line for line in told)
    assert "hinge is a built-in loss" in " ".join(told)
    assert keep_loss("next: r**2") == ""
    kept = file.read_text()
    assert "mine: (" in kept and "hinge: r**2" in kept and "\\U0000001b" in kept and "\x1b" not in kept
    load_losses()
    assert names() == ["tail", "next"]


@pytest.mark.parametrize("content", ["losses = [[", "losses = 3", b"\xff\xfe", "x" * 4_000_001, "losses = ['a\nb']"])
def test_a_broken_file_is_set_aside_and_told(file: Path, content: str | bytes) -> None:
    written(file, content)
    (told,) = load_losses()
    aside = file.with_suffix(".broken.toml")
    assert not file.exists() and aside.exists() and str(aside) in told and "\n" not in told
    written(file, content)
    load_losses()
    assert file.with_suffix(".broken-2.toml").exists()  # the first one is not written over


def test_what_is_no_file_stays(file: Path) -> None:
    file.mkdir(parents=True)
    (told,) = load_losses()
    assert "is no file" in told or "directory" in told.lower()
    assert file.is_dir() and keep_loss(TAIL).startswith("the loss is not kept")


def test_an_interrupted_write_leaves_the_old_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_loss(TAIL)
    before = file.read_text()

    def refuse(*_: object) -> None:
        raise OSError("no room")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", refuse)
        assert "no room" in keep_loss("mine: r**2")
    assert file.read_text() == before and [path.name for path in file.parent.iterdir()] == ["losses.toml"]


@given(st.text(max_size=200) | st.binary(max_size=200))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
def test_any_content_is_read(file: Path, content: str | bytes) -> None:
    written(file, content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
    assert all("\n" not in line for line in load_losses())


# ---- rows -----------------------------------------------------------------------------------------------------------


def test_a_row_tells_its_definition_whatever_becomes_of_the_list() -> None:
    define(TAIL)
    old = Row.of("tail", {"g": 2.0})
    define("tail(g=4[0,10]): r**2")
    new = Row.of("tail", {"g": 2.0})
    assert old != new and old.entry.formula != new.entry.formula and not old.is_current and new.is_current
    assert old.spec == "tail:g=2"
    forget("tail")
    assert old.entry.id == "tail"


def test_a_list_of_before_has_the_losses_of_now() -> None:
    bare = Subject()
    define(TAIL)
    shown = with_losses(Subject(), losses([TAIL.partition("(")[0], "mse"]))
    assert [row.loss for row in up_to_date(bare).rows] == list(LOSSES)
    assert up_to_date(shown) is shown
    define("tail(h=1): h*r**2")
    renewed = up_to_date(shown)
    assert next(row for row in renewed.rows if row.loss == "tail").params == (("h", 1.0),)
    assert renewed.rows[renewed.reference].loss == "tail" and len(renewed.shown) == 2
    forget("tail")
    assert up_to_date(renewed).rows[up_to_date(renewed).reference].loss == "squared-error"


def test_all_does_not_mean_ones_own() -> None:
    before = [row.loss for row in losses(["all"])]
    define(TAIL)
    assert [row.loss for row in losses(["all"])] == before
    assert [row.loss for row in losses(["all,tail"])] == [*before, "tail"]


def test_a_saved_view_whose_loss_is_gone_does_without_it_and_says_so(tmp_path: Path) -> None:
    define(TAIL)
    subject = with_losses(Subject(), losses(["tail:g=2", "focal"]))
    save(Saved(subject), tmp_path / "state.json")
    again = load(tmp_path / "state.json")
    assert again.notice == "" and again.subject == subject
    forget("tail")
    without = load(tmp_path / "state.json")
    assert "tail" in without.notice and without.subject is not None
    assert [without.subject.rows[i].loss for i in without.subject.shown] == ["focal"]
    assert restored_rows(Subject(), saved_rows(subject)).rows == without.subject.rows


def test_the_words_of_a_view_define_what_they_name() -> None:
    assert define_words(Subject().rows) == []
    define(TAIL)
    subject = with_losses(Subject(), losses(["tail:g=2", "focal"]))
    words = subject_words(subject, subject.shown)
    assert words[words.index("--define") + 1] == LOSSES["tail"].definition
    assert "--define" not in subject_words(Subject(), Subject().shown)


# ---- the command line -----------------------------------------------------------------------------------------------


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = run(arguments)
    out, err = capsys.readouterr()
    return code, out, err


@pytest.mark.parametrize(
    "command",
    [
        ["table", "--at=-4,0,4"], ["plot", "--format", "json"], ["race", "--label", "0"], ["properties"],
        ["data", "--demo"],
    ],
    ids=lambda words: words[0],
)  # fmt: skip
def test_every_command_takes_a_definition_and_tells_it(capsys: pytest.CaptureFixture[str], command: list[str]) -> None:
    code, out, err = said(capsys, *command, "--define", TAIL, "--loss", "tail:g=2", "--format", "json")
    assert (code, err) == (0, ""), err
    found = json.loads(out)
    definition = LOSSES["tail"].definition
    assert json.dumps(definition) in json.dumps(found)
    assert json.dumps(found).count('"definition"') == json.dumps(found).count('"params"')


def test_a_loss_of_the_file_is_one_like_the_others_but_where_nothing_is_restored(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keep_loss(TAIL)
    code, out, err = said(capsys, "table", "--loss", "tail", "--at", "0", "--format", "csv")
    assert (code, err) == (0, "") and out.splitlines()[1].startswith("tail,g=4,")
    code, out, _ = said(capsys, "list", "tail", "--format", "json")
    (told,) = json.loads(out)["losses"]
    assert (code, told["definition"], told["family"]) == (0, LOSSES["tail"].definition, "probability")
    forget("tail")
    code, out, err = said(capsys, "data", "--demo", "--loss", "tail", "--fresh", "--format", "json")
    assert (code, out) == (2, "") and "unknown loss 'tail'" in err


def test_a_file_with_a_mistake_is_told_and_the_command_runs(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(file, "losses = ['mine: (']")
    code, out, err = said(capsys, "table", "--loss", "mse", "--at", "0")
    assert code == 0 and out and err.startswith("lossterm: losses.toml: ") and err.count("\n") == 1


@pytest.mark.parametrize(
    "define", ["v**2", "mine: (", "focal: v", "mine: " + "v" * 600, "mine: \x1b[31m", "", "mine: v\nx"]
)
def test_a_definition_that_is_none_is_one_line(capsys: pytest.CaptureFixture[str], define: str) -> None:
    code, out, err = said(capsys, "table", "--define", define, "--loss", "mine")
    assert (code, out) == (2, "") and err.startswith("lossterm: --define") and err.count("\n") == 1
    assert "\x1b" not in err
