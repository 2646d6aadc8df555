#!/usr/bin/env python3
"""Writes dbscan.json: labels and core rows of scikit-learn 1.2.1's DBSCAN on generated rows.

usage: python3 gen_dbscan.py > dbscan.json

Neighbours are found by its k-d tree, which sums squared differences column by column as the definition does; its dot
products (from 16 columns on) may decide a pair at exactly eps by rounding. sorted_k is the distance to the k-th nearest
row, itself counted, of NearestNeighbors.
"""
import json
import numpy as np
from sklearn.cluster import DBSCAN
from sklearn.datasets import make_circles, make_moons
from sklearn.neighbors import NearestNeighbors

rng = np.random.default_rng(3)
out = {"cases": []}


def case(name, X, eps, k, w=None, digits=3):
    X = np.round(np.asarray(X, dtype=float), digits)
    m = DBSCAN(eps=eps, min_samples=k, algorithm="kd_tree").fit(X, sample_weight=w)
    core = np.zeros(len(X), dtype=int)
    core[m.core_sample_indices_] = 1
    d = NearestNeighbors(n_neighbors=min(k, len(X)), algorithm="kd_tree").fit(X).kneighbors(X)[0][:, -1]
    out["cases"].append({"name": name, "x": X.tolist(), "w": None if w is None else w.tolist(), "eps": eps, "k": k,
                         "labels": m.labels_.tolist(), "core": core.tolist(),
                         "sorted_k": sorted(d.tolist(), reverse=True) if w is None and k <= len(X) else None})


def blobs(n, p, k, spread):
    c = rng.uniform(-10, 10, size=(k, p))
    return c[rng.integers(0, k, n)] + spread * rng.normal(size=(n, p))


case("moons", make_moons(300, noise=0.06, random_state=0)[0], 0.15, 5)
case("circles", make_circles(300, noise=0.04, factor=0.5, random_state=0)[0], 0.13, 4)
case("blobs and noise", np.vstack([blobs(250, 3, 4, 0.6), rng.uniform(-12, 12, size=(60, 3))]), 0.9, 6)
X = blobs(60, 2, 3, 0.5)
case("copies", np.vstack([X, X[rng.integers(0, 20, 140)]]), 0.45, 7)
case("one feature", np.concatenate([rng.normal(0, 1, 120), rng.normal(9, 2, 80), [30, 31, 60]])[:, None], 0.2, 5)
grid = np.stack(np.meshgrid(np.arange(14), np.arange(11)), -1).reshape(-1, 2) * 0.1
case("ties at eps", grid[rng.permutation(len(grid))[:120]], 0.1, 4, digits=15)
case("ties at eps of sums", np.round(rng.integers(0, 5, size=(150, 3)) * 0.1, 1), 0.3, 9, digits=15)
case("weights", blobs(150, 2, 5, 0.9), 0.5, 6, rng.integers(0, 4, 150).astype(float))
case("borders", rng.uniform(0, 10, size=(250, 2)), 0.62, 6)
case("wide", blobs(200, 25, 4, 0.5), 3.2, 5)
flags = (rng.random((200, 9)) < rng.random(9)).astype(float)
flags[:, 0] = np.round(rng.random(200) ** 3, 2)
case("flags", flags, 0.3, 4)
case("flags, far", flags, 1.2, 12)
case("all noise", rng.uniform(0, 1000, size=(40, 2)), 1.0, 2)
case("more points than rows", blobs(12, 2, 1, 0.1), 5.0, 13)
case("one point is enough", rng.uniform(0, 10, size=(60, 2)), 0.5, 1)
print(json.dumps(out))
