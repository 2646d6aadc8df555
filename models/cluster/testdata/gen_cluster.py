#!/usr/bin/env python3
"""Writes cluster.json: cluster indices of scikit-learn 1.2.1 on generated rows.

usage: python3 gen_cluster.py > cluster.json

A label below 0 is noise: the indices of the rows leave it out, the agreements with
classes take it for a cluster like another. null stands where scikit-learn refuses.
In the cases marked exact scikit-learn's own distances cancel (rows far from 0; a row
alone is 1e-8 from its center); there the values are of the definitions, in long
doubles, and scikit-learn's only where they need no distances of its own.
"""
import json
import numpy as np
from scipy.spatial.distance import cdist
from sklearn import metrics as m

rng = np.random.default_rng(3)


def judge(name, X, c, y, exact=False):
    keep = c >= 0
    Z, d = X[keep], c[keep]
    names = sorted(set(d.tolist()))
    k, n = len(names), len(Z)
    L = Z.astype(np.longdouble)
    C = np.array([L[d == g].mean(0) for g in names])
    size = np.array([(d == g).sum() for g in names])
    within = sum(((L[d == g] - C[i]) ** 2).sum() for i, g in enumerate(names))
    total = ((L - L.mean(0)) ** 2).sum()
    out = {"name": name, "X": X.tolist(), "labels": c.tolist(), "classes": y.tolist(),
           "per_row": float(within / n), "explained": float(1 - within / total) if total else None,
           "ari": m.adjusted_rand_score(y, c), "ami": m.adjusted_mutual_info_score(y, c),
           "homogeneity": m.homogeneity_score(y, c), "completeness": m.completeness_score(y, c),
           "v": m.v_measure_score(y, c)}
    if not 2 <= k <= n - 1:
        return out
    if exact:
        S = np.array([np.sqrt(((L[d == g] - C[i]) ** 2).sum(1)).mean() for i, g in enumerate(names)])
        apart = np.sqrt(((C[:, None] - C) ** 2).sum(2)) + np.diag([np.inf] * k)
        bouldin = float(((S[:, None] + S) / apart).max(1).mean())
        calinski = float((size * ((C - L.mean(0)) ** 2).sum(1)).sum() * (n - k) / (within * (k - 1)))
        widths = m.silhouette_samples(cdist(Z, Z), d, metric="precomputed")  # scipy 1.10.1, by differences
    else:
        bouldin, calinski, widths = m.davies_bouldin_score(Z, d), m.calinski_harabasz_score(Z, d), m.silhouette_samples(Z, d)
    out.update(widths=widths.tolist(), silhouette=float(widths.mean()), davies_bouldin=bouldin, calinski_harabasz=calinski)
    return out


def blobs(n, p, k, kc, mix):
    X = np.round(rng.normal(size=(n, p)), 3)
    c = rng.integers(0, k, n)
    X = np.round(X + 2 * c[:, None] * rng.random(p), 3)
    return X, c, np.where(rng.random(n) < mix, c % kc, rng.integers(0, kc, n))


cases = [judge("blobs %d" % i, *blobs(*a)) for i, a in enumerate(
    [(60, 2, 3, 3, 0.9), (120, 7, 5, 2, 0.5), (80, 4, 9, 4, 0.0), (50, 3, 2, 6, 0.7)])]
X, c, y = blobs(40, 3, 6, 3, 0.5)
c[7] = 99
cases.append(judge("a row alone", X, c, y))
X, c, y = blobs(70, 3, 4, 3, 0.8)
c[rng.random(70) < 0.2] = -1
cases.append(judge("noise", X, c, y))
c = np.where(rng.random(70) < 0.6, -1, np.arange(70))
c[np.flatnonzero(c >= 0)[1]] = c[np.flatnonzero(c >= 0)[0]]
cases.append(judge("mostly noise and rows alone", X, c, y, exact=True))
cases.append(judge("one cluster", X, np.zeros(70, int), y))
cases.append(judge("each row a cluster", X, np.arange(70), y))
cases.append(judge("all rows equal", np.full((20, 3), 0.5), np.arange(20) % 3, np.arange(20) % 2))
X, c, y = blobs(60, 2, 1, 3, 0.5)
cases.append(judge("one column of two is constant", X * [1, 0], np.arange(60) % 4, y))
# Connections as they are encoded: one-hot levels, counts that are mostly 0, many rows alike.
hot = np.eye(5)[rng.integers(0, 5, 300)] * (rng.random(300) < 0.9)[:, None]
rare = np.round(rng.integers(0, 4, (300, 8)) / 3 * (rng.random((300, 8)) < 0.15), 3)
X = np.hstack([hot, rare, np.round(rng.integers(0, 3, (300, 1)) / 2, 3)])
X[250:] = X[:50]
cases.append(judge("mostly zeros, rows that repeat", X, rng.integers(0, 4, 300), rng.integers(0, 3, 300)))
X, c, y = blobs(60, 3, 3, 3, 0.9)
cases.append(judge("far", np.round(1e4 + X / 100, 5), c, y, exact=True))
X, c, y = blobs(200, 2, 2, 3, 0.5)
cases.append(judge("more clusters than a band", X, np.arange(200) % 150, y, exact=True))
print(json.dumps(cases))
