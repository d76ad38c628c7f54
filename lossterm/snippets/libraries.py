"""The snippet of each library: what a person pastes, formatted as black does, with nothing in it that is not used."""

from __future__ import annotations

import keyword
import re
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import black
import sympy

from lossterm.core.losses.labels import Family, number
from lossterm.snippets.algebra import Expr, formula_of
from lossterm.snippets.derivation import Derivation, reads_hard_labels
from lossterm.snippets.printers import Printer

CURVATURE: Mapping[str, tuple[Sequence[str], str]] = {
    "exact": (
        ("The Hessian is the exact one: it is nowhere negative. At least 1e-16, as a tree divides by it.",),
        "np.maximum(hess, 1e-16)",
    ),
    "one": (
        (
            "The Hessian is 0 wherever there is one, and a tree divides by it: 1 stands for it, and each leaf",
            "takes a step of gradient descent.",
        ),
        "np.ones_like(grad)",
    ),
    "weight": (
        (
            "Far from the label the exact Hessian dies before the gradient does, and a tree divides by it: instead",
            "stands grad / r, the weight of iteratively reweighted least squares, whose steps never raise the loss.",
        ),
        "np.maximum(np.divide(grad, r, out=hess, where=r != 0), 1e-16)",
    ),
    "bounded": (
        (
            "The exact Hessian is 0 or negative where the prediction is badly wrong, and a tree divides by it: it is",
            "held above a tenth of |grad|, so that no leaf moves by more than 10. (Gauss-Newton would not do: its",
            "Hessian dies sooner than the gradient.)",
        ),
        "np.maximum(hess, np.maximum(0.1 * np.abs(grad), 1e-16))",
    ),
}
"""What stands for the Hessian in boosting: why, and the code."""


@dataclass(frozen=True)
class Written:
    """What a snippet is written of.

    Attributes:
        derivation: the loss, derived.
        policy: a key of `CURVATURE`.
        notes: lines of its docstring on how it was checked.
    """

    derivation: Derivation
    policy: str
    notes: Sequence[str]

    @property
    def name(self) -> str:
        """The function's name."""
        name = self.derivation.loss.id.replace("-", "_")
        return f"{name}_" if keyword.iskeyword(name) else name

    @property
    def printer(self) -> Callable[[str], Printer]:
        """Prints for a library."""
        names = self.derivation.arguments
        scalars = frozenset(s for n in names for s in (sympy.Symbol(n), sympy.Symbol(n, positive=True)))
        return lambda library: Printer(library, scalars)

    @property
    def keywords(self) -> str:
        """The parameters with their values: ``, gamma=2.0``."""
        return "".join(f", {name}={value!r}" for name, value in self.derivation.arguments.items())

    @property
    def names(self) -> str:
        """The parameters: ``, gamma``."""
        return "".join(f", {name}" for name in self.derivation.arguments)

    def title(self, what: str) -> str:
        """The first line of a docstring."""
        d = self.derivation
        fixed = [
            f"{n} = {'off' if v is None else number(v)}"
            for n, v in d.params.items()
            if v != d.loss.defaults[n] and n not in d.arguments
        ]
        off = f" ({', '.join(fixed)})" if fixed and d.loss.parameters else ""
        behind = "" if d.activation.id == "identity" else f" behind {d.activation.id}"
        return f"{d.loss.id}{off}{behind}: {what}."

    def about(self) -> list[str]:
        """The formula, the source, the labels."""
        d = self.derivation
        link = "v = z, the raw score" if d.activation.id == "identity" else f"{d.activation.formula}, z the raw score"
        labels = {
            Family.PROBABILITY: "0 or 1" if reads_hard_labels(d.loss) else "in [0, 1]",
            Family.MARGIN: "0 or 1 (or -1 and 1)",
        }.get(d.loss.family, "any real" if d.loss.labels[0] < 0 else f"at least {number(d.loss.labels[0])}")
        if d.loss.hard_only:
            labels = "0 or 1 (or -1 and 1)"
        return [f"L = {d.loss.formula}, {link}; y is {labels}.", f"Source: {d.loss.source}."]

    def lines(self, library: str, printer: Printer, *expressions: Expr) -> list[str]:
        """The atoms that expressions need, as assignments."""
        return list(self.assignments(library, printer, *expressions).values())

    def assignments(self, library: str, printer: Printer, *expressions: Expr) -> dict[str, str]:
        """The same by the name of each atom."""
        numpy = library == "numpy"
        atoms = self.derivation.atoms(*expressions, numpy=numpy)
        return {a.symbol.name: f"{a.symbol.name} = {printer(formula_of(a, numpy=numpy))}" for a in atoms}

    def numpy_lines(self, printer: Printer, results: Mapping[str, Expr]) -> list[str]:
        """The atoms that results need and the results themselves; what is a result alone has its name at once."""
        lines = self.assignments("numpy", printer, *results.values())
        told = []
        for name, e in results.items():
            printed = _as_array(printer, self.derivation, e, "np")
            others = [line for atom, line in lines.items() if atom != printed]
            others += [printer(other) for key, other in results.items() if key != name]
            if printed in lines and not any(_word(printed, line) for line in others):
                printed = lines.pop(printed).partition(" = ")[2]
            told.append(f"{name} = {printed}")
        return [*lines.values(), *told]


