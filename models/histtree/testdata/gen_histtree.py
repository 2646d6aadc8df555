#!/usr/bin/env python3
"""scikit-learn 1.2.1, numpy 1.24: what its trees and forests make of three generated tables.

Run: /usr/bin/python3 gen_histtree.py > histtree.json

Each table has columns (numbers; "category" columns are small whole numbers that scikit-learn takes
as they are), classes and folds. "cv" holds, for a tree and a forest, accuracy and log loss over five
folds, the mean of three seeds in each fold. "exact" holds shallow trees fitted on the whole table,
with their class shares on every 7th row and the importance of each feature: these have to come out
the same, for near the root no two splits are equally good.
"""
import json, sys
import numpy as np, sklearn
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import accuracy_score
from sklearn.model_selection import StratifiedKFold
from sklearn.tree import DecisionTreeClassifier

N = 600


def flows(rng):
    """two classes; bytes and counts with long tails, rates, flags, and two categories"""
    y = (rng.random(N) < 0.45).astype(int)
    service = np.where(rng.random(N) < 0.3, rng.integers(0, 12, N), rng.integers(0, 6, N) * 2 + y)
    proto = np.where(rng.random(N) < 0.6, rng.integers(0, 3, N), y)
    size = np.floor(np.exp(rng.normal(4 + 1.5 * y, 2, N))) * (rng.random(N) < 0.7 - 0.3 * y)
    count = np.minimum(511, rng.geometric(0.02 + 0.05 * (1 - y), N))
    rate = np.round(rng.beta(1 + 2 * y, 3, N), 2)
    other = np.round(rng.beta(2, 2 + y, N), 2)
    flag = (rng.random(N) < 0.05 + 0.1 * y).astype(int)
    noise = np.round(rng.normal(size=N), 3)
    return np.column_stack([service, proto, size, count, rate, other, flag, noise]).astype(float), y, [0, 1]


def tables():
    X, y = make_classification(N, 8, n_informative=4, n_redundant=2, flip_y=0.08, class_sep=0.8, random_state=1)
    yield "two", np.round(X, 3), y, []
    X, y = make_classification(N, 8, n_informative=6, n_redundant=0, n_classes=4, flip_y=0.05, random_state=2)
    yield "four", np.round(X, 3), y, []
    yield ("flows",) + flows(np.random.default_rng(3))


def main():
    assert sklearn.__version__ == "1.2.1", sklearn.__version__
    out = {"sklearn": sklearn.__version__, "numpy": np.__version__, "tables": []}
    for name, X, y, cats in tables():
        folds = np.zeros(N, int)
        split = list(StratifiedKFold(5, shuffle=True, random_state=0).split(X, y))
        for i, (_, b) in enumerate(split):
            folds[b] = i
        cv = {}
        for model, make in (("tree", lambda s: DecisionTreeClassifier(random_state=s)),
                            ("forest", lambda s: RandomForestClassifier(100, random_state=s, n_jobs=2))):
            acc, loss = [], []
            for a, b in split:
                p = [make(s).fit(X[a], y[a]).predict_proba(X[b]) for s in range(3)]
                acc.append(np.mean([accuracy_score(y[b], q.argmax(1)) for q in p]))
                loss.append(np.mean([-np.log(np.maximum(0.005, q[np.arange(len(b)), y[b]])) for q in p]))
            cv[model] = {"accuracy": acc, "logLoss": loss}
        exact = []
        weight = 1 + np.arange(N) % 3
        for kind, w in (({"max_depth": 3}, None), ({"max_depth": 3, "criterion": "entropy"}, None),
                        ({"max_depth": 4, "min_samples_leaf": 25}, None), ({"max_leaf_nodes": 7}, None),
                        ({"max_depth": 3}, weight), ({"max_depth": 3}, weight * 0.37)):
            m = DecisionTreeClassifier(random_state=0, **kind).fit(X, y, sample_weight=w)
            others = [DecisionTreeClassifier(random_state=s, **kind).fit(X, y, sample_weight=w) for s in range(1, 20)]
            if any(not np.allclose(o.predict_proba(X), m.predict_proba(X)) or o.tree_.node_count != m.tree_.node_count for o in others):
                print(name, kind, "depends on the seed", file=sys.stderr)
                continue
            exact.append({"depth": kind.get("max_depth", 0), "leaves": kind.get("max_leaf_nodes", 0),
                          "minLeaf": kind.get("min_samples_leaf", 0), "criterion": kind.get("criterion", "gini"),
                          "weights": [] if w is None else w.tolist(), "nodes": int(m.tree_.node_count),
                          "importance": m.feature_importances_.tolist(), "shares": m.predict_proba(X[::7]).tolist()})
        out["tables"].append({"name": name, "category": cats, "columns": X.T.tolist(), "class": y.tolist(), "folds": folds.tolist(),
                              "cv": cv, "exact": exact})
    json.dump(out, sys.stdout, separators=(",", ":"))
    print()


main()
