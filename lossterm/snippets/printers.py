"""Expressions as code: what each library calls its functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import sympy
from sympy.printing.str import StrPrinter

from lossterm.core.losses.labels import number
from lossterm.snippets.algebra import Expr, lgamma

_NUMPY = {
    "exp": "np.exp({})",
    "log": "np.log({})",
    "log1p": "np.log1p({})",
    "expm1": "np.expm1({})",
    "sqrt": "np.sqrt({})",
    "tanh": "np.tanh({})",
    "sinh": "np.sinh({})",
    "sign": "np.sign({})",
    "absolute": "np.abs({})",
    "minimum": "np.minimum({}, {})",
    "choice": "np.where({}, {}, {})",
    "choice of numbers": "np.where({}, {}, {}).astype(z.dtype)",
    "log_sigmoid": "-np.logaddexp(0, {-})",
    "lgamma": "np.vectorize(math.lgamma, otypes=[z.dtype])({})",
    "erf": "np.vectorize(math.erf, otypes=[z.dtype])({})",
}
_TORCH = {
    **{name: code.replace("np.", "torch.") for name, code in _NUMPY.items()},
    "minimum": "torch.clamp({}, max={})",
    "choice of numbers": "torch.where({}, torch.full_like(z, {}), {})",
    "sigmoid": "torch.sigmoid({})",
    "log_sigmoid": "torch.nn.functional.logsigmoid({})",
    "lgamma": "torch.lgamma({})",
    "erf": "torch.erf({})",
}
_JAX = {
    **{name: code.replace("np.", "jnp.") for name, code in _NUMPY.items()},
    "sigmoid": "jax.nn.sigmoid({})",
    "log_sigmoid": "jax.nn.log_sigmoid({})",
    "lgamma": "jax.lax.lgamma({})",
    "erf": "jax.lax.erf({})",
}
_KERAS = {
    **{name: code.replace("np.", "ops.") for name, code in _NUMPY.items()},
    "sigmoid": "ops.sigmoid({})",
    "log_sigmoid": "ops.log_sigmoid({})",
    "choice of numbers": "ops.where({}, ops.full_like(z, {}), {})",
    "erf": "ops.erf({})",
}
del _KERAS["lgamma"]

FUNCTIONS: Mapping[str, Mapping[str, str]] = {"numpy": _NUMPY, "torch": _TORCH, "jax": _JAX, "keras": _KERAS}
"""The functions of each way to compute; ``{-}`` is the argument with the other sign."""


@dataclass
class Printer:
    """Prints expressions for one library.

    Attributes:
        library: a key of `FUNCTIONS`.
        scalars: symbols that are plain numbers: functions of these alone are those of `math`.
        uses_math: whether something printed needs ``import math``.
    """

    library: str
    scalars: frozenset[Expr]
    uses_math: bool = field(default=False, init=False)

    def __call__(self, expression: Expr) -> str:
        """The expression as code."""
        printed: str = _Code(self).doprint(sympy.sympify(expression))
        return printed


class _Code(StrPrinter):  # type: ignore[misc]
    def __init__(self, printer: Printer) -> None:
        super().__init__({"order": "none"})
        self.printer = printer

    def _print_Symbol(self, expr: Expr) -> str:  # noqa: N802 - sympy's name
        return "(1 - y)" if expr.name == "rest" else str(expr.name)

    def _print_Rational(self, expr: Expr) -> str:  # noqa: N802
        decimal = float(expr)
        return number(decimal) if sympy.Rational(repr(decimal)) == expr else f"{expr.p} / {expr.q}"

    def _print_Half(self, expr: Expr) -> str:  # noqa: N802
        return "0.5"

    def _print_Float(self, expr: Expr) -> str:  # noqa: N802
        return repr(float(expr))

    def _print_Relational(self, expr: Expr) -> str:  # noqa: N802
        return f"{self._print(expr.lhs)} {expr.rel_op} {self._print(expr.rhs)}"

    def _print_Pi(self, expr: Expr) -> str:  # noqa: N802
        self.printer.uses_math = True
        return "math.pi"

    def _print_Pow(self, expr: Expr, rational: bool = False) -> str:  # noqa: N802
        if expr.exp == sympy.Rational(1, 2):
            return self._call("sqrt", [expr.base])
        if expr.exp == -sympy.Rational(1, 2):
            return f"1 / {self._call('sqrt', [expr.base])}"
        if expr.exp.is_number and expr.exp < 0:
            return self._print_Mul(expr)
        return str(super()._print_Pow(expr, rational=rational))

    def _print_Add(self, expr: Expr, order: object = None) -> str:  # noqa: N802
        printed = [str(self._print(a)) for a in sorted(expr.args, key=self._place_of_term)]
        return printed[0] + "".join(f" - {t[1:]}" if t.startswith("-") else f" + {t}" for t in printed[1:])

    def _place_of_term(self, term: Expr) -> tuple[bool, int, str]:
        names = {s.name for s in term.free_symbols}
        place = 3 if term.has(lgamma) else 0 if "y" in names else 1 if "rest" in names else 2
        return (term.could_extract_minus_sign(), place, str(term))

    def _print_Mul(self, expr: Expr) -> str:  # noqa: N802
        coefficient, rest = expr.as_coeff_Mul()
        above: list[Expr] = []
        below: list[Expr] = []
        for factor in sympy.Mul.make_args(rest):
            power = factor.exp if factor.is_Pow and factor.exp.is_number and factor.exp < 0 else None
            (above if power is None else below).append(factor if power is None else factor.base ** (-power))
        number_above, number_below = abs(coefficient), sympy.Integer(1)
        if coefficient.is_Rational:
            number_above, number_below = sympy.Integer(abs(coefficient.p)), sympy.Integer(coefficient.q)
            if coefficient.q == 2 and coefficient.p != 1:
                number_above, number_below = abs(coefficient), sympy.Integer(1)
        above = [number_above] * (number_above != 1 or not above) + sorted(above, key=self._place_of_factor)
        below = [number_below] * (number_below != 1) + sorted(below, key=self._place_of_factor)
        text = " * ".join(map(self._factor, above))
        if below:
            bottom = " * ".join(map(self._factor, below))
            text += f" / ({bottom})" if len(below) > 1 else f" / {bottom}"
        return f"-{text}" if coefficient < 0 else text

    def _factor(self, expr: Expr) -> str:
        text = str(self._print(expr))
        return f"({text})" if expr.is_Add or text.startswith("-") or (" / " in text and expr.is_Number) else text

    def _print_choice(self, expr: Expr) -> str:
        return self._call("choice", list(expr.args))

    def _place_of_factor(self, factor: Expr) -> tuple[int, str]:
        if factor.is_Symbol:
            if factor.name in ("y", "rest", "s"):
                return (0, factor.name)
            return (1 if factor in self.printer.scalars else 2, factor.name)
        return (5 if factor.is_Add else 4 if not factor.is_Pow else 3, str(factor))

    def _print_Function(self, expr: Expr) -> str:  # noqa: N802
        return self._call(type(expr).__name__, list(expr.args))

    def _print_exp(self, expr: Expr) -> str:
        return self._call("exp", list(expr.args))

    def _print_log(self, expr: Expr) -> str:
        return self._call("log", list(expr.args))

    def _call(self, name: str, arguments: list[Expr]) -> str:
        if name == "lgamma" and self.printer.library == "keras" and arguments[0].free_symbols:
            raise NotImplementedError("keras has no lgamma")
        alone = all(a.free_symbols <= self.printer.scalars for a in arguments)
        if alone and name == "absolute":
            return f"abs({self._print(arguments[0])})"
        if alone and name in {"exp", "log", "log1p", "sqrt", "lgamma", "expm1", "erf"}:
            self.printer.uses_math = True
            return f"math.{name}({self._print(arguments[0])})"
        if name == "choice" and all(a.free_symbols <= self.printer.scalars for a in arguments[1:]):
            name = "choice of numbers"
        form = FUNCTIONS[self.printer.library][name]
        self.printer.uses_math |= "math." in form
        if "{-}" in form:
            return form.replace("{-}", self._print(-arguments[0]))
        return form.format(*(self._print(a) for a in arguments))
