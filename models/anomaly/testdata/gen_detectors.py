#!/usr/bin/env python3
"""Writes detectors.json: robust z by scipy 1.10.1 and PCA reconstruction errors by scikit-learn 1.2.1 (numpy of Debian 12)
of rows that are fitted on and of others.

usage: python3 gen_detectors.py > detectors.json
"""
import json
import numpy as np
from scipy.stats import median_abs_deviation
from sklearn.decomposition import PCA

rng = np.random.default_rng(3)
n, p, fitted = 90, 6, 60
X = rng.normal(size=(n, 3)) @ rng.normal(size=(3, p)) * [1, 5, .2, 1, 1, 3] + .1 * rng.normal(size=(n, p))
X[:, 3] = np.where(rng.random(n) < .7, 0, X[:, 3])  # MAD 0
X[:, 4] = np.where(np.arange(n) < fitted, 2, X[:, 4])  # one value in training
X = np.round(X, 3)
T = X[:fitted]
median, mad = np.median(T, axis=0), median_abs_deviation(T, axis=0, scale="normal")
mean = np.sqrt(np.pi / 2) * np.abs(T - median).mean(axis=0)
scale = np.where(mad > 0, mad, mean)
assert (mad == 0).sum() == 2 and (scale == 0).sum() == 1
Z = np.abs(X - median)[:, scale > 0] / scale[scale > 0]
m = PCA(svd_solver="full", n_components=.95).fit(T)
errors = ((X - m.inverse_transform(m.transform(X))) ** 2).sum(axis=1)
print(json.dumps(dict(columns=p, fitted=fitted, x=X.ravel().tolist(), z=Z.max(axis=1).tolist(), components=int(m.n_components_),
                      errors=errors.tolist())))
