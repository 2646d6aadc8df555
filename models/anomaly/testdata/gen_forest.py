#!/usr/bin/env python3
"""Writes forest.json: labelled rows, and the area under the ROC curve that IsolationForest of scikit-learn 1.2.1 (numpy of
Debian 12) reaches on them over seeds: mean and standard deviation.

usage: python3 gen_forest.py > forest.json
"""
import json
import numpy as np
from sklearn.ensemble import IsolationForest
from sklearn.metrics import roc_auc_score

rng = np.random.default_rng(12)
SEEDS = 300


def with_outliers(usual, odd):
    return np.r_[usual, odd], np.r_[np.zeros(len(usual), int), np.ones(len(odd), int)]


def ring(n):
    a = rng.uniform(0, 2 * np.pi, n)
    return np.c_[np.cos(a), np.sin(a)] * (1 + .05 * rng.normal(size=(n, 1)))


far = rng.normal(size=(30, 12))
far[:, :3] += rng.choice([-3, 3], (30, 3))
sets = {
    "cluster and noise": with_outliers(rng.normal(size=(380, 3)), rng.uniform(-4, 4, (20, 3))),
    "two densities": with_outliers(np.r_[rng.normal(size=(200, 2)) * .3, rng.normal(size=(180, 2)) * 2 + 6], rng.uniform(-4, 11, (40, 2))),
    "heavy tails": with_outliers(rng.standard_t(2, (300, 4)), rng.normal(size=(25, 4)) * .5 + [4, -4, 4, -4]),
    "three of twelve": with_outliers(rng.normal(size=(330, 12)), far),
    "inside a ring": with_outliers(ring(400), rng.normal(size=(20, 2)) * .3),
    "few rows": with_outliers(rng.gamma(2, 1, (60, 5)), rng.gamma(2, 3, (9, 5))),
}
out = []
for name, (X, y) in sets.items():
    X = np.round(X, 3)
    auc = [roc_auc_score(y, -IsolationForest(random_state=s).fit(X).score_samples(X)) for s in range(SEEDS)]
    out.append(dict(name=name, columns=X.shape[1], x=X.ravel().tolist(), odd=int(y.sum()), seeds=SEEDS,
                    mean=float(np.mean(auc)), sd=float(np.std(auc, ddof=1))))
print(json.dumps(out))
