#!/usr/bin/env python3
"""Writes kdd_folds.json: ten-fold accuracy, log loss and AUC of scikit-learn 1.2.1's logistic regression on KDDTrain+_20Percent.

usage: python3 gen_kdd_folds.py DIR > kdd_folds.json       (DIR holds the real NSL-KDD; only means leave it)

Fold of a row: its number within its class, modulo 10. Encoders are refitted in each fold.
"""
import json, sys, time
import numpy as np, pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, log_loss, roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

d = pd.read_csv(sys.argv[1] + "/KDDTrain+_20Percent.txt.gz", header=None)
X, y = d.iloc[:, :41], (d[41] != "normal").astype(int).to_numpy()
fold = d.groupby(d[41] != "normal").cumcount().to_numpy() % 10
out = {"accuracy": [], "log_loss": [], "auc": []}
t = time.perf_counter()
for k in range(10):
    a, b = fold != k, fold == k
    enc = make_column_transformer((OneHotEncoder(handle_unknown="ignore", sparse_output=False), [1, 2, 3]), remainder="passthrough")
    m = make_pipeline(enc, StandardScaler(), LogisticRegression(max_iter=1000)).fit(X[a], y[a])
    p = m.predict_proba(X[b])[:, 1]
    out["accuracy"].append(accuracy_score(y[b], p > 0.5))
    out["log_loss"].append(log_loss(y[b], p))
    out["auc"].append(roc_auc_score(y[b], p))
print(f"{time.perf_counter() - t:.1f} s", file=sys.stderr)
print(json.dumps({k: {"mean": float(np.mean(v)), "se": float(np.std(v, ddof=1) / np.sqrt(10))} for k, v in out.items()}))