def _block(lines: Iterable[str], depth: int = 1) -> str:
    return "\n".join("    " * depth + line if line else "" for line in lines)


def _docstring(lines: Sequence[str], depth: int = 1) -> str:
    # wrapped to what black leaves alone
    told = [part for line in lines for part in (textwrap.wrap(line, 84 - 4 * depth) if line else [""])]
    return _block(['"""' + told[0], *told[1:], '"""'], depth)


def _formatted(imports: Sequence[str], body: str, math: bool) -> str:
    head = [*(["import math"] if math else []), *([""] if math and imports else []), *imports]
    return black.format_str("\n".join(head) + "\n\n\n" + body + "\n", mode=black.Mode())


def _moves(expression: Expr) -> bool:
    return bool(expression.free_symbols)


def numpy_code(wanted: Written) -> str:
    """Value, gradient and Hessian with numpy."""
    d, p = wanted.derivation, wanted.printer("numpy")
    body = [
        f"def {wanted.name}(z, y{wanted.keywords}):",
        _docstring([wanted.title("value, dL/dz and d2L/dz2 of each example"), "", *wanted.about(), *wanted.notes]),
        _block(wanted.numpy_lines(p, {"value": d.value, "gradient": d.gradient, "hessian": d.hessian})),
        _block(["return value, gradient, hessian"]),
    ]
    return _formatted(["import numpy as np"], "\n".join(body), p.uses_math)


def _as_array(p: Printer, d: Derivation, e: Expr, module: str) -> str:
    # a constant, or a function of the label alone, has the shape of the scores too
    made_of = [e, *(formula_of(atom, numpy=False) for atom in d.atoms(e, numpy=False))]
    if any(part.has(d.algebra.z) for part in made_of):
        return p(e)
    if e == 0:
        return f"{module}.zeros_like(z)"
    return f"{module}.ones_like(z)" if e == 1 else f"{p(e)} * {module}.ones_like(z)"


def _returning(lines: Sequence[str], printed: str, after: str = "") -> list[str]:
    # what is only returned needs no name
    if lines and lines[-1].startswith(f"{printed} = "):
        return [*lines[:-1], f"return {lines[-1].partition(' = ')[2]}{after}"]
    return [*lines, f"return {printed}{after}"]


def _slopes(wanted: Written, p: Printer, code: str) -> list[str]:
    # the gradient, and the Hessian where the code that makes a positive one of it wants it
    d = wanted.derivation
    results = {"grad": d.gradient, "hess": d.hessian} if "hess" in code else {"grad": d.gradient}
    lines = wanted.numpy_lines(p, results)
    needs_r = "r !=" in code and not any(line.startswith("r = ") for line in lines)
    return [*(["r = z - y"] if needs_r else []), *lines]


def _boosting(wanted: Written, data: str, weights: str, note: str, returned: str) -> str:
    p = wanted.printer("numpy")
    policy, code = CURVATURE[wanted.policy]
    lines = _slopes(wanted, p, code)
    body = [
        f"def {wanted.name}(preds, {data}{wanted.keywords}):",
        _docstring([wanted.title(note), "", *wanted.about(), *wanted.notes]),
        _block(
            [
                "z = np.asarray(preds, dtype=np.float64)",
                f"y = np.asarray({data}.get_label(), dtype=np.float64)",
                *lines,
                *(f"# {line}" for line in _wrapped_comment(policy)),
                f"hess = {code}",
                f"weight = {data}.get_weight()",
                weights,
                "    grad, hess = grad * weight, hess * weight",
                f"return {returned}",
            ]
        ),
    ]
    return _formatted(["import numpy as np"], "\n".join(body), p.uses_math)


