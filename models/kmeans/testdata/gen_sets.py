#!/usr/bin/env python3
"""Writes sets.json: inertia of scikit-learn 1.2.1's best of ten starts, with its defaults, on the rows of sets_test.go, iris and wine.

usage: go test ./models/kmeans -run TestSets -dump DIR; python3 gen_sets.py DIR > sets.json

"Inertia" is the median of five runs of ten starts each (random_state 0 to 4), "Least" the best of those fifty starts, and
"MiniBatch" the median of five MiniBatchKMeans (n_init=3) with the first of the numbers of clusters.
"""
import json
import statistics
import sys

import numpy as np
from sklearn.cluster import KMeans, MiniBatchKMeans
from sklearn.datasets import load_iris, load_wine

out = {}


def add(name, rows, w, ks, **more):
    runs = [[KMeans(k, n_init=10, random_state=r).fit(rows, sample_weight=w).inertia_ for r in range(5)] for k in ks]
    small = [MiniBatchKMeans(ks[0], n_init=3, random_state=r).fit(rows, sample_weight=w) for r in range(5)]
    weight = np.ones(len(rows)) if w is None else w
    small = [float(np.sum(weight * m.transform(rows).min(axis=1) ** 2)) for m in small]
    out[name] = {"MiniBatch": statistics.median(small), "K": ks, "Inertia": [statistics.median(r) for r in runs], "Least": [min(r) for r in runs], **more}


for i, s in enumerate(json.load(open(sys.argv[1] + "/sets.json"))):
    b = np.fromfile(f"{sys.argv[1]}/{i}.bin", "<f8")
    cells = s["Rows"] * s["Cols"]
    add(s["Name"], b[:cells].reshape(s["Rows"], s["Cols"]), b[cells:] if s["Weighted"] else None, s["K"], Sum=s["Sum"])
for name, load in (("iris", load_iris), ("wine", load_wine)):
    X = load().data
    add(name, X, None, [3, 8], X=X.tolist())
print(json.dumps(out, separators=(",", ":")))
