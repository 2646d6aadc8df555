#!/usr/bin/env python3
"""scikit-learn 1.2.1, numpy 1.24, scipy 1.10: its ensembles and calibrations on generated data.

Run: /usr/bin/python3 gen_ensemble.py > ensemble.json

"tables": three tables of numbers with classes and folds. "boosts" holds AdaBoost fits with stumps:
every round's error and say (estimator_weights_), the feature of its split, its answer on every 3rd
row, and the probabilities in the end; rounds stop before the first one whose stump depends on the seed.
"cv" holds accuracy, log loss and AUC (macro, one against rest) over the folds, the mean of ten seeds.

"sigmoid": scores, hits and weights with the a and b of _SigmoidCalibration and those of the same loss
minimised further by Newton steps from there. "isotonic": the same kind of input with the values of
IsotonicRegression at some scores. "calibrated": scores of three classes and what CalibratedClassifierCV
(prefit) makes of others.
"""
import json, sys, warnings
import numpy as np, scipy, sklearn
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV, _SigmoidCalibration
from sklearn.datasets import make_classification
from sklearn.ensemble import AdaBoostClassifier, BaggingClassifier, StackingClassifier, VotingClassifier
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, roc_auc_score
from sklearn.model_selection import StratifiedKFold
from sklearn.tree import DecisionTreeClassifier

warnings.filterwarnings("ignore")
N = 400


def tables():
    X, y = make_classification(N, 6, n_informative=4, n_redundant=1, flip_y=0.08, class_sep=0.8, random_state=1)
    yield "two", np.round(X, 3), y
    X, y = make_classification(N, 6, n_informative=5, n_redundant=0, n_classes=4, flip_y=0.05, random_state=2)
    yield "four", np.round(X, 3), y
    rng = np.random.default_rng(3)
    y = (rng.random(N) < 0.2).astype(int) + (rng.random(N) < 0.3)
    X = np.column_stack([np.floor(np.exp(rng.normal(4 + 1.5 * y, 2))), np.minimum(511, rng.geometric(0.02 + 0.05 * (2 - y))),
                         np.round(rng.beta(1 + 2 * y, 3), 2), np.round(rng.beta(2, 2 + y), 2),
                         rng.random(N) < 0.05 + 0.2 * y, np.round(rng.normal(size=N), 3)]).astype(float)
    yield "flows", X, y


def boost(X, y, w, real, rate):
    def fit(seed):
        return AdaBoostClassifier(n_estimators=50, learning_rate=rate, algorithm="SAMME.R" if real else "SAMME",
                                  random_state=seed).fit(X, y, sample_weight=w)
    fits = [fit(s) for s in range(8)]
    m = fits[0]
    rounds = len(m.estimators_)
    for f in fits[1:]:
        rounds = min(rounds, len(f.estimators_))
        for r in range(rounds):
            a, b = m.estimators_[r], f.estimators_[r]
            if not np.array_equal(a.predict(X), b.predict(X)) or a.tree_.feature[0] != b.tree_.feature[0]:
                rounds = r
                break
    if rounds < 5:
        return None
    m = AdaBoostClassifier(n_estimators=rounds, learning_rate=rate, algorithm="SAMME.R" if real else "SAMME",
                           random_state=0).fit(X, y, sample_weight=w)
    return {"real": real, "rate": rate, "weights": [] if w is None else w.tolist(), "rounds": rounds,
            "error": m.estimator_errors_[:rounds].tolist(), "say": m.estimator_weights_[:rounds].tolist(),
            "feature": [int(e.tree_.feature[0]) for e in m.estimators_],
            "answers": ["".join(str(c) for c in e.predict(X[::3])) for e in m.estimators_],
            "p": m.predict_proba(X[::3]).tolist()}


def learners():
    members = lambda s: [("tree", DecisionTreeClassifier(max_depth=4, random_state=s)), ("lr", LogisticRegression(max_iter=2000, tol=1e-8)),
                         ("leaves", DecisionTreeClassifier(min_samples_leaf=12, random_state=s))]
    tree = lambda s: DecisionTreeClassifier(min_samples_leaf=12, random_state=s)
    folds = lambda s: StratifiedKFold(5, shuffle=True, random_state=s)
    yield "bagging", lambda s: BaggingClassifier(random_state=s)
    yield "AdaBoost", lambda s: AdaBoostClassifier(algorithm="SAMME", random_state=s)
    yield "AdaBoost SAMME.R", lambda s: AdaBoostClassifier(random_state=s)
    yield "voting", lambda s: VotingClassifier(members(s), voting="soft")
    yield "stacking", lambda s: StackingClassifier(members(s), cv=folds(s))
    yield "platt", lambda s: CalibratedClassifierCV(tree(s), method="sigmoid", cv=folds(s), ensemble=False)
    yield "isotonic", lambda s: CalibratedClassifierCV(tree(s), method="isotonic", cv=folds(s), ensemble=False)


