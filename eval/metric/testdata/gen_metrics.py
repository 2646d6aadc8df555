#!/usr/bin/env python3
"""Expected values of every metric and interval: scikit-learn 1.2.1, statsmodels 0.13.5, numpy 1.24.2.

usage: gen_metrics.py > metrics.json

DeLong's variance is computed here from its definition, over all pairs of a positive and a negative row, and the
bootstraps from 4,000 resamples of rows within each true class: neither shares a line with the Go code.
"""
import json, sys, warnings
import numpy as np
import sklearn, statsmodels
from sklearn import metrics as sk
from statsmodels.stats.proportion import proportion_confint
from scipy.stats import norm

warnings.filterwarnings("ignore")
Z = norm.ppf(0.975)


def delong(y, s):
    pos, neg = s[y], s[~y]
    wins = (pos[:, None] > neg[None, :]) + 0.5 * (pos[:, None] == neg[None, :])
    v10, v01 = wins.mean(1), wins.mean(0)
    auc = wins.mean()
    se = np.sqrt(v10.var(ddof=1) / len(pos) + v01.var(ddof=1) / len(neg))
    return [max(0, auc - Z * se), min(1, auc + Z * se)]


def bootstrap(truth, f, resamples, rng):
    strata = [np.flatnonzero(truth == c) for c in np.unique(truth)]
    values = []
    for _ in range(resamples):
        rows = np.concatenate([rng.choice(s, len(s)) for s in strata])
        values.append(f(rows))
    return list(np.nanpercentile(values, [2.5, 97.5]))


def one_fpr(t, p, c, w):
    neg = t != c
    return w[neg & (p == c)].sum() / w[neg].sum() if w[neg].sum() > 0 else np.nan


def binary(t, P, positive, w):
    s, p = P[:, positive], P.argmax(1)
    y, q = t == positive, p == positive
    k = dict(sample_weight=w)
    W = np.ones(len(t)) if w is None else w
    return {
        "accuracy": sk.accuracy_score(t, p, **k),
        "precision": sk.precision_score(y, q, **k),
        "recall": sk.recall_score(y, q, **k),
        "fpr": one_fpr(y, q, True, W),
        "f1": sk.f1_score(y, q, **k),
        "macro-f1": sk.f1_score(t, p, average="macro", **k),
        "mcc": sk.matthews_corrcoef(y, q, **k),
        "balanced-accuracy": sk.balanced_accuracy_score(t, p, **k),
        "roc-auc": sk.roc_auc_score(y, s, **k),
        "pr-auc": sk.average_precision_score(y, s, **k),
        "log-loss": sk.log_loss(t, P, labels=range(P.shape[1]), **k),
        "brier": sk.brier_score_loss(y, s, **k),
    }


def multi(t, P, w):
    p, k = P.argmax(1), dict(sample_weight=w)
    W = np.ones(len(t)) if w is None else w
    occurs = np.unique(t)
    seen = np.unique(np.concatenate([t, p]))
    return {
        "accuracy": sk.accuracy_score(t, p, **k),
        "precision": sk.precision_score(t, p, average="macro", **k),
        "recall": sk.recall_score(t, p, average="macro", labels=occurs, **k),
        "fpr": float(np.mean([one_fpr(t, p, c, W) for c in seen])),
        "f1": sk.f1_score(t, p, average="macro", **k),
        "macro-f1": sk.f1_score(t, p, average="macro", **k),
        "mcc": sk.matthews_corrcoef(t, p, **k),
        "balanced-accuracy": sk.balanced_accuracy_score(t, p, **k),
        "roc-auc": float(np.mean([sk.roc_auc_score(t == c, P[:, c], **k) for c in occurs])),
        "pr-auc": float(np.mean([sk.average_precision_score(t == c, P[:, c], **k) for c in occurs])),
        "log-loss": sk.log_loss(t, P, labels=range(P.shape[1]), **k),
        "brier": float(np.average(((P - np.eye(P.shape[1])[t]) ** 2).sum(1), weights=W)),
    }


def wilson(hits, n):
    return list(proportion_confint(hits, n, method="wilson"))


