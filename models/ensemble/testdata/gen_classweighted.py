#!/usr/bin/env python3
"""Writes classweighted.json: optima under class_weight of scikit-learn 1.2.1 (Debian 12) on generated rows.

usage: python3 gen_classweighted.py > classweighted.json

With three classes or more LinearSVC (liblinear) weighs only the rows of the class that stands against the others,
so there its weights are given row by row.
newton-cg warns that it cannot reach a tolerance of 1e-12: it ends at the last digits that it can tell.
"""
import json
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC
from sklearn.utils.class_weight import compute_sample_weight

rng = np.random.default_rng(22)
n = 240
X = np.round(rng.normal(size=(n, 4)), 4)
score = X @ rng.normal(size=(4, 3)) + rng.gumbel(size=(n, 3)) + np.array([2.0, 0.0, -1.5])
y3 = np.argmax(score, axis=1)
y2 = (y3 > 0).astype(int)
out = {"X": X.tolist(), "cases": []}
for y, weights in [(y2, None), (y3, None), (y2, {"c0": 0.5, "c1": 3.0}), (y3, {"c2": 7.0})]:
    k = len(set(y))
    cw = "balanced" if weights is None else {c: weights.get(f"c{c}", 1.0) for c in range(k)}
    lr = LogisticRegression(class_weight=cw, solver="newton-cg", tol=1e-12, max_iter=10000).fit(X, y)
    svm = LinearSVC(class_weight=cw if k == 2 else None, dual=False, tol=1e-12, max_iter=100000)
    svm.fit(X, y, sample_weight=None if k == 2 else compute_sample_weight(cw, y))
    out["cases"].append({"y": y.tolist(), "weights": weights, "logistic": lr.coef_.tolist(), "svm": svm.coef_.tolist()})
print(json.dumps(out))
