"""``--loss FAMILY``, and where losses are at home: what is taken where label and activation are not said."""

from __future__ import annotations

import argparse
import json

import pytest

from lossterm.cli import run
from lossterm.core.losses.entry import HOMES
from lossterm.core.losses.formulas import LOSSES
from lossterm.core.losses.labels import Family
from lossterm.model.notation import losses_asked
from lossterm.model.parser import Parser
from lossterm.model.softmax_rows import SoftmaxRow
from lossterm.model.subject import Subject
from lossterm.model.subject_options import add_subject_flags, asked_rows, with_subject_flags


def asked(*words: str) -> argparse.Namespace:
    parser = Parser("lossterm", "", ())
    add_subject_flags(parser)
    given: argparse.Namespace = parser.parse_args(words)
    return given


def of(family: Family, label: float) -> list[str]:
    """The losses of a family that take a label."""
    return [name for name, x in LOSSES.items() if x.family is family and x.label_problem(label) is None]


@pytest.mark.parametrize("family", Family)
def test_a_family_stands_for_its_losses_at_home(family: Family) -> None:
    subject, rows = asked_rows(asked("--loss", family.value))
    assert (subject.activation, subject.label) == (HOMES[family].activation, HOMES[family].label)
    assert [row.loss for row in rows] == of(family, subject.label)


def test_families_mix_with_names_and_come_once() -> None:
    subject, rows = asked_rows(asked("--loss", "ce,Preference", "--loss", "dpo,mse"))
    assert [row.loss for row in rows] == ["cross-entropy", *of(Family.PREFERENCE, 1), "squared-error"]
    assert (subject.activation, subject.label) == ("sigmoid", 1)  # there is no home of all of these


def test_all_is_what_it_was_and_stays_behind_the_usual_activation() -> None:
    subject, rows = asked_rows(asked("--loss", "all", "--label", "1"))
    assert [row.loss for row in rows] == [name for name, loss in LOSSES.items() if loss.in_all]
    assert subject.activation == "sigmoid"


@pytest.mark.parametrize(
    ("words", "activation", "label"),
    [
        ("--loss dpo", "identity", 1),
        ("--loss dpo --label 0", "identity", 0),
        ("--loss dpo --activation tanh", "tanh", 1),
        ("--loss ppo-clip,ratio", "exp", 1),
        ("--loss ppo-clip --label=-2", "exp", -2),
        ("--loss gamma", "exp", 2),
        ("--loss mse", "sigmoid", 1),
        ("--loss hinge", "sigmoid", 1),
        ("--loss dpo,gamma", "sigmoid", 1),
        ("--loss dpo,all", "sigmoid", 1),
        ("", "sigmoid", 1),
    ],
)
def test_what_is_not_said_is_as_suits_the_losses(words: str, activation: str, label: float) -> None:
    subject, _ = asked_rows(asked(*words.split()))
    assert (subject.activation, subject.label) == (activation, label)


def test_home_comes_before_what_was_looked_at_the_last_time() -> None:
    before = Subject(activation="probit", label=0.0)
    assert with_subject_flags(before, asked("--loss", "mse")).activation == "probit"
    after = with_subject_flags(before, asked("--loss", "ratio"))
    assert (after.activation, after.label) == ("exp", 1)


def test_home_is_said_once_on_stderr_and_json_says_it_by_itself(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["table", "--loss", "dpo", "--at", "0"]) == 0
    said = capsys.readouterr()
    told = "lossterm: behind identity, label 1, where these losses are at home; otherwise say "
    assert said.err == f"{told}--activation and --label\n"
    assert run(["table", "--loss", "dpo", "--at", "0", "--format", "json"]) == 0
    printed = capsys.readouterr()
    (row,) = json.loads(printed.out)
    assert (row["activation"], row["label"], printed.err) == ("identity", 1, "")
    own = ["--define", "mine: -y*log(p) - (1 - y)*log(1 - p)", "--loss", "mine"]
    for quiet in (["--loss", "ce"], own, ["--loss", "dpo", "--label", "1", "--activation", "identity"]):
        assert run(["table", *quiet, "--at", "0"]) == 0
        assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("table --loss prefrence", "did you mean the family preference?"),
        ("table --loss preference --label 3", "--label: dpo needs a label 0 or 1 (or −1 for 0), not 3"),
        ("table --loss ratio,,ce", "an empty name in --loss 'ratio,,ce'"),
        ("table --loss ratio:low=2", "unknown loss"),
        ("softmax --logits 1,2 --target 0 --loss ratio", "a family of losses of one prediction"),
        ("list prefrence", "did you mean preference?"),
    ],
)
def test_a_wrong_family_is_one_line(words: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(words.split()) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and said in err


def test_list_of_a_family(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["list", "preference", "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [x["loss"] for x in document["losses"]] == of(Family.PREFERENCE, 1)
    assert document["activations"] == []
    assert run(["list"]) == 0
    text = capsys.readouterr().out
    heads = [line for line in text.splitlines() if line.startswith("──")]
    assert len(heads) == len({loss.family for loss in LOSSES.values()}) + 2  # K classes, and the activations


def test_axis_and_label_have_the_names_of_the_family(capsys: pytest.CaptureFixture[str]) -> None:
    heads = {}
    every = ("--loss dpo", "--loss ratio", "--loss ratio --axis prediction", "--loss dpo,ce",
             "--loss dpo --activation tanh")  # fmt: skip
    for words in every:
        assert run(["plot", *words.split(), "--size", "90x8"]) == 0
        heads[words] = capsys.readouterr().out
    assert "y = 1 · identity · x = βΔ" in heads["--loss dpo"]
    assert "advantage A = 1 · exp · x = log-ratio z" in heads["--loss ratio"]
    assert "x = ratio π/π_old" in heads["--loss ratio --axis prediction"]
    assert "y = 1 · sigmoid · x = z " in heads["--loss dpo,ce"]
    assert "y = 1 · tanh · x = z" in heads["--loss dpo --activation tanh"]


def test_k_classes_have_no_families() -> None:
    with pytest.raises(ValueError, match="family of losses of one prediction"):
        losses_asked(["positive"], SoftmaxRow)
