"""What runs somebody's objective: the program of a process of its own, with numpy alone and nothing of ours.

``python child.py REQUEST ANSWER``: reads one JSON file and writes another. Whatever the objective does in here (prints,
raises, forks, changes the working directory) stays in here.
"""

from __future__ import annotations

import contextlib
import importlib.machinery
import importlib.util
import inspect
import io
import json
import os
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

LABEL = {"y", "y_true", "ytrue", "true", "actual", "label", "labels", "target", "targets", "truth", "t", "y_train"}
SCORE = {
    "z", "pred", "preds", "predt", "predictions", "prediction", "y_pred", "ypred", "y_hat", "yhat", "score", "scores",
    "margin", "margins", "logit", "logits", "raw", "raw_score", "raw_scores", "approx", "approxes", "p", "x", "f",
}  # fmt: skip
DATA = {"dtrain", "train_data", "dmatrix", "dataset", "data", "train", "train_set"}
WEIGHT = {"weight", "weights", "sample_weight", "sample_weights", "w"}
EMPTY = {"group", "groups", "query", "qid"}
"""Arguments by their names, in small letters."""

FINE = 65
"""Points between which the place from where on a number is not finite is sought, twice."""


class ObjectiveError(Exception):
    """Why an objective cannot be run, in one line."""


class TrainingRows:
    """Stands in for xgboost's DMatrix and lightgbm's Dataset: the labels and weights of rows."""

    def __init__(self, label: Any, weight: Any, seen: set[str]) -> None:
        self._label, self._weight, self._seen = label, weight, seen

    def get_label(self) -> Any:
        """The labels."""
        return self._label

    def get_weight(self) -> Any:
        """The weights; that they were asked for is noted."""
        self._seen.add("weight")
        return self._weight

    def get_group(self) -> Any:
        """There are no groups."""
        return None

    def get_base_margin(self) -> Any:
        """There is none."""
        return np.zeros(0)

    get_init_score = get_group

    def num_row(self) -> int:
        """How many rows there are."""
        return int(np.size(self._label))

    num_data = num_row
    label = property(get_label)
    weight = property(get_weight)


# ---- finding it -----------------------------------------------------------------------------------------------------


def loaded(file: str, name: str) -> Callable[..., Any]:
    """The objective of a file, which is run to have it."""
    path = Path(file)
    sys.path[:] = [str(path.parent), *(entry for entry in sys.path if entry != str(Path(__file__).parent))]
    module_name = f"_checked_{path.stem}"
    loader = importlib.machinery.SourceFileLoader(module_name, str(path))
    spec = importlib.util.spec_from_loader(module_name, loader, origin=str(path))
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    module.__file__ = str(path)
    sys.modules[module_name] = module
    sys.dont_write_bytecode = True
    try:
        loader.exec_module(module)
    except SyntaxError as problem:
        where = "it" if problem.lineno is None else f"line {problem.lineno}"
        raise ObjectiveError(f"{where} is no Python: {problem.msg}") from None
    except BaseException as problem:
        raise ObjectiveError(f"its import fails: {said(problem, file)}") from None
    found: Any = module
    for part in name.split("."):
        if not hasattr(found, part):
            there = [n for n, v in vars(module).items() if callable(v) and getattr(v, "__module__", "") == module_name]
            hint = f"it has {', '.join(there[:8])}" if there else "it has no function"
            raise ObjectiveError(f"there is no {name} in it: {hint}")
        found = getattr(found, part)
    if inspect.isclass(found):
        raise ObjectiveError(
            f"{name} is a class: make one of it in the file, such as objective = {name}(), and name that"
        )
    if not callable(found):
        raise ObjectiveError(f"{name} is no function, but a {type(found).__name__}")
    return found  # type: ignore[no-any-return]


def said(problem: BaseException, file: str) -> str:
    """An exception in a line, with the line of the file where it came from."""
    where, trace = "", problem.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == file:
            where = f" (line {trace.tb_lineno})"
        trace = trace.tb_next
    if isinstance(problem, SystemExit):
        return f"it leaves Python with code {problem.code}{where}"
    try:
        text = str(problem)
    except Exception:
        text = ""
    return f"{type(problem).__name__}{': ' if text else ''}{text[:300]}{where}"