def table(name, X, y):
    split = list(StratifiedKFold(5, shuffle=True, random_state=0).split(X, y))
    folds = np.zeros(N, int)
    for i, (_, b) in enumerate(split):
        folds[b] = i
    cv = {}
    for kind, make in learners():
        rows = []
        for a, b in split:
            row = []
            for s in range(10):
                p = make(s).fit(X[a], y[a]).predict_proba(X[b])
                auc = roc_auc_score(y[b], p[:, 1] if p.shape[1] == 2 else p, multi_class="ovr")
                row.append([accuracy_score(y[b], p.argmax(1)), -np.log(np.maximum(0.005, p[np.arange(len(b)), y[b]])).mean(), auc])
            rows.append(np.mean(row, 0))
        cv[kind] = dict(zip(("accuracy", "logLoss", "auc"), np.array(rows).T.tolist()))
    boosts = []
    w = 0.5 + np.arange(N) % 3
    for real in (False, True):
        for weights, rate in ((None, 1.0), (w, 0.7)):
            b = boost(X, y, weights, real, rate)
            print(name, real, rate, b and b["rounds"], file=sys.stderr)
            if b:
                boosts.append(b)
    return {"name": name, "columns": X.T.tolist(), "class": y.tolist(), "folds": folds.tolist(), "cv": cv, "boosts": boosts}


def polish(a, b, F, y, w):
    n1, n0 = w[y > 0].sum(), w[y <= 0].sum()
    T = np.where(y > 0, (n1 + 1) / (n1 + 2), 1 / (n0 + 2))
    z = np.array([a, b])
    X = np.column_stack([F, np.ones_like(F)])
    for _ in range(20):
        P = expit(-(X @ z))
        z = z - np.linalg.solve((X * (w * P * (1 - P))[:, None]).T @ X, X.T @ (w * (T - P)))
    return z.tolist()


def curves():
    rng = np.random.default_rng(4)
    sigmoids, isotonics = [], []
    for kind in ("normal", "probability", "ties", "weights", "separated", "few", "falling"):
        n = 12 if kind == "few" else 300
        y = (rng.random(n) < 0.4).astype(int)
        F = rng.normal(1.5 * y, 1)
        w = None
        if kind == "probability":
            F = expit(F - 1)
        if kind == "ties":
            F = np.round(F)
        if kind == "weights":
            w = rng.integers(1, 5, n) * 0.7
        if kind == "separated":
            F = np.where(y == 1, 1 + np.abs(F), -1 - np.abs(F))
        if kind == "falling":
            F = -F
        s = _SigmoidCalibration().fit(F, y, w)
        one = np.ones(n) if w is None else w
        case = {"name": kind, "scores": F.tolist(), "hit": y.tolist(), "weights": [] if w is None else w.tolist()}
        sigmoids.append(dict(case, sklearn=[float(s.a_), float(s.b_)], optimum=polish(s.a_, s.b_, F, y, one)))
        at = np.concatenate([np.linspace(F.min() - 1, F.max() + 1, 41), F[::7]])
        iso = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(F, y, sample_weight=w)
        isotonics.append(dict(case, at=at.tolist(), value=iso.predict(at).tolist()))
    return sigmoids, isotonics


class Given(BaseEstimator, ClassifierMixin):
    """a fitted classifier whose probabilities are its features"""
    classes_ = np.arange(3)
    def fit(self, X, y): return self
    def predict_proba(self, X): return X
    def __sklearn_is_fitted__(self): return True


def calibrated():
    rng = np.random.default_rng(5)
    y = rng.integers(0, 3, 200)
    P = rng.dirichlet([1, 1, 1], 200) + 0.6 * np.eye(3)[y]
    P /= P.sum(1)[:, None]
    Q = np.vstack([rng.dirichlet([0.7, 0.7, 0.7], 30), np.eye(3), [[0.05, 0.05, 0.9]]])
    out = {"scores": P.tolist(), "class": y.tolist(), "at": Q.tolist()}
    for name, method in (("platt", "sigmoid"), ("isotonic", "isotonic")):
        out[name] = CalibratedClassifierCV(Given(), method=method, cv="prefit").fit(P, y).predict_proba(Q).tolist()
    return out


def main():
    assert sklearn.__version__ == "1.2.1", sklearn.__version__
    sigmoids, isotonics = curves()
    json.dump({"sklearn": sklearn.__version__, "numpy": np.__version__, "scipy": scipy.__version__,
               "tables": [table(*t) for t in tables()], "sigmoid": sigmoids, "isotonic": isotonics, "calibrated": calibrated()},
              sys.stdout, separators=(",", ":"))
    print()


main()
