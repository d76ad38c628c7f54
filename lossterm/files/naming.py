"""The names that columns of labels, predictions, weights and groups go by."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lossterm.core.statistics.examples import Kind
from lossterm.files.checks import BadData, listed

TRUTH = (
    "y_true", "true_label", "label_true", "target", "targets", "truth", "ground_truth", "gt", "actual", "actuals",
    "true_class", "class_true", "observed", "obs", "y_test", "true_y", "true", "gold", "gold_label", "label_gold",
    "gold_class", "reference", "expected", "y_actual", "actual_label", "actual_class", "actual_value", "true_value",
    "true_target", "trues", "y_trues", "labels_true", "label_gt", "gt_label", "real_label", "correct_label", "wahr",
    "vrai", "verdad", "verdadero", "verdade", "vero", "is_correct", "correct", "y_real", "real",
)  # fmt: skip
"""Names that a column goes by for which it is the truth and no decision."""

LABEL = (
    *TRUTH, "label", "y", "labels", "class", "outcome", "class_label", "response", "label_id", "label_ids", "category",
    "classe", "klasse", "clase", "etiqueta", "etikett", "etichetta", "étiquette", "etiquette", "ziel", "zielwert",
    "label_idx", "label_index", "label_name", "class_name", "class_id", "class_idx", "class_index", "target_name",
    "target_class", "dependent", "ytrue", "annotation", "status", "event", "default", "churn", "dv",
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
    "confidence", "output", "outputs", "forecast", "estimate", "y_predicted", "predicted_value", "fitted", "predict",
)  # fmt: skip
WEIGHT = (
    "weight", "weights", "w", "sample_weight", "sample_weights", "case_weight", "instance_weight", "freq", "frequency",
    "row_weight", "obs_weight", "poids", "gewicht", "peso",
)  # fmt: skip
GROUP = (
    "group", "groups", "fold", "split", "segment", "domain", "source", "subgroup", "slice", "cohort", "subset",
    "partition", "groupe", "gruppe", "grupo", "gruppo",
)  # fmt: skip

WORDS: dict[str, frozenset[str]] = {
    "probability": frozenset((
        "prob", "probs", "proba", "probas", "probability", "probabilities", "phat", "posterior", "propensity",
        "wahrscheinlichkeit", "probabilité", "probabilite", "probabilidad", "probabilidade", "probabilità", "kans",
        "percent", "percentage", "pct", "prozent", "pourcentage", "porcentaje", "softmax", "sigmoid", "pr", "prb",
    )),
    "logit": frozenset(("logit", "logits", "logodds", "margin", "margins")),
    "either": frozenset((
        "pred", "preds", "prediction", "predictions", "predicted", "predict", "yhat", "score", "scores", "scored",
        "output", "outputs", "forecast", "fitted", "confidence", "conf", "certainty", "vorhersage", "prognose",
        "prediccion", "predicción", "previsao", "previsão", "prédiction", "prévision", "predizione",
    )),
}  # fmt: skip
"""Words within a name that tell what the column is, the first role that fits."""

PERCENT = frozenset(("percent", "percentage", "pct", "prozent", "pourcentage", "porcentaje", "perc"))
CONFIDENCE = frozenset(("confidence", "conf", "certainty", "maxprob", "top1", "confianza", "confiance", "konfidenz"))
DECIDED = frozenset((
    "class", "label", "labels", "decision", "category", "cls", "clase", "classe", "klasse", "id", "ids", "idx",
    "outcome",
))  # fmt: skip
"""Words that beside one of a prediction make it a decision: ``predicted_class``, ``Scored Labels``."""
ASIDE = frozenset((
    "loss", "losses", "nll", "error", "errors", "residual", "residuals", "entropy", "cost", "threshold", "precision",
    "recall", "fpr", "tpr", "age", "time", "duration", "date", "price", "amount", "length", "size", "epoch", "step",
))  # fmt: skip
"""Words in the names of columns of numbers that are no predictions."""
COUNTED = frozenset(
    ("model", "top", "fold", "run", "seed", "epoch", "step", "v", "version", "layer", "stage", "cv", "rep")
)
"""Words after which a number is not that of a class."""
RATES = frozenset(("rate", "rates", "mean", "mu", "lambda", "count", "counts", "intensity", "hazard"))

PAIRS = (
    ("0", "1"), ("0.0", "1.0"), ("-1", "1"), ("false", "true"), ("f", "t"), ("no", "yes"), ("n", "y"), ("neg", "pos"),
    ("negative", "positive"), ("-", "+"), ("off", "on"), ("benign", "malignant"), ("ham", "spam"),
    ("absent", "present"), ("healthy", "sick"), ("fail", "pass"), ("failure", "success"), ("nein", "ja"),
    ("non", "oui"), ("no", "si"), ("no", "sí"), ("no", "sì"), ("não", "sim"), ("nao", "sim"), ("нет", "да"),
    ("faux", "vrai"), ("falsch", "wahr"), ("falso", "verdadero"), ("falso", "verdadeiro"), ("falso", "vero"),
    ("nej", "ja"), ("nee", "ja"), ("nie", "tak"), ("negativ", "positiv"), ("legit", "fraud"), ("genuine", "fraud"),
    ("normal", "anomaly"), ("normal", "abnormal"), ("normal", "attack"), ("control", "case"), ("healthy", "diseased"),
    ("healthy", "disease"), ("stayed", "churned"), ("retained", "churned"),
    ("real", "fake"), ("clean", "toxic"), ("safe", "unsafe"), ("incorrect", "correct"),
    ("wrong", "right"), ("rejected", "accepted"), ("denied", "approved"), ("paid", "default"),
    ("label_0", "label_1"), ("class_0", "class_1"), ("__label__0", "__label__1"),
    ("nonspam", "spam"), ("not_spam", "spam"), ("no_event", "event"), ("non-event", "event"), ("nonevent", "event"),
    ("low", "high"), ("unlikely", "likely"), ("inactive", "active"),
)  # fmt: skip
"""Texts whose meaning as label 0 and label 1 nobody doubts."""


def plain(name: str) -> str:
    """A name without case, spaces, dots, dashes and underlines: ``y_true``, ``Y True`` and ``y-true`` are one."""
    return re.sub(r"[\s_.\-]+", "", name).lower()


_PLAIN = {role: {plain(name): i for i, name in enumerate(names)} for role, names in {
    "label": LABEL, "probability": PROBABILITY, "logit": LOGIT, "either": EITHER, "weight": WEIGHT, "group": GROUP,
}.items()}  # fmt: skip
_ASIDE = frozenset((
    "inst", "row_id", "rowid", "unnamed", "obs_id", "case_id", "id", "ids", "uid", "uuid", "index", "idx", "key",
    "name", "row", "sample", "item", "user", "file", "filename", "path", "image", "img", "text", "date", "time",
    "timestamp", "datetime", "model", "comment",
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


def words_of(name: str) -> list[str]:
    """The words of a name, in lower case: ``predProba``, ``pred_proba`` and ``Pred.Proba1`` have the same two."""
    parted = re.sub(r"(?<=[a-zß-ÿ])(?=[A-Z])|(?<=[^\W\d_])(?=\d)", " ", name)
    return [word for word in re.findall(r"[^\W_]+", parted.lower()) if word]


def role_of(name: str) -> str | None:
    """What a column of this name is as a prediction, or ``decision``; None where the name says nothing of it.

    Returns:
        ``probability``, ``log-probability``, ``logit``, ``score``, ``confidence``, ``either``, ``decision`` or None.
    """
    bare, words = plain(name), words_of(name)
    found = set(words)
    if bare in _PLAIN["label"]:
        return None
    if (found & {"log", "lp", "logprob", "logprobs", "logproba", "logp", "loglik", "logsoftmax"}) and (
        found & (WORDS["probability"] | {"lp", "logprob", "logprobs", "logproba", "logp", "logsoftmax", "p", "softmax"})
    ):
        return "log-probability"
    if bare in ("decisionfunction", "ydecision", "svmscore", "decisionscore", "decisionvalue", "decisionvalues"):
        return "score"
    if bare in _PLAIN["probability"]:
        return "probability"
    if bare in _PLAIN["logit"]:
        return "logit"
    if found & CONFIDENCE:
        return "confidence"
    if bare in _PLAIN["either"]:
        return "either"
    if found & WORDS["probability"]:
        return "probability"
    if found & WORDS["logit"] or {"raw", "score"} <= found or {"log", "odds"} <= found:
        return "logit"
    if found & WORDS["either"]:
        return "decision" if found & DECIDED else "either"
    if words[:1] == ["p"] and len(words) > 1:  # p_yes, P(yes), p.1
        return "probability"
    return "decision" if found & {"decision", "decided", "argmax"} else None


_OF_ROLES = frozenset(word for words in WORDS.values() for word in words) | {
    "label", "labels", "target", "targets", "truth", "true", "gt", "actual", "gold", "y", "p", "q", "z", "is", "has",
    "raw", "hat", "test",
}  # fmt: skip


def subject_of(name: str) -> tuple[str, ...]:
    """What a name is about, without the words of labels and predictions: ``toxic`` of ``y_true_toxic``, ``p_toxic``."""
    return tuple(word for word in words_of(name) if word not in _OF_ROLES)


def is_truth(name: str) -> bool:
    """Whether a column of this name is the truth and no decision."""
    return plain(name) in _TRUTH or bool(set(words_of(name)) & {"true", "truth", "actual", "gold", "groundtruth"})


_TRUTH = frozenset(map(plain, TRUTH))


_IDENTIFIERS = frozenset((
    "id", "ids", "idx", "index", "uid", "uuid", "guid", "key", "inst", "instance", "row", "rowid", "rownum", "rowname",
    "rownames", "rowindex", "unnamed:0", "no", "nr", "num", "name", "filename", "image", "sampleid",
))  # fmt: skip


def of_identifier(name: str) -> bool:
    """Whether a column of this name tells the examples apart: ``id``, ``PassengerId``, ``row_id``, ``inst#``."""
    words = words_of(name)
    bare = plain(name).strip("#:")
    if bare in _IDENTIFIERS:
        return True
    return bool(words) and words[-1] in ("id", "uuid", "guid", "key") and role_of(name) is None


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
    if texts & _LOGARITHMS:
        return {"either"}
    return {"either"} if roles and "log" in heads + tails else roles


_LOGARITHMS = frozenset(("lp", "logprob", "logprobs", "logproba", "logp", "logsoftmax"))


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