def _wrapped_comment(lines: Sequence[str]) -> list[str]:
    return textwrap.wrap(" ".join(lines), 80)


def xgboost_code(wanted: Written) -> str:
    """The objective of xgboost."""
    note = f"gradient and Hessian for xgboost.train(..., obj={wanted.name})"
    return _boosting(wanted, "dtrain", "if weight.size:", note, "grad, hess")


def lightgbm_code(wanted: Written) -> str:
    """The objective of lightgbm."""
    note = f"gradient and Hessian for lightgbm, params = {{'objective': {wanted.name}}}"
    return _boosting(wanted, "train_data", "if weight is not None:", note, "grad, hess")


def catboost_code(wanted: Written) -> str:
    """The objective of catboost, which wants the derivatives of −L."""
    d, p = wanted.derivation, wanted.printer("numpy")
    policy, code = CURVATURE[wanted.policy]
    lines = _slopes(wanted, p, code)
    arguments = d.arguments
    setup = (
        [f"    def __init__(self{wanted.keywords}):", *(f"        self.{n} = {n}" for n in arguments), ""]
        if arguments
        else []
    )
    body = [
        f"class {_class_name(wanted)}:",
        _docstring([wanted.title("for CatBoost(loss_function=...)"), "", *wanted.about(), *wanted.notes]),
        "",
        *setup,
        "    def calc_ders_range(self, approxes, targets, weights):",
        _block(
            [
                "z = np.array(approxes, dtype=np.float64)",
                "y = np.array(targets, dtype=np.float64)",
                *(f"{n} = self.{n}" for n in arguments if any(_word(n, line) for line in lines)),
                *lines,
                *(f"# {line}" for line in _wrapped_comment(policy)),
                f"hess = {code}",
                "if weights is not None:",
                "    weight = np.array(weights, dtype=np.float64)",
                "    grad, hess = grad * weight, hess * weight",
                "# catboost raises a likelihood: its derivatives are those of -L",
                "return list(zip(-grad, -hess))",
            ],
            2,
        ),
    ]
    return _formatted(["import numpy as np"], "\n".join(body), p.uses_math)


def _word(name: str, line: str) -> bool:
    return re.search(rf"\b{name}\b", line) is not None


def _class_name(wanted: Written) -> str:
    return "".join(part.capitalize() for part in wanted.derivation.loss.id.split("-"))


def torch_code(wanted: Written) -> str:
    """A torch function whose two derivatives are the exact ones."""
    d, p = wanted.derivation, wanted.printer("torch")
    name = _class_name(wanted)
    gradient_lines = _returning(wanted.lines("torch", p, d.gradient), _as_array(p, d, d.gradient, "torch"))
    hessian_lines = [*wanted.lines("torch", p, d.hessian), f"hessian = {_as_array(p, d, d.hessian, 'torch')}"]
    value_lines = _returning(wanted.lines("torch", p, d.value), p(d.value))
    count = len(d.arguments)
    rest = "".join(", None" for _ in range(1 + count))

    def parameters(lines: Sequence[str]) -> list[str]:
        return [f"{n} = ctx.{n}" for n in d.arguments if any(_word(n, line) for line in lines)]

    def forward(lines: Sequence[str]) -> list[str]:
        return [
            "@staticmethod",
            f"def forward(ctx, z, y{wanted.names}):",
            "    ctx.save_for_backward(z, y)",
            *(f"    ctx.{n} = {n}" for n in d.arguments),
            *(f"    {line}" for line in lines),
            "",
        ]

    passed = "".join(f", ctx.{n}" for n in d.arguments)
    body = [
        f"class {name}Gradient(torch.autograd.Function):",
        f'    """dL/dz of {d.loss.id}, whose derivative is d2L/dz2."""',
        "",
        _block(forward(gradient_lines)),
        _block(
            [
                "@staticmethod",
                "def backward(ctx, upstream):",
                "    z, y = ctx.saved_tensors",
                *(f"    {line}" for line in (*parameters(hessian_lines), *hessian_lines)),
                f"    return upstream * hessian{rest}",
            ]
        ),
        "",
        "",
        f"class {name}(torch.autograd.Function):",
        f'    """{d.loss.id}, whose derivative is that of {name}Gradient."""',
        "",
        _block(forward(value_lines)),
        _block(
            [
                "@staticmethod",
                "def backward(ctx, upstream):",
                "    z, y = ctx.saved_tensors",
                f"    return upstream * {name}Gradient.apply(z, y{passed}){rest}",
            ]
        ),
        "",
        "",
        f"def {wanted.name}(z, y{wanted.keywords}):",
        _docstring(
            [
                wanted.title("the loss of each example"),
                "",
                *wanted.about(),
                "Its first and second derivative by z are exact; y and the parameters have none.",
                *wanted.notes,
            ]
        ),
        f"    return {name}.apply(z, y{wanted.names})",
    ]
    return _formatted(["import torch"], "\n".join(body), p.uses_math)


