"""The language of a loss of one's own, read by a small grammar; nothing of it is ever given to Python.

    definition = NAME [ "(" [ parameter { "," parameter } ] ")" ] ":" { NAME "=" value ";" } value
    parameter  = NAME "=" NUMBER [ ("[" | "(") NUMBER "," NUMBER ("]" | ")") ]
    value      = sum [ "if" sum COMPARISON sum "else" value ]
    sum        = product { ("+" | "-") product }
    product    = signed { ("*" | "/") signed }
    signed     = ("-" | "+") signed | power
    power      = atom [ "**" signed ]
    atom       = NUMBER | NAME | FUNCTION "(" value { "," value } ")" | "(" value ")"

What is read becomes a list of steps, each of which has the numbers of its operands; what is written twice is one step.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import NoReturn

from lossterm.core.losses.labels import number
from lossterm.core.names import unknown
from lossterm.core.plain import visible

LONGEST, DEEPEST, MOST_STEPS = 500, 40, 120
"""Characters of a definition, brackets and signs within one another, and operations, beyond which it is refused."""

LARGEST, HIGHEST = 1e100, 100.0
"""The largest number, and the highest power, that may be written out."""

NAMES = {
    "v": "the prediction",
    "p": "the prediction as a probability",
    "y": "the label",
    "z": "the logit",
    "r": "the residual v − y",
    "s": "the sign of the label, 2y − 1",
    "p_t": "the probability of the label, y·p + (1 − y)(1 − p)",
    "pi": "3.14159…",
}
"""What an expression may name beside its own parameters."""

FUNCTIONS = {
    "log": (1, 1), "exp": (1, 1), "log1p": (1, 1), "expm1": (1, 1), "sqrt": (1, 1), "abs": (1, 1), "min": (2, 9),
    "max": (2, 9), "clip": (3, 3), "sigmoid": (1, 1), "softplus": (1, 1), "tanh": (1, 1), "cosh": (1, 1),
    "erf": (1, 1), "lgamma": (1, 1),
}  # fmt: skip
"""What an expression may call, with the least and the most values that each takes."""

OF_PREDICTION = {"v", "p", "z", "r", "p_t"}
"""The names that depend on the prediction."""

COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")

_WORDS = {"if", "else"}

_OTHERS = {"and", "or", "not", "lambda", "for", "in", "is", "import", "def", "return", "while", "None", "True"}

_MORE = {
    "^": "a power is written **",
    "[": "only a parameter's range has square brackets",
    "ln": "log is the natural one",
}

_TOKEN = re.compile(
    r"[ \t\r\n]*(?:(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<sign>\*\*|<=|>=|==|!=|[-+*/^%()<>,;:=\[\]−]))"
)

_NAME = re.compile(r"[ \t\r\n]*([A-Za-z][A-Za-z0-9_-]*)")

_AROUND = 18
"""Characters that are shown on each side of the place of a mistake."""

LONGEST_NAME = 24
"""Characters of the name of a loss or a parameter."""


class FormulaError(ValueError):
    """What is wrong with a definition, and where.

    Attributes:
        what: what is wrong, and what would be right.
        at: the index of the character at which it is.
    """

    def __init__(self, what: str, text: str, at: int) -> None:
        self.what, self.at = what, min(at, len(text))
        before, after = text[max(self.at - _AROUND, 0) : self.at], text[self.at : self.at + _AROUND]
        head, tail = "…" if self.at > _AROUND else "", "…" if self.at + _AROUND < len(text) else ""
        super().__init__(f"{what}, at ^ in {visible(f'{head}{before}^{after}{tail}')}")


@dataclass(frozen=True)
class FormulaStep:
    """One operation.

    Attributes:
        name: of a function or a sign; ``number`` and ``name`` have no operands.
        of: the numbers of the steps that are its operands.
        value: of a number.
        word: of a name.
    """

    name: str
    of: tuple[int, ...] = ()
    value: float = 0.0
    word: str = ""


@dataclass(frozen=True)
class OwnParameter:
    """A parameter as a definition has it.

    Attributes:
        name: its name.
        default: where it starts.
        lower: its lower bound.
        upper: its upper bound.
        open: whether the bounds are excluded.
    """

    name: str
    default: float
    lower: float = -math.inf
    upper: float = math.inf
    open: tuple[bool, bool] = (False, False)

    @property
    def text(self) -> str:
        """As it is written."""
        if math.isinf(self.lower) and math.isinf(self.upper):
            return f"{self.name}={number(self.default)}"
        left, right = "[("[self.open[0]], "])"[self.open[1]]
        return f"{self.name}={number(self.default)}{left}{number(self.lower)},{number(self.upper)}{right}"


@dataclass(frozen=True)
class Parsed:
    """A definition that has been read.

    Attributes:
        name: of the loss; empty where it has no head.
        settings: its parameters.
        body: the text after the head, in single blanks.
        steps: what is computed, in order; the last is the loss.
        names: what it names, its parameters too.
    """

    name: str
    settings: tuple[OwnParameter, ...]
    body: str
    steps: tuple[FormulaStep, ...]
    names: frozenset[str]

    @property
    def head(self) -> str:
        """The name with the parameters."""
        return self.name + (f"({', '.join(s.text for s in self.settings)})" if self.settings else "")


def steps_of(expression: str, parameters: Iterable[str]) -> tuple[FormulaStep, ...]:
    """What an expression computes, one step after the other; it may name parameters that are declared elsewhere.

    Raises:
        FormulaError: it is none.
    """
    return _Reader(expression, {name: OwnParameter(name, 0.0) for name in parameters}).definition().steps


def parsed(text: str) -> Parsed:
    """A definition.

    Raises:
        FormulaError: it is none; the message says where, and what would be right.
    """
    if len(text) > LONGEST:
        raise FormulaError(f"a loss has at most {LONGEST} characters, not {len(text):,}", text, LONGEST)
    return _Reader(text).definition()


class _Reader:
    """Reads a definition from left to right, one token ahead."""

    def __init__(self, text: str, settings: Mapping[str, OwnParameter] = MappingProxyType({})) -> None:
        self._text = text
        self._next_at, self._depth = 0, 0
        self.kind, self.word, self.at = "", "", 0
        self._steps: list[FormulaStep] = []
        self._known: dict[FormulaStep, int] = {}
        self._moving: list[bool] = []
        self._own: dict[str, int] = {}
        self._settings = dict(settings)
        self._named: set[str] = set()

    # ---- tokens ---------------------------------------------------------------------------------------------------

    def _wrong(self, what: str, at: int | None = None) -> NoReturn:
        raise FormulaError(what, self._text, self.at if at is None else at)

    def _next(self) -> str:
        word = self.word
        match = _TOKEN.match(self._text, self._next_at)
        if match is None or match.lastgroup is None:
            rest = self._text[self._next_at :]
            self.at = self._next_at + len(rest) - len(rest.lstrip(" \t\r\n"))
            if self.at < len(self._text):
                self._wrong(f"{visible(self._text[self.at])!r} is no sign of a formula: it has {_SIGNS}")
            self.kind, self.word = "", ""
            return word
        self.kind, self.word = match.lastgroup, match[match.lastgroup].replace("−", "-")
        self.at, self._next_at = match.start(match.lastgroup), match.end()
        return word

    def _takes(self, *words: str) -> str:
        return self._next() if self.kind in {"sign", "name"} and self.word in words else ""

    @property
    def _found(self) -> str:
        return repr(self.word) if self.kind else "the end"

    def _expect(self, word: str, why: str = "") -> None:
        if not self._takes(word):
            # what is right comes first: a narrow line ends somewhere
            more = _MORE.get(self.word, "")
            self._wrong(f"{f'{more}: ' if more else ''}{word!r} is expected{why}, not {self._found}")

    # ---- the head -------------------------------------------------------------------------------------------------

    def definition(self) -> Parsed:
        name = ""
        if ":" in self._text:
            name = self._head()
        start = self._next_at
        self._next()
        if not self.kind:
            self._wrong("a formula is expected, such as (1 - p_t)**2")
        last = self._body()
        if not self._moving[last]:
            self._wrong("a loss depends on the prediction: name one of v, p, z, r, p_t", start)
        body = " ".join(self._text[start:].split())
        return Parsed(name, tuple(self._settings.values()), body, tuple(self._steps), frozenset(self._named))

    def _head(self) -> str:
        match = _NAME.match(self._text)
        if match is None:
            self._wrong("a name of letters a–z, digits and - is expected before the colon", 0)
        name, self._next_at = match[1].lower().replace("_", "-").strip("-"), match.end()
        if len(name) > LONGEST_NAME:
            self._wrong(f"a name has at most {LONGEST_NAME} characters", match.start(1) + LONGEST_NAME)
        self._next()
        if self._takes("("):
            while self.word != ")":
                self._setting()
                if self.word != ")":
                    self._expect(",", " between two parameters")
            self._next()
        if self.word != ":":
            self._wrong(f"a colon is expected after the name, as in {name}: (1 - p_t)**2, not {self._found}")
        return name

    def _setting(self) -> None:
        at = self.at
        if self.kind != "name":
            self._wrong(f"the name of a parameter is expected, as in g=2[0,10], not {self._found}")
        name = self._next()
        if name != name.lower() or len(name) > LONGEST_NAME:
            self._wrong(f"the name of a parameter has at most {LONGEST_NAME} small letters, digits and _", at)
        self._is_free(name, at)
        self._expect("=", f" with the value that it starts at, as in {name}=2")
        default = self._signed_number()
        setting = OwnParameter(name, default)
        if self.word in ("[", "("):
            low_open = self._next() == "("
            low = self._signed_number()
            self._expect(",", " between the ends of the range")
            high = self._signed_number()
            if self.word not in ("]", ")"):
                self._wrong(f"']' is expected after the range, not {self._found}")
            high_open = self._next() == ")"
            if not low < high:
                self._wrong("the range of a parameter goes from the lower to the higher end", at)
            ends = (low_open and math.isfinite(low), high_open and math.isfinite(high))
            setting = OwnParameter(name, default, low, high, ends)
        if not (math.isfinite(default) and setting.lower <= default <= setting.upper) or (
            (default == setting.lower and setting.open[0]) or (default == setting.upper and setting.open[1])
        ):
            self._wrong(f"{name} starts at {number(default)}, which is outside of its range", at)
        self._settings[name] = setting

    def _is_free(self, name: str, at: int) -> None:
        if name in NAMES or name in FUNCTIONS or name in _WORDS or name in _OTHERS or name == "inf":
            what = NAMES.get(name, "a word of the language")
            self._wrong(f"{name} is {what}: take another name", at)
        if name in self._settings or name in self._own:
            self._wrong(f"{name} is there already: take another name", at)

    def _signed_number(self) -> float:
        sign = -1.0 if self._takes("-") else 1.0
        if self._takes("inf"):
            return sign * math.inf
        if self.kind != "number":
            self._wrong(f"a number is expected, not {self._found}")
        return sign * self._number() + 0.0

    def _number(self) -> float:
        at = self.at
        value = float(self._next())
        if value > LARGEST:
            self._wrong(f"a number is at most {LARGEST:g}", at)
        return value

    # ---- the formula ----------------------------------------------------------------------------------------------

    def _body(self) -> int:
        while True:
            at, kind, word, after = self.at, self.kind, self.word, self._next_at
            if kind == "name" and (match := _TOKEN.match(self._text, after)) and match["sign"] == "=":
                self._is_free(word, at)
                self._next()
                self._next()
                value = self._value()
                self._expect(";", f" after the value of {word}")
                self._own[word] = value
                if not self.kind:
                    self._wrong("the loss itself is expected after the last ;")
                continue
            result = self._value()
            if self.kind:
                self._wrong(f"{self._found} is not expected here{self._hint()}")
            return result

    def _hint(self) -> str:
        if self.word in COMPARISONS:
            return ": a comparison stands in a if r > 0 else b, and is one"
        if self.word in ("and", "or"):
            return ": write a if r > 0 else (b if r < -1 else c)"
        if self.word == "=":
            return ": == compares, and a name for a value is set as in q = 1 - p; …"
        return f": {_MORE[self.word]}" if self.word in _MORE else ", a sign such as * is"

    def _step(self, step: FormulaStep) -> int:
        if step not in self._known:
            if len(self._steps) >= MOST_STEPS:
                self._wrong(f"a loss has at most {MOST_STEPS} operations")
            self._known[step] = len(self._steps)
            self._steps.append(step)
            self._moving.append(step.word in OF_PREDICTION or any(self._moving[i] for i in step.of))
        return self._known[step]

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            self._wrong(f"more than {DEEPEST} brackets and signs are within one another")

    def _value(self) -> int:
        self._deeper()
        yes = self._sum()
        if self._takes("if"):
            left, at = self._sum(), self.at
            sign = self._takes(*COMPARISONS)
            if not sign:
                self._wrong(f"a comparison is expected, as in a if r > 0 else b, not {self._found}")
            right = self._sum()
            if sign in ("==", "!=") and (self._moving[left] or self._moving[right]):
                self._wrong(f"{sign} compares the label and parameters alone: write < or > of what moves with v", at)
            if self.word in COMPARISONS or self.word in ("and", "or"):
                self._wrong("one comparison is taken: write a if r > 0 else (b if r < -1 else c)")
            self._expect("else", ", as in a if r > 0 else b")
            yes = self._step(FormulaStep(f"if {sign}", (left, right, yes, self._value())))
        self._depth -= 1
        return yes

    def _sum(self) -> int:
        node = self._product()
        while sign := self._takes("+", "-"):
            node = self._step(FormulaStep(sign, (node, self._product())))
        return node

    def _product(self) -> int:
        node = self._signed()
        while sign := self._takes("*", "/"):
            node = self._step(FormulaStep(sign, (node, self._signed())))
        return node

    def _signed(self) -> int:
        if self.word in ("-", "+"):
            self._deeper()
            sign, node = self._next(), self._signed()
            self._depth -= 1
            return self._step(FormulaStep("negated", (node,))) if sign == "-" else node
        return self._power()

    def _power(self) -> int:
        base = self._atom()
        if not self._takes("**"):
            return base
        self._deeper()
        at, exponent = self.at, self._signed()
        self._depth -= 1
        step = self._steps[exponent]
        if step.name == "negated":
            step = self._steps[step.of[0]]
        if step.name == "number" and step.value > HIGHEST:
            self._wrong(f"a power is at most {HIGHEST:g}", at)
        return self._step(FormulaStep("**", (base, exponent)))

    def _atom(self) -> int:
        if self.kind == "number":
            return self._step(FormulaStep("number", value=self._number()))
        if self._takes("("):
            node = self._value()
            if self.word in COMPARISONS:
                self._wrong("a comparison is no number: write 1 if r > 0 else 0")
            self._expect(")")
            return node
        if self.kind != "name" or self.word in _WORDS:
            self._wrong(f"a number, a name or a bracket is expected, not {self._found}")
        at, name = self.at, self._next()
        if self.word == "(":
            return self._call(name, at)
        if name in self._own:
            return self._own[name]
        if name in FUNCTIONS and name not in self._settings:
            self._wrong(f"{name} is a function: write {name}(v)", at)
        if name not in NAMES and name not in self._settings:
            self._wrong(self._unknown(name), at)
        self._named.add(name)
        if name == "pi":
            return self._step(FormulaStep("number", value=math.pi))
        return self._step(FormulaStep("name", word="v" if name == "p" else name))

    def _unknown(self, name: str) -> str:
        if name.lower() in NAMES or name.lower() in self._settings:
            return f"unknown name {name!r}: small letters, {name.lower()}"
        own = [*self._settings, *self._own]
        return f"{unknown(name, 'name', [*NAMES, *own])}, or declare it: mine({name[:LONGEST_NAME].lower()}=2): …"

    def _call(self, name: str, at: int) -> int:
        if name not in FUNCTIONS:
            if name in NAMES or name in self._settings or name in self._own:
                self._wrong(f"{name} is no function: a product is written {name}*(…)", at)
            more = f": {_MORE[name]}" if name in _MORE else ""
            self._wrong(f"unknown function {name!r}{more}" if more else unknown(name, "function", FUNCTIONS), at)
        self._next()
        of = [self._value()]
        while self._takes(","):
            of.append(self._value())
        if self.word in COMPARISONS:
            self._wrong("a comparison is no number: write 1 if r > 0 else 0")
        self._expect(")", f" after the values of {name}")
        least, most = FUNCTIONS[name]
        if not least <= len(of) <= most:
            wanted = "one value" if most == 1 else f"{least} values" if least == most else f"{least} values or more"
            self._wrong(f"{name} takes {wanted}, not {len(of)}", at)
        if name == "lgamma" and self._moving[of[0]]:
            self._wrong("lgamma is of the label and parameters alone: it has no derivative here", at)
        return self._step(FormulaStep(name, tuple(of)))


_SIGNS = "letters a–z, digits, + - * / ** ( ) , ; and comparisons"


def restarted(text: str, values: Mapping[str, float]) -> str:
    """A definition whose parameters start at other values, where these are in their ranges.

    Raises:
        FormulaError: it is none.
    """
    read = parsed(text)
    settings = tuple(_starting(setting, values.get(setting.name, setting.default)) for setting in read.settings)
    return f"{replace(read, settings=settings).head}: {read.body}"


def _starting(setting: OwnParameter, value: float) -> OwnParameter:
    return replace(setting, default=value) if setting.lower <= value <= setting.upper else setting
