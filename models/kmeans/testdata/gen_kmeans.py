#!/usr/bin/env python3
"""Writes kmeans.json: inertia of scikit-learn 1.2.1's best of ten starts on generated rows, and centers where they are plain.

usage: python3 gen_kmeans.py > kmeans.json
"""
import json
import numpy as np
from sklearn.cluster import KMeans

rng = np.random.default_rng(7)


def blobs(n, p, k, spread):
    c = rng.uniform(-10, 10, size=(k, p))
    return c[rng.integers(0, k, n)] + spread * rng.normal(size=(n, p))


def flags(n):
    """Mostly zeros and ones, with many equal rows, as scaled flows are."""
    X = (rng.random((n, 8)) < rng.random(8)).astype(float)
    X[:, 0] = np.round(rng.random(n) ** 6, 2)
    return X


def case(name, X, ks, weighted=False):
    X = np.round(X, 3)
    w = rng.integers(1, 5, len(X)).astype(float) if weighted else None
    out = {"name": name, "X": X.tolist(), "w": None if w is None else w.tolist(), "k": ks, "inertia": []}
    for k in ks:
        m = KMeans(k, n_init=10, random_state=0).fit(X, sample_weight=w)
        out["inertia"].append(m.inertia_)
    return out


plain = np.round(blobs(90, 2, 3, 0.3), 3)
m = KMeans(3, n_init=10, random_state=0, tol=0).fit(plain)
order = sorted(range(3), key=lambda c: -np.sum(m.labels_ == c))
print(json.dumps({
    "cases": [case("blobs", blobs(400, 3, 8, 1.0), [2, 8, 15]), case("uniform", rng.random((400, 2)), [5, 20]),
              case("flags", flags(500), [3, 12]), case("weighted", blobs(300, 4, 5, 2.0), [5, 9], weighted=True),
              case("far from 0", 1e4 + blobs(300, 2, 4, 1.0), [4])],
    "plain": {"X": plain.tolist(), "centers": m.cluster_centers_[order].tolist(), "inertia": m.inertia_,
              "labels": [order.index(c) for c in m.labels_]},
}))
