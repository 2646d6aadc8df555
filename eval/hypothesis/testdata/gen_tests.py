#!/usr/bin/python3
"""Expected values of further tests of package hypothesis. scipy 1.10.1, statsmodels 0.13.5, numpy 1.24.2; intervals that
neither has are computed here from their papers, in other ways than ours."""
import itertools
import json
import math
import numpy as np
from scipy import optimize, special, stats
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.oneway import anova_oneway
from statsmodels.stats.proportion import proportion_confint

rng = np.random.default_rng(23)
Z = stats.norm.ppf(.975)
out = {}
J = lambda df: math.exp(special.gammaln(df / 2) - special.gammaln((df - 1) / 2)) / math.sqrt(df / 2)

# t.ppf(.975, 39) of scipy 1.10.1 is wrong in the ninth digit (its tail is .0250000004); the tail itself is right.
t_quantile = lambda df: optimize.brentq(lambda q: stats.t.sf(q, df) - .025, 1, 20, xtol=1e-14)

out["student"] = []
for x, y in ((rng.normal(0, 1, 12), rng.normal(.7, 1, 15)), (rng.normal(5, 1, 60), rng.normal(5, 3, 20)), (np.array([1., 2]), np.array([4., 7, 9]))):
    t, p = stats.ttest_ind(x, y)
    m, n = len(x), len(y)
    d = t * math.sqrt(1 / m + 1 / n)
    h = Z * math.sqrt(1 / m + 1 / n + d * d / (2 * (m + n - 2)))
    out["student"].append({"x": x.tolist(), "y": y.tolist(), "t": t, "p": p, "g": [J(m + n - 2) * v for v in (d, d - h, d + h)]})

out["paired"] = []
for n, shift in ((10, .5), (40, 0), (200, .2), (6, 2), (55, 1)):
    x = rng.normal(0, 1, n)
    y = x + rng.normal(shift, .8, n)
    if n in (200, 55):
        x, y = x.round(1), y.round(1)
    t, p = stats.ttest_rel(x, y)
    d = x - y
    dz = d.mean() / d.std(ddof=1)
    h = Z * math.sqrt(1 / n + dz * dz / (2 * (n - 1)))
    e = d[d != 0]
    k = len(e)
    w = (e[:, None] + e[None] > 0) + .5 * (e[:, None] + e[None] == 0)
    r = stats.rankdata(np.abs(e))
    v = r[e > 0].sum()
    # with ties and zeros scipy's own approximation is asked for
    wp = stats.wilcoxon(x, y, mode="exact" if n <= 50 else "approx").pvalue
    rb = 2 * v / (k * (k + 1) / 2) - 1
    share = (w.sum(axis=1) - np.diag(w)) / (k - 1)
    se = 2 * math.sqrt(4 * share.var(ddof=1) / k)
    ci = np.tanh(np.arctanh(rb) + np.array([-1, 1]) * t_quantile(k - 1) * se / (1 - rb * rb)) if abs(rb) < 1 else [None, None]
    out["paired"].append({"x": x.tolist(), "y": y.tolist(), "t": t, "p": p, "g": [J(n - 1) * q for q in (dz, dz - h, dz + h)],
                          "v": v, "wp": wp, "rb": [rb, ci[0], ci[1]]})

out["groups"] = []
ncx2 = lambda x, df, lam: stats.ncx2.cdf(x, df, lam) if lam > 0 else stats.chi2.cdf(x, df)


def ncf(f, a, b, lam):  # scipy's own ncfdtr is good to five digits only
    m = lam / 2
    j = np.arange(max(0, int(m - 12 * math.sqrt(m) - 60)), int(m + 12 * math.sqrt(m) + 60))
    return float(np.sum(stats.poisson.pmf(j, m) * special.betainc(a / 2 + j, b / 2, a * f / (a * f + b))))


def limits(cdf, guess):
    end = lambda p: 0.0 if cdf(1e-12) <= p else optimize.brentq(lambda l: cdf(l) - p, 1e-12, 4 * guess + 100, xtol=1e-11)
    return end(.975), end(.025)


