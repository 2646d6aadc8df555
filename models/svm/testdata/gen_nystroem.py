#!/usr/bin/env python3
"""Writes nystroem.json: features of scikit-learn 1.2.1's Nystroem (numpy, scipy of Debian 12) on generated rows.

usage: python3 gen_nystroem.py > nystroem.json

Features are known but for a rotation: what is written is their products.
"""
import json

import numpy as np
from sklearn.kernel_approximation import Nystroem

g = np.random.default_rng(5)
cases = []
for name, n, p, m, gamma in [("dense", 40, 3, 12, 0.5), ("sparse", 50, 9, 20, 0.2)]:
    x = np.round(g.normal(0, 1, (n, p)), 3)
    if name == "sparse":
        x = np.where(g.random((n, p)) < 0.3, np.round(x, 1), 0)
        x = x[np.sort(np.unique(x, axis=0, return_index=True)[1])]
    m = Nystroem(gamma=gamma, n_components=m, random_state=1).fit(x)
    z = m.transform(x)
    cases.append({"name": name, "gamma": gamma, "x": x.tolist(), "marks": m.component_indices_.tolist(), "products": (z @ z.T).tolist()})
print(json.dumps({"cases": cases}, separators=(",", ":")))
