#!/usr/bin/python3
"""report_statistics.py  what tests/unit/test_report_statistics.c expects, by numpy and scipy; prints report_statistics.h"""
import math
import numpy as np
from scipy import stats

rng = np.random.RandomState(20261123)


def block(name, values):
    words = [repr(float(x)) for x in np.ravel(values)]
    lines = [", ".join(words[k:k + 6]) for k in range(0, len(words), 6)]
    print(f"static const double {name}[] = {{" + ",\n    ".join(lines) + "};")


print("/* Made by tests/oracle/report_statistics.py; do not edit. clang-format off */")
q = [0.5, 1, 2, 3, 4, 6]
ks = [2, 3, 5, 7, 10, 20]
block("oracle_range_q", q)
block("oracle_range_k", ks)
block("oracle_range_p", [[stats.studentized_range.cdf(x, k, np.inf) for x in q] for k in ks])
block("oracle_range_95", [stats.studentized_range.ppf(0.95, k, np.inf) for k in ks])

merit = np.round(rng.standard_normal((24, 5)) + np.linspace(0, 1, 5), 1)           # ties
chi2, p = stats.friedmanchisquare(*merit.T)
n, k = merit.shape
f = (n - 1) * chi2 / (n * (k - 1) - chi2)
block("oracle_merit", merit)
block("oracle_friedman", [chi2, p, f, stats.f.sf(f, k - 1, (k - 1) * (n - 1)),
                          stats.studentized_range.ppf(0.95, k, np.inf) / math.sqrt(2) * math.sqrt(k * (k + 1) / 6 / n)])
block("oracle_mean_rank", stats.rankdata(-merit, axis=1).mean(axis=0))
rank = np.sort(stats.rankdata(-merit, axis=1).mean(axis=0))
block("oracle_nemenyi", [stats.studentized_range.sf(abs(rank[0] - r) * math.sqrt(2) / math.sqrt(k * (k + 1) / 6 / n),
                                                    k, np.inf) for r in rank])

cluster = np.sort(rng.randint(0, 12, 60))
x = np.round(100 + rng.standard_normal(60) + rng.standard_normal(12)[cluster], 3)
side = rng.randint(0, 2, 60)


def residuals(member):
    u = np.zeros(12)
    np.add.at(u, cluster[member], (x[member] - x[member].mean()) / member.sum())
    return u


def interval(mean, u):
    t = len(np.unique(cluster))
    w = stats.t.ppf(0.975, t - 1) * math.sqrt(t / (t - 1) * (u ** 2).sum())
    return [mean, mean - w, mean + w]


one, two = side == 0, side == 1
block("oracle_cluster", cluster)
block("oracle_x", x)
block("oracle_side", side)
block("oracle_mean", interval(x.mean(), residuals(np.ones(60, bool))))
block("oracle_difference", interval(x[one].mean() - x[two].mean(), residuals(one) - residuals(two)))
