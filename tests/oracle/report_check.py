#!/usr/bin/python3
"""report_check.py RUN.h5 REPORT.json  compute a report again, by numpy and scipy, and tell how far it is off

For the report of a run with --store hypothetical or contribution whose windows' clusters stand together. Nothing is
shared with the program: classes come from a codon table written here, intervals from residuals by cluster, ranks and
tests from scipy. What it printed is in report_check.txt.
"""
import itertools, json, math, sys
import h5py
import numpy as np
from scipy import stats

run, doc = h5py.File(sys.argv[1]), json.load(open(sys.argv[2]))
L, A = int(run.attrs["window_length"]), int(run.attrs["anchor"])
names = [m["name"] for m in doc["methods"]]
label, score = run["windows/label"][:], run["windows/score"][:].astype(float)
member = {"all": label < 9, "annotated": label == 1, "called": score > 0}
pick = np.flatnonzero(member[doc["group"]["name"]])
transcript = run["windows/cluster"][:][pick]
F = score[pick]
seq = ["".join(s.decode()) for s in run["windows/sequence"][:][pick]]
D = run["mutation/effect"][:][pick].astype(float)
a = {m: run[f"attribution/{m}/contribution"][:][pick].astype(float) for m in names}
c = {m: run[f"attribution/{m}/hypothetical"][:][pick].astype(float) for m in names
     if f"attribution/{m}/hypothetical" in run}
c = {m: x for m, x in c.items() if not np.isnan(x[0, 0, 0])}
blind = np.all(run["mutation/effect"][:4096] == 0, axis=(0, 2))
ACGT = "ACGT"
code = dict(zip(("".join(x) for x in itertools.product("TCAG", repeat=3)),
                "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG"))
expit = lambda x: 1 / (1 + np.exp(-x))


def estimate(items):
    """mean and interval of (transcript, numerator, denominator)"""
    items = np.array(items, dtype=float).reshape(-1, 3)
    items = items[items[:, 2] != 0] if len(items) else items
    if not len(items):
        return [math.nan] * 3
    t = np.unique(items[:, 0])
    s = np.array([items[items[:, 0] == k, 1].sum() for k in t])
    n = np.array([items[items[:, 0] == k, 2].sum() for k in t])
    r = s.sum() / n.sum()
    if len(t) < 2:
        return [r, math.nan, math.nan]
    error = math.sqrt(len(t) / (len(t) - 1) * (((s - r * n) / n.sum()) ** 2).sum())
    width = stats.t.ppf(0.975, len(t) - 1) * error
    return [r, r - width, r + width]


def quick(t, x, w=None):
    """the same for long lists: sums by transcript first"""
    t, x = np.asarray(t), np.asarray(x, dtype=float)
    w = np.ones(len(x)) if w is None else np.asarray(w, dtype=float)
    u, i = np.unique(t, return_inverse=True)
    return estimate(np.column_stack([u, np.bincount(i, x, len(u)), np.bincount(i, w, len(u))])) if len(t) else \
        [math.nan] * 3


worst = {}


def compare(table, got, wanted, tolerance=2e-5):
    for x, y in zip(got, wanted):
        x = math.nan if x is None else x
        if math.isnan(x) and (math.isnan(y) or math.isinf(y)):
            off = 0
        else:
            off = abs(x - y) / max(abs(y), 1e-3)
            off = math.inf if math.isnan(off) else off
        n, most, bad = worst.get(table, (0, 0, 0))
        worst[table] = (n + 1, max(most, off), bad + (off > tolerance))


# --- classes of substitutions ---
def is_stop(codon):
    return code.get(codon) == "*"


def classify(s, p, b):
    m = s[:p] + b + s[p + 1:]
    if A <= p < A + 3:
        return "start_codon"
    near = [q for q in (p - 2, p - 1, p) if q >= 0 and q + 3 <= L]
    if p < A:
        made = [q for q in near if m[q:q + 3] == "ATG" and s[q:q + 3] != "ATG"]
        if made:
            q = made[0]
            if any(is_stop(m[k:k + 3]) for k in range(q + 3, A - 2, 3)):
                return "upstream_orf"
            return "upstream_atg_in_frame" if (A - q) % 3 == 0 else "upstream_atg_out_of_frame"
        lost = any(s[q:q + 3] == "ATG" and m[q:q + 3] != "ATG" for q in near)
        return "upstream_atg_lost" if lost else "upstream"
    stops = [k for k in range(A + 3, L - 2, 3) if is_stop(s[k:k + 3])]
    if stops and p >= stops[0] + 3:
        return "beyond_stop"
    k = p - (p - A) % 3
    old, new = code.get(s[k:k + 3]), code.get(m[k:k + 3])
    if old is None or new is None:
        return "incomplete"
    if new == "*" and old != "*":
        return "nonsense"
    if old == "*" and new != "*":
        return "stop_lost"
    for frame in (1, 2):
        if any(q >= A and (q - A) % 3 == frame and is_stop(m[q:q + 3]) and not is_stop(s[q:q + 3]) for q in near):
            return f"stop_frame_{frame}"
    return "silent" if old == new else "missense"


