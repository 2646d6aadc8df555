#!/usr/bin/env python3
"""Writes kdd.json: indices of scikit-learn 1.2.1 on the first rows of KDDTrain+.

usage: python3 gen_kdd.py KDDTrain+.txt[.gz] > kdd.json

Features are one-hot and scaled to [0, 1] over all of KDDTrain+; the cluster of a row
is half the sum of its numbers, rounded down.
"""
import json
import sys
import numpy as np
import pandas as pd
from sklearn import metrics as m

ROWS = 6000
t = pd.read_csv(sys.argv[1], header=None)
X = t.iloc[:, :41]
parts = []
for j in range(41):
    if j in (1, 2, 3):
        parts.append((X[j].to_numpy()[:, None] == np.unique(X[j])[None, :]).astype(float))
    else:
        v = X[j].to_numpy(float)
        span = v.max() - v.min()
        parts.append(((v - v.min()) / (span if span else 1))[:, None])
Z = np.hstack(parts)[:ROWS]
d = np.floor(Z.sum(1) / 2 + 1e-9).astype(int)
print(json.dumps({"rows": ROWS, "silhouette": m.silhouette_score(Z, d), "davies_bouldin": m.davies_bouldin_score(Z, d),
                  "calinski_harabasz": m.calinski_harabasz_score(Z, d), "sizes": np.bincount(d).tolist()}))
