"""Where nan and infinities come from in each loss."""

from __future__ import annotations

from math import inf, isnan

from lossterm.core.losses.formulas import LOSSES
from lossterm.meanings.answers import Occasion
from lossterm.meanings.points import Classes, OtherCommand, Point, in_precision

_CE = "cross-entropy"
_LOGITS = "give the loss logits, not probabilities: BCEWithLogitsLoss, from_logits=True (lossterm story nan)"
_DIVERGED = OtherCommand(("race", "--loss=squared-error", "--activation=identity", "--rate=2"), "squared-error")


_NAN = (
    Occasion("0 · ∞ in the backward pass: where p is rounded to 0, ∂L/∂p is −∞ and ∂p/∂z is 0",
             "a loss that takes probabilities, and one example that is sure and wrong: in float32 from z = −88.7 "
             "(and 16.6 on the other side), in float16 from −11.1 (and 7.62); a weight is nan a step later",
             _LOGITS, in_precision(_CE, -100.0, "float32"), 1, losses=("focal", "poly-1")),
    Occasion("the logarithm of a negative number: undefined",
             "a loss of probabilities that gets raw scores because the sigmoid or softmax is missing; also msle, "
             "Poisson and gamma with a negative prediction",
             "print the least and the largest of what goes into the loss: is it within [0, 1]?",
             Point(_CE, -0.5, activation="identity"), 1,
             losses=("focal", "poly-1", "poisson", "generalized-cross-entropy")),
    Occasion("0 · ln 0: the term of the other label, where p is rounded to 1; as a limit it is 0",
             "a loss written out as −y ln p − (1 − y) ln(1 − p), or −t ln t of a distribution with zeros",
             f"{_LOGITS}; for t ln t a function that knows the limit (xlogy)",
             in_precision(_CE, 40.0, "float32"), 2, losses=("kl", "distillation")),
    Occasion("∞ − ∞ or ∞/∞: e^z is beyond the format, in float32 from z = 88.7, in float16 from 11.09",
             "a softmax or logsumexp without the largest logit taken off first; half precision",
             "log_softmax of the library takes it off; with half precision compute the loss in float32",
             Classes(_CE, (1000.0, 0.0), 1), 2, losses=("infonce",)),
    Occasion("a training that diverged: the weights grew beyond all numbers, and ∞ − ∞ followed",
             "the losses before it rose, or alternated between small and huge",
             "a smaller learning rate, a warm-up, gradients clipped by their norm; look at the last finite loss",
             _DIVERGED, 2),
    Occasion("0/0: a mean over nothing",
             "a batch whose labels are all ignored or masked (ignore_index = −100), or an empty one",
             "count the labels that are not masked, batch by batch",
             OtherCommand(("story", "nan", "--format=text")), 2),
    Occasion("nan in the data: it goes through every operation",
             "the very first loss is nan",
             "check the inputs, the labels, and a normalisation that divides by a spread of 0; for a file of "
             "predictions lossterm data FILE names the row", OtherCommand(("story", "nan", "--format=text")), 3),
)  # fmt: skip


_PLUS = (
    Occasion("−ln 0: the label has probability exactly 0",
             "p was rounded to 0 before its logarithm was taken, and that label came",
             f"{_LOGITS}. From logits the loss is −z there, and finite", in_precision(_CE, -100.0, "float32"), 1,
             losses=("focal", "poly-1")),
    Occasion("a class that is masked with −∞ is the label", "a mask for actions, tokens or padding, and K classes",
             "mask the labels, too: what is impossible must not be asked for",
             Classes(_CE, (0.0, -inf), 1), 1, losses=("kl",)),
    Occasion("KL where the prediction is 0 and the target is not", "kl_div of two histograms, of which one has gaps",
             "smooth the one that predicts; and which is which: KL(t‖p) is infinite here, KL(p‖t) is not",
             Classes("kl", (0.0, -inf), (0.5, 0.5)), 2),
    Occasion("e^(−s·v) beyond all numbers", "exponential loss of one example that is far on the wrong side",
             "cross-entropy grows linearly there: the slope of it is at most 1",
             Point("exponential", -800.0, activation="identity"), 2),
    Occasion("a rate of 0 for a count that is not", "Poisson loss whose prediction is cut off at 0 (relu)",
             "predict the logarithm of the rate (log_input=True) or use softplus",
             Point("poisson", 0.0, activation="identity"), 2),
    Occasion("a training that diverged", "the losses before it rose; in float16 a squared error is ∞ from a residual "
                                         "of 256",
             "a smaller learning rate, targets that are standardised, loss scaling for half precision",
             _DIVERGED, 2),
)  # fmt: skip


def _minus() -> tuple[Occasion, ...]:
    flipped = Occasion("ln 0 with the sign left out: a log-likelihood, not a loss",
                       "ln p of the label is added up where −ln p is meant, and p was rounded to 0",
                       "a loss that is minimised has the minus sign", Point(_CE, 0.0, activation="identity"), 1,
                       turned=True)  # fmt: skip
    density = Occasion("a density without bound: −ln of it goes to −∞ as σ → 0",
                       "a Gaussian likelihood that learns its σ (a mixture, a variance head) and has found one point "
                       "to sit on",
                       "give σ a least value",
                       Point("gaussian-nll", 0.0, 0.0, "identity", (("sigma", 1e-300),)), 1)  # fmt: skip
    unbounded = [
        Occasion("robust DPO has no lower bound", "the weight of the flipped label makes the loss fall without end",
                 "stop early, or take dpo with ε", Point("robust-dpo", 1000.0, activation="identity"), 2)
    ] if "robust-dpo" in LOSSES else []  # fmt: skip
    return (flipped, density, *unbounded)


def infinite(value: float) -> tuple[Occasion, ...]:
    """What nan, ∞ or −∞ comes from, the likeliest first."""
    return _NAN if isnan(value) else _PLUS if value > 0 else _minus()