# ---- its arguments --------------------------------------------------------------------------------------------------

Binding = tuple[str, ...]
"""What each argument is given: label, score, data, weight, empty."""


def bindings(objective: Callable[..., Any]) -> list[tuple[Binding, dict[str, str]]]:
    """The ways in which the arguments may be meant, the likeliest first: those in order, and those by name."""
    try:
        parameters = list(inspect.signature(objective).parameters.values())
    except (ValueError, TypeError):  # of a function in C
        return [(("label", "score"), {}), (("score", "label"), {})]
    names, by_name = [], {}
    for one in parameters:
        kind, role = one.kind, role_of(one.name)
        if kind in (one.VAR_POSITIONAL, one.VAR_KEYWORD):
            continue
        if kind is one.KEYWORD_ONLY:
            if role or one.default is one.empty:
                by_name[one.name] = role or "unknown"
        elif one.default is one.empty or (role in ("label", "score", "data", "weight") and role not in names):
            if one.default is not one.empty and role != "weight":
                continue
            if one.default is not one.empty:
                by_name[one.name] = "weight"
            else:
                names.append(role or "unknown")
    if any(one.kind is one.VAR_POSITIONAL for one in parameters) and not names:
        names = ["unknown", "unknown"]
    known = set(names) | set(by_name.values())
    needed = len([n for n in [*names, *by_name.values()] if n not in ("weight", "empty")])
    if needed != 2:
        raise ObjectiveError(
            f"it takes {needed} arguments without a default, not the labels and the scores: write f(y_true, y_pred) or "
            "f(preds, dtrain), and give the others a default"
        )
    for doubled in ("label", "score", "data"):
        if names.count(doubled) == 2:
            names = ["unknown" if n == doubled else n for n in names]
            known = set(names)
    if "unknown" not in known:
        return [(tuple(names), by_name)]
    ways: list[tuple[str, ...]]
    if names.count("unknown") == 2:
        ways = [("label", "score"), ("score", "label"), ("score", "data"), ("data", "score")]
    elif "score" in known:
        ways = [("label",), ("data",)]
    else:
        ways = [("score",)]
    result = []
    for way in ways:
        left = list(way)
        order = tuple(left.pop(0) if n == "unknown" else n for n in names)
        named = {k: left.pop(0) if v == "unknown" and left else v for k, v in by_name.items()}
        result.append((order, named))
    return result


def role_of(name: str) -> str:
    """What an argument of a name is; empty for a name that says nothing."""
    low = name.lower().strip("_")
    roles = (("label", LABEL), ("score", SCORE), ("data", DATA), ("weight", WEIGHT), ("empty", EMPTY))
    return next((role for role, names in roles if low in names), "")


# ---- calling it -----------------------------------------------------------------------------------------------------


