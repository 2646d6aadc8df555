#!/usr/bin/env python3
"""What scikit-learn's multilayer perceptron makes of its own input (scikit-learn 1.2.1, numpy 1.24.2).

usage: gen_autoencoder.py > autoencoder.json

500 rows of 7 numbers lie near a bent surface of two dimensions; in 25 of them three numbers come from other rows, so that
no number is unusual by itself. MLPRegressor learns X from X (5-2-5 tanh units, Adam, batches of 50, 150 epochs) with 30 seeds.
"auc" is the area under the ROC curve of each fit's mean squared error of a row, "loss" the mean of that error.
"""
import json, sys, warnings
import numpy as np, sklearn
from sklearn.metrics import roc_auc_score
from sklearn.neural_network import MLPRegressor

warnings.filterwarnings("ignore")
rng = np.random.RandomState(11)
n, odd, p = 500, 25, 7
z = rng.uniform(-1, 1, (n, 2))
x = np.tanh(1.5 * z @ rng.standard_normal((2, p))) + 0.25 * rng.standard_normal((n, p))
for i in range(odd):
    for j in range(1, 4):
        x[i, j] = x[rng.randint(odd, n), j]
x = np.round(x, 3)
truth = np.arange(n) < odd
shape = dict(hidden_layer_sizes=(5, 2, 5), activation="tanh", solver="adam", learning_rate_init=0.005, batch_size=50, alpha=0.0,
             max_iter=150, tol=0.0, n_iter_no_change=1000)
auc, loss = [], []
for seed in range(30):
    m = MLPRegressor(random_state=seed, **shape).fit(x, x)
    error = ((m.predict(x) - x) ** 2).mean(axis=1)
    auc.append(float("%.6g" % roc_auc_score(truth, error)))
    loss.append(float("%.6g" % error.mean()))
json.dump({"recipe": "gen_autoencoder.py", "sklearn": sklearn.__version__, "numpy": np.__version__, "odd": odd, "x": x.tolist(),
           "auc": auc, "loss": loss}, sys.stdout, separators=(",", ":"))
