"""When a loss has a number that people meet in a log: each is declared by the place where that is so."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from math import e, log, pi, sin

from lossterm.core.losses.formulas import LOSSES
from lossterm.meanings.answers import Occasion
from lossterm.meanings.points import Classes, Failing, Mean, Point, at_probability, at_share, in_libraries

_CE, _SQUARED = "cross-entropy", "squared-error"

COMMON: dict[int, str] = {
    **dict.fromkeys(range(2, 21), ""),
    10: "ten classes: MNIST, CIFAR-10", 21: "Pascal VOC", 26: "letters", 27: "letters and a blank", 32: "", 37: "",
    47: "EMNIST", 50: "", 62: "", 64: "", 65: "tiny Shakespeare's characters", 80: "COCO", 81: "COCO and background",
    91: "COCO", 100: "CIFAR-100", 101: "Food-101, UCF-101", 102: "flowers", 120: "dogs", 128: "", 150: "ADE20K",
    196: "cars", 200: "Tiny ImageNet, birds", 255: "SimCLR with 128 images", 256: "bytes", 257: "Caltech-256",
    365: "Places", 397: "SUN", 400: "Kinetics", 511: "SimCLR with 256 images", 512: "", 527: "AudioSet",
    1000: "ImageNet", 1001: "ImageNet and background", 1023: "SimCLR with 512 images", 1024: "", 2048: "", 4096: "",
    8191: "SimCLR with 4,096 images", 8192: "", 10_000: "", 10_575: "CASIA-WebFace", 16_384: "",
    21_841: "ImageNet-21k", 21_843: "ImageNet-21k", 30_000: "", 30_522: "BERT", 32_000: "Llama, T5",
    32_128: "T5, padded", 32_768: "CLIP's batch", 50_257: "GPT-2", 50_265: "RoBERTa", 50_304: "GPT-2, padded",
    50_432: "", 65_536: "", 65_537: "MoCo", 85_742: "MS1M faces", 100_277: "cl100k", 128_000: "", 128_256: "Llama 3",
    151_936: "Qwen", 152_064: "Qwen", 200_019: "o200k", 250_002: "XLM-R", 250_880: "BLOOM", 256_000: "Gemma",
    262_144: "Gemma 3",
}  # fmt: skip
"""Numbers of classes that are met, and where."""

TASKS = (2, 3, 4, 5, 6, 7, 8, 10, 20, 21, 80, 100, 150, 200, 365, 1000)
"""Those of which more than the start is looked at."""

FEW = 20
"""So many classes are written out in a command where the label's share alone would do, too."""

MANY = 1000
"""So many are written out where it would not."""


@cache
def occasions(classes: int | None = None) -> tuple[Occasion, ...]:
    """All that is declared, about so many classes where that is told."""
    asked = (classes,) if classes is not None else tuple(COMMON)
    tasks = (classes,) if classes is not None else TASKS
    return (
        *_binary(),
        *_pairs(),
        *_clipped(),
        *_values(),
        *_margins(),
        *_sums(),
        *_base_rates(),
        *(one for k in asked for one in chance(k)),
        *(one for k in tasks for one in _of_classes(k)),
        *_faces(tasks if classes is not None else (10, 100, 1000, 10_575, 85_742)),
    )


_STUCK = ("feed one batch over and over: it must fall. If it does not, look for inputs that are all alike, labels "
          "shuffled "
          "apart from their inputs, frozen or dead layers, a learning rate far too small or far too large")  # fmt: skip


