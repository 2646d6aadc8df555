#!/usr/bin/env python3
"""scikit-learn 1.2.1, numpy 1.24: what its HistGradientBoostingClassifier makes of the tables of histtree.json.

Run, in this folder: OMP_NUM_THREADS=1 /usr/bin/python3 gen_boost.py > boost.json

"folds": the two-class tables that gen_histtree.py generated, with their folds: accuracy, log loss and ROC-AUC of each
fold. 100 rounds, no early stopping; "native" splits categories as sets, "plain" takes their codes as numbers.
"draws": eight tables of four classes; the first 400 rows train, the other 300 test. One table would not do: refits
that differ only in where bins are cut lie 0.02 of accuracy apart on it, which evens out over tables. Their columns
are in hundredths. "exact": few rounds on whole numbers, where bins are values and few
splits tie, with the probabilities of every 7th row.
AUC is the mean of each class against the rest.
"""
import json, sys
import numpy as np, sklearn
from sklearn.datasets import make_classification
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import accuracy_score, log_loss, roc_auc_score


def main():
    assert sklearn.__version__ == "1.2.1", sklearn.__version__
    out = {"sklearn": sklearn.__version__, "numpy": np.__version__, "folds": [], "draws": [], "exact": []}
    for t in json.load(open("histtree.json"))["tables"]:
        if len(set(t["class"])) > 2:
            continue
        X, y, folds = np.array(t["columns"]).T, np.array(t["class"]), np.array(t["folds"])
        cv = {}
        for name, cats in (("plain", None), ("native", t["category"] or None)):
            if name == "native" and not cats:
                continue
            rows = {"accuracy": [], "logLoss": [], "auc": []}
            for k in range(5):
                m = HistGradientBoostingClassifier(max_iter=100, early_stopping=False, categorical_features=cats)
                p = m.fit(X[folds != k], y[folds != k]).predict_proba(X[folds == k])
                truth = y[folds == k]
                rows["accuracy"].append(accuracy_score(truth, p.argmax(1)))
                rows["logLoss"].append(log_loss(truth, p))
                rows["auc"].append(roc_auc_score(truth, p[:, 1]))
            cv[name] = rows
        out["folds"].append({"name": t["name"], "cv": cv})
    for seed in range(100, 108):
        X, y = make_classification(700, 8, n_informative=6, n_redundant=0, n_classes=4, flip_y=0.05, random_state=seed)
        hundredths = np.round(100 * X).astype(int)
        X = hundredths / 100
        p = HistGradientBoostingClassifier(max_iter=100, early_stopping=False).fit(X[:400], y[:400]).predict_proba(X[400:])
        out["draws"].append({"columns": hundredths.T.tolist(), "class": y.tolist(), "accuracy": accuracy_score(y[400:], p.argmax(1)),
                             "logLoss": log_loss(y[400:], p), "auc": roc_auc_score(y[400:], p, multi_class="ovr")})
    for seed, k, rounds, kind in ((1, 2, 10, {}), (2, 3, 6, {"max_leaf_nodes": 8}), (6, 3, 6, {"max_leaf_nodes": 10, "min_samples_leaf": 30}), (3, 2, 8, {"l2_regularization": 3.0, "max_depth": 4}),
                                  (4, 2, 8, {"max_leaf_nodes": 6, "min_samples_leaf": 40, "learning_rate": 0.3}),
                                  (5, 2, 6, {"weights": True, "min_samples_leaf": 1, "max_leaf_nodes": 12})):
        X, y = make_classification(600, 6, n_informative=4, n_redundant=0, n_classes=k, flip_y=0.1, random_state=seed)
        X = np.round(10 * X).astype(int)
        weight = 1 + np.arange(600) % 3 if kind.pop("weights", False) else np.ones(600, int)
        m = HistGradientBoostingClassifier(max_iter=rounds, early_stopping=False, **kind).fit(X, y, sample_weight=weight)
        out["exact"].append({"trees": rounds, "l2": kind.get("l2_regularization", 0), "depth": kind.get("max_depth", 0),
                             "leaves": kind.get("max_leaf_nodes", 0), "minLeaf": kind.get("min_samples_leaf", 0),
                             "rate": kind.get("learning_rate", 0), "columns": X.T.tolist(), "class": y.tolist(),
                             "weights": weight.tolist(), "shares": np.round(m.predict_proba(X[::7]), 7).tolist()})
    json.dump(out, sys.stdout, separators=(",", ":"))
    print()


main()
