"""What is printed: no wider than the output, and in signs that it can write."""

from __future__ import annotations

import ast
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import lossterm
from lossterm.core.stand_ins import in_ascii, writable, writable_json
from lossterm.model.printing import width
from lossterm.model.text_table import TextColumn, fitted, left_out, needed
from tests.test_cli import call, printed, refused

ONE, THREE, SIX = "cross-entropy", "ce,mse,focal:gamma=2.5", "ce,mse,focal,huber,hinge,gce"
SIX_OF_CLASSES = "ce,mse,focal,mae,hinge,gce"

COMMANDS = [
    *(("table", "--loss", losses, at)
      for losses in (ONE, THREE, SIX, "all") for at in ("--at=-400,0,800", "--at=p=.02")),
    *(("softmax", "--logits=8,0,-900,0", "--target=2", *more, "--loss", losses)
      for losses in (ONE, THREE, SIX_OF_CLASSES, "all") for more in ((), ("--class=1",))),
    *(("race", "--loss", losses) for losses in (ONE, THREE, SIX, "all")),
    *(("race", "--problem", problem, "--max-steps=20") for problem in ("line", "minima", "imbalanced", "outlier")),
    *(("race", "--loss", THREE, "--trajectory", "--max-steps=3") for _ in (0,)),
    *(("properties", "--loss", losses) for losses in (ONE, THREE)),
    ("list",), ("list", "BCELoss"), ("list", "activations"),
    ("plot", "--loss=all", "--size=60x20", "--show=loss,d2_logit"), ("plot", "--likelihood", "--size=60x24"),
    ("plot", "--risk=.01", "--loss", SIX, "--size=60x24", "--at=p=.5"),
    ("softmax", "--preset=digit-3-mse", "--sweep=logit", "--size=60x16"),
]  # fmt: skip


