#!/usr/bin/env python3
"""Writes stability.json: the agreement of labels of two subsamples on the rows that both
have (scikit-learn 1.2.1's adjusted Rand index) and the best Jaccard overlap of each
cluster of all rows with those of the first subsample, by Python's sets. null is a row
that a subsample does not have, below 0 is noise.

usage: python3 gen_stability.py > stability.json
"""
import json
import numpy as np
from sklearn.metrics import adjusted_rand_score

rng = np.random.default_rng(5)


def sub(base, noise, n):
    labels = [int(v) if rng.random() > noise else int(rng.integers(-1, 4)) for v in base]
    return [v if rng.random() < 0.8 else None for v in labels]


def clusters(labels, rows):
    names = sorted({labels[i] for i in rows if labels[i] >= 0})
    return [{i for i in rows if labels[i] == g} for g in names]


out = []
for n, noise in [(40, 0.1), (60, 0.5), (25, 1.0)]:
    full = rng.integers(-1, 4, n).tolist()
    a, b = sub(full, noise, n), sub(full, noise, n)
    both = [i for i in range(n) if a[i] is not None and b[i] is not None]
    rows = [i for i in range(n) if a[i] is not None]
    names = sorted({v for v in full if v >= 0})
    best = []
    for g in names:
        own = {i for i in rows if full[i] == g}
        best.append(max([len(own & c) / len(own | c) for c in clusters(a, rows)], default=0.0))
    out.append({"full": full, "a": a, "b": b, "ari": adjusted_rand_score([a[i] for i in both], [b[i] for i in both]), "jaccard": best})
print(json.dumps(out))
