#!/usr/bin/env python3
"""Writes bayes.json: naive Bayes of scikit-learn 1.2.1 (numpy, scipy of Debian 12) on generated rows.

usage: python3 gen_bayes.py > bayes.json

Whole weights are given to scikit-learn as repeated rows: GaussianNB leaves sample weights out of its smoothing.
"""
import json
import numpy as np
from sklearn.naive_bayes import BernoulliNB, CategoricalNB, GaussianNB
from sklearn.preprocessing import OneHotEncoder, StandardScaler

rng = np.random.default_rng(8)
CUT = 90


def rows(n, k):
    y = rng.choice(k, n, p=np.arange(1, k + 1) / (k * (k + 1) / 2))
    X = rng.normal(size=(n, 5)) + 0.8 * y[:, None] * rng.normal(size=5)
    X[:, 1] = 1000 + 0.01 * X[:, 1]                     # far from 0
    X[:, 2] = np.where(X[:, 2] > 0.5, X[:, 2], 0)        # mostly one value
    X[:, 3] = (X[:, 3] > 0.2) * 1.0                      # a flag
    X[:, 4] = 7 * (y == 0) + 3e3 * (y == 1) * (rng.random(n) < 0.02)   # constant in some class
    S = np.stack([(rng.integers(0, 4, n) + y) % 5, rng.integers(0, 3, n), (rng.random(n) < 0.9 - 0.4 * y) * 1], 1)
    return np.round(X, 4), S, y, rng.integers(1, 4, n)


def case(name, k, weighted, prior=None):
    X, S, y, w = rows(140, k)
    a, b = slice(0, CUT), slice(CUT, None)
    r = np.repeat(np.arange(CUT), w[a] if weighted else 1)
    S[b] = np.where(np.isin(S[b], S[a]), S[b], S[0])
    p = None if prior is None else np.array(prior)
    fixed = {"class_prior": p} if prior else {}
    gauss = GaussianNB(priors=p).fit(X[r], y[r])
    bern = BernoulliNB(binarize=0.3, alpha=0.5, **fixed).fit(X[r], y[r])
    cat = CategoricalNB(alpha=1.5, **fixed).fit(S[r], y[r])
    enc = OneHotEncoder(sparse_output=False).fit(S[r])
    Z = np.c_[X, enc.transform(S)]
    scale = StandardScaler().fit(Z[r])
    hot = GaussianNB(priors=p).fit(scale.transform(Z[r]), y[r])
    hotbern = BernoulliNB(**fixed).fit(scale.transform(Z[r]), y[r])
    num = StandardScaler().fit(X[r])
    g2 = GaussianNB(priors=p).fit(num.transform(X[r]), y[r])
    c2 = CategoricalNB(**fixed).fit(S[r], y[r])
    mixed = (g2._joint_log_likelihood(num.transform(X[b])) + c2._joint_log_likelihood(S[b]) - np.log(g2.class_prior_))
    mixed = np.exp(mixed - mixed.max(1, keepdims=True))
    mixed /= mixed.sum(1, keepdims=True)
    return {
        "Name": name, "Cut": CUT, "X": X.tolist(), "S": S.tolist(), "Y": y.tolist(),
        "W": w[a].tolist() if weighted else None, "Prior": prior,
        "Gaussian": gauss._joint_log_likelihood(X[b]).tolist(), "GaussianP": gauss.predict_proba(X[b]).tolist(),
        "Bernoulli": bern._joint_log_likelihood((X[b] > 0.3) * 1.0).tolist(), "BernoulliP": bern.predict_proba(X[b]).tolist(),
        "Categorical": cat._joint_log_likelihood(S[b]).tolist(), "CategoricalP": cat.predict_proba(S[b]).tolist(),
        "Hot": hot._joint_log_likelihood(scale.transform(Z[b])).tolist(), "HotP": hot.predict_proba(scale.transform(Z[b])).tolist(),
        "HotBernoulliP": hotbern.predict_proba(scale.transform(Z[b])).tolist(),
        "MixedP": mixed.tolist(),
    }


cases = [case("two classes", 2, False), case("four classes", 4, False), case("priors", 3, False, [0.5, 0.2, 0.3]), case("weights", 3, True)]
print(json.dumps({"Cases": cases}))
