#!/usr/bin/python3
"""How near the simulated set comes to the real one, by scikit-learn 1.2.1 and scipy 1.10.1.

  flowbook data simulate nslkdd --out DIR
  FLOWBOOK_DATA=... python3 measure_simulated.py DIR

Prints the columns whose distributions differ most, the accuracy of forests learnt on one set and judged on
the other, and how well a forest tells real from simulated rows. The numbers stand in the comment of Simulate.
"""
import os
import sys

import numpy as np
import pandas as pd
from scipy.stats import ks_2samp
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_predict

folder = os.path.join(os.environ["FLOWBOOK_DATA"], "nsl-kdd")
names = [line.split(",")[0] for line in open(os.path.join(folder, "Field Names.csv")).read().split("\n") if line][:41]


def read(path):
    return pd.read_csv(path, header=None, names=names + ["attack", "difficulty"])


real = [read(os.path.join(folder, n + ".txt.gz")) for n in ("KDDTrain+", "KDDTest+")]
made = [read(os.path.join(sys.argv[1], n + ".txt")) for n in ("KDDTrain+", "KDDTest+")]
text = ["protocol_type", "service", "flag"]
codes = {c: {v: i for i, v in enumerate(sorted(set(real[0][c]) | set(real[1][c])))} for c in text}


def x(t):
    return t[names].assign(**{c: t[c].map(codes[c]) for c in text}).to_numpy(float)


def forest(**more):
    return RandomForestClassifier(40, n_jobs=2, random_state=0, **more)


for title, a, b in zip(("train", "test"), real, made):
    d = sorted(((ks_2samp(a[c], b[c]).statistic, c) for c in names if c not in text), reverse=True)
    print(title, "largest KS distances", [(c, round(v, 4)) for v, c in d[:5]])
for title, train in (("real", real[0]), ("simulated", made[0])):
    model = forest().fit(x(train), train.attack != "normal")
    for other, test in (("real", real[1]), ("simulated", made[1])):
        print("forest learnt on", title, "judged on", other, "KDDTest+", round(model.score(x(test), test.attack != "normal"), 4))
for title, a, b in zip(("train", "test"), real, made):
    n = min(20000, len(a))
    a, b = a.sample(n, random_state=1), b.sample(n, random_state=1)
    y = np.repeat([0, 1], n)
    p = cross_val_predict(forest(min_samples_leaf=2), np.vstack([x(a), x(b)]), y, cv=3, method="predict_proba")[:, 1]
    print(title, "real or simulated, AUC", round(roc_auc_score(y, p), 3))
