#!/usr/bin/env python3
"""scikit-learn 1.2.1, numpy 1.24: permutation_importance of a rule that needs no fitting.

The rule scores class "b" by 1/(1+exp(-(2 u - v + w/2))); it does not look at "idle". Mean and standard deviation of the
drops over 4000 shuffles. Run, in this folder: /usr/bin/python3 gen_permutation.py > permutation.json
"""
import json

import numpy as np
import sklearn
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.inspection import permutation_importance

assert sklearn.__version__ == "1.2.1", sklearn.__version__


class Rule(BaseEstimator, ClassifierMixin):
    classes_ = np.array(["a", "b"])

    def fit(self, x, y):
        return self

    def predict_proba(self, x):
        p = 1 / (1 + np.exp(-(2 * x[:, 0] - x[:, 1] + x[:, 2] / 2)))
        return np.column_stack([1 - p, p])

    def predict(self, x):
        return self.classes_[self.predict_proba(x).argmax(1)]


rng = np.random.default_rng(1)
x = np.round(rng.normal(size=(80, 4)), 2)
y = np.where(2 * x[:, 0] - x[:, 1] + x[:, 2] / 2 + rng.normal(size=80) > 0, "b", "a")
out = {"names": ["u", "v", "w", "idle"], "x": x.tolist(), "y": y.tolist(), "repeats": 4000, "metrics": {}}
for name, scoring in (("accuracy", "accuracy"), ("log-loss", "neg_log_loss")):
    r = permutation_importance(Rule(), x, y, scoring=scoring, n_repeats=4000, random_state=0)
    out["metrics"][name] = {"mean": r.importances_mean.tolist(), "sd": r.importances_std.tolist()}
print(json.dumps(out, separators=(",", ":")))