@pytest.mark.parametrize("columns", [60, 80, 132])
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_line_is_wider_than_the_output(
    command: tuple[str, ...], columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    assert max(map(len, printed(*command).splitlines())) <= columns


def test_a_pipe_has_80_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert width() == 80


@pytest.mark.parametrize(("told", "columns"), [("132", 132), ("7", 40), ("0", 80), ("wide", 80), ("", 80), ("-5", 80)])
def test_columns_decides_and_nonsense_does_not(told: str, columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", told)
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert width() == columns


# ---- what has no room -----------------------------------------------------------------------------------------------


def test_numbers_that_have_no_room_are_named_with_the_columns_that_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    text = printed("table", "--loss=all", "--at=0")
    assert "no room in 80 columns for ∂²L/∂p²" in text
    enough = text.partition("COLUMNS=")[2].split()[0]
    monkeypatch.setenv("COLUMNS", enough)
    assert "no room" not in printed("table", "--loss=all", "--at=0")
    monkeypatch.setenv("COLUMNS", str(int(enough) - 1))
    assert "no room" in printed("table", "--loss=all", "--at=0")


def test_stacked_or_not_the_table_has_the_same_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = []
    for columns in ("80", "140"):
        monkeypatch.setenv("COLUMNS", columns)
        lines = printed("table", "--loss=ce,mse", "--at=-4,0").splitlines()
        texts.append([line.split()[-5:] for line in lines if "entropy" in line or "squared" in line])
    assert [[row[0], row[1], row[2], row[3], row[4]] for row in texts[0]] == [
        ["4.0181", "−55.598", "3091.2", "−0.98201", "0.017663"],
        ["0.96435", "−1.9640", "2.0000", "−0.034690", "−0.032818"],
        ["0.69315", "−2.0000", "4.0000", "−0.50000", "0.25000"],
        ["0.25000", "−1.0000", "2.0000", "−0.25000", "0.12500"],
    ]
    assert [row[-2:] for row in texts[1]] == [row[-2:] for row in texts[0]]


def test_the_most_spare_column_goes_first_and_then_the_names_are_cut() -> None:
    columns = [TextColumn("loss", ["cross-entropy"]), TextColumn("a", ["1" * 9], 1), TextColumn("b", ["2" * 9], 2)]
    assert needed(columns) == 13 + 11 + 11
    assert fitted(columns, 35)[1] == []
    assert fitted(columns, 34) == (["loss                   a", "cross-entropy  111111111"], ["b"])
    assert fitted(columns, 13) == (["loss", "cross-entropy"], ["b", "a"])
    assert fitted(columns[:1], 8)[0] == ["loss", "cross-e…"]
    assert left_out([], 99) == []


# ---- signs that the output does not have ----------------------------------------------------------------------------


def own_signs() -> set[str]:
    """Every sign beyond ASCII in the program's own texts, but for those that it draws curves with."""
    signs = set()
    for path in Path(lossterm.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                signs |= {c for c in node.value if not c.isascii() and not 0x2800 <= ord(c) < 0x2900}
    return signs


def test_every_sign_of_the_program_has_a_readable_stand_in() -> None:
    for sign in own_signs():
        plain = in_ascii(sign)
        assert plain.isascii() and plain.isprintable()
        assert "?" not in plain or sign == "\ufffd", sign
        if not 0x400 <= ord(sign) < 0x500:  # an alphabet without stand-ins has its codes
            assert "\\u" not in plain, (sign, plain)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("∂²L/∂z² = −0.5 · ½σ²", "d^2L/dz^2 = -0.5 . 1/2sigma^2"),
        ("p ≥ 0.9, |∇L| ≈ 0, ∞", "p >= 0.9, |grad L| ~ 0, inf"),
        ("naïve Straße", "naive Strasse"),
        ("日", "\\u65e5"),
    ],
)
def test_stand_ins_are_what_people_type(text: str, plain: str) -> None:
    assert in_ascii(text) == plain


def test_what_an_encoding_has_stays() -> None:
    assert writable("½·² −é∂", "latin-1") == "½·² -éd"
    assert writable("−∂日", "utf-8") == "−∂日"


def test_json_stays_the_same_document() -> None:
    document = json.dumps({"goal": "p ≥ 0.9 · 𝔼", "é": "−"}, ensure_ascii=False)
    for encoding in ("ascii", "latin-1"):
        told = writable_json(document, encoding)
        assert json.loads(told.encode(encoding).decode(encoding)) == json.loads(document)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
@pytest.mark.parametrize(
    "command",
    [
        "table --at=-4 --loss=ce,focal", "plot --size=60x12", "plot --size=60x24 --likelihood",
        "plot --risk=.1 --size=80x20",
        "softmax --logits=8,0,0 --target=1 --sweep=logit --size=60x16", "list",
        "race --problem=imbalanced --max-steps=9",
        "properties --loss=ce", "--help", "race --help", "race --format=json", "list --format=json", "table --loss=zz",
        "table --format=csv --loss=focal", "properties --loss=mse --format=markdown", "help plot",
    ],
)  # fmt: skip
def test_a_poorer_encoding_is_written_without_a_complaint(command: str, encoding: str) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "LANG": "C", "PYTHONUTF8": "0", "COLUMNS": "80"}
    done = subprocess.run(
        [sys.executable, "-m", "lossterm", *command.split()], env=environment, capture_output=True, check=False
    )
    out, err = done.stdout.decode(encoding), done.stderr.decode(encoding)
    assert done.returncode == (2 if "zz" in command else 0), err
    assert err == "" or "zz" in command
    assert "\\u" not in out or "json" in command
    if not any(word in command for word in ("json", "csv", "markdown")):
        assert max(map(len, out.splitlines() or [""])) <= 80
    if "json" in command:
        assert json.loads(out) == json.loads(call(*command.split()).out)
    if encoding == "ascii":
        assert out.isascii()


def test_the_streams_are_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", stream)
    from lossterm.cli import run

    assert run(["table", "--at=-4"]) == 0
    assert sys.stdout is stream
    stream.flush()
    assert b"dL/dz" in stream.buffer.getvalue()


# ---- points and complaints ------------------------------------------------------------------------------------------


