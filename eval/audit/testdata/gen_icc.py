# Intraclass correlation of balanced rows in ids in two groups, by the mixed model that
# REML fits: group means fixed, ids random. On balanced data REML and the analysis of
# variance agree. Made with statsmodels 0.13.5, numpy 1.24.2:
#
#   /usr/bin/python3 eval/audit/testdata/gen_icc.py > eval/audit/testdata/icc.json
import json

import numpy as np
import statsmodels.api as sm

g = np.random.default_rng(5)
out = []
for ids, rows, spread in [(12, 4, 1.0), (20, 3, 0.6), (9, 8, 2.0)]:
    unit, group, y = [], [], []
    for i in range(2 * ids):
        own = spread * g.normal()
        for _ in range(rows):
            unit.append(f"c{i}")
            group.append("red" if i % 2 else "all")
            y.append(round(own + 3 * (i % 2) + g.normal(), 6))
    x = np.column_stack([np.ones(len(y)), [v == "red" for v in group]]).astype(float)
    fit = sm.MixedLM(y, x, groups=unit).fit(reml=True, method="bfgs", gtol=1e-6)
    own = float(fit.cov_re[0, 0])
    out.append({"ids": unit, "groups": group, "y": y, "rho": own / (own + fit.scale)})
print(json.dumps(out))
