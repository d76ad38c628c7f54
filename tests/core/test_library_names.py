"""Names that people bring from libraries: each finds its loss, and a hint is given only where it means the same."""

from __future__ import annotations

import pytest

from lossterm.cli import run
from lossterm.core import library_names
from lossterm.core.losses.activations import ACTIVATIONS, find_activation
from lossterm.core.losses.formulas import LOSSES, find_loss, matches
from lossterm.core.softmax.formulas import SOFTMAX_LOSSES, find_softmax_loss

SCALAR = [(name, loss) for loss, libraries in library_names.LOSSES.items() for names in libraries.values()
          for name in names]  # fmt: skip
CLASSES = [(name, loss) for loss, libraries in library_names.SOFTMAX_LOSSES.items() for names in libraries.values()
           for name in names]  # fmt: skip


@pytest.mark.parametrize(("name", "loss"), SCALAR)
def test_a_library_s_name_finds_the_loss(name: str, loss: str) -> None:
    for spelling in (name, name.upper(), name.replace("_", "-"), f"torch.nn.{name}"):
        assert find_loss(spelling).id == loss
    assert matches(LOSSES[loss], name)


@pytest.mark.parametrize(("name", "loss"), CLASSES)
def test_a_name_of_k_classes_finds_it_there(name: str, loss: str) -> None:
    assert find_softmax_loss(name).id == loss
    if library_names.by_library(library_names.LOSSES, name) is None and name.lower() not in LOSSES:
        try:
            found = find_loss(name)
        except ValueError as problem:
            assert f"lossterm softmax --loss {loss}" in str(problem)
        else:
            assert found.id == loss  # one name for both, such as hinge


def test_every_activation_s_names_find_it() -> None:
    for entry, libraries in library_names.ACTIVATIONS.items():
        for names in libraries.values():
            assert {find_activation(name).id for name in names} == {entry}


def test_the_tables_name_what_is_there() -> None:
    assert set(library_names.LOSSES) <= set(LOSSES)
    assert set(library_names.SOFTMAX_LOSSES) <= set(SOFTMAX_LOSSES)
    assert set(library_names.ACTIVATIONS) <= set(ACTIVATIONS)


def test_half_of_the_square_is_optax_s() -> None:
    assert find_loss("l2_loss").id == "half-squared-error"
    assert find_loss("l2").id == "squared-error"


@pytest.mark.parametrize("name", list(library_names.ABSENT))
def test_what_is_no_function_of_one_prediction_says_so(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["table", "--loss", name]) == 2
    said = capsys.readouterr().err
    assert library_names.ABSENT[name] in said and "did you mean" not in said


@pytest.mark.parametrize(
    ("slip", "meant"), [("crossentropi", "cross-entropy"), ("hinje", "hinge"), ("focl", "focal"), ("hubr", "huber")]
)
def test_a_slip_is_told_from_another_name(slip: str, meant: str) -> None:
    with pytest.raises(ValueError, match=f"did you mean {meant}"):
        find_loss(slip)


@pytest.mark.parametrize("name", ["elbo", "cov", "wgan", "xyzzy", "perceptual"])
def test_what_is_not_near_gets_no_hint(name: str) -> None:
    with pytest.raises(ValueError, match="choose from"):
        find_loss(name)


def test_a_name_with_a_colon_is_a_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["table", "--loss", "binary:logistic,reg:squarederror,focal:gamma=3", "--at=0", "--format", "csv"]) == 0
    assert [line.split(",")[0] for line in capsys.readouterr().out.splitlines()[1:]] == [
        "cross-entropy", "squared-error", "focal",
    ]  # fmt: skip
