#!/usr/bin/env python3
"""Writes real.json: the coefficients of scikit-learn 1.2.1's LinearSVC on KDDTrain+, standardised (numpy of Debian 12).

usage: python3 gen_real.py DIR > real.json        DIR holds nsl-kdd/KDDTrain+.txt.gz

The squared hinge with a penalised intercept, LinearSVC's default; solving the equations of the rows within the
margin takes its answer to the last digit. No row of the data is written, only the fitted numbers.
"""
import json
import sys
import numpy as np
import pandas as pd
from sklearn.svm import LinearSVC

train = pd.read_csv(sys.argv[1] + "/nsl-kdd/KDDTrain+.txt.gz", header=None)
t = np.where(train[41] == "normal", -1.0, 1.0)
names, columns = [], []
for j in range(41):
    if j in (1, 2, 3):
        for level in sorted(set(train[j])):
            names.append(f"f{j}={level}")
            columns.append((train[j] == level).to_numpy(float))
    else:
        names.append(f"f{j}")
        columns.append(train[j].to_numpy(float))
X = np.array(columns).T
sd = X.std(axis=0)
X = (X - X.mean(axis=0)) / np.where(sd > 0, sd, 1)
m = LinearSVC(dual=False, tol=1e-6, max_iter=10000).fit(X, t)
Z = np.c_[X, np.ones(len(X))]
v = np.r_[m.coef_[0], m.intercept_[0]]
for turn in range(10):
    A = 1 - t * (Z @ v) > 0
    new = np.linalg.solve(np.eye(Z.shape[1]) + 2 * Z[A].T @ Z[A], 2 * Z[A].T @ t[A])
    done = ((1 - t * (Z @ new) > 0) == A).all()
    moved = np.abs(new - v).max()
    v = new
    if done:
        break
assert done and moved < 1e-3, (done, moved)
print(json.dumps({"columns": names, "coef": v[:-1].tolist(), "intercept": v[-1]}))
