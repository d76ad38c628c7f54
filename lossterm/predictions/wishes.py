"""What a command line wants of a file beside its figures: to mend it, to write it, to hold it to bounds."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from lossterm.model.parser import of_option
from lossterm.predictions.figures import Record
from lossterm.predictions.options import AGAINST_OPTIONS
from lossterm.predictions.requirements import Held, Requirement, held, requirement
from lossterm.predictions.view import STORED, Look

if TYPE_CHECKING:
    from lossterm.core.statistics.question import Question
    from lossterm.files.source import Source
    from lossterm.predictions.mending import Mending

WORST_ENDINGS = (".csv", ".csv.gz")


@dataclass(frozen=True)
class Wishes:
    """What is wanted.

    Attributes:
        recalibrate: methods, as they are typed; "" where none is.
        fit_on: a file or a filter whose rows they are fitted to; "" for folds.
        write: where the mended rows or their map go; None for nowhere.
        write_worst: where the worst rows go.
        require: bounds on figures.
        save: where the summary goes.
    """

    recalibrate: str = ""
    fit_on: str = ""
    write: Path | None = None
    write_worst: Path | None = None
    require: tuple[Requirement, ...] = ()
    save: Path | None = None

    @property
    def any(self) -> bool:
        """Whether anything is: then the explorer does not open."""
        return self != Wishes()

    def without_writing(self) -> Wishes:
        """The same with nothing written."""
        return replace(self, write=None, write_worst=None, save=None)

    def mending(
        self, source: Source, question: Question, open_other: Callable[[str], Source], progress: Callable[[float], None]
    ) -> Mending | None:
        """The recalibrations that are wanted, and the rows written that are; None where none is.

        Raises:
            ValueError: they mean nothing for the file; or as in `lossterm.predictions.mending.mend`.
        """
        if not self.recalibrate:
            return None
        from lossterm.predictions.mending import asked_methods, mend

        with of_option("--recalibrate"):
            methods = asked_methods(self.recalibrate, source)
        if self.write is not None and len(methods) > 1:
            raise ValueError(f"--write takes one method: --recalibrate {methods[0]}, not {', '.join(methods)}")
        return mend(source, question, methods, fit_on=self.fit_on, open_other=open_other, progress=progress)

    def written(self, source: Source, mending: Mending | None, worst: Sequence[Record]) -> list[str]:
        """Write what is to be written.

        Returns:
            What is said of it, in lines.

        Raises:
            ValueError: the method has no fit, or a file has changed.
            OSError: it cannot be written.
        """
        from lossterm.predictions import taking

        said = []
        if self.write is not None and mending is not None:
            method = mending.judgement.verdicts[0].fitted.method
            said += taking.write_mended(self.write, source, mending, method)
        if self.write_worst is not None:
            said.append(taking.write_worst(self.write_worst, worst))
        return said

    def held(self, document: Mapping[str, object]) -> list[Held]:
        """What the figures say of each bound.

        Raises:
            ValueError: a bound is on no figure.
        """
        return held(self.require, document)


def add_wish_flags(parser: argparse.ArgumentParser) -> None:
    """Declare them."""
    add = parser.add_argument
    add("--recalibrate", metavar="METHOD",
        help="T, platt, beta or isotonic, of K classes T or vector; several with commas, or all: what would mend the "
             "predictions, judged on rows it was not fitted to (5 folds by splitmix64 of the row number)")  # fmt: skip
    add(
        "--fit-on",
        metavar="FILE|COLUMN=VALUE",
        help="fit to the rows of a file, or to those with a value, and judge the others",
    )
    add("--write", metavar="OUT",
        help="write what --recalibrate makes, never over a file: .csv, .csv.gz, .parquet all rows with a new column, "
             ".json the map, .py a function of numpy")  # fmt: skip
    add("--write-worst", metavar="OUT", help="write the worst rows (--worst of them) with all columns: .csv, .csv.gz")
    add(
        "--save",
        metavar="OUT.lossterm",
        help="write the summary, never over a file: lossterm data part-*.lossterm "
        "merges those that were asked the same (losses, bins, threshold …), and needs no rows",
    )
    add("--require", action="append", metavar="FIGURE<NUMBER",
        help="a bound (<, <=, >, >=) on a figure by its JSON name, or on a loss's mean: 'ece<.03', 'focal<=.2'; "
             "repeated; exit 1 where one does not hold, each told in a line")  # fmt: skip


def asked_wishes(given: argparse.Namespace) -> Wishes:
    """What a command line wants.

    Raises:
        ValueError: what is wrong with it.
    """
    from lossterm.predictions import taking

    require = tuple(map(requirement, given.require or ()))
    if given.recalibrate is None:
        for option, value in (("--fit-on", given.fit_on), ("--write", given.write)):
            if value is not None:
                also = "; the worst rows are written by --write-worst" if option == "--write" else ""
                raise ValueError(f"{option} goes with --recalibrate, such as --recalibrate platt{also}")
    if given.recalibrate is not None and not given.recalibrate.strip():
        raise ValueError("--recalibrate needs a method: T, platt, beta, isotonic, vector, or all")
    write = None if given.write is None else taking.target(given.write, (*taking.ROWS, *taking.MAPS), "--write")
    worst = given.write_worst and taking.target(given.write_worst, WORST_ENDINGS, "--write-worst")
    if write is not None and write == worst:
        raise ValueError("--write and --write-worst name one file")
    save = given.save and taking.target(given.save, (STORED,), "--save")
    return Wishes(given.recalibrate or "", given.fit_on or "", write, worst or None, require, save or None)


def check_labels(given: argparse.Namespace, source: Source, look: Look, wishes: Wishes) -> None:
    """See whether it is said of which of several labels something is asked that is of one.

    Raises:
        ValueError: it is not; the message says how.
    """
    pairs = source.columns.pairs
    if not pairs or given.label is not None:
        return
    against = [option.option_string for option in AGAINST_OPTIONS if option.value(look) != option.value(Look())]
    wanted = {
        "--by": look.by, "--find-segments": given.find_segments, "--recalibrate": wishes.recalibrate,
        **dict.fromkeys(against, True),
    }  # fmt: skip
    if asked := [option for option, value in wanted.items() if value]:
        names = ", ".join(label for label, _ in pairs[:4]) + (" …" if len(pairs) > 4 else "")
        raise ValueError(
            f"{asked[0]} is of one label, and there are {len(pairs)} with a prediction each ({names}): "
            f"--label {pairs[0][0]} says which"
        )


def tell_held(found: Sequence[Held], *, alone: bool) -> int:
    """Say which bounds do not hold, in a line each on stderr, and where nothing else is printed how many do.

    Returns:
        The exit code: 1 where one does not hold.
    """
    failed = [one for one in found if not one.holds]
    if alone:
        sys.stdout.write(f"{len(found) - len(failed)} of {len(found)} hold\n")
    for one in failed:
        sys.stderr.write(f"{one}\n")
    return 1 if failed else 0