def _binary() -> Iterator[Occasion]:
    coin = Point(_CE, 0.0)
    yield Occasion("ln 2: cross-entropy of two classes where p = ½, the model says 'I do not know'",
                   "of a model that has not begun to learn: the first steps, or stuck there",
                   _STUCK, coin, 1)  # fmt: skip
    yield Occasion("ln 2: what a label 0 costs at the least where a sigmoid is applied twice",
                   "BCEWithLogitsLoss (or from_logits=True) after a sigmoid, and a model that is right",
                   "leave the sigmoid out of the network: the loss has its own (lossterm story with-logits)",
                   Point(_CE, 0.0, 0.0))  # fmt: skip
    yield Occasion("ln(1 + 1/e): what a label 1 costs at the least where a sigmoid is applied twice, and the least of "
                   "softmax twice with two classes",
                   "BCEWithLogitsLoss after a sigmoid, or CrossEntropyLoss after a softmax, and a model that is right",
                   "leave the sigmoid out of the network: the loss has its own (lossterm story with-logits)",
                   Point(_CE, 1.0))  # fmt: skip
    yield Occasion("ln(1 + e): what a label 0 costs at the most where a sigmoid is applied twice",
                   "BCEWithLogitsLoss after a sigmoid, and a model that is sure and wrong",
                   "leave the sigmoid out of the network: the loss has its own (lossterm story with-logits)",
                   Point(_CE, 1.0, 0.0))  # fmt: skip
    yield Occasion("¼: the Brier score, or squared error, where p = ½", "two classes, and nothing is learned",
                   "compare with p(1 − p) of your base rate: a constant prediction of it does better than ½",
                   Point(_SQUARED, 0.0), 1, hints=("brier", "mse"))  # fmt: skip
    yield Occasion("½: the Brier score of p = ½ summed over two columns, twice the one-column figure",
                   "two classes, a softmax, and (p − t)² added over both columns",
                   "halve it before you compare it with a Brier score of one column: ¼ is then the coin",
                   Classes(_SQUARED, (0.0, 0.0)), 2, hints=("brier", "mse"))  # fmt: skip
    yield Occasion("½: absolute error where p = ½", "two classes, and nothing is learned",
                   "absolute error pulls p to 0 or 1, whichever label is more frequent, not to the probability",
                   Point("absolute-error", 0.0), 2, hints=("mae", "l1"))  # fmt: skip
    yield Occasion("8/27: the largest slope |∂L/∂z| of squared error behind a sigmoid, at p = ⅓",
                   "a gradient, not a loss: beyond that place the slope falls although the prediction gets worse",
                   "cross-entropy there: its slope is 1 − p, and does not die (lossterm story saturation)",
                   Point(_SQUARED, -log(2), measure="d_logit", told="p=1/3"), 2, turned=True,
                   hints=("grad", "slope"))  # fmt: skip
    yield Occasion("4/27: the largest slope |∂L/∂z| of ½(p − y)² behind a sigmoid, at p = ⅓",
                   "a gradient, not a loss", "lossterm story saturation",
                   Point("half-squared-error", -log(2), measure="d_logit", told="p=1/3"), 3, turned=True)  # fmt: skip
    yield Occasion("focal loss (γ = 2) where p = ½", "the first steps of focal loss without its α", _STUCK,
                   Point("focal", 0.0), 2, hints=("focal",))  # fmt: skip
    for label, share in ((1.0, "α = ¼"), (0.0, "1 − α = ¾")):
        yield Occasion(f"focal loss (γ = 2, {share} for label {label:g}) where p = ½",
                       "the first steps of a detector's focal loss whose last bias is 0",
                       "set the last bias to −ln 99, so that it starts at p = .01: the many easy examples then cost "
                       "little",
                       Point("focal", 0.0, label, params=(("alpha", 0.25),)), 2, hints=("focal",))  # fmt: skip


