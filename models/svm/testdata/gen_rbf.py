#!/usr/bin/env python3
"""Writes rbf.json: optima of scikit-learn 1.2.1 (its libsvm; numpy, scipy of Debian 12) on generated rows.

usage: python3 gen_rbf.py > rbf.json

Every pair of classes is also fitted alone, for its dual objective ½ αᵀQα − Σα (from
the coefficients; of the kernel in float32, which is what libsvm solves). Margins are
those of "ovo", positive for the later class; "ovr" is decision_function with
break_ties, what the answer is the largest of.
"""
import json

import numpy as np
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.svm import SVC

TOL = 1e-8


def objective(m, x, y, C, w):
    beta = np.zeros(len(x))
    beta[m.support_] = m.dual_coef_[0]
    k = rbf_kernel(x, gamma=m._gamma).astype(np.float32).astype(float)
    return float(0.5 * beta @ k @ beta - np.abs(beta).sum())


def case(name, x, y, C, gamma, w=None, fresh=None):
    x = np.round(x, 3)
    fresh = np.round(fresh, 3)
    everything = np.arange(len(x))
    m = SVC(C=C, gamma=gamma, tol=TOL, decision_function_shape="ovo").fit(x, y, w)
    k = len(m.classes_)
    pairs = []
    for a in range(k):
        for b in range(a + 1, k):
            r = everything[(y == a) | (y == b)]
            p = SVC(C=C, gamma=m._gamma, tol=TOL).fit(x[r], y[r], None if w is None else w[r])
            pairs.append({"objective": objective(p, x[r], y[r], C, w), "intercept": float(p.intercept_[0]),
                          "vectors": int(len(p.support_))})
    margins = m.decision_function(fresh)
    margins = margins[:, None] if k == 2 else -margins
    ovr = SVC(C=C, gamma=gamma, tol=TOL, break_ties=k > 2).fit(x, y, w)
    out = {"name": name, "C": C, "gamma": 0 if gamma == "scale" else gamma, "used": float(m._gamma), "x": x.tolist(), "y": y.tolist(),
           "w": None if w is None else w.tolist(), "pairs": pairs, "fresh": fresh.tolist(),
           "margins": margins.tolist(), "ovr": ovr.decision_function(fresh).tolist(), "answers": ovr.predict(fresh).tolist()}
    return out


def main():
    g = np.random.default_rng(8)
    cases = []
    x = np.vstack([g.normal(0, 1, (30, 3)), g.normal(2, 1, (30, 3))])
    y = np.repeat([0, 1], 30)
    cases.append(case("blobs", x, y, 1.0, "scale", fresh=g.normal(1, 1.5, (25, 3))))

    x = g.normal(0, 1, (90, 4)) * [1, 5, 0.5, 2]
    y = ((x[:, 0] + np.sin(x[:, 1]) + g.normal(0, 0.8, 90)) > 0).astype(int)
    w = np.round(g.gamma(1.5, 1.0, 90), 3)
    cases.append(case("overlapping, weighted", x, y, 5.0, 0.15, w, g.normal(0, 1, (25, 4)) * [1, 5, 0.5, 2]))

    centres = np.array([[0, 0, 0], [2, 0, 1], [0, 2, -1], [2, 2, 0]])
    y = np.array([i % 7 % 4 for i in range(120)])
    x = centres[y] + g.normal(0, 0.9, (120, 3))
    cases.append(case("four classes", x, y, 2.0, 0.5, fresh=g.normal(1, 1.5, (40, 3))))

    # Mostly zeros, rows twice, and rows at one place with both labels.
    x = np.where(g.random((80, 10)) < 0.25, g.integers(1, 4, (80, 10)), 0).astype(float)
    x[40:60] = x[:20]
    y = (x.sum(1) + g.normal(0, 2, 80) > 5).astype(int)
    cases.append(case("sparse, repeated", x, y, 10.0, "scale", fresh=x[:25] + (g.random((25, 10)) < 0.1)))

    y = (g.random(150) < 0.4).astype(int)
    x = g.normal(0, 1, (150, 2)) + 0.6 * y[:, None]
    cases.append(case("hard, large C", x, y, 1000.0, 1.0, fresh=g.normal(0, 1, (25, 2))))
    print(json.dumps({"cases": cases}, separators=(",", ":")))


if __name__ == "__main__":
    main()
