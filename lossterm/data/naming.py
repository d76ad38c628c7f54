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


def plain(name: str) -> str:
    """A name without case, spaces, dots, dashes and underlines: ``y_true``, ``Y True`` and ``y-true`` are one."""
    return re.sub(r"[\s_.\-]+", "", name).lower()


_PLAIN = {role: {plain(name): i for i, name in enumerate(names)} for role, names in {
    "label": LABEL, "probability": PROBABILITY, "logit": LOGIT, "either": EITHER, "weight": WEIGHT, "group": GROUP,
}.items()}  # fmt: skip


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


def class_columns(names: Sequence[str], labels: Sequence[str]) -> tuple[list[str], tuple[str, ...]] | None:
    """K ≥ 2 columns, one a class, with the names of the classes; None where there are none.

    Args:
        names: the columns that may be predictions, in order.
        labels: the distinct texts of the label.
    """
    families: dict[str, list[tuple[str, str]]] = {}
    for name in names:
        for prefix, ending in _splits(name):
            families.setdefault(prefix, []).append((name, ending))
    for members in families.values():
        endings = [ending for _, ending in members]
        if len(members) >= 2 and (_indices(endings) or (labels and set(labels) <= set(endings))):
            return [name for name, _ in members], tuple(endings)
    if len(labels) >= 2 and set(labels) <= set(names):
        return [name for name in names if name in set(labels)], tuple(name for name in names if name in set(labels))
    for members in families.values():
        if len(members) >= 3 and all(re.fullmatch(r"[^\W\d].*", ending) for _, ending in members):
            return [name for name, _ in members], tuple(ending for _, ending in members)
    return None


def classes_of(columns: Sequence[str]) -> tuple[str, ...]:
    """The names of the classes in K given columns: what is left of the names without what they share."""
    shared = columns[0]
    while not all(name.startswith(shared) for name in columns):
        shared = shared[:-1]
    marks = [mark.end() for mark in re.finditer(r"[_\s.\-:/]", shared)]
    # without a mark only numbers can be told from what comes before them: p10, p11; but cat and cow are whole names
    start = marks[-1] if marks else len(shared.rstrip("0123456789"))
    rest = tuple(name[start:] for name in columns)
    separated = all(rest) and (bool(marks) or all(ending.isdecimal() for ending in rest))
    return rest if separated else tuple(columns)


def kind_of_family(columns: Sequence[str]) -> Kind | None:
    """What K columns of predictions are, where what their names begin with tells."""
    kinds = {kind_of(prefix) for prefix, _ in _splits(columns[0]) if all(name.startswith(prefix) for name in columns)}
    kinds.discard(None)
    return kinds.pop() if len(kinds) == 1 else None


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


def _splits(name: str) -> list[tuple[str, str]]:
    """The name as what a prediction goes by and the rest: ``prob_cat`` → ``prob_``, ``cat``."""
    found = []
    for cut in range(1, len(name)):
        head = plain(name[:cut])
        tail = name[cut:]
        if not any(head in _PLAIN[role] for role in ("probability", "logit", "either")) or not plain(tail):
            continue
        separated = name[cut - 1] in "_-. " or tail.isdecimal()
        if separated and not (tail.isdecimal() and name[cut - 1].isdecimal()):
            found.append((name[:cut], tail))
    return found


def _indices(endings: Sequence[str]) -> bool:
    if not all(ending.isdecimal() for ending in endings):
        return False
    numbers = [int(ending) for ending in endings]
    return numbers == list(range(numbers[0], numbers[0] + len(numbers)))
