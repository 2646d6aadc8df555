#!/usr/bin/env python3
"""Writes pca.json: PCA(svd_solver="full") of scikit-learn 1.2.1 (numpy, scipy of Debian 12) on generated rows.

usage: python3 gen_pca.py > pca.json

Signs are set again as scikit-learn 1.5 and later do: of each component the largest entry is positive (of several
within a millionth of the largest, the first). "rank" counts the components that the rows determine.
"""
import json
import numpy as np
from sklearn.decomposition import PCA

rng = np.random.default_rng(4)


def mixed(n, p, scale):
    return rng.normal(size=(n, p)) * scale @ np.linalg.qr(rng.normal(size=(p, p)))[0]


def hot(n):
    return np.c_[np.eye(4)[rng.integers(0, 4, n)], np.eye(3)[rng.choice(3, n, p=[.9, .07, .03])], rng.random(n) ** 4]


far = mixed(80, 5, [5, 3, 2, 1, .5]) + [1e6, -1e5, 0, 3, 1e4]
few = mixed(30, 4, [4, 3, 2, 1])
sets = {
    "plain": mixed(120, 5, [5, 4, 3, 2, 1]),
    "ill-conditioned": mixed(100, 6, [100, 10, 1, .1, .01, .001]),
    "far from 0": far,
    "fewer rows than columns": mixed(9, 20, np.linspace(4, 1, 20)),
    "as many rows as columns": mixed(7, 7, np.linspace(4, 1, 7)),
    "duplicates": few[rng.integers(0, 30, 150)],
    "constant column": np.c_[mixed(60, 3, [3, 2, 1]), np.full(60, 7.25)],
    "one feature": mixed(40, 1, [3]),
    "two rows": mixed(2, 3, [3, 2, 1]),
    "rank 2 of 5": np.round(rng.normal(size=(70, 2)), 2) @ np.round(rng.normal(size=(2, 5)), 2),
    "one-hot": hot(200),
}
out = []
for name, X in sets.items():
    X = np.round(X, 4)
    n, p = X.shape
    m = PCA(svd_solver="full").fit(X)
    k = min(n - 1, p)
    C = m.components_[:k]
    rank = int((m.singular_values_[:k] > 1e-9 * m.singular_values_[0]).sum())
    first = np.argmax(np.abs(C) >= (1 - 1e-6) * np.abs(C).max(axis=1)[:, None], axis=1)
    C = C * np.sign(C[np.arange(k), first])[:, None]
    Z = (X - m.mean_) @ C.T
    two = min(2, k)
    R = Z[:, :two] @ C[:two] + m.mean_
    out.append(dict(name=name, columns=p, x=X.ravel().tolist(), mean=m.mean_.tolist(), rank=rank,
                    variance=m.explained_variance_[:k].tolist(), ratio=m.explained_variance_ratio_[:k].tolist(),
                    singular=m.singular_values_[:k].tolist(), components=C[:rank].ravel().tolist(),
                    scores=Z[:5, :rank].ravel().tolist(), errors=((X - R) ** 2).sum(axis=1)[:5].tolist()))
print(json.dumps(out))
