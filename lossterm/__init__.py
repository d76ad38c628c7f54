"""lossterm: the loss-function microscope for your terminal.

In a notebook::

    >>> import lossterm
    >>> e = lossterm.evaluate("focal:gamma=2", label=1, activation="sigmoid", at=-4.0)
    >>> round(float(e.d_logit), 4)
    -1.0864

Every result shows itself there, and becomes a data frame with ``to_frame()``. A loss goes by any of its names, here or
in a library, with its parameters as on the command line; what is wrong is a ValueError that says what would be right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lossterm.notebook.catalogue import losses
    from lossterm.notebook.evaluations import evaluate
    from lossterm.notebook.landmarks import landmarks
    from lossterm.notebook.own import define
    from lossterm.notebook.properties import compute_properties
    from lossterm.notebook.race import run_race
    from lossterm.notebook.softmax import evaluate_softmax
    from lossterm.notebook.summaries import Summary, summarise

__version__ = "0.1.0"
__all__ = [
    "Summary",
    "__version__",
    "compute_properties",
    "define",
    "evaluate",
    "evaluate_softmax",
    "landmarks",
    "losses",
    "run_race",
    "summarise",
]

_HOMES = {
    "Summary": "summaries",
    "compute_properties": "properties",
    "define": "own",
    "evaluate": "evaluations",
    "evaluate_softmax": "softmax",
    "landmarks": "landmarks",
    "losses": "catalogue",
    "run_race": "race",
    "summarise": "summaries",
}
# The module of `lossterm.notebook` that each function is in: numpy and the mathematics are loaded by the first use, so
# that `lossterm --help` need not wait for them.

if not TYPE_CHECKING:  # a checker knows the names from above, and that there are no others

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        found = getattr(import_module(f"lossterm.notebook.{_HOMES[name]}"), name)
        globals()[name] = found  # from now on it is found without coming here
        return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