def intervals(t, P, positive, rng):
    p = P.argmax(1)
    losses = -np.log(P[np.arange(len(t)), t] / P.sum(1))
    mean, se = losses.mean(), losses.std(ddof=1) / np.sqrt(len(t))
    out = {"accuracy": wilson((t == p).sum(), len(t)), "log-loss": [max(0, mean - Z * se), mean + Z * se]}
    loose = {}
    if positive >= 0:
        y, q, s = t == positive, p == positive, P[:, positive]
        out["precision"] = wilson((y & q).sum(), q.sum())
        out["recall"] = wilson((y & q).sum(), y.sum())
        out["fpr"] = wilson((~y & q).sum(), (~y).sum())
        out["roc-auc"] = delong(y, s)
        f = {"f1": lambda r: sk.f1_score(y[r], q[r]), "mcc": lambda r: sk.matthews_corrcoef(y[r], q[r]),
             "pr-auc": lambda r: sk.average_precision_score(y[r], s[r])}
    else:
        f = {"mcc": lambda r: sk.matthews_corrcoef(t[r], p[r]),
             "pr-auc": lambda r: np.mean([sk.average_precision_score(t[r] == c, P[r, c]) for c in np.unique(t)]),
             "roc-auc": lambda r: np.mean([sk.roc_auc_score(t[r] == c, P[r, c]) for c in np.unique(t)])}
    f["macro-f1"] = lambda r: sk.f1_score(t[r], p[r], average="macro")
    for name, g in f.items():
        loose[name] = bootstrap(t, g, 4000, rng)
    return out, loose


def case(name, t, P, positive, w=None, with_intervals=False, rng=None):
    d = {"name": name, "k": P.shape[1], "truth": t.tolist(), "p": P.ravel().tolist(), "positive": positive,
         "weights": None if w is None else w.tolist(),
         "want": binary(t, P, positive, w) if positive >= 0 else multi(t, P, w)}
    if with_intervals:
        d["exact"], d["bootstrap"] = intervals(t, P, positive, rng)
    return d


def scores(rng, t, k, noise, digits):
    raw = rng.random((len(t), k)) * noise
    raw[np.arange(len(t)), t] += 0.5
    P = raw / raw.sum(1, keepdims=True)
    if digits:
        P = np.round(P, digits)
        P[:, 0] = np.round(1 - P[:, 1:].sum(1), digits)
    return np.maximum(P, 0)


def main():
    rng = np.random.default_rng(20261120)
    cases = []
    t = (rng.random(120) < 0.25).astype(int)
    cases.append(case("two classes, ties", t, scores(rng, t, 2, 1.4, 1), 1, None, True, rng))
    cases.append(case("two classes, no ties", t, scores(rng, t, 2, 1.4, 0), 1, None, True, rng))
    cases.append(case("two classes, weights", t, scores(rng, t, 2, 1.4, 1), 1, np.round(rng.random(120) * 3, 1)))
    cases.append(case("first class positive", t, scores(rng, t, 2, 2.0, 2), 0))
    t = rng.choice(4, 150, p=[0.5, 0.3, 0.15, 0.05])
    cases.append(case("four classes, ties", t, scores(rng, t, 4, 1.2, 1), -1, None, True, rng))
    cases.append(case("four classes, weights", t, scores(rng, t, 4, 1.2, 0), -1, np.round(rng.random(150) * 3, 1)))
    cases.append(case("four classes, one positive", t, scores(rng, t, 4, 1.2, 2), 2))
    t = rng.choice(4, 60, p=[0.5, 0.3, 0.2, 0])
    cases.append(case("a class that does not occur", t, scores(rng, t, 4, 2.0, 2), -1))
    t = rng.choice(3, 50)
    P = scores(rng, t, 3, 1.5, 2)
    P[:, 2] = 0
    P[:, 0] = np.round(1 - P[:, 1], 2)
    cases.append(case("a class that is never predicted", t, P, -1))
    t = rng.choice(2, 40)
    P = np.tile([0.3, 0.7], (40, 1))
    cases.append(case("one answer", t, P, 1))
    hard = np.eye(2)[np.where(rng.random(40) < 0.8, t, 1 - t)]
    cases.append(case("hard answers", t, hard, 1))

    t = (rng.random(30) < 0.4).astype(int)
    s = np.round(0.3 * t + rng.random(30) * 0.7, 1)
    fpr, tpr, thr = sk.roc_curve(t, s, drop_intermediate=False)
    precision, recall, pthr = sk.precision_recall_curve(t, s)
    curves = {"truth": t.tolist(), "score": s.tolist(), "fpr": fpr.tolist(), "tpr": tpr.tolist(),
              "threshold": thr[1:].tolist(), "precision": precision[-2::-1].tolist(), "recall": recall[-2::-1].tolist()}
    json.dump({"versions": {"sklearn": sklearn.__version__, "statsmodels": statsmodels.__version__, "numpy": np.__version__},
               "cases": cases, "curves": curves}, sys.stdout, indent=None, separators=(",", ":"))
    print()


main()
