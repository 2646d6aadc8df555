#!/usr/bin/python3
"""Expected values of package glm. statsmodels 0.13.5 (GLM), patsy 0.5.3 (natural spline); Firth and every
profile by scipy 1.10.1 optimisers on the penalised likelihood itself, not on its score."""
import json
import numpy as np
import patsy
import statsmodels.api as sm
from scipy import optimize, stats

rng = np.random.default_rng(7)


def data(n, beta, scale):
    x = np.column_stack([np.ones(n), rng.normal(size=n), rng.integers(0, 2, n), rng.lognormal(0, 1, n) * scale])
    p = 1 / (1 + np.exp(-x @ beta))
    return x, (rng.random(n) < p).astype(float)


def loglik(b, x, y, w, o, firth):
    eta = x @ b + o
    ll = np.sum(w * (y * eta - np.logaddexp(0, eta)))
    if firth:
        p = 1 / (1 + np.exp(-eta))
        ll += .5 * np.linalg.slogdet((x * (w * p * (1 - p))[:, None]).T @ x)[1]
    return ll


def maximise(x, y, w, o, firth, fixed=None, value=0.0, start=None):
    """Maximum of the (penalised) likelihood, by Newton steps on numerical derivatives of the likelihood."""
    k = x.shape[1]
    free = [j for j in range(k) if j != fixed]
    s = np.abs(x).max(axis=0)

    def full(b):
        v = np.zeros(k)
        v[free] = b / s[free]
        if fixed is not None:
            v[fixed] = value
        return v

    f = lambda b: -loglik(full(b), x, y, w, o, firth)
    b = np.zeros(len(free)) if start is None else start[free] * s[free]
    for _ in range(6):
        b = optimize.minimize(f, b, method="BFGS", options={"gtol": 1e-10}).x
        b = optimize.minimize(f, b, method="Nelder-Mead", options={"xatol": 1e-10, "fatol": 1e-13, "maxiter": 4000}).x
    # Polish: Newton with central differences (five-point) of the likelihood.
    for _ in range(3):
        m, h = len(b), 1e-3
        g, H = np.zeros(m), np.zeros((m, m))
        e = np.eye(m) * h
        for i in range(m):
            g[i] = (8 * (f(b + e[i]) - f(b - e[i])) - (f(b + 2 * e[i]) - f(b - 2 * e[i]))) / (12 * h)
            for j in range(m):
                H[i, j] = (f(b + e[i] + e[j]) - f(b + e[i] - e[j]) - f(b - e[i] + e[j]) + f(b - e[i] - e[j])) / (4 * h * h)
        b = b - np.linalg.solve(H, g)
    return full(b), -f(b)


def profile(x, y, w, o, firth, j, level):
    b, top = maximise(x, y, w, o, firth)
    cut = top - stats.chi2.ppf(level, 1) / 2
    p = 1 / (1 + np.exp(-(x @ b + o)))
    se = np.sqrt(np.linalg.inv((x * (w * p * (1 - p))[:, None]).T @ x)[j, j])
    ends = []
    for side in (-1, 1):
        g = lambda v: maximise(x, y, w, o, firth, j, v, b)[1] - cut
        hi = b[j] + side * 2 * se
        while g(hi) > 0:
            hi += side * se
        ends.append(optimize.brentq(g, b[j], hi, xtol=1e-8))
    null = maximise(x, y, w, o, firth, j, 0.0, b)[1]
    return ends, 2 * (top - null)


def case(name, x, y, w=None, o=None, firth=False, prof=None):
    n = len(y)
    w0 = np.ones(n) if w is None else w
    o0 = np.zeros(n) if o is None else o
    c = {"name": name, "p": x.shape[1], "x": x.ravel().tolist(), "y": y.tolist(), "firth": firth,
         "w": None if w is None else w.tolist(), "o": None if o is None else o.tolist()}
    if firth:
        b, ll = maximise(x, y, w0, o0, True)
        p = 1 / (1 + np.exp(-(x @ b + o0)))
        se = np.sqrt(np.diag(np.linalg.inv((x * (w0 * p * (1 - p))[:, None]).T @ x)))
    else:
        r = sm.GLM(y, x, family=sm.families.Binomial(), freq_weights=w0, offset=o0).fit(tol=1e-14, maxiter=200)
        b, se = r.params, r.bse
        ll = loglik(b, x, y, w0, o0, False)
    c |= {"coef": b.tolist(), "se": se.tolist(), "loglik": float(ll)}
    if prof is not None:
        ends, lr = profile(x, y, w0, o0, firth, prof, .95)
        c |= {"j": prof, "low": ends[0], "high": ends[1], "lr": lr}
    return c


cases = []
x, y = data(300, np.array([-.5, .8, 1.1, -.002]), 300)
cases.append(case("plain", x, y, prof=1))
w, o = rng.integers(1, 5, 300).astype(float), rng.normal(0, .3, 300)
cases.append(case("weights and offset", x, y, w, o))
xs, ys = data(60, np.array([-.2, 1, .6, .01]), 30)
cases.append(case("firth", xs, ys, firth=True, prof=2))
z = (rng.random(60) < .2).astype(float)
ys2 = np.where(z == 1, 1.0, ys)
cases.append(case("firth, column 2 separates", np.column_stack([np.ones(60), xs[:, 1], z]), ys2, firth=True, prof=2))
xw = np.column_stack([np.ones(5), np.arange(5.) - 2])
cases.append(case("firth, counts", xw, np.array([0, .2, .25, .5, 1]), np.array([3., 5, 8, 6, 2]), firth=True, prof=1))

# Natural cubic spline: patsy's cr spans the same curves as ours with the same knots.
v = rng.normal(0, 1, 500)
yv = (rng.random(500) < 1 / (1 + np.exp(-(v ** 2 - 1)))).astype(float)
knots = np.quantile(v, [.05, .275, .5, .725, .95])
basis = np.asarray(patsy.dmatrix("cr(v, knots=k, lower_bound=a, upper_bound=b) - 1", {"v": np.clip(v, knots[0], knots[-1]), "k": knots[1:-1], "a": knots[0], "b": knots[-1]}))
# Beyond the outer knots the curve is straight: extend each basis function by its own end slope.
ends = {}
for side, e in ((0, knots[0]), (1, knots[-1])):
    h = 1e-5 * (1 if side == 0 else -1)
    d = [np.asarray(patsy.dmatrix("cr(v, knots=k, lower_bound=a, upper_bound=b) - 1",
         {"v": np.array([e + i * h]), "k": knots[1:-1], "a": knots[0], "b": knots[-1]}))[0] for i in range(5)]
    ends[side] = (-25 * d[0] + 48 * d[1] - 36 * d[2] + 16 * d[3] - 3 * d[4]) / (12 * h)
basis = basis + np.clip(v - knots[-1], 0, None)[:, None] * ends[1] + np.clip(v - knots[0], None, 0)[:, None] * ends[0]
full = sm.GLM(yv, basis, family=sm.families.Binomial()).fit(tol=1e-14)
lin = sm.GLM(yv, sm.add_constant(v), family=sm.families.Binomial()).fit(tol=1e-14)
spline = {"v": v.tolist(), "y": yv.tolist(), "knots": knots.tolist(), "loglik": full.llf, "linear": lin.llf,
          "fitted": full.fittedvalues[:10].tolist()}
json.dump({"cases": cases, "spline": spline}, open(__file__.replace("gen_glm.py", "glm.json"), "w"))
