#!/usr/bin/env python3
"""scikit-learn 1.2.1, numpy 1.24: what its HistGradientBoostingRegressor makes of some tables.

Run, in this folder: OMP_NUM_THREADS=1 /usr/bin/python3 gen_regression.py > regression.json

"exact": few rounds on whole numbers, where bins are values and few splits tie, with the estimates of every 7th row; in
every 9th row the first column is missing. "draws": eight tables in hundredths; the first 350 rows train, the other 250
test: the R² of 100 rounds without early stopping.
"""
import json, sys
import numpy as np, sklearn
from sklearn.datasets import make_friedman1, make_regression
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.metrics import r2_score


def columns(X):
    return [[None if np.isnan(v) else int(v) for v in c] for c in X.T]


def main():
    assert sklearn.__version__ == "1.2.1", sklearn.__version__
    out = {"sklearn": sklearn.__version__, "numpy": np.__version__, "exact": [], "draws": []}
    for seed, rounds, kind in ((1, 10, {}), (2, 1, {"learning_rate": 1.0, "max_leaf_nodes": 40, "min_samples_leaf": 5}), (3, 8, {"l2_regularization": 3.0, "max_depth": 4}),
                               (4, 8, {"max_leaf_nodes": 6, "min_samples_leaf": 40, "learning_rate": 0.3}),
                               (5, 6, {"weights": True, "min_samples_leaf": 1, "max_leaf_nodes": 12})):
        X, y = make_regression(400, 6, n_informative=4, noise=20, random_state=seed)
        X, y = np.round(20 * X), np.round(50 * y)
        X[::9, 0] = np.nan
        weight = 1 + np.arange(400) % 3 if kind.pop("weights", False) else np.ones(400, int)
        m = HistGradientBoostingRegressor(max_iter=rounds, early_stopping=False, **kind).fit(X, y, sample_weight=weight)
        out["exact"].append({"trees": rounds, "l2": kind.get("l2_regularization", 0), "depth": kind.get("max_depth", 0),
                             "leaves": kind.get("max_leaf_nodes", 0), "minLeaf": kind.get("min_samples_leaf", 0),
                             "rate": kind.get("learning_rate", 0), "columns": columns(X), "target": y.astype(int).tolist(),
                             "weights": weight.tolist(), "estimates": np.round(m.predict(X[::7]), 4).tolist()})
    for seed in range(100, 108):
        X, y = make_friedman1(600, 7, noise=1.0, random_state=seed)
        X, y = np.round(100 * X), np.round(100 * y)
        m = HistGradientBoostingRegressor(max_iter=100, early_stopping=False).fit(X[:350], y[:350])
        out["draws"].append({"columns": columns(X), "target": y.astype(int).tolist(), "r2": r2_score(y[350:], m.predict(X[350:]))})
    json.dump(out, sys.stdout, separators=(",", ":"))


main()