def _pairs() -> Iterator[Occasion]:
    yield Occasion("ln 2: DPO where policy and reference agree (βΔ = 0), or a reward model that has no preference",
                   "the first step of DPO must be this: the policy is its reference",
                   "watch βΔ and the accuracy of the pairs, not the loss: a Δ of both answers falling looks the same "
                   "(lossterm story dpo)", Point("dpo", 0.0, activation="identity"), 2, losses=(_CE,),
                   hints=("dpo", "reward", "rm", "pair", "preference"))  # fmt: skip
    yield Occasion("ln 2: a ranking loss (RankNet, BPR, soft margin) where both of a pair have the same score",
                   "the start, or embeddings that have collapsed to one point: ln(1 + e^0)",
                   "are all scores the same number? then nothing of the input comes through", Point(_CE, 0.0), 3,
                   losses=("soft-margin", "dpo"), hints=("rank", "bpr", "pair"))  # fmt: skip
    yield Occasion("ln 2: a GAN's generator whose discriminator says ½ (non-saturating), or one of its two terms",
                   "the balance of a GAN, or a discriminator that has learned nothing",
                   "look at samples: the number is the same for a perfect generator and for a blind discriminator",
                   Point(_CE, 0.0), 3, hints=("gen", "generator", "g", "gan"))  # fmt: skip
    yield Occasion("2 ln 2: a GAN's discriminator that says ½ of real and of false, its two terms added",
                   "the balance of a GAN, or a discriminator that has learned nothing",
                   "the mean of the two terms is ln 2. Where all is well the generator has won; look at samples",
                   Classes(_CE, (0.0,) * 4), 2, hints=("disc", "discriminator", "d", "critic", "gan"))  # fmt: skip
    yield Occasion("0: GRPO and PPO at ratio 1: each answer costs −A, and normalised advantages sum to 0",
                   "the first step on each batch: the loss says 0, its gradient is −A for each answer and not 0",
                   "judge it by the reward and the KL; this loss is no measure of progress",
                   Mean((Point("ppo-clip", 0.0, 1.0, "exp"), Point("ppo-clip", 0.0, -1.0, "exp"))), 2,
                   hints=("grpo", "ppo", "policy", "pg", "actor"))  # fmt: skip


def _clipped() -> Iterator[Occasion]:
    torch = "torch's BCELoss keeps ln p above −100"
    yield Occasion("100: an example that is wrong with p rounded to 0, in torch's BCELoss",
                   f"{torch}; p is 0 in float32 from z = −88.7",
                   "give the loss logits (BCEWithLogitsLoss): its slope is then −1, and not 0 (lossterm story nan)",
                   in_libraries(Point(_CE, -100.0)), 1)  # fmt: skip
    clips = (
        (1e-7, "1e-7", "keras, which clips p at 1e-7 (label 1)", 1),
        (2.0**-23, repr(2.0**-23), "scikit-learn, which clips p at float32's eps; and keras for label 0, as 1 − 1e-7 "
         "in float32 is 1 − 1.19e-7", 1),
        (2.0**-52, repr(2.0**-52), "scikit-learn's log_loss, which clips p at float64's eps", 1),
        (1e-15, "1e-15", "an older scikit-learn, Kaggle, or lightgbm's binary_logloss, which clip p at 1e-15", 1),
        (1e-16, "1e-16", "xgboost's logloss, which clips p at 1e-16", 2),
        (1e-12, "1e-12", "a program that clips p, or adds 1e-12", 2),
        (1e-10, "1e-10", "a program that clips p, or adds 1e-10", 2),
        (1e-9, "1e-9", "a program that clips p, or adds 1e-9", 2),
        (1e-8, "1e-8", "a program that clips p, or adds 1e-8", 2),
        (1e-6, "1e-6", "a program that clips p, or adds 1e-6", 2),
        (1e-5, "1e-5", "a program that clips p, or adds 1e-5", 3),
        (2.0**-149, repr(2.0**-149), "−ln of the smallest float32 above 0: the largest loss that −log(p) can give "
         "before it is ∞", 2),
        (2.0**-126, repr(2.0**-126), "−ln of the smallest normal float32 (what is smaller is flushed to 0 on many "
                                     "GPUs)", 2),
        (2.0**-24, repr(2.0**-24), "−ln of the smallest float16 above 0", 2),
        (2.0**-1074, repr(2.0**-1074), "−ln of the smallest double above 0: the largest loss that −log(p) can give", 2),
    )  # fmt: skip
    for p, told, who, order in clips:
        most = f"−ln {_power(p, told)}: the most that one example can cost in {who}"
        yield Occasion(who if who.startswith("−") else most,
                       "one example, or every example, that is wrong with p = 0; or all labels turned round",
                       "beyond the clip the slope is 0: such examples are no longer learned from. Use the loss of "
                       "logits "
                       "(lossterm story nan)", _clip(at_probability(_CE, p, told)), order)  # fmt: skip
    yield Occasion("150 ln 2: cross-entropy at the logit at which p is rounded to 0 in float32",
                   "a loss of logits that is right where −log(p) would be ∞", "lossterm story nan",
                   Point(_CE, -150 * log(2)), 3)  # fmt: skip


