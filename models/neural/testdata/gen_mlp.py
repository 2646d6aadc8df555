#!/usr/bin/env python3
"""Steps of scikit-learn's multilayer perceptron from given weights (scikit-learn 1.2.1, numpy 1.24.2).

usage: gen_mlp.py > mlp.json

60 rows of 7 numbers, batches of 16 in the order of the rows (the last has 12), some epochs by partial_fit. Weights
before and after are listed layer by layer: coefficients row-major, then intercepts. "losses" (of the penalty-free cases)
is loss_ after each epoch.
"""
import json, sys
import numpy as np, sklearn
from sklearn.neural_network import MLPClassifier, MLPRegressor

rng = np.random.RandomState(3)
X = np.round(rng.standard_normal((60, 7)), 3)
X[rng.uniform(size=X.shape) < 0.5] = 0
score = X[:, 0] - X[:, 1] * X[:, 2] + 0.3 * rng.standard_normal(60)
targets = {"two": (score > 0).astype(int), "three": np.digitize(score, [-0.4, 0.4]), "number": np.round(score, 3)}
cases = [
    dict(target="two", solver="adam", activation="relu", hidden=(6, 5), rate=0.01, alpha=0.0, epochs=5),
    dict(target="three", solver="adam", activation="tanh", hidden=(9,), rate=0.003, alpha=0.5, epochs=5),
    dict(target="two", solver="sgd", activation="tanh", hidden=(6, 5), rate=0.05, alpha=0.2, epochs=5),
    dict(target="three", solver="nesterov", activation="relu", hidden=(17,), rate=0.05, alpha=0.0, epochs=5),
    dict(target="number", solver="adam", activation="relu", hidden=(8,), rate=0.01, alpha=0.1, epochs=5),
]
flat = lambda m: [float("%.9g" % v) for c, b in zip(m.coefs_, m.intercepts_) for v in [*c.ravel(), *b]]
out = {"recipe": "gen_mlp.py", "sklearn": sklearn.__version__, "numpy": np.__version__, "x": X.tolist(),
       "targets": {k: v.tolist() for k, v in targets.items()}, "cases": []}
for c in cases:
    y = targets[c["target"]]
    number = c["target"] == "number"
    m = (MLPRegressor if number else MLPClassifier)(
        c["hidden"], activation=c["activation"], solver="adam" if c["solver"] == "adam" else "sgd", alpha=c["alpha"],
        batch_size=16, learning_rate_init=c["rate"], momentum=0.9, nesterovs_momentum=c["solver"] == "nesterov",
        shuffle=False, random_state=1)
    known = {} if number else {"classes": np.unique(y)}
    m.partial_fit(X, y, **known)  # makes the weights, which are then replaced
    for i, p in enumerate(m.coefs_ + m.intercepts_):
        p[...] = np.random.RandomState(i).uniform(-0.5, 0.5, p.shape).round(3)
    del m._optimizer
    m.t_, m.n_iter_, m.loss_curve_ = 0, 0, []
    case = dict(c, before=flat(m), losses=[])
    for _ in range(c["epochs"]):
        m.partial_fit(X, y)
        case["losses"].append(m.loss_)
    case["after"] = flat(m)
    if c["alpha"] > 0:
        del case["losses"]
    out["cases"].append(case)
json.dump(out, sys.stdout)
print()
