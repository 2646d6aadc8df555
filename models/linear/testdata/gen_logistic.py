#!/usr/bin/env python3
"""Writes logistic.json: optima of scikit-learn 1.2.1 (numpy, scipy of Debian 12) on generated rows.

usage: python3 gen_logistic.py > logistic.json
"""
import json
import numpy as np
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, log_loss, roc_auc_score
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

rng = np.random.default_rng(20)


def rows(n, p, k, noise):
    X = rng.normal(size=(n, p))
    X[:, 1] = 0.9 * X[:, 0] + 0.1 * X[:, 1]           # nearly collinear
    X[:, 2] = np.where(X[:, 2] > 0.7, X[:, 2], 0)      # mostly one value
    X[:, 3] = 3 + 0.05 * X[:, 3]                       # far from 0
    B = rng.normal(size=(p, k))
    y = np.argmax((X - X.mean(axis=0)) @ B * 1.5 + noise * rng.gumbel(size=(n, k)), axis=1)
    return np.round(X, 4), y


def polish(X, y, w, C, B, b):
    """Takes scikit-learn's answer to the last digit: three full Newton steps on its objective, dense and slow.

    Its own tolerances end near 1e-6 relative; the steps move the coefficients by less than 1e-5.
    """
    n, p = X.shape
    K = len(B)
    w = np.ones(n) if w is None else w
    Z = np.c_[X, np.ones(n)]
    T = np.c_[B, b]
    pen = np.r_[np.ones(p), 0.0]
    start = T.copy()
    for _ in range(3):
        if K == 1:
            q = 1 / (1 + np.exp(-(Z @ T.T)))
            R, P = q - y[:, None], q
        else:
            s = Z @ T.T
            P = np.exp(s - s.max(axis=1, keepdims=True))
            P /= P.sum(axis=1, keepdims=True)
            R = P - np.eye(K)[y]
        g = pen * T + C * (R * w[:, None]).T @ Z
        H = np.zeros((K, p + 1, K, p + 1))
        for a in range(K):
            for c in range(K):
                v = P[:, a] * ((a == c) - P[:, c])
                H[a, :, c, :] = C * (Z * (w * v)[:, None]).T @ Z + (a == c) * np.diag(pen)
        m = K * (p + 1)
        T = T - np.linalg.lstsq(H.reshape(m, m), g.ravel(), rcond=1e-13)[0].reshape(K, p + 1)
    assert np.abs(T - start).max() < 1e-5 * np.abs(T).max(), np.abs(T - start).max()
    return T[:, :-1], T[:, -1]


def case(name, n, p, k, C, weighted=False, noise=1.0):
    X, y = rows(n, p, k, noise)
    w = rng.integers(0, 4, size=n).astype(float) if weighted else None
    m = LogisticRegression(C=C, solver="newton-cg", tol=1e-13, max_iter=20000,
                           multi_class="auto" if k == 2 else "multinomial").fit(X, y, sample_weight=w)
    p5 = m.predict_proba(X[:5])
    B, b = polish(X, y, w, C, m.coef_, m.intercept_)
    b -= b.mean() if k > 2 else 0  # only their differences matter
    return {"name": name, "C": C, "X": X.tolist(), "y": y.tolist(), "w": None if w is None else w.tolist(),
            "coef": B.tolist(), "intercept": b.tolist(), "p": p5.tolist()}


def folds():
    n = 500
    X, y = rows(n, 5, 2, 1.0)
    X[:, 4] = np.round(np.exp(3 * X[:, 4]), 3)
    level = np.array(["dns", "ftp", "http", "ssh", "telnet"])
    s = level[np.minimum(4, rng.geometric(0.4, size=n) - 1)]
    fold = np.zeros(n, int)
    out = {"X": X.tolist(), "s": s.tolist(), "y": y.tolist(), "accuracy": [], "log_loss": [], "auc": []}
    F = np.empty((n, 6), dtype=object)
    F[:, :5], F[:, 5] = X, s
    enc = make_column_transformer((OneHotEncoder(handle_unknown="ignore", sparse_output=False), [5]), remainder="passthrough")
    for k, (a, b) in enumerate(StratifiedKFold(10, shuffle=True, random_state=0).split(X, y)):
        fold[b] = k
        m = make_pipeline(enc, StandardScaler(), LogisticRegression(solver="newton-cg", tol=1e-13, max_iter=1000)).fit(F[a], y[a])
        p = m.predict_proba(F[b])[:, 1]
        out["accuracy"].append(accuracy_score(y[b], p > 0.5))
        out["log_loss"].append(log_loss(y[b], p))
        out["auc"].append(roc_auc_score(y[b], p))
    out["fold"] = fold.tolist()
    return out


print(json.dumps({"cases": [
    case("binary", 150, 5, 2, 1.0),
    case("binary, weighted, little penalty", 150, 5, 2, 100.0, weighted=True),
    case("binary, separable", 80, 5, 2, 1.0, noise=0.0),
    case("multinomial", 200, 5, 4, 1.0),
    case("multinomial, weighted, much penalty", 200, 5, 3, 0.01, weighted=True),
], "folds": folds()}))
