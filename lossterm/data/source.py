"""A source of examples: one or several files, read as one, in batches, as often as needed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import TracebackType

import numpy as np

from lossterm.core.examples import Examples, Kind
from lossterm.core.names import unknown
from lossterm.data import files
from lossterm.data.assembly import Assembly, numbers
from lossterm.data.checks import BadData
from lossterm.data.chunk import Broken, Chunk, Form, Table, Unreadable
from lossterm.data.columns import Columns, guess
from lossterm.data.content import look
from lossterm.data.files import Found, Scratch
from lossterm.data.labels import decide
from lossterm.data.opening import agree, open_file


def never() -> bool:
    """Not cancelled."""
    return False


def ignore(fraction: float) -> None:
    """Progress that nobody watches."""


class Source:
    """Examples from files.

    Attributes:
        columns: which columns are read.
        names: all columns of the files.
        title: short names of the files.
        label_names: of label 0 and 1, or of the K classes; () for real labels.
        size: bytes of the files.
    """

    def __init__(
        self, found: Sequence[Found], tables: Sequence[Table], columns: Columns, positive: str | None, skip_bad: bool
    ) -> None:
        self._found = found
        self._tables = tables
        self._totals: list[int | None] = [table.rows if table.exact else None for table in tables]
        self._skip_bad = skip_bad
        self._scratch: Scratch | None = None
        self.columns = columns
        self.names = tables[0].names
        self.title = files.title_of(found)
        self.size = sum(file.size for file in found)
        content = look(tables[0].sample()[columns.label])
        try:
            coding = decide(content, columns, positive, self._label_range)
        except BadData as error:
            raise BadData(f"{self.title}: {error}") from None
        self.label_names = coding.names
        self._assembly = Assembly(columns, coding, skip_bad)

    @classmethod
    def open(
        cls,
        paths: Sequence[str],
        *,
        label_column: str | None = None,
        prediction_columns: Sequence[str] | None = None,
        kind: Kind | None = None,
        weight_column: str | None = None,
        group_column: str | None = None,
        positive: str | None = None,
        delimiter: str | None = None,
        skip_bad: bool = False,
    ) -> Source:
        """Find out what the files are and which of their columns to read.

        Args:
            paths: files, patterns, or ``-`` for standard input.
            label_column: where it is not to be guessed; so for the others.
            prediction_columns: one, K in the order of the classes, or a beginning with ``*``.
            kind: what the predictions are.
            weight_column: the weights.
            group_column: the groups.
            positive: the label that is 1; every other is 0.
            delimiter: of delimited text.
            skip_bad: leave bad rows out and count them, instead of ending at the first. A file that is cut off or
                damaged ends the reading all the same.

        Raises:
            BadData: one line that names the file and what is wrong.
            ValueError: polars is needed and not installed.
        """
        scratch = Scratch()
        try:
            opened = [open_file(file, scratch, delimiter) for file in files.find(paths, scratch)]
            found, tables = [file for file, _ in opened], [table for _, table in opened]
            agree(found, tables)
            try:
                columns = guess(
                    tables[0].names, tables[0].sample(), label=label_column, predictions=prediction_columns,
                    kind=kind, weight=weight_column, group=group_column,
                )  # fmt: skip
            except BadData as error:
                also = f" ({tables[0].aside})" if tables[0].aside else ""
                raise BadData(f"{found[0].title}: {error}{also}") from None
            source = cls(found, tables, columns, positive, skip_bad)
        except BaseException:
            scratch.close()
            raise
        source._scratch = scratch
        return source

    @property
    def groups(self) -> list[str]:
        """Names of the groups seen so far; ``Examples.group`` is the index."""
        return self._assembly.groups

    def group_index(self, name: str) -> int:
        """The index of a group, which is looked for in the files where it has not been seen.

        Raises:
            BadData: there is none of this name; or as in `batches`.
        """
        if name not in self.groups:
            for _ in self.batches():
                if name in self.groups:
                    break
            else:
                raise BadData(unknown(name, "group", self.groups))
        return self.groups.index(name)

    @property
    def skip_reasons(self) -> Counter[str]:
        """How many bad rows the last pass left out for each reason."""
        return self._assembly.reasons

    @property
    def skipped(self) -> int:
        """How many bad rows the last pass left out."""
        return sum(self.skip_reasons.values())

    def close(self) -> None:
        """Remove what was kept of standard input; also done when the source is no longer used."""
        if self._scratch is not None:
            self._scratch.close()

    def __enter__(self) -> Source:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def batches(
        self, cancelled: Callable[[], bool] = never, progress: Callable[[float], None] = ignore
    ) -> Iterator[Examples]:
        """All examples in the order of the rows; every call is a new pass.

        The arrays may be views of what was read: they must not be written to.

        Args:
            cancelled: asked before every batch; when it is true the pass ends.
            progress: told the fraction that is done, from 0 to 1.

        Raises:
            BadData: the first bad row, unless bad rows are skipped; or a file that is damaged, or has changed.
        """
        self._assembly.restart()
        offset = 0
        for at, (file, table) in enumerate(zip(self._found, self._tables, strict=True)):
            done = 0
            for done, chunk, fresh in self._chunks(file, table, self._assembly.forms, not self._skip_bad):
                if cancelled():
                    return
                examples = self._assembly.examples(chunk, file.title, done, offset)
                if fresh and len(examples):
                    yield examples
                done += chunk.count  # noqa: PLW2901
                progress(self._fraction(at, offset + done))
            self._totals[at] = done
            offset += done
        if not offset:
            raise BadData(f"{self.title}: there are no rows of data")
        progress(1.0)

    def rows(self, numbers: Sequence[int]) -> list[dict[str, object]]:
        """All columns of some rows, in the order asked; text files give the texts that are in them.

        Args:
            numbers: row numbers, from 1, counted through all files.

        Raises:
            BadData: a file ends before such a row, or has changed.
        """
        found: dict[int, dict[str, object]] = {}
        left, offset = sorted({number - 1 for number in numbers}), 0
        for at, (file, table) in enumerate(zip(self._found, self._tables, strict=True)):
            if not left:
                break
            total = self._total(at)
            here = [row - offset for row in left if row < offset + total]
            if here:
                file.check()
                try:
                    picked = table.pick(self._assembly.forms, here)
                except Unreadable as error:
                    raise BadData(f"{file.title}: {error}") from None
                found |= {row + offset: values for row, values in picked.items()}
                left = left[len(here) :]
            offset += total
        for number in numbers:
            if number - 1 not in found:
                raise BadData(f"{self.title}: there is no row {number}")
        return [found[number - 1] for number in numbers]

    def _chunks(
        self, file: Found, table: Table, forms: Mapping[str, Form], strict: bool
    ) -> Iterator[tuple[int, Chunk, bool]]:
        """The rows of one file, read as fast as it allows: where one way cannot go on, the next one does.

        Yields:
            How many rows are before it; the rows; and whether they are new. They are not new where a reader broke
            down after its first rows: then nothing can be saved, but a fault that the next reader finds is told.
        """
        file.check()
        done, why, saved = 0, "", True
        for reader in table.readers(forms, strict):
            position = 0
            try:
                for chunk in reader():
                    end = position + chunk.count
                    if not saved:
                        yield position, chunk, False
                    elif end > done:
                        known, done = done, end
                        yield max(known, position), chunk.after(max(0, known - position)), True
                    position = end
                if saved:
                    return
            except Unreadable as error:
                file.check()
                why, saved = str(error), saved and not (done and isinstance(error, Broken))
        raise BadData(f"{file.title}: {why}" + (f", after row {position:,}" if position else ""))

    def _label_range(self) -> tuple[float, float]:
        """Least and greatest label of all files; what is no number is left to the passes to tell."""
        low, high = np.inf, -np.inf
        for file, table in zip(self._found, self._tables, strict=True):
            for _, chunk, _ in self._chunks(file, table, {self.columns.label: "number"}, strict=False):
                values = numbers(chunk, self.columns.label)
                finite = values[np.isfinite(values)]
                if len(finite):
                    low, high = min(low, float(finite.min())), max(high, float(finite.max()))
        return low, high

    def _total(self, at: int) -> int:
        """The number of rows of a file; an endless one while it is not known, if it is the last."""
        known = self._totals[at]
        if known is None and at < len(self._tables) - 1:
            file, table = self._found[at], self._tables[at]
            known = sum(chunk.count for _, chunk, _ in self._chunks(file, table, self._assembly.forms, strict=False))
            self._totals[at] = known
        return 2**62 if known is None else known

    @property
    def expected_rows(self) -> int:
        """How many rows there are: what a pass has counted, else what the first lines let one expect."""
        rows = [table.rows if total is None else total for table, total in zip(self._tables, self._totals, strict=True)]
        return max(sum(rows), 1)

    def _fraction(self, at: int, done: int) -> float:
        known = all(total is not None for total in self._totals)
        return min(done / self.expected_rows, 1.0 if known else 0.99)
