"""A comparison for programs: the part ``compare`` of what ``lossterm data --format json`` prints."""

from __future__ import annotations

from lossterm.core.statistics.areas import Area
from lossterm.core.statistics.calibration import Reliability
from lossterm.core.statistics.pair_figures import Compared, Difference, LossDifference
from lossterm.model.records import strict
from lossterm.predictions.compare_words import sentences
from lossterm.predictions.comparing import Comparison
from lossterm.predictions.figures import Record
from lossterm.predictions.report import plain


def record(comparison: Comparison) -> Record:
    """All of it."""
    compared = comparison.compared
    flips, areas, costs = compared.flips, compared.areas, compared.costs
    return {
        "first": comparison.first,
        "second": comparison.second,
        "key": comparison.key,
        "rows": compared.rows,
        "only_first": comparison.only_first,
        "only_second": comparison.only_second,
        "disagreeing": comparison.disagreeing,
        "bad": comparison.bad,
        "losses": [_loss(loss) for loss in compared.losses],
        "flips": None
        if flips is None
        else {
            "right_to_wrong": flips.right_to_wrong,
            "wrong_to_right": flips.wrong_to_right,
            "both_right": flips.both_right,
            "both_wrong": flips.both_wrong,
            "p": flips.p,
        },
        "auroc": None
        if areas.difference.value is None
        else {
            "first": areas.first.value,
            "second": areas.second.value,
            **_area(areas.difference),
        },
        "reliability": None
        if compared.reliability is None
        else {name: _bins(bins) for name, bins in zip(("first", "second"), compared.reliability, strict=True)},
        "murphy": None
        if costs is None
        else {"theta": costs.theta.tolist(), "first": costs.first.tolist(), "second": costs.second.tolist()},
        "differing": _differing(comparison),
        "groups": _groups(compared, comparison.groups),
        "conclusion": sentences(comparison),
        "notes": list(comparison.notes),
    }


def _loss(loss: LossDifference) -> Record:
    return {
        "loss": loss.first.loss.id,
        "params": dict(loss.first.params),
        "second_loss": loss.second.loss.id,
        "second_params": dict(loss.second.params),
        "first_mean": _strict(loss.first_mean),
        "second_mean": _strict(loss.second_mean),
        **_difference(loss.difference),
        "share_second_better": loss.better,
        "share_first_better": loss.worse,
        "weighted_first_mean": None if loss.weighted_means is None else _strict(loss.weighted_means[0]),
        "weighted_second_mean": None if loss.weighted_means is None else _strict(loss.weighted_means[1]),
        **{f"weighted_{name}": value for name, value in _difference(loss.weighted or Difference(None, None)).items()},
    }


def _strict(x: float | None) -> float | str | None:
    return None if x is None else strict(x)


def _difference(difference: Difference) -> Record:
    ends = difference.interval
    return {
        "difference": _strict(difference.value),
        "standard_error": _strict(difference.standard_error),
        "interval": None if ends is None else [strict(end) for end in ends],
    }


def _area(difference: Area) -> Record:
    return _difference(Difference(difference.value, difference.standard_error))


def _bins(bins: Reliability) -> list[Record]:
    names = ("lower", "upper", "count", "confidence", "frequency")
    return [
        dict(zip(names, values, strict=True))
        for values in zip(*(getattr(bins, name).tolist() for name in names), strict=True)
    ]


def _differing(comparison: Comparison) -> list[Record]:
    found = comparison.compared.differing
    if found is None:
        return []
    return [
        {
            "row": row,
            "difference": strict(difference),
            "label": strict(label),
            "first": strict(first),
            "second": strict(second),
            "columns": {name: plain(cell) for name, cell in comparison.columns.get(row, {}).items()},
        }
        for row, difference, label, first, second in zip(
            found.row.tolist(), found.difference.tolist(), found.label.tolist(), found.first.tolist(),
            found.second.tolist(), strict=True,
        )
    ]  # fmt: skip


def _groups(compared: Compared, names: tuple[str, ...]) -> list[Record] | None:
    if compared.groups is None:
        return None
    return [
        {
            "group": names[group],
            "rows": max((difference.count for difference in found), default=0),
            "losses": [
                {"loss": loss.first.loss.id, **_difference(difference)}
                for loss, difference in zip(compared.losses, found, strict=True)
            ],
        }
        for group, found in compared.groups.items()
    ]