class Caller:
    """An objective with its arguments in an order.

    Attributes:
        single: whether it is asked row by row, since it takes no arrays.
        seen: what it asked of the rows that it was given.
        results: how many it gives.
    """

    def __init__(self, objective: Callable[..., Any], binding: tuple[Binding, dict[str, str]], file: str) -> None:
        self._objective, self._binding, self._file = objective, binding, file
        self.single = False
        self.tensor = False
        self.seen: set[str] = set()
        self.results = 0

    def __call__(self, z: Any, y: Any, w: Any = None) -> dict[str, list[float]]:
        """Its results at rows, as lists by their names."""
        weight = np.ones(len(z)) if w is None else w
        if not self.single:
            try:
                return self._named(self._once(z, y, weight), len(z))
            except ObjectiveError:
                raise
            except (ValueError, TypeError, AttributeError) as problem:
                if self._takes_tensors(z, y, weight):
                    self.tensor = True
                    return self._named(self._once(z, y, weight), len(z))
                if not self._takes_rows(z, y, weight):
                    raise ObjectiveError(said(problem, self._file)) from None
                self.single = True
        rows = [self._row(float(a), float(b), float(c)) for a, b, c in zip(z, y, weight, strict=True)]
        columns = zip(*rows, strict=True)
        return self._named(tuple(np.array([float(as_numbers(v).reshape(())) for v in c]) for c in columns), len(z))

    def _row(self, z: float, y: float, w: float) -> Sequence[Any]:
        try:
            parts = self._parts(self._once(z, y, w))
        except ArithmeticError:  # math.exp overflows where numpy's gives ∞
            return (np.nan,) * (self.results or 2)
        self.results = len(parts)
        return parts

    def _takes_tensors(self, z: Any, y: Any, w: Any) -> bool:
        if "torch" not in sys.modules or self.tensor:
            return False
        self.tensor = True
        try:
            self._once(z, y, w)
        except Exception:
            return False
        finally:
            self.tensor = False
        return True

    def _takes_rows(self, z: Any, y: Any, w: Any) -> bool:
        try:
            parts = self._parts(self._once(float(z[0]), float(y[0]), float(w[0])))
            return all(as_numbers(part).size == 1 for part in parts)
        except Exception:
            return False

    def _once(self, z: Any, y: Any, w: Any) -> Any:
        given = {"score": z, "label": y, "weight": w}
        held = {key: np.array(value, dtype=float) for key, value in given.items()}
        if not isinstance(z, float):
            given = {key: np.array(value) for key, value in given.items()}
        if self.tensor:
            torch = sys.modules["torch"]
            given = {key: torch.as_tensor(value) for key, value in given.items()}
        rows = {**given, "empty": None, "data": TrainingRows(given["label"], given["weight"], self.seen)}
        order, named = self._binding
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            found = self._objective(*(rows[role] for role in order), **{n: rows[role] for n, role in named.items()})
        for key, value in given.items():
            if not np.array_equal(np.asarray(value), held[key], equal_nan=True):
                what = {"score": "scores", "label": "labels", "weight": "weights"}[key]
                raise ObjectiveError(f"it changes the {what} that it is given: work on a copy")
        return found

    def _parts(self, found: Any) -> Sequence[Any]:
        shape = getattr(found, "shape", None)
        if not isinstance(found, tuple | list) and not (shape and shape[0] in (2, 3)):
            what = "nothing" if found is None else f"a {type(found).__name__}"
            raise ObjectiveError(f"it returns {what}: return two, the gradient and the Hessian, or three, L, g, h")
        if len(found) not in (2, 3):
            raise ObjectiveError(
                f"it returns {len(found)} things, not two, the gradient and the Hessian, or three, L, g, h"
            )
        return list(found)

    def _named(self, found: Any, n: int) -> dict[str, list[float]]:
        parts = self._parts(found)
        self.results = len(parts)
        names = ("L", "g", "h")[-len(parts) :]
        return {name: column(part, name, n, self.single) for name, part in zip(names, parts, strict=True)}


def as_numbers(part: Any) -> Any:
    """Anything that numpy can take, a tensor too, as an array of floats."""
    if hasattr(part, "detach"):
        part = part.detach().cpu()
    array = np.asarray(part)
    if array.dtype.kind == "c":
        raise ObjectiveError("it returns complex numbers")
    try:
        return array.astype(float)
    except (ValueError, TypeError):
        raise ObjectiveError(f"it returns what is no array of numbers: {type(part).__name__}") from None


def column(part: Any, name: str, n: int, single: bool) -> list[float]:
    """A result as one number a row; a loss that is one number for all rows is given as none."""
    array = as_numbers(part)
    if name == "L" and array.ndim == 0 and not single:
        return []
    if array.shape not in ((n,), (n, 1)):
        what = {"L": "loss", "g": "gradient", "h": "Hessian"}[name]
        hint = ": write np.full_like(preds, …)" if array.ndim == 0 else ""
        raise ObjectiveError(f"its {what} has the shape {array.shape}, not one number for each of {n} rows{hint}")
    return [float(v) for v in array.ravel()]


# ---- what is asked --------------------------------------------------------------------------------------------------