for gs in ([rng.normal(i * .4, 1 + i, 15 + 9 * i) for i in range(4)], [rng.poisson(2 + i, 30).astype(float) for i in range(3)], [rng.normal(0, 1, 9) for i in range(2)]):
    h, p = stats.kruskal(*gs)
    k, n = len(gs), sum(map(len, gs))
    lo, hi = limits(lambda l: ncx2(h, k - 1, l), h)
    w = anova_oneway(gs, use_var="unequal", welch_correction=True)
    d1, d2 = w.df
    wl, wh = limits(lambda l: ncf(w.statistic, d1, d2, l), w.statistic * d1)
    gain = d1 * (w.statistic - 1)
    lev, bf = stats.levene(*gs, center="mean"), stats.levene(*gs, center="median")
    out["groups"].append({"g": [g.tolist() for g in gs], "h": h, "hp": p, "eps": [h / (n - 1), lo / (n - 1), hi / (n - 1)],
                          "w": [w.statistic, d1, d2, w.pvalue], "omega": [max(0, gain / (gain + n)), wl / (wl + n), wh / (wh + n)],
                          "levene": [lev.statistic, lev.pvalue], "bf": [bf.statistic, bf.pvalue]})

out["tables"] = []
for t in ([[10, 20], [30, 40]], [[5, 1], [2, 9]], [[3, 0], [2, 8]], [[0, 7], [9, 1]], [[120, 30, 4], [60, 61, 18]], [[1200, 9000], [80, 2000]], [[3, 0], [0, 4]]):
    a = np.array(t)
    g, p, df, _ = stats.chi2_contingency(a, correction=False, lambda_="log-likelihood")
    row = {"t": t, "g": g, "gp": p, "df": df}
    if a.shape == (2, 2):
        o = stats.contingency.odds_ratio(a, kind="conditional")
        ci = o.confidence_interval()
        row.update(fp=stats.fisher_exact(a)[1], odds=[str(o.statistic), str(ci.low), str(ci.high)])
    out["tables"].append(row)

out["mcnemar"] = []
for a, b, c, d in ((40, 12, 5, 20), (100, 3, 3, 7), (5, 0, 8, 1), (9000, 300, 220, 1000), (10, 0, 0, 2), (50, 1, 0, 4)):
    r = mcnemar([[a, b], [c, d]], exact=True)
    lo, hi = proportion_confint(b, b + c, method="beta") if b + c else (math.nan, math.nan)
    n = a + b + c + d
    m, s = (b - c) / (n + 2), Z * math.sqrt((b + c + 2) - (b - c) ** 2 / (n + 2)) / (n + 2)
    mid = 2 * stats.binom.cdf(min(b, c), b + c, .5) - stats.binom.pmf(b, b + c, .5) if b + c else 1
    ratio = lambda p: "inf" if p == 1 else str(p / (1 - p))
    out["mcnemar"].append({"cells": [a, b, c, d], "p": r.pvalue, "odds": [ratio(lo), ratio(hi)], "diff": [(b - c) / n, m - s, m + s], "mid": mid})

out["normal"] = []
for x in (rng.normal(3, 2, 50), rng.lognormal(0, 1, 80), rng.uniform(0, 1, 1000), rng.normal(0, 1, 9), rng.standard_t(3, 300)):
    k, p = stats.normaltest(x)
    out["normal"].append({"x": x.tolist(), "k2": k, "p": p, "skew": stats.skew(x), "kurt": stats.kurtosis(x), "zs": stats.skewtest(x)[0],
                          "zk": stats.kurtosistest(x)[0] if len(x) >= 5 else None})

out["correlation"] = []
for n, rho, digits in ((6, .5, 9), (20, .3, 9), (33, -.8, 9), (34, .2, 9), (60, .5, 0), (400, .1, 1), (12, .9, 1)):
    x = rng.normal(0, 1, n)
    y = (rho * x + math.sqrt(1 - rho * rho) * rng.normal(0, 1, n)).round(digits)
    x = x.round(digits)
    r, s, k = stats.pearsonr(x, y), stats.spearmanr(x, y), stats.kendalltau(x, y)
    ci = r.confidence_interval()
    fz = lambda c, se: np.tanh(np.arctanh(c) + np.array([-1, 1]) * Z * se).tolist()
    out["correlation"].append({"x": x.tolist(), "y": y.tolist(), "pearson": [r.statistic, r.pvalue, ci.low, ci.high],
                               "spearman": [s.correlation, s.pvalue] + fz(s.correlation, math.sqrt((1 + s.correlation ** 2 / 2) / (n - 3))),
                               "kendall": [k.correlation, k.pvalue] + fz(k.correlation, math.sqrt(.437 / (n - 4)))})

