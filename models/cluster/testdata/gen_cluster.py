#!/usr/bin/env python3
"""Writes cluster.json: cluster indices of scikit-learn 1.2.1 on generated rows.

usage: python3 gen_cluster.py > cluster.json
"""
import json
import numpy as np
from sklearn import metrics as m

rng = np.random.default_rng(3)


def case(n, p, k, kc, mix):
    X = np.round(rng.normal(size=(n, p)), 3)
    c = rng.integers(0, k, n)
    X += np.round(2 * c[:, None] * rng.random(p), 3)
    X = np.round(X, 3)
    y = np.where(rng.random(n) < mix, c % kc, rng.integers(0, kc, n))
    return {"X": X.tolist(), "labels": c.tolist(), "classes": y.tolist(),
            "silhouette": m.silhouette_score(X, c), "davies_bouldin": m.davies_bouldin_score(X, c),
            "ari": m.adjusted_rand_score(y, c), "ami": m.adjusted_mutual_info_score(y, c),
            "homogeneity": m.homogeneity_score(y, c), "completeness": m.completeness_score(y, c),
            "v": m.v_measure_score(y, c)}


cases = [case(60, 2, 3, 3, 0.9), case(120, 7, 5, 2, 0.5), case(80, 4, 9, 4, 0.0), case(50, 3, 2, 6, 0.7)]
one = case(40, 3, 6, 3, 0.5)
one["labels"][7] = 99                                   # alone in its cluster
X, c, y = np.array(one["X"]), np.array(one["labels"]), np.array(one["classes"])
one.update(silhouette=m.silhouette_score(X, c), davies_bouldin=m.davies_bouldin_score(X, c),
           ari=m.adjusted_rand_score(y, c), ami=m.adjusted_mutual_info_score(y, c),
           homogeneity=m.homogeneity_score(y, c), completeness=m.completeness_score(y, c), v=m.v_measure_score(y, c))
print(json.dumps(cases + [one]))
