#!/usr/bin/env python3
"""Writes gap.json: the gap statistic of Tibshirani, Walther and Hastie (2001) worked out
here with numpy 1.24 on rows and reference sets that are written out too, so that both
sides cluster the same numbers. k-means is scikit-learn 1.2.1's best of 200 starts, by
far enough for the least inertia of so few rows. The box along the principal components
comes from numpy's singular values.

usage: python3 gen_gap.py > gap.json
"""
import json
import numpy as np
from sklearn.cluster import KMeans

rng = np.random.default_rng(12)


def log_w(X, k):
    c = KMeans(k, n_init=200, random_state=0, algorithm="lloyd", tol=0).fit_predict(X)
    w = 0.0
    for g in range(k):  # D_r / (2 n_r), all pairs
        Z = X[c == g]
        w += ((Z[:, None] - Z[None]) ** 2).sum() / (2 * len(Z))
    return np.log(w)


def case(X, sets, lo, hi):
    span = X.min(0), X.max(0)
    refs = [np.round(rng.uniform(*span, size=X.shape), 4) for _ in range(sets)]
    own = [log_w(X, k) for k in range(lo, hi + 1)]
    logs = np.array([[log_w(R, k) for k in range(lo, hi + 1)] for R in refs])
    gap = logs.mean(0) - own
    s = logs.std(0) * np.sqrt(1 + 1 / sets)
    chosen = next((lo + i for i in range(len(gap) - 1) if gap[i] >= gap[i + 1] - s[i + 1]), 0)
    _, _, vt = np.linalg.svd(X - X.mean(0), full_matrices=False)
    scores = (X - X.mean(0)) @ vt.T
    return {"X": X.tolist(), "sets": [R.tolist() for R in refs], "lo": lo, "hi": hi, "logw": own,
            "expected": logs.mean(0).tolist(), "gap": gap.tolist(), "error": s.tolist(), "chosen": chosen,
            "box": np.ptp(scores, axis=0)[::-1].tolist()}


three = np.round(np.repeat([[0, 0], [6, 1], [2, 7]], 12, axis=0) + rng.normal(size=(36, 2)), 3)
none = np.round(rng.random((30, 3)), 3)
print(json.dumps([case(three, 5, 1, 5), case(none, 4, 1, 3)]))