_CLIPS = ("p=1e-7", f"p={2.0**-23!r}", f"p={2.0**-52!r}", "p=1e-15", "p=1e-16")
"""The clips that the dialects of cross-entropy have."""


def _clip(place: Point) -> Point | Failing:
    return in_libraries(place) if place.told in _CLIPS else place


def _power(p: float, told: str) -> str:
    names = {-23: "2⁻²³", -52: "2⁻⁵²", -149: "2⁻¹⁴⁹", -126: "2⁻¹²⁶", -24: "2⁻²⁴", -1074: "2⁻¹⁰⁷⁴"}
    return next((name for power, name in names.items() if p == 2.0**power), told)


def _values() -> Iterator[Occasion]:
    def far(loss: str, r: float, **how: object) -> Point:
        return Point(loss, r, 0.0, "identity", **how)  # type: ignore[arg-type]

    yield Occasion("1: squared error of standardised targets where the prediction is their mean",
                   "a regression that has learned nothing: R² = 0", _STUCK, far(_SQUARED, 1.0), 1,
                   hints=("mse", "rmse", "l2"))  # fmt: skip
    yield Occasion("½: half the squared error of standardised targets where the prediction is their mean",
                   "a regression with ½(v − y)², or torch's GaussianNLLLoss with variance 1, that has learned nothing",
                   "is it ½r² or r²? Compare it with the variance of the targets, or half of that",
                   far("half-squared-error", 1.0), 2, hints=("mse", "l2", "gaussian", "nll"))  # fmt: skip
    yield Occasion("½ ln 2π: the Gaussian NLL's constant: residual 0 and σ = 1",
                   "the floor at σ = 1 of a Gaussian likelihood with its constant; torch's GaussianNLLLoss leaves it "
                   "out",
                   "say which constant is in before you compare two NLLs: full=True has it",
                   far("gaussian-nll", 0.0), 2, hints=("nll", "gaussian", "likelihood"))  # fmt: skip
    yield Occasion("½ ln 2πe: the Gaussian NLL of standardised targets where mean 0 and σ = 1 are predicted",
                   "a probabilistic regression that has learned nothing, with its constant",
                   "without the constant the same is ½", far("gaussian-nll", 1.0), 2,
                   hints=("nll", "gaussian", "likelihood"))  # fmt: skip
    yield Occasion("√(2/π): absolute error of standardised targets where the prediction is their middle",
                   "a regression with absolute error that has learned nothing (targets like a normal distribution)",
                   _STUCK, far("absolute-error", (2 / pi) ** 0.5), 2, hints=("mae", "l1"))  # fmt: skip
    yield Occasion("0: nothing is wrong, or nothing is asked",
                   "a loss of exactly 0 is seldom luck: softmax of one class is always 1, a mask may leave nothing "
                   "over, "
                   "the label may be among the inputs", "count the outputs and the labels that are not masked",
                   far(_SQUARED, 0.0), 1)  # fmt: skip
    yield Occasion("0: cross-entropy where the label has p = 1, or so nearly that it is rounded to it",
                   "softmax of one class, or a model that has learned by heart; in float32 from z = 17 on where p is "
                   "made "
                   "first", "count the outputs: one logit needs a sigmoid and the binary loss, not a softmax",
                   Point(_CE, 800.0), 2)  # fmt: skip
    yield Occasion("0: the hinge where every margin is kept, or a triplet loss without a hard triplet",
                   "all examples are beyond the margin: no slope is left", "harder negatives, or a larger margin",
                   far("hinge", -1.0), 2, hints=("hinge", "triplet", "margin"))  # fmt: skip


