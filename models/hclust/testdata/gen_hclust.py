# Writes hclust.json: scipy 1.10.1's linkage matrices, cuts and cophenetic correlations, and
# scikit-learn 1.2.1's labels, of generated rows without equal distances.
# Run: /usr/bin/python3 gen_hclust.py > hclust.json
import json
import numpy as np
from scipy.cluster.hierarchy import cophenet, fcluster, leaves_list, linkage
from scipy.spatial.distance import pdist
from sklearn.cluster import AgglomerativeClustering

METHODS = ["ward", "average", "complete", "single"]


def rows():
    g = np.random.default_rng(7)
    centers = g.normal(size=(5, 4)) * 4
    yield "blobs", centers[g.integers(0, 5, 120)] + g.normal(size=(120, 4))
    yield "noise", g.normal(size=(90, 12))
    yield "line", np.cumsum(g.exponential(size=60) ** 3)[:, None]
    flags = (g.random((100, 9)) < 0.15) * 1.0
    yield "flags", np.hstack([flags, g.random((100, 2)) ** 4])
    yield "scales", g.normal(size=(70, 3)) * [1e6, 1, 1e-3] + [1e9, -5, 0]
    t = g.random(80) * 2 * np.pi
    yield "rings", np.c_[np.cos(t), np.sin(t)] * g.choice([1, 3], 80)[:, None] + 0.1 * g.normal(size=(80, 2))
    yield "two", np.array([[1.0, 2.0], [4.0, 6.0]])


def short(v):
    return [short(u) for u in v] if isinstance(v, list) else float("%.12g" % v)


out = []
for name, x in rows():
    x = np.array([[float("%.7g" % v) for v in r] for r in x])
    case = {"name": name, "x": x.tolist(), "trees": []}
    for m in METHODS:
        z = linkage(x, m)
        ks = [k for k in (2, 3, 5, 12) if k <= len(x)]
        height = float(z[:, 2].mean())
        tree = {
            "z": short(z.tolist()),
            "order": leaves_list(z).tolist(),
            "k": ks,
            "labels": [AgglomerativeClustering(k, linkage=m).fit(x).labels_.tolist() for k in ks],
            "fcluster": [fcluster(z, k, "maxclust").tolist() for k in ks],
            "height": height,
            "at": fcluster(z, height, "distance").tolist(),
        }
        if len(x) > 2:
            tree["correlation"] = float(cophenet(z, pdist(x))[0])
            tree["cophenetic"] = short(cophenet(z)[: len(x) - 1].tolist())  # of the first row
        case["trees"].append(tree)
    out.append(case)
print(json.dumps(out, separators=(",", ":")))
