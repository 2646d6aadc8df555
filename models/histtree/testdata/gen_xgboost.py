#!/usr/bin/env python3
"""xgboost 3.2.0, numpy 2.4: what its trees, grown level by level, make of whole numbers.

Run, in this folder, with xgboost and scikit-learn (for its tables) in a virtual environment:
python gen_xgboost.py > xgboost.json

Every value has its bin and few splits tie. In every 9th row the first column is missing. The answer of every 7th row
stands: the probability of the second class, or the estimate of a number.
"""
import json, sys
import numpy as np, xgboost
from sklearn.datasets import make_classification, make_regression


def main():
    assert xgboost.__version__ == "3.2.0", xgboost.__version__
    out = {"xgboost": xgboost.__version__, "models": []}
    for seed, number, rounds, depth, lam, child, rate in ((1, False, 8, 6, 1.0, 1.0, 0.3), (2, False, 5, 4, 0.5, 3.0, 0.1), (3, True, 8, 5, 1.0, 5.0, 0.3), (4, True, 1, 6, 0.0, 10.0, 1.0)):
        if number:
            X, y = make_regression(400, 6, n_informative=4, noise=20, random_state=seed)
            X, y = np.round(20 * X), np.round(50 * y)
        else:
            X, y = make_classification(400, 6, n_informative=4, n_redundant=0, flip_y=0.1, random_state=seed)
            X = np.round(10 * X)
        X[::9, 0] = np.nan
        m = xgboost.train({"objective": "reg:squarederror" if number else "binary:logistic", "tree_method": "hist", "grow_policy": "depthwise", "max_depth": depth,
                           "lambda": lam, "min_child_weight": child, "eta": rate, "base_score": float(np.mean(y)), "nthread": 1}, xgboost.DMatrix(X, y), rounds)
        answers = m.predict(xgboost.DMatrix(X))[::7]
        out["models"].append({"number": number, "trees": rounds, "depth": depth, "l2": lam, "minHessian": child, "rate": rate, "leaves": len(m.trees_to_dataframe().query("Feature == 'Leaf'")),
                              "columns": [[None if np.isnan(v) else int(v) for v in c] for c in X.T], "target": y.astype(int).tolist(), "answers": [float(f"{v:.8g}") for v in answers]})
    json.dump(out, sys.stdout, separators=(",", ":"))


main()