def jax_code(wanted: Written) -> str:
    """A jax function whose two derivatives are the exact ones."""
    d, p = wanted.derivation, wanted.printer("jax")
    name, count = wanted.name, len(d.arguments)
    frozen = f"@functools.partial(jax.custom_jvp, nondiff_argnums=({', '.join(str(2 + i) for i in range(count))},))"
    decorator = frozen if count else "@jax.custom_jvp"
    before = "".join(f"{n}, " for n in d.arguments)

    def rule(of: str, lines: Sequence[str], slope: str) -> list[str]:
        return [
            f"@{of}.defjvp",
            f"def {of}_jvp({before}primals, tangents):",
            "    (z, y), (dz, _) = primals, tangents",
            *(f"    {line}" for line in lines),
            f"    return {of}(z, y{wanted.names}), {slope} * dz",
        ]

    hessian = [*wanted.lines("jax", p, d.hessian), f"hessian = {_as_array(p, d, d.hessian, 'jnp')}"]
    body = [
        decorator,
        f"def {name}(z, y{wanted.keywords}):",
        _docstring(
            [
                wanted.title("the loss of each example"),
                "",
                *wanted.about(),
                "Its first and second derivative by z are exact; y and the parameters have none.",
                *wanted.notes,
            ]
        ),
        _block(_returning(wanted.lines("jax", p, d.value), p(d.value))),
        "",
        "",
        decorator,
        f"def {name}_gradient(z, y{wanted.keywords}):",
        _block(_returning(wanted.lines("jax", p, d.gradient), _as_array(p, d, d.gradient, "jnp"))),
        "",
        "",
        *rule(name, [], f"{name}_gradient(z, y{wanted.names})"),
        "",
        "",
        *rule(f"{name}_gradient", hessian, "hessian"),
    ]
    code = "\n".join(body)
    standard = ["import functools"] if count else []
    imports = [*standard, *(["import math"] if p.uses_math else []), *([""] if standard or p.uses_math else [])]
    modules = ["import jax", "import jax.numpy as jnp"] if "jnp." in code else ["import jax"]
    return _formatted([*imports, *modules], code, math=False)


def keras_code(wanted: Written) -> str:
    """A loss function of keras, from raw scores, whose derivative is the exact one."""
    d, p = wanted.derivation, wanted.printer("keras")
    value, note = d.value, []
    for term in sympy.Add.make_args(value):
        if _of_label_alone(d, term):  # keras has no log-gamma, and a constant has no gradient
            value, note = value - term, ["Without what depends on y alone, which has no gradient."]
    body = [
        f"def {wanted.name}(y_true, y_pred{wanted.keywords}):",
        _docstring(
            [
                wanted.title("a keras loss of raw scores (the model's last layer has no activation)"),
                "",
                *wanted.about(),
                *note,
                *wanted.notes,
            ]
        ),
        _block(
            [
                "@ops.custom_gradient",
                "def loss(z, y):",
                *(f"    {line}" for line in wanted.lines("keras", p, value, d.gradient)),
                f"    gradient = {_as_array(p, d, d.gradient, 'ops')}",
                "",
                "    def backward(*args, upstream=None):",
                "        upstream = args[0] if upstream is None else upstream",
                "        return upstream * gradient, ops.zeros_like(y)",
                "",
                f"    return {p(value)}, backward",
                "",
                "y = ops.cast(y_true, y_pred.dtype)",
                "return ops.mean(loss(y_pred, y), axis=-1)",
            ]
        ),
    ]
    return _formatted(["from keras import ops"], "\n".join(body), p.uses_math)


def _of_label_alone(d: Derivation, term: Expr) -> bool:
    return "lgamma" in str(term) and all(s.name in {"y", *d.arguments} for s in term.free_symbols) and _moves(term)


LIBRARIES: Mapping[str, Callable[[Written], str]] = {
    "numpy": numpy_code,
    "xgboost": xgboost_code,
    "lightgbm": lightgbm_code,
    "torch": torch_code,
    "jax": jax_code,
    "keras": keras_code,
    "catboost": catboost_code,
}
"""Who a snippet is written for."""
