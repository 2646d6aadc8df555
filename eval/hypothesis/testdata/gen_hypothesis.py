#!/usr/bin/python3
"""Expected values of package hypothesis. scipy 1.10.1, statsmodels 0.13.5, numpy 1.24.2; the
intervals that neither has are computed here from their papers, in other ways than ours."""
import itertools
import json
import math
import numpy as np
import statsmodels.api as sm
from scipy import optimize, special, stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

rng = np.random.default_rng(11)
Z = stats.norm.ppf(.975)
out = {}


def zero_inflated(n, share, mu, sd):
    return np.where(rng.random(n) < share, 0, rng.lognormal(mu, sd, n).round())


samples = {
    "normal": (rng.normal(0, 1, 40), rng.normal(.5, 2, 25)),
    "tied": (zero_inflated(300, .6, 3, 2), zero_inflated(220, .2, 4, 1)),
    "far apart": (rng.normal(0, 1, 4000), rng.normal(3, 1.5, 3000)),
    "tiny": (np.array([1.5, 2.5, 9]), np.array([3., 4, 5, 6.5])),
    "tiny tied": (np.array([1., 2, 2, 9]), np.array([2., 4, 5, 6, 7])),
    "eight and many": (rng.normal(0, 1, 8), rng.normal(1, 1, 60)),
    "complete": (np.arange(20.), np.arange(30.) + 100),
    "two and two": (np.array([1., 3]), np.array([2., 5])),
}


def delong(x, y):
    m, n = len(x), len(y)
    w = (x[:, None] > y).astype(float) + .5 * (x[:, None] == y)
    a = w.mean()
    v = w.mean(axis=1).var(ddof=1) / m + w.mean(axis=0).var(ddof=1) / n
    if 0 < a < 1 and min(m, n) >= 10:
        l, h = math.log(a / (1 - a)), Z * math.sqrt(v) / (a * (1 - a))
        return a, special.expit(l - h), special.expit(l + h)
    k = (m + n) / 2 - 1
    se = lambda t: math.sqrt(t * (1 - t) * (1 + k * (1 - t) / (2 - t) + k * t / (1 + t)) / (m * n))
    lo = 0 if a == 0 else optimize.brentq(lambda t: t + Z * se(t) - a, 0, min(a, 1 - 1e-9), xtol=1e-14)
    hi = 1 if a == 1 else optimize.brentq(lambda t: t - Z * se(t) - a, max(a, 1e-9), 1, xtol=1e-14)
    return a, lo, hi


out["two"] = []
for name, (x, y) in samples.items():
    t, p = stats.ttest_ind(x, y, equal_var=False)
    cm = CompareMeans(DescrStatsW(x), DescrStatsW(y))
    m, n = len(x), len(y)
    vx, vy = x.var(ddof=1), y.var(ddof=1)
    sp2 = ((m - 1) * vx + (n - 1) * vy) / (m + n - 2)
    d = (x.mean() - y.mean()) / math.sqrt(sp2)
    # Delta method on (mean x, mean y, var x, var y), by numerical gradient.
    g = lambda q: (q[0] - q[1]) / math.sqrt(((m - 1) * q[2] + (n - 1) * q[3]) / (m + n - 2))
    q0 = np.array([x.mean(), y.mean(), vx, vy])
    sig = np.array([vx / m, vy / n, 2 * vx ** 2 / (m - 1), 2 * vy ** 2 / (n - 1)])
    grad = []
    for i in range(4):
        h = 1e-4 * math.sqrt(sig[i])
        e = np.eye(4)[i] * h
        grad.append((8 * (g(q0 + e) - g(q0 - e)) - g(q0 + 2 * e) + g(q0 - 2 * e)) / (12 * h))
    vd = float(np.sum(np.array(grad) ** 2 * sig))
    df = m + n - 2
    j = math.exp(special.gammaln(df / 2) - special.gammaln((df - 1) / 2)) / math.sqrt(df / 2)
    ci = cm.tconfint_diff(usevar="unequal")
    out["two"].append({
        "name": name, "x": x.tolist(), "y": y.tolist(),
        "t": t, "t_p": p, "df": cm.dof_satt(), "d": d, "g": j * d, "g_low": j * (d - Z * math.sqrt(vd)), "g_high": j * (d + Z * math.sqrt(vd)),
        "diff_low": ci[0], "diff_high": ci[1],
        "u": stats.mannwhitneyu(x, y).statistic,
        "u_p": [stats.mannwhitneyu(x, y, alternative=a).pvalue for a in ("two-sided", "greater", "less")],
        "u_p_plain": stats.mannwhitneyu(x, y, use_continuity=False, method="asymptotic").pvalue,
        "a12": delong(x, y),
    })


