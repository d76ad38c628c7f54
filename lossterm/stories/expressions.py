"""Expressions of a story: paths into the JSON of a command, and the arithmetic that is allowed on them.

An expression is read by a small grammar of its own; nothing of it is ever given to Python.

    or      = and { "or" and } [ "at" NAME "=" VALUE { "," NAME "=" VALUE } ]
    and     = not { "and" not }
    not     = "not" not | sum [ ("<" | "<=" | ">" | ">=" | "==" | "!=") sum | "between" sum "and" sum
                              | "within" sum "of" sum ]
    sum     = product { ("+" | "-") product }
    product = power { ("*" | "/") power }
    power   = ["-"] atom [ ("**" | "^") power ]
    atom    = NUMBER [ "%" ] | "'" text "'" | FUNCTION "(" or { "," or } ")" | "(" or ")" | path
    path    = NAME { "." NAME | "[" INDEX | NAME "=" VALUE { "," NAME "=" VALUE } "]" }
    VALUE   = NUMBER | NAME | "'" text "'"; after "loss=" a loss with parameters, too: huber:delta=5

``within 5% of x`` is a twentieth of |x|, ``within .05 of x`` a distance. "at" is for every path before it, back to
the bracket that is open.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

from lossterm.core.numbers import significant, trimmed

FUNCTIONS: Mapping[str, Callable[..., float]] = {
    "abs": abs, "exp": math.exp, "ln": math.log, "log2": math.log2, "log10": math.log10, "sqrt": math.sqrt,
    "min": min, "max": max, "round": round, "floor": math.floor, "ceil": math.ceil, "tanh": math.tanh,
    "sum": lambda *values: math.fsum(values), "norm": lambda *values: math.hypot(*values),
    "sigmoid": lambda z: 1 / (1 + math.exp(-z)) if z >= 0 else math.exp(z) / (1 + math.exp(z)),
    "logit": lambda p: math.log(p) - math.log1p(-p),
}  # fmt: skip
"""The functions that an expression may call; a list counts as its numbers."""

CONSTANTS = {"pi": math.pi, "e": math.e, "inf": math.inf}

_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip

_WORDS = {"and", "or", "not", "between", "within", "of", "at"}

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<name>[A-Za-z_∂][A-Za-z0-9_]*(?:-[A-Za-z][A-Za-z0-9_]*|-\d+(?=[A-Za-z_.\[\s)]|$))*)"
    r"|'(?P<text>[^']*)'|(?P<sign>\*\*|<=|>=|==|!=|[-+*/^%()<>.,\[\]=−]))"
)

_LOSS = re.compile(r"\s*([A-Za-z][\w-]*(?::[A-Za-z_]+=(?:[-−]?[\d.]+(?:[eE][-+−]?\d+)?|[A-Za-z_]+))+)")
"""A loss with parameters, as the command line has it: ``huber:delta=5``."""

_LONGEST, _DEEPEST = 500, 40
"""Characters of an expression, and brackets within brackets, from which it is none of a story's."""


# ---- what an expression is made of ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Path:
    """A place in the JSON of a command.

    Attributes:
        names: from the root on; an index, or conditions that a record fulfils, are tuples.
        at: where the command is asked, such as ``(("z", "-6"),)``.
    """

    names: tuple[str | int | tuple[tuple[str, str], ...], ...]
    at: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Call:
    """An operation on the values of other expressions."""

    name: str
    of: tuple[Node, ...]


@dataclass(frozen=True)
class Constant:
    """A number or a text that is written out."""

    value: float | str


Node: TypeAlias = Path | Call | Constant

Lookup: TypeAlias = Callable[[Path], Any]
"""The JSON value at a path; ValueError where there is none."""


@lru_cache(maxsize=1024)
def parsed(text: str) -> Node:
    """An expression.

    Raises:
        ValueError: it is none; the message says where.
    """
    if len(text) > _LONGEST:
        raise ValueError(f"an expression has at most {_LONGEST} characters, not {len(text)}")
    reader = _Reader(text)
    node = reader.alternatives()
    if reader.kind:
        raise ValueError(f"{text.strip()!r}: {reader.word!r} is not expected there")
    return node


