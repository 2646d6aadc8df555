#!/usr/bin/env python3
"""Writes neighbors.json: k-NN of scikit-learn 1.2.1 (numpy of Debian 12) on generated rows.

usage: python3 gen_neighbors.py > neighbors.json

Categories are one-hot before the scaler, as its users would. No tie is near any K, so the neighbours are certain.
"""
import json
import numpy as np
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler

rng = np.random.default_rng(12)
CUT = 160


def case(name, k, neighbours, scaler, weighted=False):
    n = 220
    y = rng.choice(k, n)
    X = rng.normal(size=(n, 5)) + 0.7 * y[:, None] * rng.normal(size=5)
    X[:, 1] = np.exp(3 * X[:, 1])                        # a long tail
    X[:, 2] = np.where(X[:, 2] > 0.5, X[:, 2], 0)         # mostly one value
    X[:, 3] = 4                                          # constant
    S = np.stack([(rng.integers(0, 4, n) + y) % 6, rng.integers(0, 3, n), (rng.random(n) < 0.9) * 1], 1)
    X = np.round(X, 6)
    w = rng.integers(0, 4, n)[:CUT] if weighted else np.ones(CUT, int)
    a = np.repeat(np.arange(CUT), w)
    enc = OneHotEncoder(sparse_output=False, handle_unknown="ignore").fit(S[a])
    S[-3:, 0] = 9                                        # a level that training does not know
    Z = np.c_[X, enc.transform(S)]
    if scaler is not None:
        Z = scaler.fit(Z[a]).transform(Z)
    knn = KNeighborsClassifier(neighbours, algorithm="brute").fit(Z[a], y[a])
    distance, index = knn.kneighbors(Z[CUT:], neighbours)
    if not weighted:
        nearest = np.sort(((Z[CUT:, None, :] - Z[None, a, :]) ** 2).sum(2), 1)[:, :neighbours + 1]
        assert np.diff(nearest, axis=1).min() > 1e-9, np.diff(nearest, axis=1).min()
    return {
        "Name": name, "Cut": CUT, "K": neighbours, "X": X.tolist(), "S": S.tolist(), "Y": y.tolist(), "W": w.tolist() if weighted else None,
        "P": knn.predict_proba(Z[CUT:]).tolist(), "Index": [] if weighted else index.tolist(), "Squared": [] if weighted else (distance ** 2).tolist(),
    }


print(json.dumps({"Cases": [
    case("standard", 3, 5, StandardScaler()),
    case("range", 4, 7, MinMaxScaler()),
    case("raw", 2, 1, None),
    case("many", 3, 60, StandardScaler()),
    case("weights", 3, 5, StandardScaler(), True),
]}))
