"""A loss at many labels: labels and logits broadcast against each other, each number as if its label were alone."""

from __future__ import annotations

from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.losses.activations import Activation
from lossterm.core.losses.formulas import Loss, Params
from lossterm.core.losses.labels import Family, smoothed
from lossterm.core.losses.objective import MEASURES, Evaluation, composed, evaluate_at


def evaluate_broadcast(
    loss: Loss, params: Params, label: Array, smoothing: float, activation: Activation, logits: Array
) -> tuple[Evaluation, Array]:
    """Evaluate one loss at logits, each with a label of its own.

    The numbers are, to the last bit, those that `evaluate_at` gives for each label by itself. Residuals of plain
    numbers (value losses behind the identity) are computed all at once; elsewhere an array of soft labels would lose
    digits beside 1, and every different label is evaluated for itself, which takes about a millisecond each.

    Args:
        loss: the loss.
        params: all its parameters (`Loss.complete`).
        label: labels before smoothing, of any shape that broadcasts with that of the logits.
        smoothing: s of y(1 − s) + s/2.
        activation: the activation.
        logits: points, of any shape.

    Returns:
        The evaluation, and the labels after smoothing; all arrays have the shape of both broadcast.

    Raises:
        ValueError: the shapes do not broadcast, or a label is outside the loss's domain.
    """
    shape = np.broadcast_shapes(label.shape, logits.shape)
    y, z = (np.broadcast_to(x, shape).ravel() + 0.0 for x in (label, logits))  # −0.0 becomes 0.0
    known, where = np.unique(y, return_inverse=True)
    where = where.ravel()
    after = [smoothed(one, smoothing) for one in known.tolist()]
    problem = next(filter(None, map(loss.label_problem, after)), None)
    if problem:
        raise ValueError(problem)
    parts = np.full((len(MEASURES), z.size), np.nan)
    alone = np.ones(len(known), dtype=bool)
    if len(known) > 1 and activation.id == "identity" and loss.family is Family.VALUE and not smoothing:
        parts[:] = _at_once(loss, params, y, activation, z)
        holes = np.isnan(parts).any(axis=0) & ~np.isnan(parts[MEASURES.index("value")])  # there limits are taken
        alone = np.bincount(where[holes], minlength=len(known)) > 0
    order, ends = np.argsort(where, kind="stable"), np.cumsum(np.bincount(where, minlength=len(known)))
    for index in np.flatnonzero(alone).tolist():
        at = order[ends[index - 1] if index else 0 : ends[index]]
        e = evaluate_at(loss, params, after[index], activation, z[at])
        parts[:, at] = [getattr(e, name) for name in MEASURES]
    labels = np.array([float(one) for one in after])
    return Evaluation(*(np.reshape(part, shape) for part in parts)), np.reshape(labels[where], shape)


def _at_once(loss: Loss, params: Params, y: Array, activation: Activation, z: Array) -> list[Array]:
    # what `evaluate_at` computes of one label, before it takes limits
    with np.errstate(all="ignore"):
        v = activation.jet(z)
        by_logit = composed(loss, params, y, activation, v)
        by_self = composed(loss, params, y, activation, v.reseeded())
    parts = (z, v.value, v.first, by_logit.value, by_self.first, by_self.second, by_logit.first, by_logit.second)
    return [np.asarray(part) + 0.0 for part in parts]
