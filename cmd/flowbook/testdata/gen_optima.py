#!/usr/bin/env python3
"""The optima of the two convex learners on whole tables of gen_peers.py, to the last digits.

usage: gen_optima.py [--data DIR] TABLE... > peers/optima.json       (scikit-learn 1.2.1, numpy 1.24.2)

Missing numbers are medians, categories one-hot, all columns standardised, C is 1. LogisticRegression and
LinearSVC(dual=False) find the optimum as far as their tolerances go; Newton steps on their objectives, dense and slow,
take it further, until a step moves no coefficient by more than 1e-11 of the largest. "moved" is how far that was from
scikit-learn's own answer, relative to the largest coefficient. The intercepts of several classes sum to 0.
"""
import argparse, json, os, sys
import numpy as np, sklearn
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
import gen_peers


def design(X):
    """one-hot and standardised columns by name"""
    names, columns = [], []
    for c in X:
        if X[c].dtype == object:
            for level in sorted(set(X[c]) - {""}):
                names.append(f"{c}={level}")
                columns.append((X[c] == level).to_numpy(float))
        else:
            names.append(c)
            columns.append(X[c].astype(float).fillna(X[c].median()).to_numpy())
    return names, StandardScaler().fit_transform(np.column_stack(columns))


def newton(T, step, objective):
    for _ in range(100):
        d = step(T)
        size, now = 1.0, objective(T)
        while size > 1e-6 and objective(T - size * d) > now + 1e-12 * abs(now):
            size /= 2
        T = T - size * d
        if np.abs(d).max() <= 1e-11 * np.abs(T).max():
            return T
    raise SystemExit("no optimum reached")


def logistic(Z, y, k):
    m = LogisticRegression(solver="newton-cg", tol=1e-8, max_iter=10000).fit(Z[:, :-1], y)
    start = np.c_[m.coef_, m.intercept_]
    K, q = start.shape
    penalty = np.r_[np.ones(q - 1), 0.0]
    free = np.r_[np.zeros(q - 1), 1.0]

    def parts(T):
        s = Z @ T.T
        if K == 1:
            s = np.c_[np.zeros(len(s)), s]
        top = s.max(axis=1, keepdims=True)
        e = np.exp(s - top)
        P = e / e.sum(axis=1, keepdims=True)
        loss = (top[:, 0] + np.log(e.sum(axis=1)) - s[np.arange(len(y)), y]).sum()
        return P, loss + 0.5 * (penalty * T * T).sum()

    def step(T):
        P, _ = parts(T)
        R = P - np.eye(P.shape[1])[y]
        if K == 1:
            P, R = P[:, 1:], R[:, 1:]
        g = penalty * T + R.T @ Z
        H = np.zeros((K, q, K, q))
        for a in range(K):
            for c in range(a, K):
                v = P[:, a] * ((a == c) - P[:, c])
                H[a, :, c, :] = (Z * v[:, None]).T @ Z + (a == c) * np.diag(penalty)
                H[c, :, a, :] = H[a, :, c, :].T
                if K > 1:  # nothing else holds the sum of the intercepts
                    H[a, :, c, :] += np.diag(free)
                    if a != c:
                        H[c, :, a, :] += np.diag(free)
        return np.linalg.solve(H.reshape(K * q, K * q), g.ravel()).reshape(K, q)

    if K > 1:
        start[:, -1] -= start[:, -1].mean()
    return start, newton(start.copy(), step, lambda T: parts(T)[1])


def svm(Z, y, k):
    m = LinearSVC(dual=False, tol=1e-6, max_iter=100000).fit(Z[:, :-1], y)
    start, best = np.c_[m.coef_, m.intercept_], []
    for c, w in enumerate(start):
        t = np.where(y == (1 if k == 2 else c), 1.0, -1.0)

        def step(v):
            A = t * (Z @ v) < 1
            return np.linalg.solve(np.eye(len(v)) + 2 * Z[A].T @ Z[A], v - 2 * Z[A].T @ (t[A] - Z[A] @ v))

        best.append(newton(w.copy(), step, lambda v: 0.5 * v @ v + (np.maximum(0, 1 - t * (Z @ v)) ** 2).sum()))
    return start, np.array(best)


def main():
    assert sklearn.__version__ == "1.2.1", sklearn.__version__
    ap = argparse.ArgumentParser()
    ap.add_argument("tables", nargs="+")
    ap.add_argument("--data", default=os.environ.get("FLOWBOOK_DATA", ""))
    a = ap.parse_args()
    out = {}
    for table in a.tables:
        make = getattr(gen_peers, table)
        X, labels = make(a.data) if table in ("nslkdd", "fifth", "cic") else make()
        y = gen_peers.codes(labels).astype(int) - 1
        names, Z = design(X)
        Z = np.c_[Z, np.ones(len(Z))]
        out[table] = {"columns": names}
        for name, solve in (("lr", logistic), ("linsvm", svm)):
            start, T = solve(Z, y, len(set(labels)))
            moved = np.abs(T - start).max() / np.abs(T).max()
            print(table, name, f"moved {moved:.1e}", file=sys.stderr, flush=True)
            out[table][name] = {"moved": float(moved), "values": T[:, :-1].tolist(), "intercept": T[:, -1].tolist()}
    print(json.dumps(out).replace("], [", "],\n["))


main()