def answers(call: Caller, request: dict[str, Any]) -> dict[str, Any]:
    """Everything that is asked of an objective, with its arguments in one order.

    Raises:
        ObjectiveError: it cannot be run for any of the labels, or does what none should.
    """
    sets: dict[str, Any] = {}
    for name, points in request["sets"].items():
        z, y = np.array(points["z"]), np.array(points["y"])
        try:
            sets[name] = answer_at(call, z, y, request["step"], np.abs(z) <= request["near"])
        except ObjectiveError as problem:
            if "changes" in str(problem):
                raise
            sets[name] = {"error": str(problem)}
        except Exception as problem:
            sets[name] = {"error": said(problem, request["file"])}
    first = next((name for name, found in sets.items() if "error" not in found), None)
    if first is None:
        raise ObjectiveError(next(iter(sets.values()))["error"])
    z, y = (np.array(request["sets"][first][key]) for key in ("z", "y"))
    again = call(z, y)
    if not all(np.array_equal(again[k], sets[first][k], equal_nan=True) for k in ("g", "h")):
        raise ObjectiveError("it gives other numbers at each call with the same rows")
    call.seen.clear()
    weights = 1.0 + (np.arange(len(z)) % 7) * 0.31
    weighted = {**call(z, y, weights), "w": weights.tolist(), "set": first}
    return {"sets": sets, "weighted": weighted, "single": call.single, "reads_weights": "weight" in call.seen}


def answer_at(call: Caller, z: Any, y: Any, step: float, near: Any) -> dict[str, Any]:
    """The results at rows, difference quotients of them, and from where on they are not finite."""
    found: dict[str, Any] = call(z, y)
    moved = {k: call(z[near] + k * step, y[near]) for k in (-2, -1, 1, 2)}
    found["moved_g"] = [moved[k]["g"] for k in moved]
    if "L" in found:
        found["moved_L"] = [moved[k]["L"] for k in moved]
    found["edges"] = list(edges(call, z, y, found))
    return found


def edges(call: Caller, z: Any, y: Any, found: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """From where on, for each label and to each side, a result is not finite."""
    for name in ("g", "h"):
        values = np.array(found[name])
        for label in np.unique(y):
            for side in (-1, 1):
                rows = np.flatnonzero((y == label) & (side * z >= 0))
                rows = rows[np.argsort(np.abs(z[rows]))]
                bad = np.flatnonzero(~np.isfinite(values[rows]))
                if not bad.size:
                    continue
                k = int(bad[0])
                lo, hi = (float(z[rows[k - 1]]) if k else 0.0), float(z[rows[k]])
                for _ in range(2):
                    between = np.linspace(lo, hi, FINE)
                    finite = np.isfinite(call(between, np.full(FINE, label))[name])
                    at = int(np.argmin(finite)) if not finite.all() else FINE - 1
                    lo, hi = float(between[max(at - 1, 0)]), float(between[at])
                what = call(np.array([hi, hi]), np.array([label, label]))[name][0]
                yield {"of": name, "label": float(label), "side": side, "from": hi, "kind": str(what)}


def main(request_file: str, answer_file: str) -> None:
    """Read a request, run the objective, write what came of it."""
    request = json.loads(Path(request_file).read_text("utf-8"))
    forked: list[bool] = []
    with contextlib.suppress(AttributeError):
        # a copy ends at once: each would go on here and make copies of its own
        os.register_at_fork(after_in_parent=lambda: forked.append(True), after_in_child=lambda: os._exit(0))
    sys.argv = [request["file"]]
    printed = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="replace", write_through=True)
    sys.stdout = printed
    answer: dict[str, Any] = {}
    try:
        os.chdir(Path(request["file"]).parent)
        objective = loaded(request["file"], request["name"])
        ways = []
        problems = []
        for binding in bindings(objective):
            call = Caller(objective, binding, request["file"])
            try:
                ways.append({"order": list(binding[0]), "named": binding[1], **answers(call, request)})
            except ObjectiveError as problem:
                problems.append(str(problem))
        if not ways:
            raise ObjectiveError(problems[0])
        answer = {"ways": ways}
    except ObjectiveError as problem:
        answer = {"error": str(problem)}
    except BaseException as problem:
        answer = {"error": said(problem, request["file"])}
    if forked and "error" not in answer:
        answer = {"error": "it makes copies of its process (fork): it is run in one"}
    text = printed.buffer.getvalue().decode("utf-8", "replace")
    answer["printed"] = text[:200]
    Path(answer_file).write_text(json.dumps(answer), "utf-8")
    os._exit(0)  # threads and handlers of the objective are not waited for


if __name__ == "__main__":
    main(*sys.argv[1:])
