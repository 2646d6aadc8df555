#!/usr/bin/env python3
"""Prints what scikit-learn 1.2.1's DBSCAN makes of the first 20,000 rows of KDDTrain+: the figures of real_test.go.

usage: python3 gen_kdd.py DIR

Clusters by falling size, the lower first row of a tie first. Sums are CRC-32 (IEEE) of int32, little-endian. Both ways to
find neighbours are asked: they agree.
"""
import os, sys, zlib
import numpy as np, pandas as pd
from sklearn.cluster import DBSCAN
from sklearn.compose import make_column_transformer
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder

path = os.path.join(sys.argv[1], "KDDTrain+.txt")
rows = pd.read_csv(path if os.path.exists(path) else path + ".gz", header=None)
hot = make_column_transformer((OneHotEncoder(sparse_output=False), [1, 2, 3]), remainder="passthrough")
X = MinMaxScaler().fit_transform(hot.fit_transform(rows.iloc[:, :41]).astype(float))[:20000]
for algorithm in ("brute", "kd_tree"):
    m = DBSCAN(eps=0.5, min_samples=5, algorithm=algorithm, n_jobs=2).fit(X)
    size = np.bincount(m.labels_[m.labels_ >= 0])
    place = np.empty(len(size) + 1, dtype=int)
    place[np.lexsort((np.arange(len(size)), -size))] = np.arange(len(size))
    place[-1] = -1
    labels = place[m.labels_]
    print(algorithm, len(size), "clusters,", (labels < 0).sum(), "noise,", len(m.core_sample_indices_), "core,",
          zlib.crc32(labels.astype("<i4").tobytes()), "labels,", zlib.crc32(m.core_sample_indices_.astype("<i4").tobytes()), "core rows")
