"""The names that columns of labels, predictions, weights and groups go by."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lossterm.core.examples import Kind
from lossterm.data.checks import BadData, listed

LABEL = (
    "label", "y", "y_true", "true_label", "label_true", "target", "targets", "labels", "truth", "ground_truth",
    "gt", "actual", "actuals", "class", "true_class", "outcome", "observed", "y_test", "true_y", "true", "class_label",
    "response",
)  # fmt: skip
PROBABILITY = (
    "probability", "probabilities", "p", "prob", "probs", "proba", "y_prob", "y_proba", "prob_y", "pred_proba",
    "pred_prob", "predicted_probability", "predict_proba", "probability_1", "p1", "prob_1", "prob1", "p_1", "proba_1",
    "p_hat", "phat", "pi", "posterior", "softmax", "sigmoid",
)  # fmt: skip
LOGIT = (
    "logit", "logits", "z", "margin", "raw_score", "raw_scores", "log_odds", "logodds", "decision_function", "decision",
    "y_logit", "pred_logit", "logit_1", "raw_prediction",
)  # fmt: skip
EITHER = (
    "prediction", "predictions", "pred", "preds", "predicted", "y_pred", "y_hat", "yhat", "y_score", "score", "scores",
    "confidence", "output", "outputs", "forecast", "estimate", "y_predicted", "predicted_value", "fitted",
)  # fmt: skip
WEIGHT = ("weight", "weights", "w", "sample_weight", "sample_weights", "case_weight", "instance_weight")
GROUP = ("group", "groups", "fold", "split", "segment", "domain", "source", "subgroup", "slice", "cohort", "subset")

PAIRS = (
    ("0", "1"), ("0.0", "1.0"), ("-1", "1"), ("false", "true"), ("f", "t"), ("no", "yes"), ("n", "y"), ("neg", "pos"),
    ("negative", "positive"), ("-", "+"), ("off", "on"), ("benign", "malignant"), ("ham", "spam"),
    ("absent", "present"), ("healthy", "sick"), ("fail", "pass"), ("failure", "success"),
)  # fmt: skip
"""Texts whose meaning as label 0 and label 1 nobody doubts."""


def plain(name: str) -> str:
    """A name without case, spaces, dots, dashes and underlines: ``y_true``, ``Y True`` and ``y-true`` are one."""
    return re.sub(r"[\s_.\-]+", "", name).lower()


_PLAIN = {role: {plain(name): i for i, name in enumerate(names)} for role, names in {
    "label": LABEL, "probability": PROBABILITY, "logit": LOGIT, "either": EITHER, "weight": WEIGHT, "group": GROUP,
}.items()}  # fmt: skip
_ASIDE = frozenset((
    "id", "ids", "uid", "uuid", "index", "idx", "key", "name", "row", "sample", "item", "user", "file", "filename",
    "path", "image", "img", "text", "date", "time", "timestamp", "datetime", "model", "comment",
))  # fmt: skip


def called(names: Sequence[str], role: str) -> list[str]:
    """Those of the names that a column in this role goes by, the likeliest first."""
    ranks = _PLAIN[role]
    return sorted((name for name in names if plain(name) in ranks), key=lambda name: ranks[plain(name)])


def kind_of(name: str) -> Kind | None:
    """What a prediction of this name is, where the name alone tells."""
    bare = plain(name)
    if bare in _PLAIN["probability"]:
        return "probability"
    return "logit" if bare in _PLAIN["logit"] else None


def roles_of(before: str, after: str = "") -> set[str]:
    """The roles of a prediction that words around the name of a class tell: ``prob_class_``, ``P(`` and ``)``.

    A logarithm of a probability is no probability: it tells no more than that it is a prediction.
    """
    heads, tails = _words(before), _words(after)
    texts = {word for word in heads + tails if len(word) > 1}
    for words in (heads, tails):
        for i in range(len(words)):
            texts |= {"".join(words[: i + 1]), "".join(words[i:])}
    roles = {role for role in ("probability", "logit", "either") if texts & _PLAIN[role].keys()}
    return {"either"} if roles and "log" in heads + tails else roles


def of_class(before: str, after: str = "") -> bool:
    """Whether words around the number of a class say that it is one: ``class_``."""
    return not {"class", "cls"}.isdisjoint(_words(before) + _words(after))


def known(name: str) -> bool:
    """Whether a column in some role, or one beside these, goes by this name."""
    return plain(name) in _ASIDE or any(plain(name) in ranks for ranks in _PLAIN.values())


def invented(names: Sequence[str]) -> bool:
    """Whether all columns are called by their places, as in ``column_1``, ``column_2`` or ``V1``, ``V2``."""
    matches = [re.fullmatch(r"(\D*)(\d{1,9})", name) for name in names]
    found = [match for match in matches if match]
    numbers = [int(match[2]) for match in found]
    return (
        len(found) == len(names) > 0
        and len({match[1] for match in found}) == 1
        and numbers in ([*range(len(names))], [*range(1, len(names) + 1)])
    )


def matching(patterns: Sequence[str], names: Sequence[str]) -> list[str]:
    """The columns that a person named, ``p_*`` standing for all that begin so, in the order of the file.

    Raises:
        BadData: nothing begins so.
    """
    found: list[str] = []
    for pattern in patterns:
        if "*" not in pattern or pattern in names:
            found.append(pattern)
            continue
        expression = ".*".join(map(re.escape, pattern.split("*")))
        these = [name for name in names if re.fullmatch(expression, name)]
        if not these:
            raise BadData(f"no column matches {pattern!r}; the columns are {listed(names)}")
        found += these
    return list(dict.fromkeys(found))


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.lower())
