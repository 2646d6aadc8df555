#!/usr/bin/env python3
"""Writes svm.json: optima of scikit-learn 1.2.1 (numpy, scipy of Debian 12) on generated rows.

usage: python3 gen_svm.py > svm.json

LinearSVC penalises its intercept; SVC(kernel="linear") has the hinge with a free one, and LinearSVC with a
large intercept_scaling comes near the squared hinge with a free one. Each answer is taken to the last digit by
solving the equations that hold for its rows beyond, on and within the margin, and those rows are checked.
"""
import json
import numpy as np
from sklearn.svm import LinearSVC, SVC

rng = np.random.default_rng(21)


def rows(n, p, k, noise):
    X = rng.normal(size=(n, p))
    X[:, 1] = 0.9 * X[:, 0] + 0.1 * X[:, 1]           # nearly collinear
    X[:, 2] = np.where(X[:, 2] > 0.7, X[:, 2], 0)      # mostly one value
    X[:, 3] = 3 + 0.5 * X[:, 3]                        # far from 0
    B = rng.normal(size=(p, k))
    y = np.argmax((X - X.mean(axis=0)) @ B * 1.5 + noise * rng.gumbel(size=(n, k)), axis=1)
    return np.round(X, 4), y


def polish(X, t, s, hinge, r, w, b):
    """t is 1 or -1, s weight times C, r the weight of b²/2 (0: free)."""
    n, p = X.shape
    Z = np.c_[X, np.ones(n)]
    P = np.diag(np.r_[np.ones(p), r])
    m = 1 - t * (X @ w + b)
    if not hinge:
        A = m > 0
        H = P + 2 * (Z[A] * s[A][:, None]).T @ Z[A]
        v = np.linalg.solve(H, 2 * Z[A].T @ (s * t)[A])
        m = 1 - t * (Z @ v)
        assert ((m > 0) == A).all()
    else:
        on, inside = np.abs(m) < 1e-5, m >= 1e-5
        # P v - Zₒᵀ t a = Zᵢᵀ t s;  t Zₒ v = 1
        K = np.block([[P, -(Z[on] * t[on][:, None]).T], [Z[on] * t[on][:, None], np.zeros((on.sum(), on.sum()))]])
        q = np.r_[Z[inside].T @ (s * t)[inside], np.ones(on.sum())]
        u = np.linalg.lstsq(K, q, rcond=1e-14)[0]
        v, a = u[:p + 1], u[p + 1:]
        m = 1 - t * (Z @ v)
        assert np.abs(K @ u - q).max() < 1e-9
        assert (a > 1e-9).all() and (a < s[on] - 1e-9).all(), (a, s[on])
        assert ((m > 1e-7) == inside).all() and np.abs(m[on]).max() < 1e-9
    assert np.abs(v - np.r_[w, b]).max() < 1e-4 * np.abs(v).max(), (v, w, b)
    return v[:p], v[p]


def case(name, n, k, C, loss, scale, weighted=False, noise=1.0):
    X, y = rows(n, 5, k, noise)
    w = rng.integers(0, 4, size=n).astype(float) if weighted else None
    s = C * (np.ones(n) if w is None else w)
    kept = s > 0  # SVC refuses weights of 0
    coef, intercept = [], []
    for c in range(1 if k == 2 else k):
        t = np.where(y == (1 if k == 2 else c), 1.0, -1.0)
        if loss == "hinge" and scale == 0:
            m = SVC(kernel="linear", C=1, tol=1e-9).fit(X[kept], t[kept], sample_weight=s[kept])
        else:
            m = LinearSVC(C=C, loss=loss.replace(" ", "_"), dual=loss == "hinge", tol=1e-10, max_iter=2000000,
                          intercept_scaling=scale or 3000.0, random_state=0).fit(X, t, sample_weight=w)
        B, b = polish(X, t, s, loss == "hinge", 1 / scale**2 if scale else 0.0, m.coef_[0], m.intercept_[0])
        coef.append(B.tolist())
        intercept.append(float(b))
    return {"name": name, "C": C, "loss": loss, "scale": scale, "X": X.tolist(), "y": y.tolist(),
            "w": None if w is None else w.tolist(), "coef": coef, "intercept": intercept}


print(json.dumps([
    case("squared hinge as LinearSVC", 150, 2, 1.0, "squared hinge", 1.0),
    case("squared hinge, intercept scaled", 150, 2, 0.1, "squared hinge", 10.0, weighted=True),
    case("squared hinge, free intercept", 150, 2, 1.0, "squared hinge", 0.0),
    case("squared hinge, separable", 80, 2, 100.0, "squared hinge", 0.0, noise=0.0),
    case("squared hinge, four classes", 200, 4, 1.0, "squared hinge", 1.0, weighted=True),
    case("hinge as LinearSVC", 150, 2, 1.0, "hinge", 1.0),
    case("hinge, free intercept", 150, 2, 1.0, "hinge", 0.0, weighted=True),
    case("hinge, free intercept, more penalty", 150, 2, 0.05, "hinge", 0.0),
    case("hinge, separable", 80, 2, 1.0, "hinge", 0.0, noise=0.0),
    case("hinge, three classes", 120, 3, 0.5, "hinge", 0.0, noise=0.2),
]))
