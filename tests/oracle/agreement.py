#!/usr/bin/env python3
"""Values for tests/unit/test_agreement.c and tests/unit/test_summary.c, by numpy and scipy and from the definitions alone.

    python3 tests/oracle/agreement.py    writes tests/oracle/agreement.h and summaries.h      (made with numpy 1.24.2, scipy 1.10.1)

Nothing here follows the C code but the draws of the bootstrap, which are its definition: correlations are scipy's, top k
and area under ROC are counted by brute force.
"""
import math
import os
import sys
import warnings

import numpy as np
from scipy import stats
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

warnings.simplefilter("ignore")
L, ANCHOR = 45, 12
rng = np.random.RandomState(20221206)


# --- one window ------------------------------------------------------------------------------------------------------
def correlate(how, x, y):
    if len(x) < 3 or not np.all(np.isfinite(x)) or not np.all(np.isfinite(y)):
        return math.nan
    if np.all(x == x[0]) or np.all(y == y[0]):
        return math.nan
    return {"pearson": lambda: stats.pearsonr(x, y)[0], "spearman": lambda: stats.spearmanr(x, y)[0],
            "kendall": lambda: stats.kendalltau(x, y, variant="b")[0]}[how]()


def largest(x, k):
    return set(sorted(range(len(x)), key=lambda i: (-x[i], i))[:k])


def window_metrics(base, blind, effect, score, a_all, c, claimed):
    position = [p for p in range(L) if not ANCHOR <= p < ANCHOR + 3 and base[p] < 4 and not blind[p]]
    other = [[b for b in range(4) if b != base[p]] for p in position]
    D = np.array([[float(effect[p][b]) for b in o] for p, o in zip(position, other)]).reshape(-1, 3)
    e, a = -D.mean(axis=1), np.array([float(a_all[p]) for p in position])
    n = len(position)
    usable = n >= 3 and np.all(np.isfinite(e)) and np.all(np.isfinite(a))
    constant = usable and (np.all(a == a[0]) or np.all(e == e[0]))
    out = [correlate(how, a, e) for how in ("pearson", "spearman", "kendall")]
    norm = math.sqrt(np.dot(a, a) * np.dot(e, e)) if usable else 0
    out.append(np.dot(a, e) / norm if norm > 0 else math.nan)
    out.append(correlate("spearman", np.abs(a), np.abs(e)))
    signed = [(x, y) for x, y in zip(a, e) if x != 0 and y != 0] if usable else []
    out.append(sum(x * y > 0 for x, y in signed) / len(signed) if signed else math.nan)
    for k in (5, 10, 20):
        defined = usable and not constant and n > k
        out.append(len(largest(a, k) & largest(e, k)) / len(largest(a, k) | largest(e, k)) if defined else math.nan)
    peak = lambda x: position[min(range(n), key=lambda i: (-x[i], i))]
    out.append(abs(peak(a) - peak(e)) if usable and not constant else math.nan)
    flips = [any((score + d > 0) != (score > 0) for d in row) for row in D]
    pairs = [(x, y) for x, f in zip(a, flips) for y, g in zip(a, flips) if f and not g] if usable else []
    out.append(sum((x > y) + 0.5 * (x == y) for x, y in pairs) / len(pairs) if pairs else math.nan)
    for how in ("pearson", "spearman"):
        if c is None or n < 3:
            out.append(math.nan)
            continue
        d = np.array([float(c[p][b]) - float(c[p][base[p]]) for p, o in zip(position, other) for b in o])
        out.append(correlate(how, d, D.ravel()))
    total = math.fsum(float(x) for x in a_all) - claimed if np.all(np.isfinite(a_all)) else math.nan
    out.append(total)
    region = np.array(["u" if p < ANCHOR else str((p - ANCHOR) % 3) for p in position])
    for how in ("pearson", "spearman"):
        out += [correlate(how, a[region == r], e[region == r]) if usable else math.nan for r in "u012"]
    return out


