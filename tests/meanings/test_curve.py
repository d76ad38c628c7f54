"""A training curve: stuck, at a plateau, rising, broken off; and files that are none."""

from __future__ import annotations

import io
import json
import random
import sys
from collections.abc import Callable
from math import e, exp, log
from pathlib import Path

import pytest

from lossterm.cli import run
from lossterm.meanings.answers import Explanation
from lossterm.meanings.curve import explain_curve
from lossterm.meanings.lines import losses_of


def noisy(level: float, fall: float, count: int = 200, spread: float = 0.01, drift: float = 0.0) -> list[str]:
    chance = random.Random(1)
    return [repr(level + fall * exp(-i / 20) + drift * i + chance.gauss(0, spread)) for i in range(count)]


def told(lines: list[str]) -> list[Explanation]:
    return explain_curve(losses_of(lines))


def test_stuck_from_the_start_at_a_known_level() -> None:
    shape, level, *_ = told(noisy(log(2), 0.0, spread=0.004))
    assert shape.relation == "shape" and "flat from the first line" in shape.says
    assert level.value == log(2) and level.relation == "digits"


def test_a_plateau_is_found_with_what_it_is() -> None:
    floor = log(e + 9) - 1
    shape, level, *rest = told(noisy(floor, 0.84, 300))
    assert "flat from line" in shape.says and 40 < int(shape.says.split("line ")[1].split()[0]) < 150
    assert "softmax is applied twice" in level.says
    assert any(one.name == "the first" and "10 classes" in one.says for one in rest)


@pytest.mark.parametrize(
    ("lines", "word"),
    [
        (noisy(0.1, 2.2, 60), "falling"),
        (noisy(0.3, 0.4, drift=0.002), "rising: lowest"),
        ([repr(1.3**i) for i in range(30)], "it diverges"),
        ([repr(2.3 - 0.1 * i) for i in range(20)], "falling"),
        (["1.0"] * 10, "flat from the first line"),
    ],
)
def test_the_shape(lines: list[str], word: str) -> None:
    assert word in told(lines)[0].says


@pytest.mark.parametrize(
    ("lines", "line", "word"),
    [
        (["2.3", "1.9", "1.7", "3.0", "40", "900", "nan", "nan"], 7, "diverged"),
        (["0.7", "0.6", "0.5", "inf"], 4, "at once"),
        (["nan"] * 3, 1, "very first"),
        (["0.7", "", "# a remark", "0.6", "0.5", "-inf", "0.4"], 6, "at once"),
    ],
)
def test_where_it_breaks_off(lines: list[str], line: int, word: str) -> None:
    first = told(lines)[0]
    assert f"from line {line} on" in first.says and word in first.when


def test_a_log_gives_the_training_loss_and_that_of_the_validation() -> None:
    lines = [f"epoch {i} loss: {1 - i / 50} - val_loss: {i} lr 1e-3" for i in range(20)]
    found = losses_of(["a head", *lines])
    assert found.training.values == tuple(1 - i / 50 for i in range(20))
    assert found.training.lines == found.validation.lines == tuple(range(2, 22))
    assert found.validation.values == tuple(range(20))
    assert found.passed_over == 1


@pytest.mark.parametrize("separator", [",", "\t", ";", ", "])
@pytest.mark.parametrize("quote", ["", '"'])
def test_a_table_gives_the_columns_that_are_called_so(separator: str, quote: str) -> None:
    # as loggers write one: what was not measured at a step is empty
    names = ("", "lr", "train_loss", "val_acc", "val_loss")
    head = separator.join(f"{quote}{name}{quote}" for name in names)
    rows = [head]
    for i in range(6):
        rows += [separator.join((str(i), "1e-3", str(1 - i / 8), "", "")), ""]
        rows += [separator.join((str(i), "1e-3", "", "0.5", str(i / 4)))]
    found = losses_of([*rows, "1," * 100_000])
    assert (found.training.name, found.validation.name) == ("train_loss", "val_loss")
    assert found.training.values == tuple(1 - i / 8 for i in range(6))
    assert found.training.lines == tuple(range(2, 20, 3))
    assert found.validation.values == tuple(i / 4 for i in range(6))
    assert found.passed_over == 1