def _placed(node: Node, at: tuple[tuple[str, str], ...]) -> Node:
    # an expression with a place for all its paths that have none
    if isinstance(node, Call):
        return Call(node.name, tuple(_placed(part, at) for part in node.of))
    return Path(node.names, at) if isinstance(node, Path) and not node.at else node


class _Reader:
    """Reads an expression from left to right, one token ahead."""

    def __init__(self, text: str) -> None:
        self._text, self._at, self._depth = text, 0, 0
        self.kind, self.word = "", ""
        self._next()

    def _next(self) -> str:
        word = self.word
        match = _TOKEN.match(self._text, self._at)
        if match is None or match.lastgroup is None:
            rest = self._text[self._at :].strip()
            if rest:
                raise ValueError(f"{self._text.strip()!r}: {rest[:12]!r} cannot be read")
            self.kind, self.word = "", ""
            return word
        self.kind, self.word = match.lastgroup, match[match.lastgroup].replace("−", "-")
        self._at = match.end()
        return word

    def _takes(self, *words: str) -> str:
        if self.kind in {"sign", "name"} and self.word in words:
            return self._next()
        return ""

    def _expect(self, word: str) -> None:
        if not self._takes(word):
            found = repr(self.word) if self.kind else "the end"
            raise ValueError(f"{self._text.strip()!r}: {word!r} is expected, not {found}")

    def alternatives(self) -> Node:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ValueError("an expression has too many brackets within brackets")
        node = self._conjunction()
        while self._takes("or"):
            node = Call("or", (node, self._conjunction()))
        if self._takes("at"):
            places = [self._equation()]
            while self._takes(","):
                places.append(self._equation())
            node = _placed(node, tuple(places))
        self._depth -= 1
        return node

    def _conjunction(self) -> Node:
        node = self._negation()
        while self._takes("and"):
            node = Call("and", (node, self._negation()))
        return node

    def _negation(self) -> Node:
        if self._takes("not"):
            return Call("not", (self._negation(),))
        node = self._sum()
        if sign := self._takes(*_COMPARISONS):
            return Call(sign, (node, self._sum()))
        if self._takes("between"):
            low = self._sum()
            self._expect("and")
            return Call("between", (node, low, self._sum()))
        if self._takes("within"):
            start = self._at
            within = self._sum()
            relative = "%" in self._text[start : self._at]
            self._expect("of")
            of = self._sum()
            within = Call("*", (within, Call("abs", (of,)))) if relative else within
            return Call("within", (node, within, of))
        return node

    def _sum(self) -> Node:
        node = self._product()
        while sign := self._takes("+", "-"):
            node = Call(sign, (node, self._product()))
        return node

    def _product(self) -> Node:
        node = self._power()
        while sign := self._takes("*", "/"):
            node = Call(sign, (node, self._power()))
        return node

    def _power(self) -> Node:
        if self._takes("-"):
            return Call("negated", (self._power(),))
        node = self._atom()
        if self._takes("**", "^"):
            return Call("**", (node, self._power()))
        return node

    def _atom(self) -> Node:
        if self.kind == "number":
            value = float(self._next())
            return Constant(value / 100 if self._takes("%") else value)
        if self.kind == "text":
            return Constant(self._next())
        if self._takes("("):
            node = self.alternatives()
            self._expect(")")
            return node
        if self.kind != "name" or self.word in _WORDS:
            found = repr(self.word) if self.kind else "the end"
            raise ValueError(f"{self._text.strip()!r}: a number or a name is expected, not {found}")
        name = self._next()
        if self._takes("("):
            if name not in FUNCTIONS:
                raise ValueError(f"unknown function {name!r}: choose from {', '.join(FUNCTIONS)}")
            of = [self.alternatives()]
            while self._takes(","):
                of.append(self.alternatives())
            self._expect(")")
            return Call(name, tuple(of))
        return self._path(name)

    def _path(self, first: str) -> Node:
        names: list[str | int | tuple[tuple[str, str], ...]] = [first]
        while sign := self._takes(".", "["):
            if sign == ".":
                if self.kind != "name":
                    raise ValueError(f"{self._text.strip()!r}: a name is expected after the dot")
                names.append(self._next())
            else:
                names.append(self._selector())
        return Constant(CONSTANTS[first]) if len(names) == 1 and first in CONSTANTS else Path(tuple(names))

    def _selector(self) -> int | tuple[tuple[str, str], ...]:
        minus = self._takes("-")
        if self.kind == "number":
            index = self._next()
            if not index.isdigit():
                raise ValueError(f"{self._text.strip()!r}: [{index}] is no place in a list")
            self._expect("]")
            return -int(index) if minus else int(index)
        conditions = [self._equation()]
        while self._takes(","):
            conditions.append(self._equation())
        self._expect("]")
        return tuple(conditions)

    def _equation(self) -> tuple[str, str]:
        name = self._next()
        if name == "loss" and self.word == "=" and (match := _LOSS.match(self._text, self._at)):
            self._at = match.end()
            self._next()
            return name, match[1].replace("−", "-")
        self._expect("=")
        minus = self._takes("-")
        if self.kind not in {"number", "name", "text"}:
            raise ValueError(f"{self._text.strip()!r}: a value is expected after {name}=")
        return name, minus + self._next()


