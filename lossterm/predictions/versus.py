"""Choosing what the predictions are compared with on the screen, and what it shows of the comparison."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from lossterm.core.numbers import MINUS, UNDEFINED, fitting, percent, significant, trimmed
from lossterm.core.plain import visible
from lossterm.model.actions import Ask, Outcome, Pick, Tell
from lossterm.predictions import actions as act
from lossterm.predictions import file_actions
from lossterm.predictions.completion import completed
from lossterm.predictions.figures import told
from lossterm.predictions.figures_widget import FigureLine
from lossterm.predictions.state import DataState, apart
from lossterm.predictions.view import Look, alone
from lossterm.tui.widgets.chooser import Item

if TYPE_CHECKING:
    from lossterm.predictions.comparing import Comparison


def choose(state: DataState) -> Outcome:
    """Choose what to compare with: what is shown now, another column, another file, this one at the fitted T."""
    file, look = state.file, state.look
    if file is None:
        return file_actions.NO_FILE
    ways: list[tuple[str, str, Any]] = [("what is shown now", "for another T, γ, clip", act.compare)]
    ways += [(name, "a second prediction", partial(_against, columns=(name,))) for name in candidates(state)]
    if state.class_count:
        ways += [
            (f"{family[0]} … {family[-1]}", "a second prediction", partial(_against, columns=family))
            for family in file.source.families
            if family != file.source.columns.read
        ]
    if state.opens_any_file:
        ways.append(("another file …", "of the same rows", _ask_file))
    fitted = None if state.findings is None else state.findings.temperature.value
    if fitted is not None and not state.is_of_values:
        ways.append((f"itself at T = {trimmed(fitted)}", "the fitted T", partial(_at_temperature, temperature=fitted)))
    if look.compares:
        ways.append(("nothing", "no second prediction", _alone))
    items = tuple(Item(text, right, False) for text, right, _ in ways)

    def take(then: DataState, index: int) -> Outcome:
        return ways[index][2](then)

    return Pick("compare with", items, 0, take)


def candidates(state: DataState) -> Sequence[str]:
    """The columns of the file that may be a second prediction, those that go by the name of one first."""
    file = state.file
    if file is None or state.class_count:
        return ()
    columns = file.source.columns
    taken = {columns.label, *columns.read, columns.weight, columns.group, columns.key, columns.decision}
    taken |= {name for pair in columns.pairs for name in pair}
    plain = columns.given in ("probability", "logit") and columns.out_of == 1
    likely = file.source.scored if plain else file.source.numeric
    names = [name for name in likely if name not in taken]
    return sorted(names, key=lambda name: name not in columns.passed_over)


def _compared(state: DataState, look: Look) -> DataState:
    return state.with_look(replace(look, page="compare"))


def _against(state: DataState, columns: tuple[str, ...]) -> DataState:
    return _compared(state, replace(alone(state.look), against_column=columns))


def _at_temperature(state: DataState, temperature: float) -> DataState:
    return _compared(state, replace(alone(state.look), against_temperature=temperature))


def _alone(state: DataState) -> Outcome:
    return state.with_look(apart(state.look)), Tell("no second prediction")


def _ask_file(state: DataState) -> Outcome:
    def take(then: DataState, text: str) -> Outcome:
        path = text.strip()
        if not path:
            raise ValueError("write the name of a file with predictions of the same rows")
        return _compared(then, replace(alone(then.look), against=file_actions.one_path(path)))

    return Ask("compare with file (tab completes)", take, state.look.against or "", complete=completed)


# ---- what the figures show ------------------------------------------------------------------------------------------


def heads(comparison: Comparison) -> list[str]:
    """Over the columns of the table of losses."""
    return ["A", "B", f"B{MINUS}A", "±", "B better"]


def kinds(comparison: Comparison) -> str:
    """Of what kind the means are, and what a star says."""
    return "weighted · * surely" if comparison.compared.question.first.weighted else "* surely"


def lines(comparison: Comparison) -> list[FigureLine]:
    """The table: a line a loss, and the AUROC."""
    from lossterm.predictions.compare_words import best, loss_title, signed

    found = []
    for at, loss in enumerate(comparison.compared.losses):
        difference = best(comparison, at)
        star = "*" if difference.sure and loss.of_one_loss else ""
        error = UNDEFINED if difference.standard_error is None else significant(difference.standard_error, 2)
        better = UNDEFINED if loss.better is None or not loss.of_one_loss else percent(loss.better)
        cells = (*map(_short, loss.means), f"{signed(difference.value)}{star}", error, better)
        found.append(FigureLine(loss_title(comparison, at), cells))
    areas, ranking = comparison.compared.areas, comparison.compared.ranking
    if ranking.value is not None:
        by, star = ranking.standard_error, "*" if ranking.sure else ""
        found.append(FigureLine("AUROC", (
            _short(areas.first.value), _short(areas.second.value), f"{signed(ranking.value)}{star}",
            UNDEFINED if by is None else significant(by, 2), "",
        )))  # fmt: skip
    return found


def _short(x: float | None) -> str:
    return UNDEFINED if x is None else fitting(x, 7)


def blocks(comparison: Comparison) -> list[list[FigureLine]]:
    """What stands beside the table: the decisions."""
    flips = comparison.compared.flips
    how = f" by {visible(comparison.joined)[:12]}" if comparison.joined else ""
    found = [FigureLine("rows", (f"{comparison.compared.rows:,}{how}",))]
    alone = bool(comparison.only_first or comparison.only_second)
    if alone:
        found.append(FigureLine("in one only", (f"A {comparison.only_first:,} · B {comparison.only_second:,}",)))
    if flips is not None:
        found += [
            FigureLine("both right", (f"{flips.both_right:,}",)),
            FigureLine("only A right", (f"{flips.right_to_wrong:,}",)),
            FigureLine("only B right", (f"{flips.wrong_to_right:,}",)),
            FigureLine("both wrong", (f"{flips.both_wrong:,}",)),
        ]
        if flips.p is not None:
            found.append(FigureLine("McNemar", (f"p {told(flips.p, 2) if flips.p else '< 1e−300'}",)))
    return [found, found[: 1 + alone]]


def said(comparison: Comparison, others: Sequence[Comparison] = ()) -> list[tuple[str, ...]]:
    """Who is better, in words, how others compare that are not shown, and by group."""
    from lossterm.predictions.compare_words import sentences

    found: list[tuple[str, ...]] = [(f"{sentence}", "") for sentence in sentences(comparison)]
    found[:0] = [(_others(others),)] if others and comparison.compared.losses else []
    groups = _by_group(comparison)
    return [*found, *([(groups, "")] if groups else []), *((note, "") for note in comparison.notes)]


def _others(others: Sequence[Comparison]) -> str:
    from lossterm.predictions.compare_words import best, loss_title, signed

    parts = []
    for other in others:
        found, same = best(other, 0), other.compared.losses[0].of_one_loss
        error = "" if found.standard_error is None else f" ± {significant(found.standard_error, 2)}"
        parts.append(f"{other.second} {signed(found.value)}{error}{'*' if found.sure and same else ''}")
    return f"not shown, by {loss_title(others[0], 0)}: {' · '.join(parts)} (c shows one)"


def _by_group(comparison: Comparison) -> str:
    groups = comparison.compared.groups
    if not groups or not comparison.compared.losses:
        return ""
    from lossterm.predictions.compare_words import loss_title, signed
    from lossterm.predictions.report import cell_text

    same = comparison.compared.losses[0].of_one_loss
    ordered = sorted(groups.items(), key=lambda item: -abs(item[1][0].value or 0.0))
    parts = [
        f"{cell_text(comparison.groups[group])} {signed(found[0].value)}{'*' if found[0].sure and same else ''}"
        for group, found in ordered[:12]
    ]
    return f"by group, {loss_title(comparison, 0)}: {' · '.join(parts)}{' …' if len(groups) > 12 else ''}"


def differing(comparison: Comparison, names: Sequence[str]) -> tuple[Sequence[str], list[Sequence[str]]]:
    """The heads and rows of the table of the rows that differ most."""
    from lossterm.predictions.compare_words import signed
    from lossterm.predictions.worst import brief

    found = comparison.compared.differing
    table_heads = ["row", f"B{MINUS}A", "A → B", *names]
    rows: list[Sequence[str]] = []
    if found is None:
        return table_heads, rows
    for row, difference, first, second in zip(
        found.row.tolist(), found.difference.tolist(), found.first.tolist(), found.second.tolist(), strict=True
    ):
        cells = comparison.columns.get(row, {})
        change = f"{told(first, 3)} → {told(second, 3)}"
        rows.append([f"{row:,}", signed(difference), change, *(brief(cells.get(name)) for name in names)])
    return table_heads, rows
