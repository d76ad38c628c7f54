"""One set of predictions in the shapes in which programs write it: the same figures from each, or a stated refusal.

Twelve examples of two classes and twelve of three, each written by program, format, order and name. What is not here:
workbooks (xlsx), databases, pickles, HDF5, Avro, ORC, protocol buffers; those are refused by name in `test_formats`.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import math
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import polars as pl
import pytest

from tests.predictions.test_command import loaded, refused

Y = [0, 1, 0, 1, 1, 0, 0, 1, 0, 1, 0, 1]
P = [0.08, 0.91, 0.35, 0.62, 0.97, 0.12, 0.55, 0.44, 0.03, 0.88, 0.21, 0.73]
Q = [0.92, 0.09, 0.65, 0.38, 0.03, 0.88, 0.45, 0.56, 0.97, 0.12, 0.79, 0.27]
Z = [math.log(p / q) for p, q in zip(P, Q, strict=True)]
D = [int(p > 0.5) for p in P]
TOP = [max(p, q) for p, q in zip(P, Q, strict=True)]
NO_YES = [["no", "yes"][y] for y in Y]
DECIDED = [["no", "yes"][d] for d in D]
ID = list(range(1001, 1013))

K = ["ant", "bee", "cat"]
T = [0, 1, 2, 1, 0, 2, 2, 1, 0, 1, 2, 0]
R = [
    [0.7, 0.2, 0.1], [0.1, 0.6, 0.3], [0.2, 0.2, 0.6], [0.5, 0.3, 0.2], [0.9, 0.05, 0.05], [0.1, 0.1, 0.8],
    [0.3, 0.4, 0.3], [0.05, 0.9, 0.05], [0.6, 0.3, 0.1], [0.2, 0.7, 0.1], [0.15, 0.25, 0.6], [0.4, 0.35, 0.25],
]  # fmt: skip
NAMES = [K[t] for t in T]
COLUMN = [[row[k] for row in R] for k in range(3)]
TOP_OF_3 = [max(row) for row in R]
DECIDED_OF_3 = [K[row.index(max(row))] for row in R]

BINARY = {
    "log_loss": -math.fsum(math.log(p if y else q) for y, p, q in zip(Y, P, Q, strict=True)) / 12,
    "brier": math.fsum((p - y) ** 2 for y, p in zip(Y, P, strict=True)) / 12,
    "accuracy": sum(d == y for y, d in zip(Y, D, strict=True)) / 12,
    "auroc": sum((a > b) + (a == b) / 2 for a, i in zip(P, Y, strict=True) for b, j in zip(P, Y, strict=True) if i > j)
    / 36,
}
CLASSES = {
    "log_loss": -math.fsum(math.log(row[t]) for t, row in zip(T, R, strict=True)) / 12,
    "brier_summed": math.fsum((row[k] - (k == t)) ** 2 for t, row in zip(T, R, strict=True) for k in range(3)) / 12,
    "accuracy": sum(a == b for a, b in zip(NAMES, DECIDED_OF_3, strict=True)) / 12,
}
RIGHT_OF_3 = [a == b for a, b in zip(NAMES, DECIDED_OF_3, strict=True)]
BEING_RIGHT = {
    "log_loss": -math.fsum(math.log(p if r else 1 - p) for r, p in zip(RIGHT_OF_3, TOP_OF_3, strict=True)) / 12,
    "accuracy": sum(RIGHT_OF_3) / 12,
    "brier": math.fsum((p - r) ** 2 for r, p in zip(RIGHT_OF_3, TOP_OF_3, strict=True)) / 12,
}

Table: TypeAlias = "dict[str, Sequence[Any]]"
Write: TypeAlias = Callable[[Path], Sequence[Path] | Path]


def text(table: Table, delimiter: str = ",", *, quote: int = csv.QUOTE_MINIMAL, header: bool = True) -> str:
    sink = io.StringIO()
    writer = csv.writer(sink, delimiter=delimiter, quoting=quote, lineterminator="\n")  # type: ignore[arg-type]
    if header:
        writer.writerow(table)
    writer.writerows(zip(*table.values(), strict=True))
    return sink.getvalue()


def comma(values: Sequence[float]) -> list[str]:
    return [str(value).replace(".", ",") for value in values]


def put(name: str, content: str | bytes) -> Write:
    def write(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def table(of: Table, **options: Any) -> Write:
    return put("a.csv", text(of, **options))


def frame(of: Table, how: str = "parquet", **types: Any) -> Write:
    def write(folder: Path) -> Path:
        path = folder / f"a.{how}"
        data = pl.DataFrame(dict(of), schema_overrides=types, strict=False)
        writers: dict[str, Callable[[Path], object]] = {
            "parquet": data.write_parquet, "arrow": data.write_ipc, "feather": data.write_ipc,
            "arrows": data.write_ipc_stream, "ndjson": data.write_ndjson,
        }  # fmt: skip
        writers[how](path)
        return path

    return write


def lines(rows: Sequence[Any]) -> Write:
    return put("a.jsonl", "".join(json.dumps(row) + "\n" for row in rows))


def document(value: Any) -> Write:
    return put("a.json", json.dumps(value, indent=1))


def records(of: Table) -> list[dict[str, Any]]:
    return [dict(zip(of, row, strict=True)) for row in zip(*of.values(), strict=True)]


def arrays(**of: Any) -> Write:
    def write(folder: Path) -> Path:
        np.savez(folder / "a.npz", **of)
        return folder / "a.npz"

    return write


def array(of: Any) -> Write:
    def write(folder: Path) -> Path:
        np.save(folder / "a.npy", of)
        return folder / "a.npy"

    return write


def two(**of: Any) -> Write:
    def write(folder: Path) -> list[Path]:
        for name, values in of.items():
            np.save(folder / f"{name}.npy", values)
        return [folder / f"{name}.npy" for name in of]

    return write


def both(one: tuple[str, str], other: tuple[str, str]) -> Write:
    def write(folder: Path) -> list[Path]:
        for name, content in (one, other):
            (folder / name).write_text(content)
        return [folder / one[0], folder / other[0]]

    return write


def zipped(name: str, content: str) -> Write:
    def write(folder: Path) -> Path:
        with zipfile.ZipFile(folder / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(name, content)
        return folder / "a.zip"

    return write


def cells(rows: Sequence[Sequence[float]], pattern: str = "[{}]", between: str = ", ") -> list[str]:
    return [pattern.format(between.join(map(str, row))) for row in rows]


PAIR = list(zip(Q, P, strict=True))
LOGS = [[math.log(value) for value in row] for row in R]
PANDAS: Table = {"": list(range(12)), "y_true": Y, "y_prob": P}
ALIGNED = "    y_true    y_prob\n" + "".join(
    f"{i:<4}{y:>5}  {p:>10.6f}\n" for i, (y, p) in enumerate(zip(Y, P, strict=True))
)
MARKDOWN = "| y | p |\n|---|---|\n" + "".join(f"| {y} | {p} |\n" for y, p in zip(Y, P, strict=True))
PSQL = " y |  p\n---+------\n" + "".join(f" {y} | {p}\n" for y, p in zip(Y, P, strict=True)) + "(12 rows)\n"
ONE_HOT = [[int(k == t) for t in T] for k in range(3)]
SOFT = [[math.log(value) + 3 for value in row] for row in R]

OF_TWO: dict[str, Write] = {
    # scikit-learn and pandas
    "sklearn y_true,y_prob": table({"y_true": Y, "y_prob": P}),
    "sklearn y_true,y_pred,y_pred_proba": table({"y_true": Y, "y_pred": D, "y_pred_proba": P}),
    "sklearn y_test,y_score": table({"y_test": Y, "y_score": P}),
    "sklearn proba_0,proba_1": table({"y": Y, "proba_0": Q, "proba_1": P}),
    "sklearn columns 0,1": table({"target": Y, "0": Q, "1": P}),
    "sklearn decision_function": table({"y": Y, "decision_function": Z}),
    "sklearn predict_log_proba": table(
        {"y": Y, "log_proba_0": [math.log(q) for q in Q], "log_proba_1": [math.log(p) for p in P]}
    ),
    "sklearn log_proba": table({"y": Y, "y_pred": D, "log_proba": [math.log(p) for p in P]}),
    "pandas with an index": table(PANDAS),
    "pandas Unnamed: 0": table({"Unnamed: 0": list(range(12)), "actual": Y, "predicted": D, "probability": P}),
    "pandas printed": put("a.txt", ALIGNED),
    "pandas markdown": put("a.md", MARKDOWN),
    "pandas to_json": document({"y": {str(i): y for i, y in enumerate(Y)}, "p": {str(i): p for i, p in enumerate(P)}}),
    "pandas orient=records": document(records({"y_true": Y, "y_prob": P})),
    "pandas orient=split": document(
        {"columns": ["y", "p"], "index": list(range(12)), "data": list(zip(Y, P, strict=True))}
    ),
    "pandas orient=index": document({str(i): row for i, row in enumerate(records({"y": Y, "p": P}))}),
    "pandas orient=list": document({"y": Y, "p": P}),
    "pandas orient=table": document(
        {"schema": {"fields": [{"name": "y"}, {"name": "p"}]}, "data": records({"y": Y, "p": P})}
    ),
    "pandas orient=values": document([list(row) for row in zip(Y, P, strict=True)]),
    "pandas lists in cells": table({"label": Y, "pred": [[p] for p in P]}),
    "pandas True and False": table({"y": [bool(y) for y in Y], "p": P}),
    "pandas parquet": frame({"y_true": Y, "y_prob": P}),
    "pandas feather": frame({"y_true": Y, "y_prob": P}, "feather"),
    "pandas tab": put("a.tsv", text({"y_true": Y, "y_prob": P}, "\t")),
    "no header": table({"y": Y, "p": P}, header=False),
    "no header, prediction first": table({"p": P, "y": Y}, header=False),
    # deep learning
    "HF pipeline": lines([{"gold": g, "label": d, "score": s} for g, d, s in zip(NO_YES, DECIDED, TOP, strict=True)]),
    "HF LABEL_n": lines(
        [{"gold": f"LABEL_{y}", "label": f"LABEL_{d}", "score": s} for y, d, s in zip(Y, D, TOP, strict=True)]
    ),
    "HF all scores": lines(
        [
            {"gold": g, "scores": [{"label": "yes", "score": p}, {"label": "no", "score": q}]}
            for g, p, q in zip(NO_YES, P, Q, strict=True)
        ]
    ),
    "HF trainer": arrays(predictions=np.column_stack([[-z / 2 for z in Z], [z / 2 for z in Z]]), label_ids=np.array(Y)),
    "HF logits in cells": lines([{"label": y, "logits": [-z, 0.0]} for y, z in zip(Y, Z, strict=True)]),
    "Keras predict": two(y_test=np.array(Y), y_pred=np.array(P)[:, None]),
    "Keras list of one": lines([{"y_true": y, "y_pred": [p]} for y, p in zip(Y, P, strict=True)]),
    "torch tensors": table({"target": Y, "output": [f"tensor({p})" for p in P]}),
    "torch tensors of two": table({"target": Y, "probs": [f"tensor([{q}, {p}])" for q, p in PAIR]}),
    "torch logits": table({"target": Y, "logits": Z}),
    "torch two logits": table({"target": Y, "logit_0": [-z for z in Z], "logit_1": [0.0] * 12}),
    "wandb table": document(
        {
            "columns": ["id", "truth", "score_no", "score_yes"],
            "data": [list(row) for row in zip(ID, NO_YES, Q, P, strict=True)],
        }
    ),
    "mlflow evaluation table": document(
        {
            "columns": ["label", "prediction", "predicted_probability"],
            "data": [list(row) for row in zip(Y, D, P, strict=True)],
        }
    ),
    "lightning csv": table({"batch_idx": [0] * 12, "targets": Y, "preds": P}),
    "fastai": table({"target": Y, "preds": [f"tensor([{q}, {p}])" for q, p in PAIR]}),
    "fasttext": table({"true": [f"__label__{y}" for y in Y], "pred": [f"__label__{d}" for d in D], "prob": TOP}),
    "spaCy cats": lines([{"gold": g, "cats": {"no": q, "yes": p}} for g, p, q in zip(NO_YES, P, Q, strict=True)]),
    "TensorFlow npz": arrays(labels=np.array(Y, dtype=np.int32), probabilities=np.array(PAIR)),
    # boosting
    "XGBoost margin": table({"label": Y, "margin": Z}),
    "XGBoost predict": table({"label": Y, "pred": P}),
    "LightGBM raw_score": table({"label": Y, "raw_score": Z}),
    "CatBoost eval": put("a.tsv", text({"SampleId": ID, "RawFormulaVal": Z, "Probability": P, "Label": Y}, "\t")),
    "CatBoost classes": put(
        "a.tsv", text({"SampleId": ID, "Probability:Class=0": Q, "Probability:Class=1": P, "Label": Y}, "\t")
    ),
    "H2O": table({"predict": DECIDED, "no": Q, "yes": P, "response": NO_YES}),
    "H2O p0,p1": table({"predict": D, "p0": Q, "p1": P, "actual": Y}),
    # clusters and clouds
    "Spark csv": table(
        {"label": [float(y) for y in Y], "prediction": [float(d) for d in D], "probability": cells(PAIR)}
    ),
    "Spark parquet": frame(
        {
            "label": [float(y) for y in Y],
            "rawPrediction": [[-z, z] for z in Z],
            "probability": [list(pair) for pair in PAIR],
            "prediction": [float(d) for d in D],
        }
    ),
    "Spark vector struct": frame(
        {"label": Y, "probability": [{"type": 1, "size": None, "indices": None, "values": list(pair)} for pair in PAIR]}
    ),
    "Spark json": lines(
        [
            {"label": y, "probability": {"type": 1, "values": [q, p]}, "prediction": d}
            for y, p, q, d in zip(Y, P, Q, D, strict=True)
        ]
    ),
    "BigQuery ML": lines(
        [
            {
                "outcome": g,
                "predicted_outcome": d,
                "predicted_outcome_probs": [{"label": "yes", "prob": p}, {"label": "no", "prob": q}],
            }
            for g, d, p, q in zip(NO_YES, DECIDED, P, Q, strict=True)
        ]
    ),
    "SageMaker": table({"column_1": Y, "column_2": P}, header=False),
    "Azure ML": table({"income": NO_YES, "Scored Labels": DECIDED, "Scored Probabilities": P}),
    "Azure ML of a class": table(
        {
            "income": NO_YES,
            'Scored Probabilities for Class "no"': Q,
            'Scored Probabilities for Class "yes"': P,
            "Scored Labels": DECIDED,
        }
    ),
    "ML.NET": table(
        {"Label": [bool(y) for y in Y], "PredictedLabel": [bool(d) for d in D], "Probability": P, "Score": Z}
    ),
    "DataRobot": table(
        {
            "readmitted": Y,
            "readmitted_1_PREDICTION": P,
            "readmitted_0_PREDICTION": Q,
            "readmitted_PREDICTION": D,
            "THRESHOLD": [0.5] * 12,
            "POSITIVE_CLASS": [1] * 12,
        }
    ),
    "RapidMiner": put(
        "a.csv",
        text({"id": ID, "label": NO_YES, "prediction(label)": DECIDED, "confidence(no)": Q, "confidence(yes)": P}, ";"),
    ),
    "KNIME": table(
        {
            "row ID": [f"Row{i}" for i in range(12)],
            "Churn": NO_YES,
            "P (Churn=no)": Q,
            "P (Churn=yes)": P,
            "Prediction (Churn)": DECIDED,
        }
    ),
    "Weka": table(
        {
            "inst#": ID,
            "actual": [f"{y + 1}:{g}" for y, g in zip(Y, NO_YES, strict=True)],
            "predicted": [f"{d + 1}:{g}" for d, g in zip(D, DECIDED, strict=True)],
            "error": [""] * 12,
            "prediction": TOP,
        }
    ),
    "Orange": put(
        "a.tab",
        text(
            {
                "y": NO_YES,
                "Logistic Regression (no)": Q,
                "Logistic Regression (yes)": P,
                "Logistic Regression": DECIDED,
            },
            "\t",
        ),
    ),
    "SAS": table({"F_bad": Y, "I_bad": D, "P_bad1": P, "P_bad0": Q}),
    "SPSS": put("a.csv", text({"obs": NO_YES, "PRE_1": comma(P)}, ";")),
    "Stata": put("a.csv", text({"y": Y, "phat": P}, ";")),
    "Vowpal Wabbit": put("a.txt", "".join(f"{2 * y - 1} {z}\n" for y, z in zip(Y, Z, strict=True))),
    # R
    "R write.csv": table({"": ID, "obs": NO_YES, "prob": P}, quote=csv.QUOTE_NONNUMERIC),
    "R write.csv2": put(
        "a.csv", text({"": [str(i) for i in ID], "obs": Y, "prob": comma(P)}, ";", quote=csv.QUOTE_NONNUMERIC)
    ),
    "R write.table": put(
        "a.txt", '"y" "p"\n' + "".join(f'"{i}" {y} {p}\n' for i, (y, p) in enumerate(zip(Y, P, strict=True), 1))
    ),
    "R caret": table({"": ID, "pred": DECIDED, "obs": NO_YES, "no": Q, "yes": P}),
    "R tidymodels": table({".pred_class": DECIDED, ".pred_no": Q, ".pred_yes": P, "Class": NO_YES}),
    "R factors": table({"y": [y + 1 for y in Y], "fitted": P}),
    "R printed": put(
        "a.txt",
        "     y    p\n" + "".join(f"{i:<4} {y} {p:.2f}\n" for i, (y, p) in enumerate(zip(Y, P, strict=True), 1)),
    ),
    # spreadsheets, databases, competitions
    "Excel sep=;": put("a.csv", "sep=;\r\n" + text({"y": Y, "prob": P}, ";").replace("\n", "\r\n")),
    "Excel per cent": table({"y": Y, "prob": [f"{100 * p:.0f}%" for p in P]}),
    "Excel UTF-16": put("a.txt", text({"y": Y, "prob": P}, "\t").encode("utf-16")),
    "Excel German": put(
        "a.csv",
        text({"Ziel": ["ja" if y else "nein" for y in Y], "Wahrscheinlichkeit": comma(P)}, ";").encode("cp1252"),
    ),
    "French latin-1": put(
        "a.csv", text({"étiquette": ["oui" if y else "non" for y in Y], "probabilité": comma(P)}, ";").encode("latin-1")
    ),
    "psql": put("a.txt", PSQL),
    "BOM and CRLF": put("a.csv", "\ufeff" + text({"y": Y, "p": P}).replace("\n", "\r\n")),
    "quoted numbers": table({"y": Y, "p": P}, quote=csv.QUOTE_ALL),
    "Kaggle solution and submission": both(
        ("solution.csv", text({"id": ID, "target": Y, "Usage": ["Public"] * 12})),
        ("submission.csv", text({"id": ID[::-1], "target": P[::-1]})),
    ),
    "two files by id": both(
        ("labels.csv", text({"PassengerId": ID, "Survived": Y})),
        ("predictions.csv", text({"PassengerId": ID[::-1], "probability": P[::-1]})),
    ),
    "two arrays": two(y_true=np.array(Y), y_prob=np.array(P)),
    "two arrays, predict_proba": two(labels=np.array(Y), probs=np.array(PAIR)),
    "two arrays, predictions first": two(proba=np.array(PAIR), y=np.array(Y)),
    "zip of a csv": zipped("predictions.csv", text({"y": Y, "p": P})),
    "zip of json lines": zipped(
        "out/predictions.jsonl", "".join(json.dumps(row) + "\n" for row in records({"y": Y, "p": P}))
    ),
    "gzip": put("a.csv.gz", gzip.compress(text({"y": Y, "p": P}).encode())),
    # other names, orders, labels
    "P(yes)": table({"truth": NO_YES, "P(yes)": P}),
    "P(no)": table({"truth": NO_YES, "P(no)": Q}),
    "prob_benign": table({"truth": [["benign", "malignant"][y] for y in Y], "prob_benign": Q}),
    "prob_spam beside ham": table({"class": [["ham", "spam"][y] for y in Y], "prob_spam": P}),
    "prob_0": table({"y": Y, "prob_0": Q}),
    "p_class_0": table({"y": Y, "p_class_0": Q}),
    "Prob.1": table({"Outcome": Y, "Prob.1": P}),
    "y_hat": table({"y": Y, "y_hat": P}),
    "pYes": table({"Actual": NO_YES, "pYes": P}),
    "camelCase": table({"trueLabel": Y, "predictedProbability": P}),
    "minus one": table({"y": [2 * y - 1 for y in Y], "score": Z}),
    "0 and 255": table({"mask": [255 * y for y in Y], "prob": P}),
    "confidence and correct class": table({"actual": NO_YES, "predicted": DECIDED, "confidence": TOP}),
    "decisions called label": table({"label": D, "target": Y, "prob_0": Q, "prob_1": P}),
    "sorted by label": table({"y": sorted(Y), "p": [p for _, p in sorted(zip(Y, P, strict=True))]}),
    "id,target,prediction": table({"id": ID, "target": Y, "prediction": P}),
    "customer_id,churn,churn_probability": table({"customer_id": ID, "churn": Y, "churn_probability": P}),
    "percent": table({"label": Y, "percent": [100 * p for p in P]}),
    "max_prob beside decisions": table({"y": Y, "decision": D, "max_prob": TOP}),
    "raw beside predicted": table({"y": Y, "predicted": D, "raw": P}),
    "logit of class 0": table({"truth": NO_YES, "logit_no": [-z for z in Z]}),
    "not spam": table({"class": [["not spam", "spam"][y] for y in Y], "score": P}),
    "cells without commas": table({"y": Y, "pred": cells(PAIR, between=" ")}),
    "mapping in cells": table({"y": NO_YES, "probs": [str({"no": q, "yes": p}) for q, p in PAIR]}),
    "JSON in cells": table({"y": NO_YES, "probs": [json.dumps({"no": q, "yes": p}) for q, p in PAIR]}),
    "array column": frame({"y": Y, "probs": [list(pair) for pair in PAIR]}, probs=pl.Array(pl.Float64, 2)),
    "struct column": frame({"y": NO_YES, "probs": [{"no": q, "yes": p} for q, p in PAIR]}, "arrow"),
    "columns": arrays(y=np.array(Y), p=np.array(P)),
    "one array": array(np.column_stack([Y, P])),
    "one array with both": array(np.column_stack([Y, Q, P])),
    "structured array": array(np.array(list(zip(Y, P, strict=True)), dtype=[("y", "i4"), ("p", "f8")])),
}

OF_THREE: dict[str, Write] = {
    "numbered columns": table({"y": T, **{f"p_{k}": COLUMN[k] for k in range(3)}}),
    "named columns": table({"y": NAMES, **{f"prob_{K[k]}": COLUMN[k] for k in (2, 0, 1)}}),
    "named columns, numbers of sorted names": table({"y": T, **{f"p_{K[k]}": COLUMN[k] for k in (2, 0, 1)}}),
    "text labels, numbered columns": table({"species": NAMES, **{f"proba_{k}": COLUMN[k] for k in range(3)}}),
    "decision beside": table({"truth": NAMES, "pred": DECIDED_OF_3, **{f"score_{K[k]}": COLUMN[k] for k in range(3)}}),
    "columns called as the classes": table({"label": NAMES, **{K[k]: COLUMN[k] for k in range(3)}}),
    "R caret": table({"": ID, "pred": DECIDED_OF_3, "obs": NAMES, **{K[k]: COLUMN[k] for k in range(3)}}),
    "R tidymodels": table(
        {"Species": NAMES, ".pred_class": DECIDED_OF_3, **{f".pred_{K[k]}": COLUMN[k] for k in range(3)}}
    ),
    "H2O": table({"predict": DECIDED_OF_3, **{K[k]: COLUMN[k] for k in range(3)}, "actual": NAMES}),
    "labels from 1": table({"y": [t + 1 for t in T], **{f"p{k + 1}": COLUMN[k] for k in range(3)}}),
    "logits": table({"y": T, **{f"logit_{k}": [row[k] for row in SOFT] for k in range(3)}}),
    "log-softmax": table({"y": T, **{f"log_prob_{k}": [row[k] for row in LOGS] for k in range(3)}}),
    "softmax called logits": table({"y": T, **{f"logits_{k}": COLUMN[k] for k in range(3)}}),
    "list in json": lines([{"label": t, "probs": row} for t, row in zip(T, R, strict=True)]),
    "list in cells": table({"label": T, "probabilities": cells(R)}),
    "list in parquet": frame({"label": T, "probs": R}),
    "mapping in json": lines(
        [{"label": n, "probs": dict(zip(K, row, strict=True))} for n, row in zip(NAMES, R, strict=True)]
    ),
    "HF all scores": lines(
        [
            {"gold": n, "scores": [{"label": K[k], "score": row[k]} for k in sorted(range(3), key=lambda k: -row[k])]}
            for n, row in zip(NAMES, R, strict=True)
        ]
    ),
    "BigQuery ML": lines(
        [
            {
                "species": n,
                "predicted_species": d,
                "predicted_species_probs": [{"label": K[k], "prob": row[k]} for k in range(3)],
            }
            for n, d, row in zip(NAMES, DECIDED_OF_3, R, strict=True)
        ]
    ),
    "one-hot labels": table({**{f"y_{k}": ONE_HOT[k] for k in range(3)}, **{f"p_{k}": COLUMN[k] for k in range(3)}}),
    "one-hot named": table(
        {**{f"label_{K[k]}": ONE_HOT[k] for k in range(3)}, **{f"prob_{K[k]}": COLUMN[k] for k in range(3)}}
    ),
    "RapidMiner": put(
        "a.csv",
        text(
            {"label": NAMES, "prediction(label)": DECIDED_OF_3, **{f"confidence({K[k]})": COLUMN[k] for k in range(3)}},
            ";",
        ),
    ),
    "per cent": table({"y": T, **{f"prob_{k}": [f"{100 * p:.0f}%" for p in COLUMN[k]] for k in range(3)}}),
    "out of 100": table({"y": T, **{f"score_{k}": [100 * p for p in COLUMN[k]] for k in range(3)}}),
    "decimal comma": put("a.csv", text({"y": NAMES, **{f"p_{K[k]}": comma(COLUMN[k]) for k in range(3)}}, ";")),
    "two arrays": two(y_true=np.array(T), y_prob=np.array(R)),
    "an array with the label first": array(np.column_stack([T, np.array(R)])),
    "npz": arrays(labels=np.array(T), logits=np.array(SOFT)),
    "npz with class names": arrays(labels=np.array(T), probs=np.array(R), classes=np.array(K)),
    "two files by id": both(
        ("truth.csv", text({"image_id": ID, "species": NAMES})),
        ("probs.csv", text({"image_id": ID[::-1], **{K[k]: COLUMN[k][::-1] for k in range(3)}})),
    ),
    "split json": document(
        {
            "columns": ["truth", *(f"score_{k}" for k in range(3))],
            "data": [[t, *row] for t, row in zip(T, R, strict=True)],
        }
    ),
    "no header": table({"y": T, **{str(k): COLUMN[k] for k in range(3)}}, header=False),
}

OF_TOP: dict[str, Write] = {
    "confidence of three": table({"y_true": NAMES, "y_pred": DECIDED_OF_3, "confidence": TOP_OF_3}),
    "confidence of three numbers": table({"y": T, "pred": [K.index(d) for d in DECIDED_OF_3], "prob": TOP_OF_3}),
    "HF pipeline of three": lines([
        {"gold": n, "label": d, "score": p} for n, d, p in zip(NAMES, DECIDED_OF_3, TOP_OF_3, strict=True)]),
    "correct,confidence": table({"correct": [int(r) for r in RIGHT_OF_3], "confidence": TOP_OF_3}),
}  # fmt: skip

REFUSED: dict[str, tuple[Write, str]] = {
    "id,target": (table({"id": ID, "target": P}), "no prediction beside the label"),
    "id,label": (table({"PassengerId": ID, "Survived": Y}), ""),
    "id,probability": (table({"id": ID, "probability": P}), "no column is the label"),
    "predict_proba alone": (array(np.array(PAIR)), "no column is the label"),
    "predict_proba of three alone": (table({f"p_{k}": COLUMN[k] for k in range(3)}), "no column is the label"),
    "decisions of three": (table({"y": NAMES, "pred": DECIDED_OF_3}), ""),
    "a credit score": (table({"default": Y, "score": [300 + 550 * p for p in P]}), "--kind score"),
    "prob out of 100": (table({"y": Y, "prob": [100 * p for p in P]}), "per cent"),
    "score out of 100": (table({"y": Y, "score": [100 * p for p in P]}), "--out-of 100"),
    "cat and dog": (table({"animal": [["cat", "dog"][y] for y in Y], "prob": P}), "--positive dog"),
    "a linear model": (table({"y": Y, "pred": [1.3 * p - 0.1 for p in P]}), "--kind value"),
    "confidence of three without the decision": (table({"y": NAMES, "confidence": TOP_OF_3}), ""),
    "two arrays of unlike length": (two(y=np.array(Y), p=np.array(P[:-1])), "12 rows"),
    "text of a name": (table({"name": NAMES, "comment": NAMES[::-1]}), ""),
}


def given(write: Write, folder: Path) -> list[Path]:
    path = write(folder)
    return [path] if isinstance(path, Path) else list(path)


def figures(found: dict[str, Any], wanted: dict[str, float]) -> dict[str, float]:
    return {name: found[name] for name in wanted}


@pytest.mark.parametrize("name", OF_TWO)
def test_two_classes(tmp_path: Path, name: str) -> None:
    found = loaded(*given(OF_TWO[name], tmp_path))
    assert figures(found, BINARY) == pytest.approx(BINARY, rel=1e-9), found["columns"]


@pytest.mark.parametrize("name", OF_THREE)
def test_three_classes(tmp_path: Path, name: str) -> None:
    found = loaded(*given(OF_THREE[name], tmp_path))
    assert figures(found, CLASSES) == pytest.approx(CLASSES, rel=1e-9), found["columns"]


@pytest.mark.parametrize("name", OF_TOP)
def test_the_confidence_in_the_decision(tmp_path: Path, name: str) -> None:
    found = loaded(*given(OF_TOP[name], tmp_path))
    wanted = {key: value for key, value in BEING_RIGHT.items() if key != "accuracy" or name != "correct,confidence"}
    assert figures(found, wanted) == pytest.approx(wanted, rel=1e-9), found["columns"]


@pytest.mark.parametrize("name", REFUSED)
def test_a_stated_refusal(tmp_path: Path, name: str) -> None:
    write, says = REFUSED[name]
    message = refused(*given(write, tmp_path))
    assert says in message and len(message) < 700


def of_many(classes: int, rows: int) -> tuple[list[int], list[list[float]], list[int], list[float]]:
    """Labels, probabilities, decisions and their confidences of many classes."""
    rng = np.random.default_rng(classes)
    truth = rng.integers(0, classes, rows)
    logits = rng.normal(size=(rows, classes))
    logits[np.arange(rows), truth] += 3
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return truth.tolist(), p.tolist(), p.argmax(axis=1).tolist(), p.max(axis=1).tolist()


@pytest.mark.exhaustive
def test_more_classes_than_look_like_some(tmp_path: Path) -> None:
    truth, p, decided, top = of_many(30, 300)
    names = [f"c{k:02d}x" for k in range(30)]
    texts = [names[t] for t in truth]
    columns = [[row[k] for row in p] for k in range(30)]
    wanted = -math.fsum(math.log(row[t]) for t, row in zip(truth, p, strict=True)) / 300
    shapes = {
        "numbers": table({"label": truth, **{f"p_{k}": columns[k] for k in range(30)}}),
        "names": table({"species": texts, **{f"prob_{name}": columns[k] for k, name in enumerate(names)}}),
        "texts": table({"label": texts, **{f"p_{k}": columns[k] for k in range(30)}}),
        "beside decisions": table({"y": truth, "y_pred": decided, **{f"proba_{k}": columns[k] for k in range(30)}}),
        "trainer": arrays(predictions=np.log(p), label_ids=np.array(truth)),
    }
    for name, write in shapes.items():
        assert loaded(*given(write, tmp_path))["log_loss"] == pytest.approx(wanted, rel=1e-9), name
    right = [t == d for t, d in zip(truth, decided, strict=True)]
    of_right = -math.fsum(math.log(c if r else 1 - c) for r, c in zip(right, top, strict=True)) / 300
    for write in (
        table({"y": truth, "y_pred": decided, "confidence": top}),
        table({"truth": texts, "predicted": [names[d] for d in decided], "score": top}),
    ):
        found = loaded(*given(write, tmp_path))
        assert found["log_loss"] == pytest.approx(of_right, rel=1e-9)
        assert found["accuracy"] == pytest.approx(sum(right) / 300)
    for write in (table({"y": truth, "y_pred": decided}), table({"y": truth, "confidence": top})):
        refused(*given(write, tmp_path))


def test_there_are_enough() -> None:
    assert len(OF_TWO) + len(OF_THREE) + len(OF_TOP) + len(REFUSED) >= 150
