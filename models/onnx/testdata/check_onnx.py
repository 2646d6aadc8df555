#!/usr/bin/env python3
"""Checks exported models with onnx.checker and onnxruntime.

    check_onnx.py FOLDER

For each NAME.onnx in FOLDER (of "flowbook model onnx"), NAME.rows.csv holds rows and
NAME.scores.csv what "flowbook predict" answers for them. Prints one JSON line a model:
rows, the largest difference of a score, relative to it where it is above 1, and labels
that differ though flowbook's two best scores are more than 1e-9 apart.
Written for onnx 1.23, onnxruntime 1.31.
"""
import csv
import json
import os
import sys

import numpy as np
import onnx
import onnxruntime


def table(path):
    with open(path, newline="", encoding="utf-8") as f:
        header, *rows = csv.reader(f)
    return header, list(map(list, zip(*rows)))


def check(path):
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    header, columns = table(path[:-5] + ".rows.csv")
    columns = dict(zip(header, columns))
    feed = {}
    for i in session.get_inputs():
        values = columns[i.name]
        if i.type == "tensor(string)":
            feed[i.name] = np.array([[x] for x in values], dtype=object)
        else:
            assert i.type == "tensor(double)", i.type
            feed[i.name] = np.array([[float(x) if x else np.nan] for x in values])
    header, columns = table(path[:-5] + ".scores.csv")
    number = header == ["estimate"]
    labels = None if number else np.array(columns.pop(0))
    want = np.array(columns, dtype=np.float64).T
    n = len(want)
    if not number:
        classes = json.loads({p.key: p.value for p in model.metadata_props}["classes"])
        assert header == ["label"] + ["score " + c for c in classes], header
    outputs = ["estimate"] if number else ["scores", "label"]
    parts = [session.run(outputs, {k: v[lo:lo + 5000] for k, v in feed.items()}) for lo in range(0, n, 5000)]
    got = np.concatenate([p[0] for p in parts])
    assert got.dtype == np.float64 and got.shape == want.shape, (got.dtype, got.shape, want.shape)
    alone = session.run(outputs[:1], {k: v[:1] for k, v in feed.items()})[0]
    scale = np.maximum(1, np.abs(want))
    difference = max(float(np.max(np.abs(got - want) / scale)), float(np.max(np.abs(alone - want[:1]) / scale[:1])))
    wrong = 0
    if not number:
        top = np.sort(want, axis=1)
        wrong = int(np.sum((np.concatenate([p[1] for p in parts]) != labels) & (top[:, -1] - top[:, -2] > 1e-9)))
    return {"model": os.path.basename(path), "rows": n, "difference": difference, "wrong": wrong, "bytes": os.path.getsize(path)}


for name in sorted(os.listdir(sys.argv[1])):
    if name.endswith(".onnx"):
        print(json.dumps(check(os.path.join(sys.argv[1], name))))