def ncf_cdf(f, d1, d2, lam):
    m = lam / 2
    j = np.arange(max(0, int(m - 12 * math.sqrt(m) - 60)), int(m + 12 * math.sqrt(m) + 60))
    return float(np.sum(stats.poisson.pmf(j, m) * special.betainc(d1 / 2 + j, d2 / 2, d1 * f / (d1 * f + d2))))


def ncx2_cdf(x, df, lam):
    m = lam / 2
    j = np.arange(max(0, int(m - 12 * math.sqrt(m) - 60)), int(m + 12 * math.sqrt(m) + 60))
    return float(np.sum(stats.poisson.pmf(j, m) * special.gammainc(df / 2 + j, x / 2)))


def limits(cdf, guess):
    end = lambda p: 0.0 if cdf(0) <= p else optimize.brentq(lambda l: cdf(l) - p, 0, 3 * guess + 100, xtol=1e-10)
    return end(.975), end(.025)


out["anova"] = []
for groups in ([rng.normal(i * .3, 1, 20 + 7 * i) for i in range(4)], [rng.normal(0, 1 + i, 12) for i in range(3)],
               [rng.normal(4 * i, 1, 200) for i in range(3)], [np.array([1., 2]), np.array([2., 4]), np.array([7.])]):
    f, p = stats.f_oneway(*groups)
    allv = np.concatenate(groups)
    n, k = len(allv), len(groups)
    sst = ((allv - allv.mean()) ** 2).sum()
    ssw = sum(((g - g.mean()) ** 2).sum() for g in groups)
    lo, hi = limits(lambda l: ncf_cdf(f, k - 1, n - k, l), f * (k - 1))
    msw = ssw / (n - k)
    out["anova"].append({"groups": [g.tolist() for g in groups], "f": f, "p": p, "eta2": 1 - ssw / sst, "low": lo / (lo + n), "high": hi / (hi + n),
                         "omega2": max(0, (sst - ssw - (k - 1) * msw) / (sst + msw))})

out["tables"] = []
for t in ([[10, 20], [30, 40]], [[5, 1], [2, 9]], [[120, 30, 4], [60, 61, 18], [9, 70, 111]], [[3, 900], [800, 20], [400, 410], [2, 1]]):
    t = np.array(t)
    x2, p, df, e = stats.chi2_contingency(t, correction=False)
    n, m = t.sum(), min(t.shape) - 1
    lo, hi = limits(lambda l: ncx2_cdf(x2, df, l), x2)
    tab = sm.stats.Table(t, shift_zeros=False)
    r, c = t.shape
    phi = max(0, x2 / n - df / (n - 1))
    vb = math.sqrt(phi / (min(r - (r - 1) ** 2 / (n - 1), c - (c - 1) ** 2 / (n - 1)) - 1))
    out["tables"].append({"t": t.tolist(), "x2": x2, "df": df, "p": p, "v": math.sqrt(x2 / n / m), "low": math.sqrt(lo / n / m), "high": min(1, math.sqrt(hi / n / m)),
                          "bergsma": vb, "association_v": stats.contingency.association(t), "residuals": np.asarray(tab.standardized_resids).tolist()})

ps = [0.01, 0.04, 0.03, 0.005, 0.9, 0.03, 1e-20, 0.5]
out["p"] = ps
out["holm"] = multipletests(ps, method="holm")[1].tolist()
out["bh"] = multipletests(ps, method="fdr_bh")[1].tolist()

