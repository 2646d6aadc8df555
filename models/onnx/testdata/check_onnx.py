#!/usr/bin/env python3
"""Checks files of models/onnx with onnx.checker and onnxruntime.

    check_onnx.py FOLDER

For each NAME.onnx in FOLDER, NAME.json holds {"numbers": {column: [number or null]},
"texts": {column: [text]}, "classes": [...], "scores": [[...]], "labels": [...]}: rows
and what flowbook answers. Prints one JSON line a model: rows, largest difference of a
score, labels that differ though flowbook's two best scores are more than 1e-9 apart.
Written for onnx 1.23, onnxruntime 1.31.
"""
import json
import os
import sys

import numpy as np
import onnx
import onnxruntime


def check(path):
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    with open(path[:-5] + ".json") as f:
        want = json.load(f)
    feed = {k: np.array([[np.nan if x is None else x] for x in v], dtype=np.float64) for k, v in want["numbers"].items()}
    feed.update({k: np.array([[x] for x in v], dtype=object) for k, v in want["texts"].items()})
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    assert {i.name for i in session.get_inputs()} == set(feed), "other inputs"
    n = len(want["labels"])
    number = [o.name for o in session.get_outputs()] == ["estimate"]
    scores, labels = [], []
    for lo in range(0, n, 5000):
        part = {k: v[lo:lo + 5000] for k, v in feed.items()}
        if number:
            s, l = session.run(["estimate"], part)[0], want["labels"][lo:lo + 5000]
        else:
            s, l = session.run(["scores", "label"], part)
        scores.append(s)
        labels.append(l)
    scores, labels = np.concatenate(scores), np.concatenate(labels)
    theirs = np.array(want["scores"])
    assert scores.dtype == np.float64 and scores.shape == theirs.shape, (scores.dtype, scores.shape, theirs.shape)
    meta = {p.key: p.value for p in model.metadata_props}
    assert number or json.loads(meta["classes"]) == want["classes"]
    top = np.sort(np.concatenate([theirs, np.full((n, 1), -np.inf)], axis=1), axis=1)
    sure = top[:, -1] - top[:, -2] > 1e-9
    wrong = int(np.sum((labels != np.array(want["labels"])) & sure))
    alone = session.run(["estimate" if number else "scores"], {k: v[:1] for k, v in feed.items()})[0]
    difference = max(float(np.max(np.abs(scores - theirs))), float(np.max(np.abs(alone - theirs[:1]))))
    return {"model": os.path.basename(path), "rows": n, "difference": difference, "wrong": wrong, "bytes": os.path.getsize(path)}


for name in sorted(os.listdir(sys.argv[1])):
    if name.endswith(".onnx"):
        print(json.dumps(check(os.path.join(sys.argv[1], name))))
