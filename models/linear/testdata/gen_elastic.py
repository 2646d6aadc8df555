#!/usr/bin/env python3
"""Writes elastic.json: optima of scikit-learn 1.2.1 (numpy, scipy of Debian 12) with L1 and elastic net penalties.

usage: python3 gen_elastic.py > elastic.json

saga finds which coefficients are 0 and their signs; Newton steps on the others, dense and slow, take them to the
last digit, and the conditions of the optimum are checked.
"""
import json
import numpy as np
from sklearn.linear_model import LogisticRegression

rng = np.random.default_rng(23)


def rows(n, p, k, noise):
    X = rng.normal(size=(n, p))
    X[:, 1] = 0.9 * X[:, 0] + 0.1 * X[:, 1]           # nearly collinear
    X[:, 2] = np.where(X[:, 2] > 0.7, X[:, 2], 0)      # mostly one value
    X[:, 3] = 1 + 0.3 * X[:, 3]                        # far from 0
    B = rng.normal(size=(p, k)) * (rng.random(size=(p, 1)) < 0.6)
    y = np.argmax((X - X.mean(axis=0)) @ B * 1.5 + noise * rng.gumbel(size=(n, k)), axis=1)
    return np.round(X, 4), y


def polish(X, y, w, C, ratio, B, b):
    n, p = X.shape
    K = len(B)
    w = np.ones(n) if w is None else w
    Z = np.c_[X, np.ones(n)]
    T = np.c_[B, b]
    sign = np.c_[np.sign(B), np.zeros(K)]
    free = (sign != 0)
    free[:, p] = True
    ridge = np.r_[np.full(p, 1 - ratio), 0.0]
    start = T.copy()
    for turn in range(6):
        s = Z @ T.T
        if K == 1:
            P = 1 / (1 + np.exp(-s))
            R = P - y[:, None]
        else:
            P = np.exp(s - s.max(axis=1, keepdims=True))
            P /= P.sum(axis=1, keepdims=True)
            R = P - np.eye(K)[y]
        g = ridge * T + C * (R * w[:, None]).T @ Z
        if turn == 5:
            break
        H = np.zeros((K, p + 1, K, p + 1))
        for a in range(K):
            for c in range(K):
                v = P[:, a] * ((a == c) - P[:, c])
                H[a, :, c, :] = C * (Z * (w * v)[:, None]).T @ Z + (a == c) * np.diag(ridge)
        m = K * (p + 1)
        f = free.ravel()
        step = np.linalg.lstsq(H.reshape(m, m)[np.ix_(f, f)], (g + ratio * sign).ravel()[f], rcond=1e-13)[0]
        t = T.ravel().copy()
        t[f] -= step
        T = t.reshape(K, p + 1)
    assert np.abs(T - start)[:, :p].max() <= 1e-4 * np.abs(T).max(), np.abs(T - start)  # saga forgets a lone intercept
    assert (np.sign(T[:, :p]) == sign[:, :p]).all()
    assert np.abs((g + ratio * sign)[free]).max() < 1e-9 * C * n
    assert (np.abs(g[~free]) < ratio * (1 - 1e-6)).all()
    return T[:, :-1], T[:, -1]


def case(name, n, p, k, C, ratio, weighted=False, noise=1.0):
    X, y = rows(n, p, k, noise)
    w = rng.integers(0, 4, size=n).astype(float) if weighted else None
    m = LogisticRegression(penalty="elasticnet", l1_ratio=ratio, C=C, solver="saga", tol=1e-9, max_iter=200000, random_state=0,
                           multi_class="auto" if k == 2 else "multinomial").fit(X, y, sample_weight=w)
    B, b = polish(X, y, w, C, ratio, m.coef_, m.intercept_)
    m.coef_, m.intercept_ = B, b
    p5 = m.predict_proba(X[:5])
    b -= b.mean() if k > 2 else 0
    return {"name": name, "C": C, "L1Ratio": ratio, "X": X.tolist(), "y": y.tolist(), "w": None if w is None else w.tolist(),
            "coef": B.tolist(), "intercept": b.tolist(), "p": p5.tolist()}


print(json.dumps({"cases": [
    case("lasso", 150, 8, 2, 0.3, 1.0),
    case("elastic net", 150, 8, 2, 0.1, 0.5),
    case("lasso, weighted, little penalty", 120, 8, 2, 5.0, 1.0, weighted=True),
    case("elastic net, mostly ridge", 120, 8, 2, 1.0, 0.1),
    case("lasso, three classes", 180, 7, 3, 0.3, 1.0),
    case("elastic net, four classes, weighted", 180, 7, 4, 0.2, 0.6, weighted=True),
    case("lasso, nothing left", 60, 5, 2, 0.01, 1.0),
]}))
