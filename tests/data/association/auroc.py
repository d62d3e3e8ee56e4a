"""Writes auroc.json: AUROCs of sites against their controls by scikit-learn, and q-values by statsmodels.

python -m pip install scikit-learn==1.* statsmodels && python auroc.py > auroc.json
"""

import json
import random

from sklearn.metrics import roc_auc_score
from statsmodels.stats.multitest import multipletests

PROMOTERS, COLUMNS, SITES = 60, 24, 14
random.seed(1)
# Whole numbers, so that there are ties.
weights = [[random.randrange(6) for _ in range(COLUMNS)] for _ in range(PROMOTERS)]
places = []
for _ in range(SITES):
    start = random.randrange(COLUMNS - 4)
    places.append([random.randrange(PROMOTERS), start, start + random.randrange(2, 5)])

aurocs = []
for own, start, end in places:
    overlapped = {p for p, s, e in places if s < end and start < e}
    value = lambda p: sum(weights[p][start:end]) / (end - start)
    controls = [p for p in range(PROMOTERS) if p != own and p not in overlapped]
    labels = [1] + [0] * len(controls)
    aurocs.append(roc_auc_score(labels, [value(own)] + [value(p) for p in controls]))
p = [round(random.random() ** 3, 6) for _ in range(40)]
q = multipletests(p, method="fdr_bh")[1].tolist()
print(json.dumps({"weights": weights, "places": places, "aurocs": aurocs,
                  "mean": sum(aurocs) / len(aurocs), "p": p, "q": q}))