def test_a_table_without_a_loss_is_refused_by_its_names() -> None:
    with pytest.raises(ValueError, match="none of the columns 'a, b' is a loss by its name"):
        losses_of(["a,b", "1,2", "3,4"])
    with pytest.raises(ValueError, match="line 1 has 3 numbers without names"):
        losses_of(["1,2,3", "3,4,5"])


def test_where_only_one_kind_is_told_it_is_the_curve() -> None:
    found = losses_of([f"{{'eval_loss': {1 - i / 9}, 'eval_accuracy': 0.5}}" for i in range(6)])
    assert found.training.values == tuple(1 - i / 9 for i in range(6))
    assert not found.validation.values


def epochs(validation: Callable[[int], float], training: Callable[[int], float]) -> list[str]:
    # losses of training and validation in lines of their own
    return [line for i in range(40) for line in (f"loss {training(i)}", f"eval_loss {validation(i)}")]


def test_a_validation_that_rises_is_told_first_while_the_training_falls() -> None:
    first, second, *_ = told(epochs(lambda i: 0.5 + abs(i - 12) / 50, lambda i: 2 * exp(-i / 9) + 0.01))
    assert "the validation loss rises, while that of the training does not: lowest 0.5000 at line 26" in first.says
    assert "falling" in second.says and second.when == "it learns these examples"


def test_what_the_training_alone_cannot_tell_is_not_claimed() -> None:
    alone, *_ = told([f"loss {2 * exp(-i / 9) + 0.01}" for i in range(40)])
    assert "a validation loss tells" in alone.when
    both, *_ = told(epochs(lambda i: 2 * exp(-i / 9) + 0.1, lambda i: 2 * exp(-i / 9) + 0.01))
    assert "falling" in both.says and both.when == "it learns"


def test_a_validation_that_breaks_off_is_told() -> None:
    first, *_ = told(epochs(lambda i: 0.5 if i < 9 else float("nan"), lambda i: 2 * exp(-i / 9) + 0.01))
    assert first.says.startswith("the validation loss is nan from line 20 on")


def test_a_file_is_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "losses.txt"
    path.write_text("\ufeff" + "\r\n".join(noisy(log(10), 0.0, spread=0.002)), encoding="utf-8")
    assert run(["why", str(path), "--format", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert rows[0]["relation"] == "shape" and rows[1]["value"] == pytest.approx(log(10))


@pytest.mark.parametrize("content", [b"", b"\xff\x00\x80\x81", b"1 2 3\n", b"only words\n"])
def test_what_is_no_curve_is_one_line(content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "losses.txt"
    path.write_bytes(content)
    assert run(["why", str(path)]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and err.startswith("lossterm: ")


def test_what_has_no_end_or_is_closed_is_said_in_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "log.txt"
    log.write_text("0.6931\n" * 20)
    monkeypatch.setattr("lossterm.meanings.command.LARGEST_FILE", 100)
    for path in ("/dev/zero", str(log)):
        assert run(["why", path]) == 2
        assert capsys.readouterr().err.endswith("is larger than 100 bytes: take a part of it, such as its end\n")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(log.read_bytes())))
    assert run(["why", "-"]) == 2  # and nothing of it is left out in silence
    assert "standard input is larger" in capsys.readouterr().err
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"0.6931\xff\n")))
    assert run(["why", "-"]) == 2
    assert "standard input is not text" in capsys.readouterr().err
    monkeypatch.setattr(sys, "stdin", None)
    assert run(["why", "-"]) == 2
    assert "standard input is closed" in capsys.readouterr().err