# Logistic regression with a number and a category.
n = 400
v = rng.normal(0, 1, n)
c = rng.choice(["SF", "S0", "REJ", "SH"], n, p=[.5, .25, .2, .05])
eta = -.3 + .7 * v + np.select([c == "S0", c == "REJ"], [1.5, -.8], 0)
y = rng.random(n) < special.expit(eta)
ysep = y | (c == "SH")


def design(levels):
    return np.column_stack([np.ones(n), v] + [(c == l).astype(float) for l in levels])


X = design(["REJ", "S0", "SH"])
fit = sm.GLM(y.astype(float), X, family=sm.families.Binomial()).fit(tol=1e-14)
null = sm.GLM(y.astype(float), X[:, :1], family=sm.families.Binomial()).fit(tol=1e-14)
out["logit"] = {"v": v.tolist(), "c": c.tolist(), "y": y.tolist(), "coef": fit.params.tolist(), "se": fit.bse.tolist(), "p": fit.pvalues.tolist(),
                "ci": fit.conf_int().tolist(), "llf": fit.llf, "llnull": null.llf, "lr_p": stats.chi2.sf(2 * (fit.llf - null.llf), 4)}


def penalised(b, X, y):
    eta = X @ b
    p = special.expit(eta)
    return np.sum(y * eta - np.logaddexp(0, eta)) + .5 * np.linalg.slogdet((X * (p * (1 - p))[:, None]).T @ X)[1]


def firth(X, y, held=()):
    """Newton on Firth's score, all in plain numpy; held coefficients are 0 (or given as a dict)."""
    held = held if isinstance(held, dict) else {j: 0.0 for j in held}
    k = X.shape[1]
    free = [j for j in range(k) if j not in held]
    b = np.zeros(k)
    for j, value in held.items():
        b[j] = value
    for _ in range(500):
        p = special.expit(X @ b)
        W = p * (1 - p)
        inv = np.linalg.inv((X * W[:, None]).T @ X)
        h = W * np.einsum("ij,jk,ik->i", X, inv, X)
        u = X.T @ (y - p + h * (.5 - p))
        info = ((X * W[:, None]).T @ X)[np.ix_(free, free)]
        step = np.linalg.solve(info, u[free])
        step *= min(1, 1 / np.abs(step).max())
        b[free] += step
        if np.abs(step).max() < 1e-13:
            break
    return b, penalised(b, X, y), inv


ys = ysep.astype(float)
b, top, inv = firth(X, ys)
prof, plr = [], []
for j in range(X.shape[1]):
    cut = top - stats.chi2.ppf(.95, 1) / 2
    g = lambda value: firth(X, ys, {j: value})[1] - cut
    se = math.sqrt(inv[j, j])
    ends = []
    for side in (-1, 1):
        far = b[j] + side * se
        while g(far) > 0:
            far += side * se
        ends.append(optimize.brentq(g, b[j], far, xtol=1e-12))
    prof.append(ends)
    plr.append(stats.chi2.sf(2 * (top - firth(X, ys, [j])[1]), 1))
whole = 2 * (top - firth(X, ys, [1, 2, 3, 4])[1])
out["firth"] = {"y": ysep.tolist(), "coef": b.tolist(), "se": np.sqrt(np.diag(inv)).tolist(), "ci": prof, "p": plr, "llf": top, "lr": whole}

# Deciles: numpy's quantiles, equal values kept together.
x = zero_inflated(500, .35, 3, 1.5)
hit = rng.random(500) < np.where(x > 30, .7, .3)
edges = np.unique(np.quantile(x, np.arange(1, 11) / 10))
b = np.searchsorted(edges, x)
t = np.array([[np.sum((b == i) & ~hit), np.sum((b == i) & hit)] for i in np.unique(b)])
x2, p, df, _ = stats.chi2_contingency(t, correction=False)
out["deciles"] = {"x": x.tolist(), "y": hit.tolist(), "x2": x2, "df": df, "p": p, "counts": t.tolist()}
json.dump(out, open(__file__.replace("gen_hypothesis.py", "hypothesis.json"), "w"), default=lambda o: o.item())
