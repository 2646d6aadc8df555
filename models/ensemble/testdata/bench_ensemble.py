#!/usr/bin/env python3
"""scikit-learn 1.2.1: seconds that its ensembles take to fit the table of BenchmarkFit.

Run: /usr/bin/python3 bench_ensemble.py, with "go test -bench Fit" on the same machine, one after the other.
The table has the same shape and kind of columns, not the same numbers.
"""
import time
import numpy as np, sklearn
from sklearn.ensemble import AdaBoostClassifier, BaggingClassifier, RandomForestClassifier, StackingClassifier
from sklearn.model_selection import StratifiedKFold
from sklearn.tree import DecisionTreeClassifier

assert sklearn.__version__ == "1.2.1", sklearn.__version__
n, p = 20000, 40
g = np.random.default_rng(6)
y = np.arange(n) % 2
X = g.normal(size=(n, p)) + y[:, None] * (np.arange(p) % 5) / 4
X[:, ::2] = np.trunc(10 * X[:, ::2])
for name, make in (("bagging", BaggingClassifier(random_state=0, n_jobs=2)),
                   ("AdaBoost", AdaBoostClassifier(algorithm="SAMME", random_state=0)),
                   ("AdaBoost SAMME.R", AdaBoostClassifier(random_state=0)),
                   ("stacking", StackingClassifier([("tree", DecisionTreeClassifier(max_depth=8)), ("forest", RandomForestClassifier(20))],
                                                   cv=StratifiedKFold(5, shuffle=True), n_jobs=2))):
    best = np.inf
    for _ in range(3):
        t = time.perf_counter()
        make.fit(X, y)
        best = min(best, time.perf_counter() - t)
    print(f"{name}: {best:.2f} s")
