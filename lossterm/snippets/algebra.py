"""The algebra that snippets are derived in: symbols with a derivative by z, so that no unstable form is ever met.

σ(z) and σ(−z) are two symbols p and q, and their logarithms two more: ∂p = pq, ∂q = −pq, ∂ln p = q, ∂ln q = −p. Nothing
in it knows that p + q = 1, so that no step can make 1 − p of q, or log(sigmoid) of a logarithm that is known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeAlias

import sympy

Expr: TypeAlias = Any
"""A sympy expression (sympy has no types)."""


def _function(name: str, derivative: Callable[[Expr], Expr] | None = None) -> Any:
    # a function that sympy does not evaluate, with its derivative
    def fdiff(self: Any, argindex: int = 1) -> Expr:
        if derivative is None:
            raise NotImplementedError(name)
        return derivative(self.args[0])

    return type(name, (sympy.Function,), {"fdiff": fdiff, "is_real": True})


sigmoid = _function("sigmoid")
log_sigmoid = _function("log_sigmoid")
sign = _function("sign", lambda x: sympy.Integer(0))
absolute = _function("absolute", lambda x: sign(x))
log1p = _function("log1p", lambda x: 1 / (1 + x))
expm1 = _function("expm1", lambda x: sympy.exp(x))
lgamma = _function("lgamma")
erf = _function("erf", lambda x: 2 * sympy.exp(-(x**2)) / sympy.sqrt(sympy.pi))
tanh = _function("tanh")
sinh = _function("sinh")
minimum = _function("minimum")
choice = _function("choice")
HALF = sympy.Rational(1, 2)


def where(condition: Expr, yes: Expr, no: Expr) -> Expr:
    """One expression where the condition holds, another where it does not."""
    yes, no = sympy.sympify(yes), sympy.sympify(no)
    return yes if yes == no else choice(condition, yes, no)


@dataclass(frozen=True)
class Atom:
    """A named quantity of a snippet.

    Attributes:
        symbol: its name.
        definition: how it is computed from the ones before it; None for what is given.
        derivative: by z, in terms of atoms.
        numpy: how numpy computes it, which has no sigmoid.
    """

    symbol: Expr
    definition: Expr | None
    derivative: Expr
    numpy: Expr | None = None


class ImpossibleFormError(ValueError):
    """There is no stable closed form."""


@dataclass
class Algebra:
    """The atoms of one snippet, in the order in which they are computed.

    Attributes:
        taken: names that are not free: those of the loss's parameters.
        even: whether sums are made of terms of one degree in p and q, and in y and 1 − y: where 1 = p + q cancels
            against q that is needed, else it only makes them longer.
        atoms: by symbol.
        memory: of a symbol its complement 1 − x and its logarithm, where they have a name.
        marks: what is put after the names of σ of an argument; the names of what is chosen once.
    """

    taken: frozenset[str] = frozenset()
    even: bool = False
    atoms: dict[Expr, Atom] = field(default_factory=dict)
    memory: dict[Expr, tuple[Expr, Expr]] = field(default_factory=dict)
    marks: dict[Expr, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.z, self.y, self.rest = sympy.symbols("z y rest", real=True)
        for symbol, derivative in ((self.z, 1), (self.y, 0), (self.rest, 0)):
            self.atoms[symbol] = Atom(symbol, None, sympy.Integer(derivative))

    def atom(self, name: str, definition: Expr, derivative: Expr = 0, numpy: Expr | None = None) -> Expr:
        """A new quantity, or the one there is of that name."""
        symbol = self.named(name)
        if symbol not in self.atoms:
            self.atoms[symbol] = Atom(symbol, definition, sympy.sympify(derivative), numpy)
        return symbol

    def named(self, name: str) -> Expr:
        """The symbol of a name, or of another where a parameter has it."""
        return sympy.Symbol({"q": "not_p"}.get(name, f"{name}_") if name in self.taken else name, real=True)

    def sigmoids(self, x: Expr, mark: str = "") -> tuple[Expr, Expr, Expr, Expr]:
        """σ(x), σ(−x), ln σ(x), ln σ(−x)."""
        t = self.atom(f"t{mark}", sympy.exp(-absolute(x)))
        p, q = (self.named(f"{name}{mark}") for name in "pq")
        dx = self.derivative(x)
        self.atom(f"p{mark}", sigmoid(x), p * q * dx, choice(sympy.Gt(x, 0), 1, t) / (1 + t))
        self.atom(f"q{mark}", sigmoid(-x), -p * q * dx, choice(sympy.Gt(x, 0), t, 1) / (1 + t))
        log_p = self.atom(f"log_p{mark}", log_sigmoid(x), q * dx)
        log_q = self.atom(f"log_q{mark}", log_sigmoid(-x), -p * dx)
        self.memory |= {p: (q, log_p), q: (p, log_q)}
        return p, q, log_p, log_q

    def derivative(self, expression: Expr) -> Expr:
        """∂/∂z of an expression in atoms."""
        e = sympy.sympify(expression)
        if isinstance(e, choice):
            condition, yes, no = e.args
            return where(condition, self.derivative(yes), self.derivative(no))
        if e.has(choice) and e.is_Add:
            return sympy.Add(*(self.derivative(part) for part in e.args))
        if e.has(choice) and e.is_Mul:
            return sympy.Add(
                *(sympy.Mul(self.derivative(f), *e.args[:i], *e.args[i + 1 :]) for i, f in enumerate(e.args))
            )
        moving = [s for s in e.free_symbols if s in self.atoms and self.atoms[s].derivative != 0]
        return sympy.Add(*(sympy.diff(e, s) * self.atoms[s].derivative for s in moving))

    def needed(self, expressions: Iterable[Expr], *, numpy: bool) -> list[Atom]:
        """The atoms that expressions are made of, and what these are made of, in order."""
        wanted: set[Expr] = set()
        ahead = [s for e in expressions for s in e.free_symbols]
        while ahead:
            symbol = ahead.pop()
            if symbol in wanted or symbol not in self.atoms:
                continue
            wanted.add(symbol)
            made = formula_of(self.atoms[symbol], numpy=numpy)
            ahead += list(made.free_symbols) if made is not None else []
        return [atom for symbol, atom in self.atoms.items() if symbol in wanted and atom.definition is not None]


def formula_of(atom: Atom, *, numpy: bool) -> Expr:
    """How an atom is computed."""
    return atom.numpy if numpy and atom.numpy is not None else atom.definition


def tidy(algebra: Algebra, expression: Expr) -> Expr:
    """The expression in a short form: factored, the two classes apart."""
    e = _plain(algebra, sympy.sympify(expression))
    if isinstance(e, choice):
        condition, yes, no = e.args
        return where(condition, tidy(algebra, yes), tidy(algebra, no))
    if e.has(choice):
        if e.is_Mul:
            inner = [f for f in e.args if isinstance(f, choice)]
            others = sympy.Mul(*(f for f in e.args if not isinstance(f, choice)))
            if len(inner) == 1 and not others.has(choice):
                condition, yes, no = inner[0].args
                return where(condition, tidy(algebra, others * yes), tidy(algebra, others * no))
            return e
        if not e.is_Add:
            return e
        plain = sympy.Add(*(part for part in e.args if not part.has(choice)))
        return sympy.Add(tidy(algebra, plain), *(tidy(algebra, part) for part in e.args if part.has(choice)))
    forms = [e, sympy.factor_terms(e), _factored(e)]
    y, rest = algebra.y, algebra.rest
    if (e.has(y) or e.has(rest)) and not e.has(lgamma):
        whole = sympy.expand(e) if not e.has(sympy.Pow) else e
        one, zero = whole.diff(y), whole.diff(rest)
        if not any(part.has(y) or part.has(rest) for part in (one, zero)):
            others = whole.subs({y: 0, rest: 0})
            apart = [_factored(part) for part in (one, zero, others)]
            if algebra.even and e.has(rest):
                one, zero, others = (_even(algebra, part) for part in apart)
                return _plain(algebra, y * one + rest * zero + others)
            forms.append(y * apart[0] + rest * apart[1] + apart[2])
    if _quotients(forms[-1]):
        forms.append(_factored(sympy.expand(e)))
    short = min(forms, key=lambda form: (_quotients(form), sympy.count_ops(form)))
    return _plain(algebra, _even(algebra, short) if algebra.even else short)


def _even(algebra: Algebra, e: Expr) -> Expr:
    # every sum of terms of one degree in each pair that adds up to 1
    for pair in ((algebra.named("p"), algebra.named("q")), (algebra.y, algebra.rest)):
        e = e.replace(partial(_is_sum_in, pair), partial(_of_one_degree, pair))
    return e


def _is_sum_in(pair: tuple[Expr, Expr], e: Expr) -> bool:
    return bool(e.is_Add and e.has(*pair) and e.is_polynomial(*pair))


def _of_one_degree(pair: tuple[Expr, Expr], e: Expr) -> Expr:
    terms = sympy.Poly(e, *pair).as_dict()
    degree = max(map(sum, terms))
    if degree > 4:
        return e
    one = pair[0] + pair[1]
    whole = sum(c * pair[0] ** i * pair[1] ** j * one ** (degree - i - j) for (i, j), c in terms.items())
    collected = sympy.Poly(sympy.expand(whole), *pair).as_dict()
    return sympy.Add(*(_factored(c) * pair[0] ** i * pair[1] ** j for (i, j), c in collected.items()))


def _quotients(e: Expr) -> int:
    # how often something is divided by what may be 0
    return sum(1 for power in e.atoms(sympy.Pow) if power.exp.is_number and power.exp < 0 and power.base.is_Symbol)


def _plain(algebra: Algebra, e: Expr) -> Expr:
    # s² = 1 of a sign, and y + (1 − y) = 1: the only things that are known of them
    side, whole = sympy.Symbol("s", real=True), {algebra.y, algebra.rest}
    e = e.replace(lambda x: x.is_Pow and x.base == side and x.exp == 2, lambda x: sympy.Integer(1))
    return e.replace(lambda x: x.is_Add and set(x.args) == whole, lambda x: sympy.Integer(1))


def _factored(e: Expr) -> Expr:
    try:
        return sympy.factor(e)
    except sympy.PolynomialError:
        return sympy.factor_terms(e)
