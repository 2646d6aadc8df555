#!/usr/bin/python3
"""The corrected resampled t test of four differences by fold, scipy 1.10.1."""
import json
import numpy as np
from scipy import stats

d = np.array([.84, .83, .85, .86]) - np.array([.80, .82, .79, .83])
se = np.sqrt(d.var(ddof=1) * (1 / 4 + 25 / 75))
half = stats.t.ppf(.975, 3) * se
json.dump({"difference": d.mean(), "low": d.mean() - half, "high": d.mean() + half, "p": 2 * stats.t.sf(abs(d.mean() / se), 3)},
          open(__file__.replace("gen_compare.py", "compare.json"), "w"))
