#!/usr/bin/python3
"""Expected values for smoothing_test.go.

statsmodels 0.13.5, scipy 1.10.1, numpy 1.24.2:  /usr/bin/python3 gen_ets.py > ets.json

statsmodels' own optimiser stops early. Its one-step forecasts are affine in the initial
states, so for given smoothing parameters the best initial states are found here by least
squares on what its smoother says of unit changes; the smoothing parameters by Nelder-Mead
from several starts, within statsmodels' bounds.
"""
import itertools
import json
import warnings

import numpy as np
import pandas as pd
from scipy import optimize
from statsmodels.tsa.exponential_smoothing.ets import ETSModel

warnings.simplefilter("ignore")
rng = np.random.default_rng(23)


def simulate(n, alpha, beta=0.0, gamma=0.0, phi=1.0, m=0, slope=0.0, level=20.0, sd=1.0):
    l, b, s = level, slope, list(3 * np.sin(np.arange(m) * 2 * np.pi / m)) if m else [0.0]
    y = []
    for t in range(n):
        e = rng.normal(0, sd)
        y.append(l + phi * b + s[t % len(s)] + e)
        l, b = l + phi * b + alpha * e, phi * b + beta * e
        s[t % len(s)] += gamma * e
    return np.round(y, 6)


cases = [
    ("simple", simulate(80, 0.4), None, False, 0),
    ("walk", simulate(70, 0.97), None, False, 0),
    ("short", simulate(25, 0.3), None, False, 0),
    ("counts", rng.poisson(8, 92).astype(float), None, False, 0),
    ("holt", simulate(60, 0.5, 0.2, slope=0.4), "add", False, 0),
    ("line", simulate(80, 0.2, 0.0, slope=-0.3), "add", False, 0),
    ("damped", simulate(120, 0.6, 0.35, phi=0.9, slope=2.0), "add", True, 0),
    ("weekly", simulate(92, 0.3, gamma=0.2, m=7), None, False, 7),
    ("holt winters", simulate(96, 0.4, 0.05, 0.15, m=12, slope=0.3), "add", False, 12),
    ("damped weekly", simulate(150, 0.4, 0.2, 0.3, phi=0.9, m=7, slope=1.0), "add", True, 7),
]


def polish(y, trend, damped, m):
    mod = ETSModel(pd.Series(y), error="add", trend=trend, damped_trend=damped, seasonal="add" if m else None, seasonal_periods=m or None, initialization_method="estimated")
    k = 1 + (trend is not None) + (m > 0) + damped
    n0 = mod.k_params - k

    def smoothing(u):
        inside = 1e-4 + (1 - 2e-4) / (1 + np.exp(-np.clip(u, -30, 30)))
        out, i = [inside[0]], 1
        if trend:
            out.append(inside[0] * inside[i])
            i += 1
        if m:
            out.append((1 - inside[0]) * inside[i])
            i += 1
        if damped:
            out.append(0.8 + 0.18 / (1 + np.exp(-np.clip(u[i], -30, 30))))
        return np.array(out)

    def best_start(p):
        yhat = lambda x: np.asarray(mod._smooth(np.concatenate([p, x]))[0])
        base = yhat(np.zeros(n0))
        cols = np.column_stack([yhat(row) - base for row in np.eye(n0)])
        x = np.linalg.lstsq(cols, y - base, rcond=1e-12)[0]
        return np.concatenate([p, x])

    f = lambda u: -mod.loglike(best_start(smoothing(u)))
    best = None
    for start in sorted((f(np.array(u)), u) for u in itertools.product((-3.0, -1.0, 1.0), repeat=k))[:3]:
        r = optimize.minimize(f, start[1], method="Nelder-Mead", options=dict(maxiter=800, xatol=1e-8, fatol=1e-10))
        if best is None or r.fun < best[0] - 1e-10:
            best = (r.fun, r.x)
    return mod, best_start(smoothing(best[1])), k


out = []
for name, y, trend, damped, m in cases:
    mod, p, k = polish(y, trend, damped, m)
    own = mod.fit(disp=0, maxiter=5000)
    r = mod.smooth(p)
    pred = r.get_prediction(start=len(y), end=len(y) + 19)
    ci = np.asarray(pred.pred_int(alpha=0.05))
    out.append(dict(name=name, y=y.tolist(), trend=trend is not None, damped=damped, season=m, params=p[:k].tolist(), names=mod.param_names[:k],
                    llf=r.llf, own=own.llf, sigma2=r.scale, mean=np.asarray(pred.predicted_mean).tolist(), low=ci[:, 0].tolist(), high=ci[:, 1].tolist()))
print(json.dumps(out).replace('{"name"', '\n{"name"'))
