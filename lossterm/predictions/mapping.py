"""A recalibration to take away: its document, which is enough to apply it, and a snippet of numpy that does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lossterm.core.plain import visible
from lossterm.core.statistics.recalibration import METHODS, Recalibration
from lossterm.model.records import json_text
from lossterm.predictions.figures import Record
from lossterm.predictions.mending import Mending, record

if TYPE_CHECKING:
    from lossterm.files.source import Source

FORMAT, VERSION = "lossterm recalibration", 1

FORMULAS: Mapping[str, str] = {
    "T": "sigmoid(z / T), z the logit",
    "platt": "sigmoid(a z + b), z the logit",
    "beta": "sigmoid(a ln p - b ln(1 - p) + c)",
    "isotonic": "y on the line between the two nearest x, that of the last x beyond them",
    "vector": "softmax(scale_k z_k + bias_k)",
}
"""How each map is applied to one prediction."""

CLASS_TEMPERATURE = "softmax(z / T)"


def mapping_document(fitted: Recalibration, source: Source, mending: Mending) -> Record:
    """The map as JSON has it, with what it takes, how it was fitted and what it is worth."""
    judged = record(mending)
    return {
        "format": FORMAT,
        "version": VERSION,
        "method": fitted.method,
        "formula": CLASS_TEMPERATURE if fitted.classes and fitted.method == "T" else FORMULAS[fitted.method],
        "input": {
            "kind": fitted.kind,
            "classes": fitted.classes or None,
            "takes": takes(fitted, source),
            "columns": list(source.columns.read),
            "read_as": source.columns.given,
        },
        "parameters": {n: list(x) if isinstance(x, tuple) else x for n, x in fitted.parameters.items()},
        "file": source.title,
        "judged": judged,
    }


def recalibration_of(document: Mapping[str, Any]) -> Recalibration:
    """The map that such a document tells.

    Raises:
        ValueError: it is none, or of a later version.
    """
    if document.get("format") != FORMAT:
        raise ValueError(f"this is no {FORMAT}: its format says {document.get('format')!r}")
    if document.get("version") != VERSION:
        raise ValueError(f"this {FORMAT} is of version {document.get('version')!r}; {VERSION} is read here")
    method, given, numbers = document.get("method"), document.get("input"), document.get("parameters")
    if method not in METHODS or not isinstance(given, Mapping) or not isinstance(numbers, Mapping):
        raise ValueError(f"this {FORMAT} lacks its method, input or parameters")
    parameters = {n: tuple(map(float, x)) if isinstance(x, list) else float(x) for n, x in numbers.items()}
    return Recalibration(method, given["kind"], int(given.get("classes") or 0), parameters)


def takes(fitted: Recalibration, source: Source) -> str:
    """What a prediction is that the map takes, in words."""
    what = "logit" if fitted.kind == "logit" else "probability"
    if fitted.classes:
        names = source.columns.classes
        of = f": {', '.join(map(visible, names))}" if len(names) == fitted.classes else ""
        return f"{fitted.classes} {'logits' if what == 'logit' else 'probabilities'}, in the order of the classes{of}"
    if source.columns.being_right:
        return f"the {what} of being right"
    names = source.label_names
    of = f" in {visible(source.columns.read[0])}" if source.columns.pairs else ""  # of several labels which
    return f"the {what} of label 1{of}" + (f", {visible(names[1])}" if len(names) == 2 and names[1] != "1" else "")


def document_text(fitted: Recalibration, source: Source, mending: Mending) -> str:
    """`mapping_document` as a file of JSON."""
    found = mapping_document(fitted, source, mending)
    return json_text(found, indent=1) + "\n"


# ---- the snippet ---------------------------------------------------------------------------------------------------

_SIGMOID = """\
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-m))
"""
_SOFTMAX = """\
    m = m - m.max(axis=-1, keepdims=True)
    e = np.exp(m)
    return e / e.sum(axis=-1, keepdims=True)
"""
_LOGIT = """\
    with np.errstate(divide="ignore"):
        z = np.log(p) - np.log1p(-p)
"""
_LOGS = """\
    with np.errstate(divide="ignore"):
        z = np.log(p)
"""


def snippet(fitted: Recalibration, source: Source, mending: Mending) -> str:
    """Python that needs numpy alone: a function ``calibrate`` of predictions as they are read here."""
    name = "z" if fitted.kind == "logit" else "p"
    shape = f"(n, {fitted.classes}) or ({fitted.classes},)" if fitted.classes else "of any shape"
    made = f"{fitted.method}, fitted to {mending.judgement.fitted_rows:,} rows"
    return "".join([
        f'"""Recalibrates predictions: {made}; written by lossterm."""\n\n',
        "import numpy as np\n\n",
        f"SOURCE = {source.title!a}\n",
        f"TAKES = {takes(fitted, source)!a}\n",
        *(f"{key.upper()} = {_literal(value)}\n" for key, value in fitted.parameters.items()),
        "\n\n",
        f"def calibrate({name}):\n",
        f'    """The mended probabilities of what TAKES says, an array {shape}."""\n',
        f"    {name} = np.asarray({name}, dtype=float)\n",
        _body(fitted),
    ])  # fmt: skip


def _literal(value: float | tuple[float, ...]) -> str:
    if not isinstance(value, tuple):
        return repr(value)
    lines, line = [], "   "
    for number in map(repr, value):
        if len(line) + len(number) > 110:
            lines.append(line)
            line = "   "
        line += f" {number},"
    return "np.array([\n" + "\n".join([*lines, line]) + "\n])"


def _body(fitted: Recalibration) -> str:
    is_logit = fitted.kind == "logit"
    if fitted.method == "isotonic":
        return f"    return np.interp({'z' if is_logit else 'p'}, X, Y)\n"
    if fitted.classes:
        m = "z / T" if fitted.method == "T" else "SCALE * z + BIAS"
        return f"{'' if is_logit else _LOGS}    m = {m}\n{_SOFTMAX}"
    if fitted.method == "beta":
        return f"{_BETA_OF_LOGIT if is_logit else _BETA}{_SIGMOID}"
    m = "z / T" if fitted.method == "T" else "A * z + B"
    return f"{'' if is_logit else _LOGIT}    m = {m}\n{_SIGMOID}"


_BETA = """\
    with np.errstate(divide="ignore"):
        m = C + (A * np.log(p) if A else 0.0) - (B * np.log1p(-p) if B else 0.0)
"""
_BETA_OF_LOGIT = """\
    m = C + (-A * np.logaddexp(0, -z) if A else 0.0) + (B * np.logaddexp(0, z) if B else 0.0)
"""