out["ks"] = []
for x, y in ((rng.normal(0, 1, 12), rng.normal(.7, 1, 15)), (rng.normal(0, 1, 200), rng.normal(0, 3, 150)), (rng.poisson(3, 40).astype(float), rng.poisson(4, 40).astype(float)),
             (np.arange(5.), np.arange(6.) + 10), (rng.normal(0, 1, 300), rng.normal(1, 1, 300))):
    k = stats.ks_2samp(x, y, mode="exact")
    out["ks"].append({"x": x.tolist(), "y": y.tolist(), "d": k.statistic, "p": k.pvalue, "limit": special.kolmogorov(k.statistic * math.sqrt(len(x) * len(y) / (len(x) + len(y))))})
out["ks1"] = []
for n, shift in ((5, 0), (10, .6), (80, .1), (80, .8), (140, .02), (3, 2)):  # beyond 140 scipy's own is good to 1e-7 only
    x = rng.normal(shift, 1, n)
    k = stats.kstest(x, "norm", mode="exact")
    out["ks1"].append({"x": x.tolist(), "d": k.statistic, "p": k.pvalue})

out["deals"] = []
mean = lambda a, b, axis: np.mean(a, axis=axis) - np.mean(b, axis=axis)
for x, y in ((rng.normal(0, 1, 5), rng.normal(1, 1, 6)), (np.array([1., 2, 2, 3]), np.array([2., 5, 7]))):
    out["deals"].append({"x": x.tolist(), "y": y.tolist(), "p": [stats.permutation_test((x, y), mean, vectorized=True, n_resamples=np.inf, alternative=a).pvalue
                                                                   for a in ("greater", "less")],
                         "two": float(np.mean([abs(np.mean(c) - np.mean(np.delete(np.concatenate([x, y]), i))) >= abs(x.mean() - y.mean()) - 1e-12
                                for i, c in ((i, np.concatenate([x, y])[list(i)]) for i in itertools.combinations(range(len(x) + len(y)), len(x)))]))})

# BCa of given draws: scipy's own formulas on them.
out["bca"] = []
for x in (rng.lognormal(0, 1, 30), rng.normal(0, 1, 12)):
    draws = np.sort([rng.choice(x, len(x)).mean() for _ in range(500)])
    value, without = x.mean(), np.array([np.delete(x, i).mean() for i in range(len(x))])
    z0 = special.ndtri(stats.percentileofscore(draws, value, kind="mean") / 100)
    d = without.mean() - without
    a = (d ** 3).sum() / (6 * (d ** 2).sum() ** 1.5)
    ends = [special.ndtr(z0 + (z0 + q) / (1 - a * (z0 + q))) for q in (-Z, Z)]
    out["bca"].append({"value": value, "draws": draws.tolist(), "without": without.tolist(), "ends": np.quantile(draws, ends).tolist()})



def t_power(d, m, n):
    q = stats.t.ppf(.975, m + n - 2)
    return float(stats.nct.sf(q, m + n - 2, d * math.sqrt(m * n / (m + n))) + stats.nct.cdf(-q, m + n - 2, d * math.sqrt(m * n / (m + n))))


out["power"] = [{"d": d, "m": m, "n": n, "power": t_power(d, m, n), "detect": optimize.brentq(lambda v: t_power(v, m, n) - .8, .001, 9, xtol=1e-12)}
                for d, m, n in ((.5, 20, 20), (.2, 100, 300), (1, 5, 8), (.8, 11, 1564))]
json.dump(out, open(__file__.replace("gen_tests.py", "tests.json"), "w"), default=lambda o: o.item(), separators=(",", ":"))
