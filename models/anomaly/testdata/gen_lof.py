#!/usr/bin/env python3
"""Writes lof.json: scikit-learn 1.2.1's local outlier factors on generated rows.

usage: python3 gen_lof.py > lof.json

factor is -negative_outlier_factor_ of the rows x, fresh is -score_samples of the rows y (novelty=True); again is the same
of the first rows of x. Distances are summed column by column (algorithm="kd_tree"), for dot products cancel near copies.
"""
import json, warnings
import numpy as np
from sklearn.neighbors import LocalOutlierFactor

warnings.simplefilter("ignore")
rng = np.random.default_rng(5)
out = {"cases": []}


def case(name, X, Y, k):
    m = LocalOutlierFactor(n_neighbors=k, novelty=True, algorithm="kd_tree").fit(X)
    out["cases"].append({"name": name, "k": k, "x": X.tolist(), "y": Y.tolist(), "factor": (-m.negative_outlier_factor_).tolist(),
                         "fresh": (-m.score_samples(Y)).tolist(), "again": (-m.score_samples(X[:20])).tolist()})


def two(n):  # a dense cloud, a thin one, and rows apart
    return np.vstack([0.3 * rng.normal(size=(n, 2)), 5 + 2 * rng.normal(size=(n, 2)), rng.uniform(-8, 12, size=(n // 10, 2))])


case("two densities", two(100), rng.uniform(-8, 12, size=(60, 2)), 20)
case("few neighbours", two(60), two(20), 3)
case("one feature", rng.normal(size=(90, 1)), rng.normal(size=(30, 1)), 10)
case("more neighbours than rows", rng.normal(size=(12, 3)), rng.normal(size=(9, 3)), 40)
case("two rows", np.array([[0.0, 1.0], [2.0, 0.5]]), rng.normal(size=(5, 2)), 20)
case("ten features", rng.normal(size=(120, 10)) ** 3, rng.normal(size=(40, 10)) ** 3, 15)
X = rng.normal(size=(60, 2))
case("copies", np.vstack([X, np.repeat(X[:4], 30, axis=0)]), np.vstack([X[:6], X[:6] + 0.01, rng.normal(size=(10, 2))]), 12)
case("nothing but copies", np.repeat([[1.0, 2.0]], 50, axis=0), np.array([[1.0, 2.0], [1.0, 2.001], [9.0, 9.0]]), 7)
print(json.dumps(out))
