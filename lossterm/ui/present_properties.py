"""From computed properties to what the widgets of the Properties screen show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lossterm.core.properties import ABOUT, Property
from lossterm.numbers import significant, trimmed
from lossterm.property_table import cell, tolerance_text
from lossterm.state import Quantity, Row, View
from lossterm.ui.widgets.grid import GridRow

Found = Mapping[str, Property]

HEADS = {
    "convex_in_logit": ("convex", "in z"),
    "inflections": ("inflection", "at z"),
    "convex_in_prediction": ("convex", "in {v}"),
    "bounded": ("", "bounded"),
    "max_abs_d_logit": ("max", "|∂L/∂z|"),
    "saturates": ("satu-", "rates"),
    "lipschitz": ("max", "|∂L/∂{v}|"),
    "smoothness": ("smooth-", "ness"),
    "minimiser": ("least", "at {v}"),
    "symmetric": ("symme-", "tric"),
    "growth": ("", "growth"),
    "proper": ("", "proper"),
    "risk_minimiser": ("η = .9:", "least at"),
    "calibrated": ("cali-", "brated"),
    "noise_tolerant": ("noise", "tolerant"),
    "likelihood": ("", "likelihood"),
}
"""What stands over each column, in two lines."""

NAMES = tuple(HEADS)
"""The properties in their order."""

SLOPE: Mapping[str, Quantity] = {"smoothness": "d2_logit", "convex_in_logit": "d2_logit", "inflections": "d2_logit",
         "lipschitz": "d_prediction", "convex_in_prediction": "d_prediction"}  # fmt: skip
"""What the lower chart of Curves shows of each; ∂L/∂z of the others."""

WAITING = "…"
"""What is shown until it is computed."""


def row_name(r: Row) -> str:
    """The loss with the parameters that are on."""
    on = [
        f"{p.symbol}={trimmed(v, 3)}"
        for p, (_, v) in zip(r.entry.parameters, r.params, strict=True)
        if v is not None and not (p.name == "pos_weight" and v == 1)
    ]
    return " ".join([r.entry.title, *on])


def heads(view: View) -> list[tuple[str, str]]:
    """The heads of the columns."""
    v = "p" if view.link.is_probability else "v"
    return [(one.format(v=v), two.format(v=v)) for one, two in HEADS.values()]


Texts = tuple[tuple[str, ...], tuple[bool, ...]]
"""The cells of a row, and for each whether it stands back."""

UNKNOWN: Texts = ((WAITING,) * len(NAMES), (True,) * len(NAMES))
"""A row that is not yet computed."""


def texts(found: Found) -> Texts:
    """The cells of a row."""
    values = [found[name].value for name in NAMES]
    return tuple(map(cell, values)), tuple(v is None or v is False for v in values)


def grid_rows(view: View, known: Sequence[Texts | None]) -> list[GridRow]:
    """The rows of the table."""
    result, letters = [], view.letters
    for index, (r, row) in enumerate(zip(view.rows, known, strict=True)):
        letter = letters.get(index, " ")
        cells, dim = row or UNKNOWN
        result.append(GridRow(letter, ord(letter) - 97 if r.shown else -1, r.shown, row_name(r), cells, dim))
    return result


def evidence(view: View, r: Row, name: str, found: Found | None, point: int) -> tuple[str, str, list[tuple[str, str]]]:
    """The title, what enter does, and the lines of the evidence of one cell."""
    head = " ".join(part for part in heads(view)[NAMES.index(name)] if part).replace("- ", "")
    if found is None:
        return f"{head} · {row_name(r)}", "", [("", "being computed …")]
    p = found[name]
    where = ""
    if p.points:
        at = point % len(p.points)
        which = f" ({at + 1} of {len(p.points)}: n)" if len(p.points) > 1 else ""
        where = f"enter: Curves at z = {significant(p.points[at])}{which}"
    lines = [("means", ABOUT[name]), ("because", p.evidence)]
    if p.value is not None:
        lines.append(("tolerance", tolerance_text(p.tolerance)))
    value = "undecided" if p.value is None else cell(p.value)
    return f"{head} · {row_name(r)}: {value}", where, lines


def everything(view: View, found: Found) -> list[tuple[str, str]]:
    """All the properties of one loss with their evidence, a line each."""
    names = [" ".join(part for part in head if part).replace("- ", "") for head in heads(view)]
    return [
        (name, f"{'undecided' if p.value is None else cell(p.value)}: {p.evidence}")
        for name, p in zip(names, found.values(), strict=True)
    ]


def status(view: View, done: int) -> tuple[str, str]:
    """What is looked at, in a long and a short form."""
    y = trimmed(view.target, 6)
    count = len(view.rows)
    progress = f" · {done} of {count}" if done < count else f" · {count} losses × {len(NAMES)} properties"
    return f"y = {y} · {view.activation}{progress}", f"y={y}·{view.activation}"