def make_window(name, **change):
    w = dict(base=rng.randint(0, 4, L), blind=np.arange(L) >= L - 5, score=0.7, claimed=1.25,
             effect=np.round(rng.standard_normal((L, 4)), 3), a=np.round(rng.standard_normal(L), 3),
             c=np.round(rng.standard_normal((L, 4)), 3))
    w["base"][[3, 30]] = 4
    w["a"] -= np.round(w["effect"].sum(axis=1) * 0.3, 3)
    for p in range(L):
        if w["base"][p] < 4:
            w["effect"][p][w["base"][p]] = 0
    for key, value in change.items():
        w[key] = value(w) if callable(value) else value
    w["effect"], w["a"] = np.float32(w["effect"]), np.float32(w["a"])
    w["c"] = None if w["c"] is None else np.float32(w["c"])
    w["name"] = name
    w["metric"] = window_metrics(w["base"], w["blind"], w["effect"], w["score"], w["a"], w["c"], w["claimed"])
    return w


def with_value(array, index, value):
    array = np.array(array, dtype=float)
    array[index] = value
    return array


def only(*positions):
    return lambda w: np.array([p not in positions for p in range(L)])


windows = [
    make_window("plain"),
    make_window("negative score, no hypothetical contributions", score=-1.1, c=None, claimed=math.nan),
    make_window("ties everywhere", effect=lambda w: np.sign(w["effect"]) * 0.5, a=lambda w: np.round(w["a"]),
                c=lambda w: np.round(w["c"])),
    make_window("constant contribution", a=np.full(L, 0.1)),
    make_window("contribution all zero", a=np.zeros(L), c=np.zeros((L, 4))),
    make_window("minus zero is zero", a=lambda w: np.where(np.arange(L) % 2 == 0, -0.0, np.abs(np.round(w["a"])))),
    make_window("constant effect", effect=np.full((L, 4), 0.1)),
    make_window("effect all zero", effect=np.zeros((L, 4))),
    make_window("every position flips", score=1e-6, effect=lambda w: np.full((L, 4), -1) - 0.01 * np.abs(w["effect"])),
    make_window("no position flips", score=100.0),
    make_window("contribution only in the start codon", a=lambda w: np.where(np.arange(L) // 3 == ANCHOR // 3, 1.0, 0)),
    make_window("4 informative positions", blind=only(1, 5, 20, 28)),
    make_window("5 informative positions: the top 5 is no choice", blind=only(1, 5, 20, 28, 33)),
    make_window("a mutation leaves a score of exactly 0", score=0.5, effect=lambda w: np.sign(w["effect"]) * 0.5),
    make_window("a score of exactly 0 is no call", score=0.0, effect=lambda w: np.sign(w["effect"] - 1) * 0.5),
    make_window("3 informative positions", blind=only(1, 20, 35), base=np.zeros(L, int)),
    make_window("2 informative positions", blind=only(1, 20)),
    make_window("no informative position", base=np.full(L, 4)),
    make_window("NaN contribution", a=lambda w: with_value(w["a"], 7, math.nan)),
    make_window("NaN contribution in the start codon", a=lambda w: with_value(w["a"], ANCHOR, math.nan)),
    make_window("infinite effect", base=np.zeros(L, int), effect=lambda w: with_value(w["effect"], (7, 2), math.inf)),
    make_window("NaN hypothetical", base=np.zeros(L, int), c=lambda w: with_value(w["c"], (7, 2), math.nan)),
]


# --- the aggregates ---------------------------------------------------------------------------------------------------
M64 = (1 << 64) - 1


def finalise(z):
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9 & M64
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb & M64
    return z ^ (z >> 31)


def mix(a, b):  # src/core/random.h
    return finalise(finalise(a + 0x9e3779b97f4a7c15 & M64) + b + 0x9e3779b97f4a7c15 & M64)


def draw(seed, n):
    """n draws of 0..n-1, two of each word of a counter (src/statistics/replicate.h)"""
    words = [mix(seed, k) for k in range((n + 1) // 2)]
    return [half * n >> 32 for x in words for half in (x & 0xffffffff, x >> 32)][:n]


def wilcoxon(d):
    d = np.array([x for x in d if x != 0])
    n = len(d)
    if n < 5:
        return math.nan
    untied = len(set(np.abs(d))) == n
    return stats.wilcoxon(d, mode="exact" if n <= 25 and untied else "approx", correction=True).pvalue


def holm(p):
    tested = sorted((x, i) for i, x in enumerate(p) if not math.isnan(x))
    out, top = [math.nan] * len(p), 0
    for k, (x, i) in enumerate(tested):
        top = max(top, min(1, (len(tested) - k) * x))
        out[i] = top
    return out


def bootstrap(value, cluster, seed, n_bootstrap):
    names = sorted(set(cluster))
    per = [value[:, cluster == t] for t in names]
    means = []
    for r in range(n_bootstrap):
        drawn = np.concatenate([per[k] for k in draw(mix(seed, r), len(names))], axis=1)
        means.append([np.mean(v[np.isfinite(v)]) if np.any(np.isfinite(v)) else math.nan for v in drawn])
    return names, np.array(means)


def summarise(value, group, cluster, smaller_is_better, seed, n_bootstrap):
    value = np.array(value, dtype=float)
    n_methods, rows, pairs = len(value), [], []
    for g in range(3):
        inside = (group >> g & 1).astype(bool)
        v, t = value[:, inside], cluster[inside]
        merit = -np.abs(v) if smaller_is_better else v
        alive = [m for m in range(n_methods) if np.any(np.isfinite(v[m]))]
        ranked = [k for k in range(v.shape[1]) if np.all(np.isfinite(v[alive, k]))]
        rank = np.array([stats.rankdata(-merit[alive, k]) for k in ranked])
        names, means = bootstrap(v, t, seed, n_bootstrap) if v.shape[1] and alive else ([], None)
        for m in range(n_methods):
            x = v[m][np.isfinite(v[m])]
            n_clusters = len(set(t[np.isfinite(v[m])]))
            nan = math.nan
            low = high = nan
            if n_clusters > 1:
                good = means[:, m][np.isfinite(means[:, m])]
                low, high = np.quantile(good, [0.025, 0.975])
            q = np.quantile(x, [0.5, 0.25, 0.75]) if len(x) else [nan] * 3
            mean_rank = rank[:, alive.index(m)].mean() if m in alive and len(ranked) else nan
            rows.append([len(x), v.shape[1] - len(x), n_clusters, x.mean() if len(x) else nan,
                         x.std(ddof=1) if len(x) > 1 else nan, low, high, *q, mean_rank])
        of_group = []
        for m in range(n_methods):
            for o in range(m + 1, n_methods):
                both = np.isfinite(v[m]) & np.isfinite(v[o])
                d = merit[m][both] - merit[o][both]
                p = wilcoxon([d[t[both] == name].mean() for name in sorted(set(t[both]))])
                mean = d.mean() * (-1 if smaller_is_better else 1) if len(d) else math.nan
                of_group.append([m, o, len(d), int((d > 0).sum()), int((d == 0).sum()), mean, p])
        for pair, corrected in zip(of_group, holm([x[-1] for x in of_group])):
            pairs.append(pair + [corrected])
    return rows, pairs


def make_places(n_genes, shared=(), without_gene=0):
    """Transcripts with their genes (-1: none told), and places (distinct window, transcript) in their order. A gene has one
    to four isoforms, which share most of its windows; `shared`: pairs of genes that have a window in common."""
    gene, found = [], []
    for g in range(n_genes):
        pool = [(g, i) for i in range(rng.randint(2, 7))]
        pool += [("shared", k) for k, pair in enumerate(shared) if g in pair]
        for _ in range(rng.randint(1, 5)):
            gene.append(-1 if g < without_gene else g)
            found += [(key, len(gene) - 1) for key in pool if rng.uniform() < 0.8 or key[0] == "shared"]
    number = {}
    places = [(number.setdefault(key, len(number)), t) for key, t in found]
    return gene, places


def components(gene, places):
    """Cluster of each distinct window, numbered in the order of the windows: scipy's connected components of transcripts
    that have a gene or a window in common."""
    windows = {}
    for w, t in places:
        windows.setdefault(w, []).append(t)
    ties = list(windows.values()) + [[t for t, g in enumerate(gene) if g == k] for k in sorted(set(gene) - {-1})]
    edges = np.array([(a, b) for tie in ties for a, b in zip(tie, tie[1:])] or np.zeros((0, 2), int))
    graph = coo_matrix((np.ones(len(edges)), (edges[:, 0], edges[:, 1])), shape=(len(gene), len(gene)))
    label = connected_components(graph, directed=False)[1]
    number = {}
    return np.array([number.setdefault(label[windows[w][0]], len(number)) for w in range(len(windows))])


def make_summary(name, n_methods, sizes, smaller_is_better=False, grid=8, n_bootstrap=200, mixed=False, origin=None):
    cluster = np.repeat(3 * np.arange(len(sizes)) + 1, sizes) if origin is None else components(*origin)
    if mixed:                                             # windows of a cluster do not stand together
        cluster = rng.permutation(cluster)
    n = len(cluster)
    level = np.linspace(0.5, -0.25, n_methods)[:, None]
    value = np.float32(np.round((level + rng.standard_normal((n_methods, n))) * grid) / grid)
    value[rng.uniform(size=value.shape) < 0.08] = math.nan
    if n_methods > 3:
        value[2] = 0.25                                   # a constant method
        value[3] = math.nan                               # one that is never defined
    group = np.array([1 | int(rng.uniform() < 0.4) << 1 | int(rng.uniform() < 0.3) << 2 for _ in range(n)])
    seed = int(rng.randint(1, 10**9))
    rows, pairs = summarise(value, group, cluster, smaller_is_better, seed, n_bootstrap)
    return dict(name=name, n_methods=n_methods, n=n, value=value, group=group, cluster=cluster,
                smaller=smaller_is_better, seed=seed, n_bootstrap=n_bootstrap, rows=rows, pairs=pairs, origin=origin)


summaries = [
    make_summary("40 clusters, ties on a grid", 6, rng.randint(1, 4, 40)),
    make_summary("12 clusters, hardly a tie", 3, rng.randint(1, 5, 12), grid=2**20),
    make_summary("smaller is better", 5, rng.randint(1, 4, 30), smaller_is_better=True, grid=2**16),
    make_summary("one cluster", 2, [3]),
    make_summary("two clusters of one window", 2, [1, 1]),
    make_summary("one window", 2, [1]),
    make_summary("clusters that lie across each other", 4, rng.randint(1, 6, 25), mixed=True),
    make_summary("one giant cluster among small ones", 3, [120] + [1] * 30, grid=2**20, mixed=True),
    make_summary("isoforms of 30 genes", 3, [], grid=2**20, origin=make_places(30)),
    make_summary("paralogues: windows that two genes have", 3, [], grid=64,
                 origin=make_places(30, shared=[(0, 17), (3, 4), (4, 29), (12, 13)])),
    make_summary("a repeat ties most genes, and some transcripts have none", 2, [], grid=2**20,
                 origin=make_places(40, shared=[tuple(range(5, 32))], without_gene=10)),
]
differences = [
    ("Hollander and Wolfe: depression", [0.952, -0.147, 1.022, 0.43, 0.62, 0.59, 0.49, -0.08, 0.01]),
    ("5, all one way", [1, 2, 3, 4, 5]),
    ("4: too few", [1, 2, 3, 4]),
    ("4 and zeros: too few", [0, 1, 2, 0, 3, 4, 0]),
    ("ties", [1, -1, 2, 2, -2, 3, 3, 3, -4, 5]),
    ("zeros and ties", [0, 0, 1, 1, 1, -1, 2, 2, 2.5, -7]),
    ("all equal", [0.5] * 12),
    ("balanced", [1, -1, 2, -2, 3, -3]),
    ("25, exact", list(np.round(rng.standard_normal(25) + 0.4, 6))),
    ("26, normal", list(np.round(rng.standard_normal(26) + 0.4, 6))),
    ("200", list(np.round(rng.standard_normal(200) + 0.1, 6))),
]


# --- printing -----------------------------------------------------------------------------------------------------------
def number(x):
    x = float(x)
    if math.isnan(x):
        return "NAN"
    if math.isinf(x):
        return "INFINITY" if x > 0 else "-INFINITY"
    return repr(x)


def row_of(values, how=number):
    return "{" + ", ".join(how(x) for x in values) + "}"


def whole(x):
    return str(int(x))


def block(values, how=number, per_line=12):
    words = [how(x) for x in values]
    lines = [", ".join(words[k:k + per_line]) for k in range(0, len(words), per_line)]
    return "{" + ",\n     ".join(lines) + "}"


note = "/* Made by tests/oracle/agreement.py; do not edit. clang-format off */"
folder = os.path.dirname(os.path.abspath(__file__))
sys.stdout = open(os.path.join(folder, "agreement.h"), "w")
print(note)
print(f"enum {{ ORACLE_LENGTH = {L}, ORACLE_ANCHOR = {ANCHOR}, ORACLE_METRICS = 22 }};")
print("""typedef struct {
    const char *name;
    mg_base base[ORACLE_LENGTH];
    bool blind[ORACLE_LENGTH];
    double score, claimed_sum;
    int has_hypothetical;
    double effect[4 * ORACLE_LENGTH], contribution[ORACLE_LENGTH], hypothetical[4 * ORACLE_LENGTH];
    double metric[ORACLE_METRICS];
} oracle_window;""")
print("static const oracle_window oracle_windows[] = {")
for w in windows:
    c = w["c"] if w["c"] is not None else np.zeros((L, 4))
    print(f'    {{"{w["name"]}",\n     {block(w["base"], whole, 45)},\n     {block(w["blind"], whole, 45)},')
    print(f'     {number(w["score"])}, {number(w["claimed"])}, {int(w["c"] is not None)},')
    short = lambda x: number(np.format_float_positional(np.float32(x), trim="0")) if np.isfinite(x) else number(x)
    for array in (w["effect"], w["a"], c):
        print(f"     {block(array.ravel(), short)},")
    print(f'     {block(w["metric"], number, 6)}}},')
print("};")
sys.stdout = open(os.path.join(folder, "summaries.h"), "w")
print(note)
print("""typedef struct {
    const char *name;
    size_t n;
    const double *difference;
    double p;
} oracle_test;
typedef struct {
    const char *name;
    size_t n_methods, n_windows;
    int smaller_is_better;
    uint64_t seed;
    int64_t n_bootstrap;
    const double *value, *group, *cluster;
    size_t n_transcripts, n_places; /* that the clusters come from; 0: they are just so */
    const double *gene;             /* (n_transcripts) -1: none told */
    const double *place;            /* (n_places, 2): distinct window, transcript */
    const double *row;  /* (groups, methods, 11): n undefined clusters mean sd low high median q25 q75 mean_rank */
    const double *pair; /* (groups, pairs, 8): method other n wins ties mean_difference p p_holm */
} oracle_summary;
""")
for k, (name, d) in enumerate(differences):
    print(f"static const double oracle_difference_{k}[] = {block(d)};")
print("static const oracle_test oracle_tests[] = {")
for k, (name, d) in enumerate(differences):
    print(f'    {{"{name}", {len(d)}, oracle_difference_{k}, {number(wilcoxon(d))}}},')
print("};")
for k, s in enumerate(summaries):
    print(f"static const double oracle_value_{k}[] = {block(s['value'].ravel())};")
    print(f"static const double oracle_group_{k}[] = {block(s['group'], whole, 40)};")
    print(f"static const double oracle_cluster_{k}[] = {block(s['cluster'], whole, 30)};")
    print(f"static const double oracle_row_{k}[] = {block(sum(s['rows'], []), number, 11)};")
    print(f"static const double oracle_pair_{k}[] = {block(sum(s['pairs'], []), number, 8)};")
    if s["origin"] is not None:
        gene, places = s["origin"]
        print(f"static const double oracle_gene_{k}[] = {block(gene, whole, 30)};")
        print(f"static const double oracle_place_{k}[] = {block(sum(map(list, places), []), whole, 30)};")
print("static const oracle_summary oracle_summaries[] = {")
for k, s in enumerate(summaries):
    print(f'    {{"{s["name"]}", {s["n_methods"]}, {s["n"]}, {int(s["smaller"])}, {s["seed"]}, {s["n_bootstrap"]},')
    origin = "0, 0, NULL, NULL"
    if s["origin"] is not None:
        origin = f"{len(s['origin'][0])}, {len(s['origin'][1])}, oracle_gene_{k}, oracle_place_{k}"
    print(f"     oracle_value_{k}, oracle_group_{k}, oracle_cluster_{k}, {origin}, oracle_row_{k}, oracle_pair_{k}}},")
print("};")