CODING = {"nonsense", "stop_lost", "stop_frame_1", "stop_frame_2", "missense", "silent"}
rows = []                                               # window, position, new base, class
for w, s in enumerate(seq):
    for p in range(L):
        if s[p] in ACGT and not blind[p]:
            rows += [(w, p, b, classify(s, p, ACGT[b])) for b in range(4) if ACGT[b] != s[p]]
W, P, B = (np.array([r[k] for r in rows]) for k in range(3))
K = np.array([r[3] for r in rows])
d, T = D[W, P, B], transcript[W]
here = np.array([[ACGT.find(ch) for ch in s] for s in seq])
said = {"mutations": d}
for m in names:
    said[m] = c[m][W, P, B] - c[m][W, P, here[W, P]] if m in c else -a[m][W, P]

for r in doc["stops"]["classes"]:
    k = K == r["class"]
    compare("classes", [r["n"]], [k.sum()])
    compare("classes", [r["mean"], r["lo"], r["hi"]], quick(T[k], d[k]))
    if k.any() and doc["run"]["score"] != "logit":
        compare("classes: probability", [r["probability"]], [(expit(F[W[k]] + d[k]) - expit(F[W[k]])).mean()], 1e-4)
        compare("classes: quantiles (to 0.4%)", [r["median"], r["q05"]],
                [np.quantile(d[k], q, method="inverted_cdf") for q in (0.5, 0.05)], 0.0041)
for r in doc["stops"]["predicted"]:
    k = K == r["class"]
    compare("predicted", [r["mean"], r["lo"], r["hi"]], quick(T[k], said[r["source"]][k]))