# ---- evaluating -----------------------------------------------------------------------------------------------------


def evaluated(node: Node, lookup: Lookup) -> Any:
    """The value of an expression.

    Args:
        node: of `parsed`.
        lookup: gives the value at a path.

    Raises:
        ValueError: there is none; the message says why.
    """
    if isinstance(node, Constant):
        return node.value
    if isinstance(node, Path):
        return lookup(node)
    if node.name in {"and", "or"}:
        first = truth(evaluated(node.of[0], lookup))
        return first if first == (node.name == "or") else truth(evaluated(node.of[1], lookup))
    values = [evaluated(part, lookup) for part in node.of]
    if node.name == "not":
        return not truth(values[0])
    if node.name in {"==", "!="} and not all(map(_is_number, values)):
        return _COMPARISONS[node.name](*map(_plain, values))
    try:
        return _computed(node.name, values)
    except ZeroDivisionError:
        raise ValueError("it divides by 0") from None
    except OverflowError:
        raise ValueError("it is beyond the largest number") from None


def _computed(name: str, values: Sequence[Any]) -> Any:
    if name in FUNCTIONS:
        flat = [number_of(x) for value in values for x in (value if isinstance(value, list | tuple) else [value])]
        try:
            return FUNCTIONS[name](*flat)
        except (ValueError, TypeError):
            raise ValueError(f"{name}({', '.join(trimmed(x) for x in flat)}) is not defined") from None
    numbers = [number_of(value) for value in values]
    first, *rest = numbers
    if name == "negated":
        return -first
    if name == "between":
        return rest[0] <= first <= rest[1]
    if name == "within":
        return abs(first - rest[1]) <= rest[0]
    if name in _COMPARISONS:
        return _COMPARISONS[name](first, rest[0])
    operation: Callable[[float, float], Any] = {
        "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "**": operator.pow,
    }[name]  # fmt: skip
    result = operation(first, rest[0])
    if isinstance(result, complex):
        raise ValueError("a root of a negative number")
    return result


def _is_number(value: Any) -> bool:
    return (isinstance(value, int | float) and not isinstance(value, bool)) or value in ("inf", "-inf")


def _plain(value: Any) -> Any:
    if value is None:
        return "null"
    return ("false", "true")[value] if isinstance(value, bool) else value


def number_of(value: Any) -> float:
    """A JSON value as a number, ``"inf"`` too.

    Raises:
        ValueError: it is none.
    """
    if value in ("inf", "-inf"):
        return float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        what = "nothing is known there (null)" if value is None else f"{_shown(value)} is not a number"
        raise ValueError(what)
    return value


