#!/usr/bin/env python3
"""Writes tsne.json: what scikit-learn 1.2.1's TSNE reaches, judged by numpy code of its own, for tsne_sklearn_test.go.

usage: python3 gen_tsne.py [FOLDER OF NSL-KDD] > tsne.json

The generated sets are made by the same few lines here and in tsne_data_test.go (a linear congruential generator), so
that no rows are kept. Of each set:
  kl          Kullback-Leibler divergence of P and the exact Q of scikit-learn's map, P from the 3 perplexity + 1 nearest
  kl_full     the same with P from all other rows, in which ties between neighbours play no part
  trust       sklearn.manifold.trustworthiness of the map, k = 5
  reported    kl_divergence_, an approximation
Of the first set the map itself, its P's entropies by row and trustworthiness for several k are kept: what
Go must find to 1e-9. With a folder, the same for the first 5,000 rows of KDDTrain+, one-hot and min-max scaled by all rows.
"""
import gzip, json, math, os, sys
import numpy as np
from sklearn.manifold import TSNE, trustworthiness


class Numbers:
    def __init__(self, seed):
        self.s = seed

    def uniform(self):
        self.s = (self.s * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.s >> 11) / 2.0**53

    def normal(self):
        t = 0.0
        for _ in range(12):
            t += self.uniform()
        return t - 6


def blobs(n=600, p=10, k=6):
    g = Numbers(1)
    c = [[12 * g.uniform() for _ in range(p)] for _ in range(k)]
    return [[c[i % k][j] + g.normal() for j in range(p)] for i in range(n)]


def roll(n=1000):
    """A swiss roll."""
    g, rows = Numbers(2), []
    for _ in range(n):
        t = 1.5 * math.pi * (1 + 2 * g.uniform())
        rows.append([t * math.cos(t), 21 * g.uniform(), t * math.sin(t)])
    return rows


def strokes(n=1200):
    """Images of 8 by 8 points like written digits: bars at three slopes, of any place and thickness."""
    g, rows = Numbers(3), []
    for i in range(n):
        a = math.pi * ((i % 3) / 3 + 0.15 * g.uniform())
        at, wide = 4 * g.uniform() - 2, 1 + g.uniform()
        rows.append([math.exp(-((((x - 3.5) * math.cos(a) + (y - 3.5) * math.sin(a) - at) / wide) ** 2)) + 0.05 * g.normal()
                     for y in range(8) for x in range(8)])
    return rows


def flags(n=900):
    """Zeros, ones and small counts, as encoded flows are."""
    g, rows = Numbers(4), []
    for i in range(n):
        k = i % 5
        rows.append([1.0 if g.uniform() < (0.9 if j % 5 == k else 0.1) else 0.0 for j in range(20)]
                    + [math.floor(8 * g.uniform() * g.uniform()) / 8 for _ in range(6)] + [g.uniform() ** 4])
    return rows


def kdd(folder):
    import pandas as pd
    from sklearn.compose import make_column_transformer
    from sklearn.preprocessing import MinMaxScaler, OneHotEncoder
    X = pd.read_csv(os.path.join(folder, "KDDTrain+.txt.gz"), header=None).iloc[:, :41]
    enc = make_column_transformer((OneHotEncoder(sparse_output=False), [1, 2, 3]), remainder="passthrough")
    return MinMaxScaler().fit_transform(enc.fit_transform(X).astype(float))[:5000]


def squared(X):
    D = np.zeros((len(X), len(X)))
    for j in range(X.shape[1]):
        D += (X[:, j, None] - X[None, :, j]) ** 2
    return D


def affinities(D, k, perplexity):
    """Joint probabilities of van der Maaten and Hinton (2008), section 2, and the bandwidths, from k neighbours of each row."""
    n = len(D)
    P, betas = np.zeros((n, n)), np.zeros(n)
    for i in range(n):
        d = D[i].copy()
        d[i] = np.inf
        near = np.argsort(d, kind="stable")[:k]
        d = d[near] - d[near].min()
        lo, hi, beta = 0.0, np.inf, 1.0
        for _ in range(200):
            w = np.exp(-beta * d)
            p = w / w.sum()
            h = -(p[p > 0] * np.log(p[p > 0])).sum()
            if h > math.log(perplexity):
                lo = beta
                beta = beta * 2 if hi == np.inf else (lo + hi) / 2
            else:
                hi = beta
                beta = (lo + hi) / 2
        P[i, near], betas[i] = p, beta
    return (P + P.T) / (2 * n), betas


def divergence(P, Y):
    W = 1 / (1 + squared(Y))
    np.fill_diagonal(W, 0)
    Q = W / W.sum()
    at = P > 0
    return float((P[at] * np.log(P[at] / Q[at])).sum())


def judged(name, X, perplexity):
    X = np.array(X)
    t = TSNE(2, init="pca", learning_rate="auto", perplexity=perplexity, random_state=0, n_jobs=2)
    Y = t.fit_transform(X).astype(float)
    D = squared(X)
    P, betas = affinities(D, min(len(X) - 1, int(3 * perplexity + 1)), perplexity)
    full, _ = affinities(D, len(X) - 1, perplexity)
    row = {"name": name, "rows": len(X), "perplexity": perplexity, "sum": float(X.sum()), "kl": divergence(P, Y),
           "kl_full": divergence(full, Y), "trust": trustworthiness(X, Y, n_neighbors=5), "reported": float(t.kl_divergence_)}
    return row, Y, D, betas, (X, P)


cases = []
for name, X, perplexity in [("blobs", blobs(), 30), ("roll", roll(), 30), ("strokes", strokes(), 30), ("flags", flags(), 30), ("strokes", strokes(), 10)]:
    row, Y, D, betas, (X, P) = judged(name, X, perplexity)
    if not cases:
        first = {"y": [round(float(v), 6) for v in Y.ravel()], "betas": [float(b) for b in betas[:50]]}
        Y = np.array(first["y"]).reshape(-1, 2)
        first["kl"] = divergence(P, Y)
        first["trust"] = {str(k): trustworthiness(X, Y, n_neighbors=k) for k in (1, 5, 20, 299)}
        first["trust_of_two_columns"] = trustworthiness(X, X[:, :2], n_neighbors=5)
    cases.append(row)
out = {"cases": cases, "map": first}
if len(sys.argv) > 1:
    out["kdd"] = judged("kdd", kdd(sys.argv[1]), 30)[0]
print(json.dumps(out))
