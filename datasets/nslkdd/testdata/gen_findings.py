#!/usr/bin/python3
"""Numbers of simulate_findings.go on the published files, by another road.

pandas 1.5.3, scipy 1.10.1. Run in testdata: FLOWBOOK_DATA=... python3 gen_findings.py > findings.json
The tree findings are left out: a tree of another library breaks ties elsewhere.
"""
import json
import os

import numpy as np
import pandas as pd
from scipy import stats

folder = os.path.join(os.environ["FLOWBOOK_DATA"], "nsl-kdd")
names = [line.split(",")[0] for line in open(os.path.join(folder, "Field Names.csv")).read().split("\n") if line][:41]


def read(name):
    t = pd.read_csv(os.path.join(folder, name + ".txt.gz"), header=None, names=names + ["attack", "difficulty"])
    t["bad"] = (t.attack != "normal").astype(int)
    return t


train, train20, test, test21 = [read(n) for n in ("KDDTrain+", "KDDTrain+_20Percent", "KDDTest+", "KDDTest-21")]
out = {}
out["types-unseen"] = len(set(test.attack) - set(train.attack))
out["rows-unseen"] = (~test.attack.isin(train.attack)).mean()
out["test-21-share"] = len(test21) / len(test)
out["test-21-attacks"] = test21.bad.mean()
known = set(map(tuple, train[names].values))
out["duplicates"] = np.mean([tuple(r) in known for r in test[names].values])
vectors = test.groupby(names).bad.nunique()
out["conflicts"] = (vectors > 1).mean()


def a12(t):
    a, b = t.src_bytes[t.bad == 1], t.src_bytes[t.bad == 0]
    return stats.mannwhitneyu(a, b).statistic / (len(a) * len(b))


def cramer(t):
    x = pd.crosstab(t.service, t.bad)
    return np.sqrt(stats.chi2_contingency(x, correction=False)[0] / len(t))


out["src-bytes-train"], out["src-bytes-test"] = a12(train20), a12(test)
decile = np.minimum(9, ((stats.rankdata(test.src_bytes) - 1) * 10 // len(test)).astype(int))
share = test.bad.groupby(decile).mean()
out["src-bytes-u"] = min(share.iloc[0], share.iloc[-1]) - share.min()
for name, flags in {"flag-s0": ["S0"], "flag-s1-s3": ["S1", "S2", "S3"], "flag-sf": ["SF"]}.items():
    out[name] = train.bad[train.flag.isin(flags)].mean()
out["icmp-train"] = train.bad[train.protocol_type == "icmp"].mean()
out["service-train"], out["service-test"] = cramer(train20), cramer(test)
out["one-rule-test"] = ((test.src_bytes <= 28) == (test.bad == 1)).mean()
out["one-rule-test-21"] = ((test21.src_bytes <= 28) == (test21.bad == 1)).mean()
out["urgent-test"] = test.bad[test.urgent > 0].mean()
out["urgent-train"] = train.bad[train.urgent > 0].mean()
out["constant"] = int(max(train.num_outbound_cmds.max(), test.num_outbound_cmds.max()))
out["class-mix"] = 0
print(json.dumps({k: float(v) for k, v in out.items()}, indent=1))
