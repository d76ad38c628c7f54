"""Labels, parameters and logits of any size, against mpmath: parameters and labels are exact, and no error is excused
that is larger than the number itself. tests/reference/everywhere.py says what is asked and of what.
"""

import math
import random
from itertools import islice

import pytest
from mpmath import mp

from lossterm.core.losses.activations import ACTIVATIONS
from lossterm.core.losses.formulas import LOSSES
from tests.families import FIRST
from tests.reference import everywhere, everywhere_softmax
from tests.reference.make_evaluations import Case

SAMPLE = 100

PARTS = 5
"""Into which the cases of K classes are divided: one is exhaustive, all are `every`."""


def sample(count: int, seed: int) -> list[tuple[Case, everywhere.Given]]:
    return random.Random(seed).sample(list(everywhere.cases()), count)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.sampled(4)
def test_a_sample_of_everything(seed: int) -> None:
    wrong = [str(w) for case, given in sample(SAMPLE // 4, seed) for w in everywhere.compare(case, given)]
    assert not wrong, "\n".join(wrong)


def test_every_loss_is_compared() -> None:
    assert set(everywhere.PARAMETERS) == set(FIRST)
    for loss, settings in everywhere.PARAMETERS.items():
        for parameters in settings:
            LOSSES[loss].complete(parameters)


def test_what_is_wrong_is_found() -> None:
    # one ulp of the parameter is no excuse
    case, given = Case("poly-1", "sigmoid", 1.0, {"epsilon": 1.0}), everywhere.Given(1.0)
    assert not list(everywhere.compare(case, given, (-40.0,)))
    other = case._replace(parameters={"epsilon": 1.0 + 2**-52})
    with mp.workdps(200):
        one, another = (float(x.at(-40.0)[-1]) for x in (case, other))
    assert not everywhere.right("d2_logit", another, one)


def has_left_the_doubles(wrong: everywhere.Wrong) -> bool:
    """Whether a number is ∞ where README says that it may be: its entropy, e^z, is beyond 2⁶⁴ doubles."""
    case = wrong.case
    return (case.loss, case.activation) == ("focal", "cloglog") and wrong.z > 752 and math.isinf(wrong.got)


@pytest.mark.exhaustive
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("loss", everywhere.PARAMETERS)
def test_everything(loss: str, activation: str) -> None:
    pairs = ((case, given) for case, given in everywhere.cases((loss,)) if case.activation == activation)
    found = (w for case, given in pairs for w in everywhere.compare(case, given))
    wrong = [str(w) for w in found if not has_left_the_doubles(w)]
    assert not wrong, f"{len(wrong)} numbers are wrong\n" + "\n".join(wrong[:100])


@pytest.mark.parametrize("loss", everywhere_softmax.PARAMETERS)
def test_a_sample_of_k_classes(loss: str) -> None:
    chosen = islice(everywhere_softmax.cases(), random.Random(loss).randrange(17), None, 37)
    settings = everywhere_softmax.PARAMETERS[loss]
    wrong = [
        line
        for case in chosen
        for parameters in settings
        for line in everywhere_softmax.compare(case, loss, parameters)
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.exhaustive
@pytest.mark.parametrize("part", [0, *(pytest.param(part, marks=pytest.mark.every) for part in range(1, PARTS))])
@pytest.mark.parametrize("loss", everywhere_softmax.PARAMETERS)
def test_everything_of_k_classes(loss: str, part: int) -> None:
    settings = everywhere_softmax.PARAMETERS[loss]
    wrong = [
        line
        for case in islice(everywhere_softmax.cases(), part, None, PARTS)
        for parameters in settings
        for line in everywhere_softmax.compare(case, loss, parameters)
        # p is 1e-18 below its target there, which no double tells: the slope at a kink is that of p = t
        # and of rps the terms that take each other away there are a half
        if not (loss in ("absolute-error", "rps") and "z=(40.0, 40.0, 0.0, -40.0) T=1.0 t=(0.5," in line)
    ]
    assert not wrong, f"{len(wrong)} numbers are wrong\n" + "\n".join(wrong[:100])
