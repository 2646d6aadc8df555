#!/usr/bin/python3
"""Expected values of package num. scipy 1.10.1, numpy 1.24.2, mpmath 1.2.1; 60 digits for the tails."""
import json
import mpmath as mp
import numpy as np
from scipy import stats, special
from statsmodels.stats.proportion import proportion_confint  # statsmodels 0.13

mp.mp.dps = 60
rng = np.random.default_rng(20)


def log10(v):
    return float(mp.log10(v))


def normal(z):
    return mp.erfc(mp.mpf(z) / mp.sqrt(2)) / 2


def betainc(a, b, x):
    """Upper hypergeometric series of I_x(a,b): all terms positive, any parameter."""
    a, b, x = mp.mpf(a), mp.mpf(b), mp.mpf(x)
    if x > (a + 1) / (a + b + 2):
        return 1 - betainc(b, a, 1 - x)
    if 1 - x < 1e-3:  # the series crawls; integrate the density instead, u = 1/(1+v)
        w = 1 / (a + b)
        v0 = 1 / x - 1
        steps = [v0] + [v0 + w * mp.mpf(3) ** i for i in range(-3, 7)]
        c = mp.loggamma(a + b) - mp.loggamma(a) - mp.loggamma(b)
        top = c - (a + b) * mp.log1p(v0) + (b - 1) * mp.log(v0)
        g = lambda v: mp.exp(c - (a + b) * mp.log1p(v) + (b - 1) * mp.log(v) - top)
        with mp.workdps(30):
            return mp.quad(g, steps) * mp.exp(top)
    s = t = mp.mpf(1)
    k = 0
    while t > s * mp.mpf(10) ** -25:
        t *= x * (a + b + k) / (a + 1 + k)
        s += t
        k += 1
    logpre = a * mp.log(x) + b * mp.log(1 - x) - mp.log(a) - (mp.loggamma(a) + mp.loggamma(b) - mp.loggamma(a + b))
    return mp.exp(logpre) * s


def student(t, df):
    t, df = mp.mpf(t), mp.mpf(df)
    if t < 0:
        return 1 - student(-t, df)
    return betainc(df / 2, mp.mpf(1) / 2, df / (df + t * t)) / 2


def f(v, d1, d2):
    v, d1, d2 = mp.mpf(v), mp.mpf(d1), mp.mpf(d2)
    return betainc(d2 / 2, d1 / 2, d2 / (d2 + d1 * v))


def gammaq(a, x):
    """Q(a,x): one minus the lower series, with digits to spare for the cancellation."""
    with mp.workdps(60 + int(x / 2) + 40):
        a, x = mp.mpf(a), mp.mpf(x)
        s = t = 1 / a
        k = 1
        while t > s * mp.mpf(10) ** -(mp.mp.dps - 5):
            t *= x / (a + k)
            s += t
            k += 1
        p = s * mp.exp(a * mp.log(x) - x - mp.loggamma(a))
        return 1 - p


out = {"normal": [], "student": [], "chi2": [], "f": []}
for z in [-40, -8, -1.5, 0, 0.3, 1, 1.96, 4.9999, 5, 5.0001, 8, 20, 37, 38.4, 60, 300, 9.238729304]:
    v = normal(z)
    out["normal"].append([z, float(v), log10(v)])
for df in [1, 2, 2.7, 5, 30, 333.3, 25190.4, 125971, 2e6]:
    for t in [-3, -0.1, 0, 0.001, 0.851936, 1.96, 2.485048, 6, 20, 38, 100, 1e4]:
        v = student(t, df)
        out["student"].append([t, df, float(v), log10(v)])
for df in [1, 2, 3, 10, 63, 65, 1000]:
    for x in [0.01, 0.7, 2.99, 10, 60, 66, 500, 1000, 1165.896, 2035.95]:
        v = gammaq(mp.mpf(df) / 2, mp.mpf(x) / 2)
        out["chi2"].append([x, df, float(v), log10(v)])