def _margins() -> Iterator[Occasion]:
    yield Occasion("1: the hinge, or a triplet loss with margin 1 (torch's default), where all scores or distances "
                   "are equal",
                   "the start, or embeddings that have collapsed to one point: the loss is then its margin",
                   "look at the distances themselves: all 0 is collapse. Softer mining and a smaller learning rate "
                   "help",
                   Point("hinge", 0.0, activation="identity"), 2,
                   hints=("hinge", "triplet", "margin", "svm", "contrastive"))  # fmt: skip
    for margin in (0.05, 0.1, 0.2, 0.3, 0.5, 2.0):
        yield Occasion(f"{margin:g}: a triplet or ranking loss that equals its margin",
                       "embeddings that have collapsed to one point: max(0, margin + 0 − 0)",
                       "look at the distances themselves: all 0 is collapse. Softer mining and a smaller learning "
                       "rate help",
                       Point("hinge", 1.0 - margin, activation="identity"), 2 if margin in (0.2, 0.3) else 3,
                       losses=("triplet",), hints=("triplet", "margin", "rank", "contrastive"))  # fmt: skip
    yield Occasion("1: exponential loss where the score is 0", "the start of boosting", _STUCK,
                   Point("exponential", 0.0, activation="identity"), 3, hints=("exp", "boost"))  # fmt: skip


def _sums() -> Iterator[Occasion]:
    for count, what in (
        (784, "784 pixels of MNIST"),
        (1024, "1,024 pixels"),
        (3072, "3,072 values of CIFAR-10"),
        (4096, "4,096 pixels"),
    ):
        yield Occasion(f"{count} ln 2: cross-entropy summed over {what}, each at p = ½",
                       "the start of an autoencoder (VAE) whose loss is a sum over pixels",
                       "a sum has slopes as many times as large as a mean: the learning rate and the weight of the "
                       "KL change",
                       Point(_CE, 0.0, params=(("pos_weight", float(count)),)), 2,
                       hints=("vae", "recon", "reconstruction", "elbo"))  # fmt: skip


def _base_rates() -> Iterator[Occasion]:
    for told in (".45", ".4", ".3", ".25", ".2", ".1", ".05", ".02", ".01", ".005", ".001"):
        share = float(told)
        yield Occasion(f"H({told}): the entropy of labels of which {100 * share:g}% are 1",
                       f"a model that has found the base rate {told} and nothing else: every prediction is {told}",
                       "compare the loss with the entropy of your own base rate, not with ln 2: normalised entropy",
                       Classes(_CE, (round(log(share) - log(1 - share), 9), 0.0), (share, round(1 - share, 9))),
                       3)  # fmt: skip


def chance(k: int) -> Iterator[Occasion]:
    """The start of K classes, ln K."""
    where = COMMON.get(k, "")
    known = f" ({where})" if where else ""
    few = Classes(_CE, (0.0,) * k) if k <= FEW else at_share(_CE, k)
    if k > 2:
        yield Occasion(f"ln {k:,}: cross-entropy of {k:,} classes of which each has 1/{k:,}{known}: chance",
                       "the first steps of a classifier or a language model, or of a contrastive loss with so many to "
                       "choose from; later it is stuck", _STUCK, few, 1 if where or k <= 10 else 2, classes=k,
                       losses=("infonce",))  # fmt: skip


