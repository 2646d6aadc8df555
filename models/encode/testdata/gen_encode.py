#!/usr/bin/env python3
"""Writes encode.json: encoders of scikit-learn 1.2.1 on generated rows, fitted on the first 40, applied to all 60.

usage: python3 gen_encode.py > encode.json
"""
import json
import numpy as np
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, OrdinalEncoder, StandardScaler

rng = np.random.default_rng(11)
n, m = 60, 40
X = np.round(np.c_[rng.normal(5, 3, n), np.exp(4 * rng.normal(size=n)), rng.integers(0, 3, n), np.full(n, 0.1),
                   1e6 + 0.001 * rng.normal(size=n)], 4)
X[m + 1, 3] = 7.0                       # constant in training only
S = rng.choice(["http", "dns", "ssh"], n).astype(object)
T = rng.choice(["tcp", "udp"], n).astype(object)
S[m + 3], S[m + 4] = "gopher", "zz"      # not in training
G = X[:, :2].copy()
G[rng.random((n, 2)) < 0.2] = np.nan


def nulls(a):
    return [[None if np.isnan(v) else float(v) for v in row] for row in a]


C = np.c_[S, T]
one = OneHotEncoder(handle_unknown="ignore", sparse_output=False).fit(C[:m])
H = one.transform(C)
std = StandardScaler().fit(np.c_[X[:m], H[:m]])
Z = std.transform(np.c_[X, H])
Z[:, 3] = 0                             # ours: constant in training is 0 for good; scikit-learn's 6.9 in row 41
print(json.dumps({
    "train": m, "X": X.tolist(), "S": S.tolist(), "T": T.tolist(), "G": nulls(G),
    "onehot_names": [f"{c}={v}" for c, vs in zip(("s", "t"), one.categories_) for v in vs], "onehot": H.tolist(),
    "ordinal": OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1).fit(C[:m]).transform(C).tolist(),
    "standardized": Z.tolist(),
    "minmax": MinMaxScaler().fit(X[:m, :3]).transform(X[:, :3]).tolist(),
    "imputed": SimpleImputer(strategy="median").fit(G[:m]).transform(G).tolist(),
    "standardized_gaps": nulls(StandardScaler().fit(G[:m]).transform(G)),
}))