def test_a_prediction_is_a_point_wherever_points_are_taken() -> None:
    row = json.loads(printed("table", "--loss=ce", "--at=p=.02,.98", "--format=json"))
    assert [round(r["prediction"], 12) for r in row] == [0.02, 0.98]
    there = json.loads(printed("table", "--loss=ce", "--at=0,p=.02,z=3,p=.1:.9:3", "--format=json"))
    assert [round(r["prediction"], 6) for r in there] == [0.5, 0.02, 0.952574, 0.1, 0.5, 0.9]
    tanh = json.loads(printed("table", "--loss=mse", "--activation=tanh", "--at=v=-.5", "--format=json"))
    assert round(tanh[0]["prediction"], 12) == -0.5
    document = json.loads(printed("plot", "--loss=ce", "--at=p=.5", "--format=json"))
    assert document["at"] == 0
    race = json.loads(printed("race", "--loss=ce", "--start=p=.5", "--format=json"))
    assert race["start"] == 0


WRONG = [
    ("table --at=zz", "--at"), ("table --at=p=2", "--at"), ("table --at=q=2", "--at"), ("table --at", "--at"),
    ("table --label=zz", "--label"), ("table --label=7", "--label"), ("table --smoothing=2", "--smoothing"),
    ("table --activation=zz", "--activation"), ("table --loss=zz", "--loss"), ("table --loss=focal:gamma=zz", "--loss"),
    ("table --loss=focal:gamma=-1", "--loss"), ("table --format=zz", "--format"), ("plot --range=3", "--range"),
    ("plot --range=9:1", "--range"), ("plot --axis=prediction --range=5:9", "--range"), ("plot --at=zz", "--at"),
    ("plot --show=zz", "--show"), ("plot --axis=zz", "--axis"), ("plot --size=3", "--size"),
    ("plot --size=30x6 --show=loss,d_logit", "--size"), ("plot --marker=zz", "--marker"),
    ("plot --format=zz", "--format"),
    ("plot --reference=zz", "--reference"), ("plot --risk=3", "--risk"), ("plot --scale=zz", "--scale"),
    ("plot --y-zoom=0", "--y-zoom"), ("plot --label=3", "--label"), ("race --problem=zz", "--problem"),
    ("race --start=zz", "--start"), ("race --start=p=2", "--start"), ("race --rate=-1", "--rate"),
    ("race --until=3", "--until"), ("race --max-steps=.5", "--max-steps"), ("race --optimizer=zz", "--optimizer"),
    ("race --problem=flipped --seed=zz", "--seed"), ("race --label=7", "--label"), ("race --loss=zz", "--loss"),
    ("softmax --logits=zz --target=1", "--logits"), ("softmax --logits=1 --target=0", "--logits"),
    ("softmax --logits=1,2 --target=5", "--target"), ("softmax --logits=1,2 --target=zz", "--target"),
    ("softmax --logits=1,2 --target=.1,.2", "--target"), ("softmax --logits=1,2 --teacher=zz", "--teacher"),
    ("softmax --logits=1,2 --teacher=1,2,3", "--teacher"), ("softmax --logits=1,2", "--target"),
    ("softmax --logits=1,2 --target=0 --temperature=0", "--temperature"),
    ("softmax --logits=1,2 --target=0 --smoothing=2", "--smoothing"),
    ("softmax --logits=1,2 --target=0 --class=9", "--class"), ("softmax --logits=1,2 --target=0 --loss=zz", "--loss"),
    ("softmax --logits=1,2 --target=0 --reference=zz", "--reference"), ("softmax --preset=zz", "--preset"),
    ("softmax --probabilities=.1,.2 --target=0", "--probabilities"), ("softmax --target=0", "--logits"),
    ("softmax --logits=1,2 --target=0 --sweep=logit --range=zz", "--range"),
    ("softmax --logits=1,2 --target=0 --sweep=logit --size=zz", "--size"),
    ("softmax --logits=1,2 --target=0 --sweep=logit --marker=zz", "--marker"),
    ("properties --loss=zz", "--loss"), ("properties --format=zz", "--format"), ("list --format=zz", "--format"),
    ("--at=zz --fresh", "--at"), ("--marker=zz --fresh", "--marker"), ("--show=zz --fresh", "--show"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "option"), WRONG)
def test_a_complaint_names_the_option(words: str, option: str) -> None:
    assert option in refused(*words.split())