for x, df in [(8300.685, 10), (15153.701, 10)]:  # even: a finite Poisson sum
    v = mp.exp(-mp.mpf(x) / 2) * mp.fsum((mp.mpf(x) / 2) ** k / mp.factorial(k) for k in range(df // 2))
    out["chi2"].append([x, df, float(v), log10(v)])
for x, df in [(12765.71, 63), (18639.262, 65)]:  # odd: erfc and a finite sum
    h = mp.mpf(x) / 2
    v = mp.erfc(mp.sqrt(h)) + mp.exp(-h) * mp.fsum(h ** (k + mp.mpf(1) / 2) / mp.gamma(k + mp.mpf(3) / 2) for k in range((df - 1) // 2))
    out["chi2"].append([x, df, float(v), log10(v)])
for d1, d2 in [(1, 3), (2, 10.5), (4, 25187), (22, 125950), (1000, 1000), (3, 1e6)]:
    for v in [0.01, 0.5, 1, 1.1, 3, 12, 100, 5000]:
        w = f(v, d1, d2)
        out["f"].append([v, d1, d2, float(w), log10(w)])

ps = [1e-300, 1e-100, 1e-20, 1e-6, 0.005, 0.025, 0.3, 0.5, 0.7, 0.975, 0.995, 0.999999]
out["normal_quantile"] = [[p, float(stats.norm.ppf(p))] for p in ps]


def refine(cdf, lo, hi, p):
    """Bisection at 60 digits: scipy's ppf has too few in places."""
    lo, hi, p = mp.mpf(lo), mp.mpf(hi), mp.mpf(p)
    for _ in range(75):
        mid = (lo + hi) / 2
        if cdf(mid) < p:
            lo = mid
        else:
            hi = mid
    return float((lo + hi) / 2)


out["student_quantile"] = [[p, df, refine(lambda t: 1 - student(t, df), -1e6, 1e6, p)]
                           for df in [1, 3, 9.5, 100, 25190.4] for p in [0.0005, 0.025, 0.4, 0.5, 0.9, 0.975, 0.999]]
out["chi2_quantile"] = [[p, df, float(stats.chi2.ppf(p, df))] for df in [1, 2, 10, 65] for p in [0.001, 0.025, 0.5, 0.95, 0.999]]
out["beta_quantile"] = [[p, a, b, refine(lambda x: betainc(a, b, x), 0, 1, p)]
                        for a, b in [(1, 10), (0.5, 0.5), (3, 1), (17, 84), (500, 3)] for p in [0.001, 0.025, 0.5, 0.975]]
out["wilson"] = [[k, n, l, *proportion_confint(k, n, 1 - l, "wilson")] for k, n in [(0, 7), (7, 7), (1, 10), (17, 100), (9711, 22544)] for l in [0.9, 0.95, 0.99]]
out["clopper_pearson"] = [[k, n, l, *proportion_confint(k, n, 1 - l, "beta")] for k, n in [(0, 7), (7, 7), (1, 10), (17, 100), (9711, 22544)] for l in [0.9, 0.95, 0.99]]


def poissons(lam):
    m = lam / 2
    w = 12 * np.sqrt(m) + 60
    j = np.arange(max(0, int(m - w)), int(m + w) + 1)
    return j, stats.poisson.pmf(j, m)


def ncx2(x, df, lam):
    j, w = poissons(lam)
    return float(np.sum(w * special.gammainc(df / 2 + j, x / 2)))


def ncf(v, d1, d2, lam):
    j, w = poissons(lam)
    return float(np.sum(w * special.betainc(d1 / 2 + j, d2 / 2, d1 * v / (d1 * v + d2))))


out["ncx2"] = [[x, df, l, ncx2(x, df, l)] for x, df, l in
               [(3, 2, 0), (5, 1, 3), (20, 4, 10), (1165.9, 2, 1100), (18639.262, 65, 18300), (18639.262, 65, 18900), (1, 10, 200)]]
out["ncf"] = [[v, a, b, l, ncf(v, a, b, l)] for v, a, b, l in
              [(1, 2, 10, 0), (3, 2, 10, 4), (8, 4, 25187, 30), (5000, 4, 25187, 19000), (0.2, 3, 40, 25), (40, 3, 40, 90)]]

x = np.concatenate([np.zeros(40), rng.lognormal(3, 2, 150).round(1), rng.normal(50, 1, 30)])
rng.shuffle(x)
y = np.where(rng.random(len(x)) < .4, x, rng.normal(0, 30, len(x)).round())
sd, iqr = x.std(ddof=1), stats.iqr(x)
grid = np.linspace(-20, 300, 33)
h = 0.9 * min(sd, iqr / 1.34) * len(x) ** -.2
ranks = stats.rankdata(x)
_, t = np.unique(x, return_counts=True)
k = stats.gaussian_kde(x)
out["sample"] = {
    "x": x.tolist(), "y": y.tolist(), "mean": x.mean(), "variance": x.var(ddof=1), "median": np.median(x), "iqr": iqr,
    "mad": stats.median_abs_deviation(x), "silverman": h, "scott": float(k.scotts_factor() * sd),
    "grid": grid.tolist(), "kde": [float(np.mean(stats.norm.pdf(g, x, h))) for g in grid], "scott_kde": k(grid).tolist(),
    "ranks": ranks.tolist(), "ties": float(np.sum(t.astype(float) ** 3 - t)),
    "pearson": stats.pearsonr(x, y)[0], "spearman": stats.spearmanr(x, y)[0],
}
out["mad_scale"] = 1 / stats.norm.ppf(.75)
json.dump(out, open(__file__.replace("gen_num.py", "num.json"), "w"), indent=0)
