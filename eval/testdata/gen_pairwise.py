#!/usr/bin/env python3
"""Corrected resampled t test, its interval and Holm's correction: scipy 1.10.1, statsmodels 0.13.5, numpy 1.24.2.

usage: gen_pairwise.py > pairwise.json
"""
import json, sys
import numpy as np
from scipy import stats
from statsmodels.stats.multitest import multipletests

rng = np.random.default_rng(3)
K, ratio = 10, 1 / 9
scores = np.round(rng.normal([0.9, 0.905, 0.97, 0.6], [0.01, 0.012, 0.004, 0.03], (K, 4)), 4)
pairs, ps = [], []
for i in range(4):
    for j in range(i + 1, 4):
        d = scores[:, i] - scores[:, j]
        se = np.sqrt(d.var(ddof=1) * (1 / K + ratio))
        t = d.mean() / se
        half = stats.t.ppf(0.975, K - 1) * se
        p = 2 * stats.t.sf(abs(t), K - 1)
        pairs.append({"a": i, "b": j, "d": d.mean(), "low": d.mean() - half, "high": d.mean() + half, "t": t, "p": p})
        ps.append(p)
for pair, p in zip(pairs, multipletests(ps, method="holm")[1]):
    pair["holm"] = p
means = []
for i in range(4):
    x = scores[:, i]
    half = stats.t.ppf(0.975, K - 1) * np.sqrt(x.var(ddof=1) * (1 / K + ratio))
    means.append([x.mean(), x.std(ddof=1), x.mean() - half, x.mean() + half])
json.dump({"ratio": ratio, "scores": scores.T.tolist(), "means": means, "pairs": pairs}, sys.stdout)
print()