def truth(value: Any) -> bool:
    """A JSON value as a condition.

    Raises:
        ValueError: it is none.
    """
    if not isinstance(value, bool):
        raise ValueError(f"{_shown(value)} is neither true nor false: compare it with something")
    return value


def _shown(value: Any) -> str:
    text = str(value)
    return text if len(text) < 60 else f"{text[:57]}…"


# ---- written into a text --------------------------------------------------------------------------------------------

_FORMATS = re.compile(r"(?P<digits>\d{1,2})?(?P<fixed>\.\d{1,2})?(?P<percent>%)?(?P<sign>\+)?")


def formatted(value: Any, form: str = "") -> str:
    """A value as it stands in a text.

    Args:
        value: of an expression.
        form: ``4`` significant digits (the default), ``.2`` decimals, ``%`` per cent (with digits or decimals
            before it), ``+`` last for a sign in any case.

    Raises:
        ValueError: the value is none that can be written so.
    """
    found = _FORMATS.fullmatch(form.strip())
    if found is None:
        raise ValueError(f"unknown format {form.strip()!r}: write 3 (digits), .2 (decimals), % or .1%, + for a sign")
    if isinstance(value, str) and value not in ("inf", "-inf"):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(formatted(x, form) for x in value) + "]"
    number = number_of(value)
    unit = "%" if found["percent"] else ""
    x = 100 * number if unit else number
    if math.isinf(x) or math.isnan(x):
        text = significant(x)
    elif found["fixed"]:
        digits = int(found["fixed"][1:])
        text = f"{round(x, digits) + 0.0:,.{digits}f}".replace("-", "−")  # no −0.00
    elif isinstance(value, int) and not found["digits"]:
        text = f"{x:,}".replace("-", "−")
    else:
        digits = int(found["digits"] or (3 if unit else 4))
        written = significant if found["digits"] else trimmed
        text = written(x, digits) if abs(x) < 1e6 or abs(x) >= 1e9 else f"{x:,.0f}"
    return f"+{text}{unit}" if found["sign"] and number > 0 else f"{text}{unit}"


@dataclass(frozen=True)
class Hole:
    """An expression within a text, and how its value is written."""

    source: str
    node: Node
    form: str


Template: TypeAlias = tuple[str | Hole, ...]
"""A text with holes that are filled with what is computed."""

_BRACE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


@lru_cache(maxsize=512)
def template(text: str) -> Template:
    """A text with ``{expression}`` or ``{expression | format}``; ``{{`` and ``}}`` are braces.

    Raises:
        ValueError: a brace without the other, or no expression between them.
    """
    parts: list[str | Hole] = []
    end = 0
    for match in _BRACE.finditer(text):
        parts.append(text[end : match.start()])
        end = match.end()
        if match[0] in {"{{", "}}"}:
            parts.append(match[0][0])
        elif match[1] is None:
            raise ValueError(f"{match[0]!r} without the other brace; a brace itself is written twice")
        else:
            source, _, form = match[1].rpartition("|") if "|" in match[1] else (match[1], "", "")
            formatted(0.0, form)
            parts.append(Hole(source.strip(), parsed(source), form))
    parts.append(text[end:])
    return tuple(part for part in parts if part != "")


def filled(text: Template, lookup: Lookup) -> str:
    """A text with its holes filled.

    Raises:
        ValueError: an expression has no value; the message names it.
    """
    return "".join(part if isinstance(part, str) else _written(part, lookup) for part in text)


def _written(hole: Hole, lookup: Lookup) -> str:
    try:
        return formatted(evaluated(hole.node, lookup), hole.form)
    except ValueError as problem:
        raise ValueError(f"{{{hole.source}}}: {problem}") from None


def holes(text: Template) -> list[Hole]:
    """The holes of a text."""
    return [part for part in text if isinstance(part, Hole)]
