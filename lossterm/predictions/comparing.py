"""Comparing a file's predictions with others of the same rows: what is compared, and asking for it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from lossterm.core.numbers import trimmed
from lossterm.core.plain import echoed
from lossterm.core.statistics.criterion import Criterion
from lossterm.core.statistics.question import ClassCriterion, Question
from lossterm.predictions.losses import asked_criteria
from lossterm.predictions.options import question_of
from lossterm.predictions.survey import WORKERS, Cancelled
from lossterm.predictions.view import FileChoice, Look, alone

if TYPE_CHECKING:
    from lossterm.core.statistics.examples import Examples
    from lossterm.core.statistics.pair_figures import Compared
    from lossterm.core.statistics.pair_sums import PairQuestion, Pairs, PairSummary
    from lossterm.files.pairing import Pairing
    from lossterm.files.source import Source


@dataclass(frozen=True, eq=False)
class Comparison:
    """What is told of two predictions of the same rows.

    Attributes:
        compared: the figures.
        first: what the first is called.
        second: what the second is called.
        key: the column by which two files are joined, or None.
        joined: by what the rows of two files are found, in a word; "" of one file.
        same_columns: whether the second is read from columns of the same names.
        only_first: rows that the first alone has.
        only_second: rows that the second alone has.
        disagreeing: rows left out because their labels disagree.
        bad: rows left out because the second prediction of them is bad.
        groups: the names of the groups.
        columns: all columns of the rows that differ most, by the number of the row.
        notes: what was assumed, and what must be said beside the figures.
    """

    compared: Compared
    first: str
    second: str
    key: str | None = None
    only_first: int = 0
    only_second: int = 0
    disagreeing: int = 0
    bad: int = 0
    groups: tuple[str, ...] = ()
    columns: Mapping[int, Mapping[str, object]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    joined: str = ""
    same_columns: bool = False


# ---- what is compared -----------------------------------------------------------------------------------------------


def pairings(source: Source, choice: FileChoice, look: Look) -> list[Pairing]:
    """The second predictions that a look asks for, each with the first; none where it asks for none.

    Raises:
        ValueError: a file or a column that is not there, or that cannot be compared.
    """
    from lossterm.files.pairing import Wants, same_rows, two_columns, two_files

    if not look.compares:
        return []
    several = [look.against_column] if source.class_count else [(name,) for name in look.against_column]
    wants = Wants(
        (), look.against_kind, look.against_positive, choice.label_column, choice.key, choice.skip_bad,
        look.against_out_of,
    )  # fmt: skip

    if look.against is not None:
        known = _names_of(look.against) if wants.label is not None or source.columns.pairs else ()
        if wants.label not in known:
            wants = replace(wants, label=None)
        if source.columns.pairs and not several:  # the same of several there
            several = _same_there(source, known, look.against)
        return [two_files(source, [look.against], replace(wants, columns=columns)) for columns in several or [()]]
    if look.against_column:
        wants = replace(wants, positive=look.against_positive or choice.positive)
        said = {
            "class_names": choice.class_names,
            "out_of": look.against_out_of or choice.out_of,
            "key": choice.key,
            "levels": choice.levels,
        }
        return [two_columns(source, replace(wants, columns=columns), **said) for columns in several]
    of_second = {"kind": look.against_kind, "out-of": look.against_out_of, "positive": look.against_positive}
    for which in (name for name, value in of_second.items() if value is not None):
        raise ValueError(f"--against-{which} is of a second prediction: --against FILE or --against-column names it")
    return [same_rows(source)]


def _same_there(source: Source, known: Sequence[str], path: str) -> list[tuple[str, ...]]:
    (own,) = source.columns.read
    if own in known:
        return [(own,)]
    if any(prediction in known for _, prediction in source.columns.pairs):  # of other labels, and none is of this one
        raise ValueError(f"{path}: it has no column {echoed(own)}: --against-column NAME says what is compared with it")
    return []


def _names_of(path: str) -> Sequence[str]:
    """The columns of a file."""
    from lossterm.files.opening import Layout, open_file
    from lossterm.files.paths import Scratch, find

    scratch = Scratch()
    try:
        return [name for file in find([path], scratch)[:1] for name in open_file(file, scratch, Layout())[1].names]
    finally:
        scratch.close()


def questions(pairing: Pairing, question: Question, look: Look) -> PairQuestion:
    """What both are asked: the first what the file is asked, the second the same but for what the look says.

    Raises:
        ValueError: losses, a temperature or a clip that mean nothing for the second.
    """
    from lossterm.core.statistics.pair_sums import PairQuestion

    second, kind = pairing.second, pairing.second.columns.kind
    own: list[Criterion | ClassCriterion] = [_put_to(criterion, kind == "logit") for criterion in question.criteria]
    if look.against_loss:
        smoothing = question.criteria[0].smoothing if question.criteria else 0.0
        own = list(asked_criteria(look.against_loss, second, smoothing))
        if len(own) == 1:
            own *= len(question.criteria)
        if len(own) != len(question.criteria):
            raise ValueError(
                f"--against-loss has {len(own)} losses where the first is put to {len(question.criteria)}: one for "
                "all, or one for each"
            )
    asked = replace(
        alone(look),
        temperature=look.temperature if look.against_temperature is None else look.against_temperature,
        clip=look.clip if isinstance(look.against_clip, str) else look.against_clip,
        only_label=None,
        only_group=None,
        only_range=(None, None),
        only=(),
    )
    if kind == "value" and asked.temperature != 1:
        if look.against_temperature is not None:
            raise ValueError("--against-temperature is of probabilities: the predictions are plain numbers")
        asked = replace(asked, temperature=1.0)
    return PairQuestion(question, question_of(asked, second, own))


def _put_to(criterion: Criterion | ClassCriterion, is_logit: bool) -> Criterion | ClassCriterion:
    if isinstance(criterion, Criterion):
        return replace(criterion, of_score=is_logit and criterion.loss.family.reads_sign)
    return criterion


def names(pairing: Pairing, asked: PairQuestion) -> tuple[str, str]:
    """What the two are called: their columns, their files, or what is made of the one."""
    told = [_columns(pairing.first), _columns(pairing.second)]
    if not pairing.is_one_file:
        told = [pairing.first.title, pairing.second.title] if pairing.first.title != pairing.second.title else told
    if told[0] == told[1]:
        a, b = asked.first, asked.second
        parts: list[list[str]] = [[], []]
        for at, question in enumerate((a, b)):
            if a.temperature != b.temperature:
                parts[at].append(f"T = {trimmed(question.temperature)}")
            if a.clip != b.clip:
                parts[at].append("no clip" if question.clip is None else f"clip {question.clip.word}")
        told = [" ".join([name, *part]) if part else name for name, part in zip(told, parts, strict=True)]
        if told[0] == told[1]:
            told = [f"{told[0]} (first)", f"{told[1]} (second)"]
    return told[0], told[1]


def _columns(source: Source) -> str:
    read = source.columns.read
    return read[0] if len(read) == 1 else f"{read[0]} … {read[-1]}"


# ---- asking ---------------------------------------------------------------------------------------------------------


class Counter:
    """Counts pairs in threads of its own, while somebody reads them.

    Args:
        pairing: the two predictions.
        asked: what is asked of them.
        threads: how many; one beside a survey, which has others (measured: a tenth less processor time).
    """

    def __init__(self, pairing: Pairing, asked: PairQuestion, threads: int = WORKERS) -> None:
        from lossterm.core.statistics.binary_sums import CERTAINLY

        self.pairing, self.asked = pairing, asked
        self._executor = ThreadPoolExecutor(threads)
        first = asked.first
        self._keeping = not first.only.is_open or pairing.first.expected_rows <= CERTAINLY * first.keep
        self._restart()

    def _restart(self) -> None:
        from lossterm.core.statistics.pair_sums import PairSummary

        self._total = PairSummary(self.asked, keeping=self._keeping)
        self._waiting: deque[Future[PairSummary]] = deque()

    def read(
        self, cancelled: Callable[[], bool] = lambda: False, progress: Callable[[float], None] = lambda part: None
    ) -> Iterator[Examples]:
        """The rows of the first prediction in batches; what both have is counted on the way. A new pass each time."""
        self._restart()
        for examples, pairs in self.pairing.both(cancelled, progress, self.asked.first.only.conditions):
            self._waiting.append(self._executor.submit(self._count, pairs))
            while len(self._waiting) > 2 * WORKERS or (self._waiting and self._waiting[0].done()):
                self._total.merge(self._waiting.popleft().result())
            yield examples

    def _count(self, pairs: Pairs) -> PairSummary:
        part = self._total.part()
        part.add(pairs)
        return part

    def told(self) -> Comparison:
        """What has been counted since the last pass began.

        Raises:
            ValueError: no row that both have passes the filter.
        """
        self._take_all()
        if self._total.could_have_been_kept:  # both have fewer rows than the first: now it is known how many
            self._keeping = True
            for _ in self.read():
                pass
            self._take_all()
        if not self._total.rows:
            raise ValueError("no row that both have passes the filter: there is nothing to compare")
        with ThreadPoolExecutor(WORKERS) as executor:
            return _told(self.pairing, self.asked, self._total, executor)

    def _take_all(self) -> None:
        while self._waiting:
            self._total.merge(self._waiting.popleft().result())

    def close(self) -> None:
        """Let the threads end."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    def __enter__(self) -> Counter:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass(frozen=True, eq=False)
