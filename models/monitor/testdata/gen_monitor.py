#!/usr/bin/env python3
"""Reference values for models/monitor: numpy 2.4.6, pandas 3.1.1, ruptures 1.1.10, scipy 1.17.1.

PELT's costs are minimised by plain dynamic programming over every place of every change, written here from the
definition; ruptures' KernelCPD does the mean as well. EWMA is pandas' ewm; robust z is scipy's median_abs_deviation.
"""
import json
import numpy as np
import pandas as pd
import ruptures
from scipy.stats import median_abs_deviation

rng = np.random.default_rng(4)


def series():
    yield "steps", np.concatenate([rng.normal(m, 1, n) for m, n in ((0, 40), (4, 25), (1, 60), (1.5, 30))])
    yield "spread", np.concatenate([rng.normal(0, s, n) for s, n in ((1, 50), (5, 30), (.5, 40))])
    yield "calm", rng.normal(10, 2, 80)
    yield "counts", np.concatenate([rng.poisson(m, n) for m, n in ((3, 40), (12, 20), (5, 50))]).astype(float)
    yield "zeros", np.concatenate([np.zeros(20), rng.poisson(6, 20), np.zeros(15)]).astype(float)
    yield "short", np.array([1., 1.5, .5, 9, 10, 9.5])


def noise(x):
    d = np.diff(x)
    mad = median_abs_deviation(d, scale=1 / 1.4826022185056018)
    return mad ** 2 / 2 if mad > 0 else np.mean(d ** 2) / 2


def cost(kind, x, lo, hi):
    s, n = x[lo:hi], hi - lo
    if kind == "mean":
        return np.sum((s - s.mean()) ** 2) / noise(x)
    if kind == "mean and variance":
        v = max(s.var(), 1e-8 * x.var(ddof=1))
        return n * np.log(v) + n * s.var() / v
    return 0. if s.sum() == 0 else 2 * s.sum() * (1 - np.log(s.mean()))


def best(kind, x, shortest, penalty):
    n = len(x)
    f, last = [0.] + [np.inf] * n, [0] * (n + 1)
    for t in range(shortest, n + 1):
        for s in range(0, t - shortest + 1):
            v = f[s] + cost(kind, x, s, t) + penalty
            if v < f[t]:
                f[t], last[t] = v, s
    cuts, t = [], n
    while t > 0:
        t = last[t]
        cuts.append(t)
    return sorted(c for c in cuts if c > 0)


out = []
for name, x in series():
    case = {"name": name, "y": x.tolist(), "changes": []}
    for kind in ("mean", "mean and variance", "rate"):
        if kind == "rate" and (x != np.round(x)).any() | (x < 0).any():
            continue
        for shortest in (2, 5):
            if 2 * shortest > len(x):
                continue
            penalty = (3 if kind == "mean and variance" else 2) * np.log(len(x))
            at = best(kind, x, shortest, penalty)
            edges = [0] + at + [len(x)]
            case["changes"].append({"kind": kind, "shortest": shortest, "at": at,
                                    "cost": sum(cost(kind, x, a, b) for a, b in zip(edges, edges[1:]))})
            if kind == "mean":
                theirs = ruptures.KernelCPD(kernel="linear", min_size=shortest).fit(x).predict(pen=penalty * noise(x))
                assert theirs[:-1] == at, (name, theirs, at)
    z, mu, sd = [], x[:5].mean(), np.abs(np.diff(x[:5])).mean() * np.sqrt(np.pi) / 2
    z = pd.Series(np.concatenate([[mu], x[5:]])).ewm(alpha=.3, adjust=False).mean().to_numpy()[1:]
    t = np.arange(1, len(z) + 1)
    case["ewma"] = {"z": z.tolist(), "reach": (2.5 * sd * np.sqrt(.3 / 1.7 * (1 - .7 ** (2 * t)))).tolist(), "center": mu}
    case["robust"] = [None] * 5 + [[float(np.median(x[i - 5:i])), 3 * median_abs_deviation(x[i - 5:i], scale=1 / 1.4826022185056018)]
                                   for i in range(5, len(x))]
    out.append(case)
json.dump(out, open("monitor.json", "w"), indent=None, separators=(",", ":"))
