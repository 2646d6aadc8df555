#!/usr/bin/env python3
"""scikit-learn under the folds that TestAsGoodAsScikitLearn uses: row i of KDDTrain+ is tested in fold i mod 10.

usage: OMP_NUM_THREADS=1 gen_peers.py DIR > peers.json      (DIR holds KDDTrain+.txt or .txt.gz; scikit-learn 1.2.1, pandas 1.5.3, numpy 1.24.2)

Binary, normal against attack. Trees take the three categories as ordinal codes, logistic regression one-hot and
standardised, as in the peer script. For each model and fold: accuracy, log loss (probabilities clipped to
[1e-15, 1 - 1e-15]) and ROC-AUC.
"""
import json, os, sys
import numpy as np, pandas as pd, sklearn
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, log_loss, roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

path = os.path.join(sys.argv[1], "KDDTrain+.txt")
frame = pd.read_csv(path if os.path.exists(path) else path + ".gz", header=None)
X, y = frame.iloc[:, :41], (frame[41] != "normal").astype(int).to_numpy()
ordinal = lambda: make_column_transformer(
    (OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1), [1, 2, 3]), remainder="passthrough")
onehot = lambda: make_column_transformer(
    (OneHotEncoder(handle_unknown="ignore", sparse_output=False), [1, 2, 3]), remainder="passthrough")
models = {
    "decision tree": lambda: make_pipeline(ordinal(), DecisionTreeClassifier(random_state=0)),
    "random forest": lambda: make_pipeline(ordinal(), RandomForestClassifier(100, random_state=0, n_jobs=2)),
    "gradient boosting": lambda: make_pipeline(ordinal(), HistGradientBoostingClassifier(max_iter=100, early_stopping=False)),
    "logistic regression": lambda: make_pipeline(onehot(), StandardScaler(), LogisticRegression(max_iter=5000, tol=1e-6)),
}
fold = np.arange(len(y)) % 10
out = {"recipe": "gen_peers.py", "sklearn": sklearn.__version__, "rows": len(y), "models": {}}
for name, make in models.items():
    rows = {"accuracy": [], "log_loss": [], "roc_auc": []}
    for k in range(10):
        m = make().fit(X[fold != k], y[fold != k])
        p = m.predict_proba(X[fold == k])[:, 1]
        rows["accuracy"].append(accuracy_score(y[fold == k], m.predict(X[fold == k])))
        rows["log_loss"].append(log_loss(y[fold == k], p, eps=1e-15))
        rows["roc_auc"].append(roc_auc_score(y[fold == k], p))
    out["models"][name] = rows
    print(name, {k: float(np.mean(v)) for k, v in rows.items()}, file=sys.stderr)
json.dump(out, sys.stdout, indent=1)
print()