def _of_classes(k: int) -> Iterator[Occasion]:
    one, other = (1.0, *(0.0,) * (k - 1)), (0.0, 1.0, *(0.0,) * (k - 2))
    if k > 2:
        twice = "CrossEntropyLoss after a softmax: softmax of numbers between 0 and 1"
        cure = "leave the softmax out of the network: the loss has its own (lossterm story stuck)"
        best = Classes(_CE, one) if k <= FEW else Point(_CE, 1 - log(k - 1))
        worst = Classes(_CE, other) if k <= FEW else Point(_CE, -log(e + k - 2))
        order = 1 if k in (10, 100, 1000) else 2
        yield Occasion(f"ln(e + {k - 1}) − 1: the least that {k} classes can cost where softmax is applied twice",
                       twice, cure,
                       best, order, classes=k)  # fmt: skip
        yield Occasion(f"ln(e + {k - 1}): the most that {k} classes can cost where softmax is applied twice",
                       f"{twice}; sure and wrong", cure, worst, 2, classes=k)  # fmt: skip
    for reduction, what in (("sum", "summed over the classes"), ("mean", "averaged over the classes")):
        if 2 < k <= FEW:
            yield Occasion(f"squared error of one-hot labels {what}, {k} classes by chance (1/{k} each)",
                           f"{k} classes, and nothing is learned", "cross-entropy pulls harder: lossterm story softmax",
                           Classes(_SQUARED, (0.0,) * k, reduction=reduction), 2, classes=k,
                           hints=("mse", "brier"))  # fmt: skip
    for smoothing in (0.1, 0.05, 0.2, 0.3) if k <= FEW else (0.1,) if k <= MANY else ():
        share = 1 - smoothing + smoothing / k
        yield Occasion(f"the floor of label smoothing {smoothing:g} with {k} classes: the entropy of the smoothed "
                       "label",
                       "a model that is as good as it can be: no prediction costs less",
                       "subtract it before you judge; measure the loss of a test without smoothing",
                       Classes(_CE, (round(log(share * k / smoothing), 9), *(0.0,) * (k - 1)), 0, smoothing),
                       2 if smoothing == 0.1 else 3, classes=k, hints=("smooth", "ls"))  # fmt: skip


def _faces(counts: tuple[int, ...]) -> Iterator[Occasion]:
    for k in counts:
        if k < 2:
            continue
        for name, drop, how in (("ArcFace", 64 * sin(0.5), "s = 64, m = .5: s·sin m + ln(K − 1 + e^(−s·sin m))"),
                                ("CosFace", 64 * 0.35, "s = 64, m = .35: s·m + ln(K − 1 + e^(−s·m))")):  # fmt: skip
            yield Occasion(f"the start of {name} with {k:,} classes, all cosines 0 ({how})",
                           "the first steps: it is as large as this, and no fault",
                           "it must fall below s·m within an epoch; a warm-up of the margin helps where it does not",
                           Classes(name.lower(), (0.0,) * k) if k <= FEW else Point(_CE, -drop - log(k - 1)), 2,
                           losses=(name.lower(),), classes=k,
                           hints=("arc", "arcface", "cosface", "margin"))  # fmt: skip


@cache
def known(classes: int | None = None) -> tuple[Occasion, ...]:
    """All that is declared, and every loss of the list at its start."""
    declared = occasions(classes)
    return (*declared, *_registered(declared))


def _registered(declared: tuple[Occasion, ...]) -> Iterator[Occasion]:
    """Every loss of the list where it is at home, at the logit 0, where nothing is declared of that place."""
    told = {one.words for one in declared}
    for entry in LOSSES.values():
        values: set[float] = set()
        for label in dict.fromkeys((entry.home.label, 1.0, 0.0)):
            place = Point(entry.id, 0.0, label, entry.home.activation)
            if entry.label_problem(label) is not None or not place.value > 0 or place.value in values:
                continue
            values.add(place.value)
            if place.words not in told:
                yield Occasion(f"{entry.id} at z = 0 ({entry.home.activation}) for the label {label:g}",
                               "the start, where every output is 0", _STUCK, place, 3,
                               hints=tuple(entry.id.split("-")))  # fmt: skip