class Beside:
    """A file for a survey, whose rows are compared while it reads them.

    Attributes:
        source: the file.
        counter: what compares them.
    """

    source: Source
    counter: Counter

    @property
    def expected_rows(self) -> int:
        """Of the file."""
        return self.source.expected_rows

    def batches(self, cancelled: Callable[[], bool], progress: Callable[[float], None]) -> Iterator[Examples]:
        """Of the file."""
        return self.counter.read(cancelled, progress)


def compare(
    pairing: Pairing,
    asked: PairQuestion,
    cancelled: Callable[[], bool] = lambda: False,
    progress: Callable[[float], None] = lambda part: None,
) -> Comparison:
    """Every figure of the rows that both have and that pass the filter.

    Raises:
        Cancelled: nobody wants to know any more.
        ValueError: something in a file is wrong, or no row is left.
    """
    with Counter(pairing, asked) as counter:
        for _ in counter.read(cancelled, progress):
            if cancelled():
                raise Cancelled
        if cancelled():
            raise Cancelled
        return counter.told()


def _told(pairing: Pairing, asked: PairQuestion, total: PairSummary, executor: Executor) -> Comparison:
    from lossterm.core.statistics.pair_figures import conclude_pairs

    compared = conclude_pairs(total, executor.map)
    first, second = names(pairing, asked)
    rows = [] if compared.differing is None else compared.differing.row.tolist()
    left = []
    if pairing.disagreeing:
        left.append(f"{pairing.disagreeing:,} rows are left out: their labels disagree")
    if pairing.bad:
        left.append(f"{pairing.bad:,} rows are left out: the second prediction of them is bad")
    if pairing.first.columns.forecast is not None:
        left.append("the predictions are compared: quantiles and standard deviations are not, --by COLUMN has coverage")
    conditions = asked.first.only.conditions
    if conditions and not pairing.is_one_file:
        left.append(f"only rows with {' and '.join(each.text for each in conditions)} in {pairing.first.title}")
    return Comparison(
        compared,
        first,
        second,
        pairing.key,
        pairing.only_first,
        pairing.only_second,
        pairing.disagreeing,
        pairing.bad,
        tuple(pairing.first.groups),
        dict(zip(rows, pairing.first.rows(rows), strict=True)),
        (*pairing.notes, *left, *compared.notes),
        "" if pairing.is_one_file else pairing.key or "order",
        pairing.first.columns.read == pairing.second.columns.read,
    )
