# Expected values for package plots, by numpy 1.24.2 and scikit-learn 1.2.1.
# Run: /usr/bin/python3 gen_plots.py > plots.json
import json
import numpy as np
from sklearn.metrics import auc, average_precision_score, precision_recall_curve, roc_curve

r = np.random.default_rng(1)
values = np.concatenate([np.round(np.exp(r.normal(5, 2, 200))), np.zeros(40), [1e6, 2.5e6]])
edges = np.linspace(0, np.log10(1 + values.max()), 25)
u = np.log10(1 + values)

q1, q2, q3 = np.percentile(values, [25, 50, 75])
inside = values[(values >= q1 - 1.5 * (q3 - q1)) & (values <= q3 + 1.5 * (q3 - q1))]

truth = r.random(300) < 0.3
score = np.round(r.normal(0, 1, 300) + truth, 1)  # with ties
fpr, tpr, _ = roc_curve(truth, score, drop_intermediate=False)
precision, recall, _ = precision_recall_curve(truth, score)

# values on the edges of bins, where a division rounds
grid = np.arange(101) / 100
grid_edges = 0.01 + (0.93 - 0.01) * np.arange(31) / 30
on_edges = np.concatenate([grid_edges, grid_edges[::3], grid[(grid >= 0.01) & (grid <= 0.93)]])

print(json.dumps({
    "values": values.tolist(),
    "edges": edges.tolist(),
    "counts": np.histogram(u, edges)[0].tolist(),
    "onedges": on_edges.tolist(), "gridedges": grid_edges.tolist(),
    "gridcounts": np.histogram(on_edges, grid_edges)[0].tolist(),
    "box": [inside.min(), q1, q2, q3, inside.max()],
    "beyond": int(len(values) - len(inside)),
    "fpr": fpr.tolist(), "tpr": tpr.tolist(), "auc": auc(fpr, tpr),
    # from the highest score down, without sklearn's final (recall 0, precision 1)
    "recall": recall[:-1][::-1].tolist(), "precision": precision[:-1][::-1].tolist(),
    "ap": average_precision_score(truth, score),
}))
