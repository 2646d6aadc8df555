#!/usr/bin/env python3
"""shap 0.51.0, scikit-learn 1.9.1, xgboost 3.2.0, numpy 2.4.6: Shapley values of trees, path-dependent.

Trees come with their answers, node by node, so that none has to be grown again. Numbers of scikit-learn's are doubles,
those of xgboost singles. Run, in this folder: python3 gen_shap.py > shap.json
"""
import json

import numpy as np
import shap
import xgboost
from sklearn.ensemble import RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier

rng = np.random.default_rng(5)


def table(n, missing):
    x = rng.integers(0, 12, size=(n, 6)) / 4.0
    y = (x[:, 0] + x[:, 1] * x[:, 2] + rng.normal(size=n) > 3).astype(int) + (x[:, 3] > 2)
    if missing:
        x[rng.random(x.shape) < 0.15] = np.nan
    return x, y


def sklearn_tree(t):
    t = t.tree_
    value = t.value[:, 0, :] / t.value[:, 0, :].sum(axis=1, keepdims=True)
    return {
        "left": t.children_left.tolist(), "right": t.children_right.tolist(), "feature": t.feature.tolist(),
        "threshold": t.threshold.tolist(), "cover": t.weighted_n_node_samples.tolist(), "values": value.tolist(),
    }


def xgboost_tree(t):
    leaf = np.array(t["left_children"]) < 0
    threshold = np.nextafter(np.array(t["split_conditions"], dtype=np.float32), np.float32(-np.inf))  # x < t goes left
    return {
        "left": t["left_children"], "right": t["right_children"], "feature": t["split_indices"],
        "threshold": [0 if l else float(v) for l, v in zip(leaf, threshold)], "missing_left": [bool(d) for d in t["default_left"]],
        "cover": [float(v) for v in t["sum_hessian"]], "values": [[v] for v in t["split_conditions"]],
    }


cases = []


def case(name, trees, x, base, values, tolerance, start=0):
    values = np.asarray(values, dtype=float)
    if values.ndim == 2:
        values = values[:, :, None]
    cases.append({
        "name": name, "trees": trees, "tolerance": tolerance, "start": start, "x": [[None if np.isnan(v) else v for v in row] for row in x.tolist()],
        "base": np.atleast_1d(base).astype(float).tolist(), "values": values.tolist(),
    })


x, y = table(120, False)
tree = DecisionTreeClassifier(max_leaf_nodes=18, random_state=1).fit(x, y)
e = shap.TreeExplainer(tree, feature_perturbation="tree_path_dependent")
case("DecisionTreeClassifier", [sklearn_tree(tree)], x[:8], e.expected_value, e.shap_values(x[:8]), 1e-9)

forest = RandomForestClassifier(n_estimators=3, max_leaf_nodes=12, random_state=2).fit(x, y)
e = shap.TreeExplainer(forest, feature_perturbation="tree_path_dependent")
case("RandomForestClassifier", [sklearn_tree(t) for t in forest.estimators_], x[:8], e.expected_value, e.shap_values(x[:8]), 1e-9)

x, y = table(300, True)
boosted = xgboost.XGBClassifier(n_estimators=4, max_leaves=12, max_depth=5, learning_rate=0.5, random_state=3).fit(x, y > 0)
model = json.loads(boosted.get_booster().save_raw("json"))["learner"]
trees = [xgboost_tree(t) for t in model["gradient_booster"]["model"]["trees"]]
share = float(model["learner_model_param"]["base_score"].strip("[]"))
start = float(np.log(share / (1 - share)))  # the score before the first tree
contributions = boosted.get_booster().predict(xgboost.DMatrix(x[:8]), pred_contribs=True)
case("XGBClassifier", trees, x[:8], contributions[0, -1], contributions[:, :-1], 1e-5, start)

print(json.dumps(cases, separators=(",", ":")))
