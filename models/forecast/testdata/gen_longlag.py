#!/usr/bin/env python3
"""How well the best ARIMA of statsmodels forecasts a series that depends on its value 20 steps ago in a bent way
(statsmodels 0.13.5, numpy 1.24.2, scipy 1.10.1).

usage: gen_longlag.py > longlag.json

y[t] = 1 - 2 y[t-20]^2 + noise, kept within [-1, 1]: twenty interleaved Chebyshev maps. No value is correlated with any
before it, so that a linear model has nothing to learn. ARIMA(p, 0, q) with a constant, p to 5 and q to 1, is fitted to the
first 2600 values; the order with the lowest AICc forecasts each of the last 400 by one step. "r2" is 1 less its
squared error over that of the mean of those 400 values.
"""
import json, sys, warnings
import numpy as np, scipy, statsmodels
from statsmodels.tsa.arima.model import ARIMA

warnings.filterwarnings("ignore")
rng = np.random.RandomState(20)
n, train, lag = 3000, 2600, 20
y = np.cos(np.pi * rng.uniform(size=n))
for t in range(lag, n):
    y[t] = np.clip(1 - 2 * y[t - lag] ** 2 + 0.05 * rng.standard_normal(), -1, 1)
y = np.round(y, 3)
fits = {(p, q): ARIMA(y[:train], order=(p, 0, q), trend="c").fit() for p in range(6) for q in range(2)}
order = min(fits, key=lambda o: fits[o].aicc)
ahead = fits[order].apply(y).predict()[train:]
test = y[train:]
r2 = 1 - ((test - ahead) ** 2).sum() / ((test - test.mean()) ** 2).sum()
json.dump({"recipe": "gen_longlag.py", "statsmodels": statsmodels.__version__, "numpy": np.__version__, "train": train, "lag": lag,
           "order": order, "aicc": {f"{p},{q}": float("%.8g" % f.aicc) for (p, q), f in fits.items()}, "r2": float("%.6g" % r2),
           "y": [float(v) for v in y]}, sys.stdout, separators=(",", ":"))
