#!/usr/bin/python3
"""Counts of the published NSL-KDD files, as pandas sees them: writes pins.json.

Made with pandas 1.5.3, numpy 1.24.2, Python 3.11. Usage: FLOWBOOK_DATA=DIR gen_pins.py > pins.json
Only counts and sums are written, no rows. Rates are summed as whole hundredths.
"""
import json, os
import pandas as pd

folder = os.path.join(os.environ["FLOWBOOK_DATA"], "nsl-kdd")
names = [line.split(",")[0] for line in open(os.path.join(folder, "Field Names.csv")).read().split()]
columns = names + ["attack", "difficulty"]
frames = {f: pd.read_csv(os.path.join(folder, f + ".txt.gz"), header=None, names=columns)
          for f in ["KDDTrain+", "KDDTrain+_20Percent", "KDDTest+", "KDDTest-21"]}
vector = {f: d[names].astype(str).agg("|".join, axis=1) for f, d in frames.items()}
train, test = frames["KDDTrain+"], frames["KDDTest+"]
out = {"files": {}}
for f, d in frames.items():
    by = d.assign(binary=d.attack != "normal").groupby(vector[f])
    mixed = by.attack.nunique() > 1
    pins = {"rows": len(d), "vectors": len(by), "conflicts": int(mixed.sum()),
            "conflict_rows": int(vector[f].isin(mixed[mixed].index).sum()),
            "binary_conflicts": int((by.binary.nunique() > 1).sum()),
            "su_two": int((d.su_attempted == 2).sum()),
            "constant": [c for c in names if d[c].nunique() == 1], "sums": {}, "levels": {}}
    for c in columns:
        if d[c].dtype == object:
            pins["levels"][c] = {k: int(n) for k, n in sorted(d[c].value_counts().items())}
        elif d[c].dtype == float:
            pins["sums"][c] = int((d[c] * 100).round().astype(int).sum())
        else:
            pins["sums"][c] = int(d[c].sum())
    # A checksum that depends on the order: the sum of row number times value, modulo a prime.
    pins["ordered_src_bytes"] = int(sum((i + 1) * int(v) for i, v in enumerate(d.src_bytes)) % (2**31 - 1))
    out["files"][f] = pins
out["test_in_train"] = int(vector["KDDTest+"].isin(set(vector["KDDTrain+"])).sum())
out["test_in_train20"] = int(vector["KDDTest+"].isin(set(vector["KDDTrain+_20Percent"])).sum())
out["test21_in_train"] = int(vector["KDDTest-21"].isin(set(vector["KDDTrain+"])).sum())
unseen = sorted(set(test.attack) - set(train.attack))
out["unseen"] = unseen
out["unseen_rows"] = int(test.attack.isin(unseen).sum())
out["gone"] = sorted(set(train.attack) - set(test.attack))
print(json.dumps(out, indent=1, sort_keys=True))