for r in doc["stops"]["codons"]:
    k = (K == r["class"]) & ((P - A) // 3 + 1 == r["codon"])
    compare("codons", [r["n"], r["mean"], r["lo"], r["hi"]], [k.sum()] + quick(T[k], d[k]))
for r in doc["stops"]["auroc"]:
    x, values = said[r["source"]], []
    coding = np.isin(K, list(CODING))
    edge = np.searchsorted(W, np.arange(len(seq) + 1))
    for w in range(len(seq)):
        k = slice(edge[w], edge[w + 1])
        y, v = (K[k] == "nonsense")[coding[k]], -x[k][coding[k]]
        if y.any() and not y.all():
            values.append(stats.mannwhitneyu(v[y], v[~y]).statistic / (y.sum() * (~y).sum()))
    compare("auroc", [r["n"], r["mean"]], [len(values), np.mean(values)])

# --- flips ---
called = F[W] > 0
flip = ((F[W] + d) > 0) != called
for way, side in (("lost", called), ("gained", ~called)):
    for r in (r for r in doc["flips"]["classes"] if r["direction"] == way):
        k = side & (K == r["class"])
        share, among = quick(T[k], flip[k]), quick(T[side & flip], K[side & flip] == r["class"])
        clip = lambda e: [e[0], max(e[1], 0), min(e[2], 1)] if not math.isnan(e[1]) else e
        compare("flips by class", [r["n"], r["flips"]], [k.sum(), (flip & k).sum()])
        compare("flips by class", [r["share"], r["lo"], r["hi"]], clip(share))
        compare("flips by class", [r["share_of_flips"], r["lo_of_flips"], r["hi_of_flips"]], clip(among))
    for r in (r for r in doc["flips"]["bases"] if r["direction"] == way):
        k = side & (K != "start_codon") & (B == ACGT.index(r["to"]))
        among = side & flip & (K != "start_codon")
        compare("flips by base", [r["n"], r["flips"], r["share_of_flips"]],
                [k.sum(), (flip & k).sum(), (B[among] == ACGT.index(r["to"])).mean() if among.any() else math.nan])
    for r in (r for r in doc["flips"]["positions"] if r["direction"] == way):
        p = r["position"] + A - (r["position"] > 0)
        k = side & (P == p)
        compare("flips by position", [r["n"], r["flips"]], [k.sum(), (flip & k).sum()])
for r in doc["flips"]["published"]:
    least = r["least_probability"] or 0.5
    k = called & flip & np.isin(K, list(CODING)) & (np.abs(F[W]) >= np.log(least / (1 - least)))
    what = K[k] == "nonsense" if r["quantity"] == "nonsense" else B[k] == 1
    share = quick(T[k], what)
    compare("flips published", [r["n"], r["share"], r["lo"], r["hi"]],
            [k.sum(), share[0], max(share[1], 0) if k.any() else math.nan, min(share[2], 1) if k.any() else math.nan])

# --- positions and Kozak ---
e = -D.sum(axis=2) / 3
about = {"mutations": e, **a}
told = lambda p: p + A - (p > 0)
for r in doc["profile"]:
    p = told(r["position"])
    k = here[:, p] >= 0
    compare("profile", [r["n"], r["mean"], r["lo"], r["hi"]],
            [k.sum()] + quick(transcript[k], about[r["source"]][k, p]))
for r in doc["bases"]:
    p, b = told(r["position"]), ACGT.index(r["base"])
    k, other = here[:, p] == b, (here[:, p] >= 0) & (here[:, p] != b)
    compare("bases", [r["n"], r["effect_to"]], [k.sum(), D[other, p, b].mean() if other.any() else math.nan])
    compare("bases", [r[s] for s in about], [x[k, p].mean() if k.any() else math.nan for x in about.values()])
for r in doc["kozak"]["features"]:
    p, good = (A - 3, "AG") if r["feature"] == "purine at -3" else (A + 3, "G")
    x = F if r["source"] == "score" else about[r["source"]][:, p]
    known = here[:, p] >= 0
    yes = known & np.array([s[p] in good for s in seq])
    no = known & ~yes
    compare("kozak features", [r["mean_with"], r["mean_without"]], [x[yes].mean() if yes.any() else math.nan, x[no].mean() if no.any() else math.nan])
    u = {}
    for side, sign in ((yes, 1), (no, -1)):
        for t, v in zip(transcript[side], x[side]):
            u[t] = u.get(t, 0) + sign * (v - x[side].mean()) / side.sum()
    n = len(u)
    if yes.any() and no.any() and n > 1:
        width = stats.t.ppf(0.975, n - 1) * math.sqrt(n / (n - 1) * sum(v * v for v in u.values()))
        diff = x[yes].mean() - x[no].mean()
        compare("kozak features", [r["difference"], r["lo"], r["hi"]], [diff, diff - width, diff + width])

# --- ranks ---
for r in doc["friedman"]:
    inside = member[r["group"]]
    dataset = r["metric"] if r["region"] == "all" else r["metric"] + "_" + r["region"]
    v = np.array([run[f"agreement/{m}/{dataset}"][:][inside] for m in names]).astype(float)
    t = run["windows/cluster"][:][inside]
    alive = [m for m in range(len(names)) if np.isfinite(v[m]).any()]
    if len(alive) < 3:
        continue
    v = v[alive]
    good = np.isfinite(v).all(axis=0)
    smaller = r["metric"] in ("peak_distance", "completeness_error")
    v = -np.abs(v[:, good]) if smaller else v[:, good]
    blocks = np.array([v[:, t[good] == k].mean(axis=1) for k in np.unique(t[good])])
    if len(blocks) < 2:
        continue
    found = stats.friedmanchisquare(*blocks.T)
    compare("friedman", [r["clusters"], r["chi2"]], [len(blocks), found.statistic])
    k = len(alive)
    cd = stats.studentized_range.ppf(0.95, k, np.inf) / math.sqrt(2) * math.sqrt(k * (k + 1) / 6 / len(blocks))
    compare("friedman: critical difference", [r["critical_difference"]], [cd])
    rank = stats.rankdata(-blocks, axis=1).mean(axis=0)
    mine = [x["mean_rank"] for x in doc["mean_ranks"]
            if (x["metric"], x["region"], x["group"]) == (r["metric"], r["region"], r["group"])]
    compare("mean ranks", [mine[m] for m in alive], rank)

# --- sensitivity ---
informative = [np.array([p for p in range(L) if not A <= p < A + 3 and s[p] in ACGT and not blind[p]]) for s in seq]
for r in doc["sensitivity"]["choices"]:
    values = []
    for w, s in enumerate(seq):
        i = informative[w]
        change = np.array([[D[w, p, b] for b in range(4) if b != here[w, p]] for p in i]).reshape(-1, 3)
        if r["scale"] == "probability":
            change = expit(F[w] + change) - expit(F[w])
        signed = r["sign"] == "signed"
        if r["reduction"] == "mean":
            truth = -change.mean(axis=1) if signed else np.abs(change.mean(axis=1))
        else:
            truth = (-change).max(axis=1) if signed else np.abs(change).max(axis=1)
        claim = a[r["method"]][w, i] if signed else np.abs(a[r["method"]][w, i])
        if len(i) > 2 and np.ptp(truth) > 0 and np.ptp(claim) > 0:
            f = stats.spearmanr if r["measure"] == "spearman" else stats.pearsonr
            values.append(f(claim, truth)[0])
    # ranks of probabilities that scipy's expit() makes equal
    compare("sensitivity", [r["n"], r["mean"]], [len(values), np.mean(values) if values else math.nan], 1e-4)

for table, (n, most, bad) in worst.items():
    print(f"{table:32} {n:6d} numbers, largest relative difference {most:.1e}, {bad} beyond tolerance")
sys.exit(any(bad for _, _, bad in worst.values()))
