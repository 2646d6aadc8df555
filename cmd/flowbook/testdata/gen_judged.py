#!/usr/bin/python3
"""What scikit-learn 1.2.1 makes of predictions of KDDTest+ (FLOWBOOK_DATA/nsl-kdd) given by a formula: figures only."""
import gzip
import json
import os
import sklearn.metrics as m

rows = gzip.open(os.path.join(os.environ["FLOWBOOK_DATA"], "nsl-kdd", "KDDTest+.txt.gz"), "rt").read().split()
y = [int(r.split(",")[41] != "normal") for r in rows]
s = [.5 * ((i * 7919) % 10007) / 10006 + (.4 if a else .1) for i, a in enumerate(y, 1)]
p = [int(v >= .5) for v in s]
tn, fp, fn, tp = m.confusion_matrix(y, p).ravel()
json.dump({"accuracy": m.accuracy_score(y, p), "precision": m.precision_score(y, p), "recall": m.recall_score(y, p), "f1": m.f1_score(y, p),
           "mcc": m.matthews_corrcoef(y, p), "fpr": fp / (fp + tn), "balanced-accuracy": m.balanced_accuracy_score(y, p),
           "roc-auc": m.roc_auc_score(y, s), "pr-auc": m.average_precision_score(y, s), "log-loss": m.log_loss(y, s), "brier": m.brier_score_loss(y, s)},
          open(__file__.replace("gen_judged.py", "judged.json"), "w"), indent=1)
