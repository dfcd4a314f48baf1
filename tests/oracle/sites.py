#!/usr/bin/env python3
"""A random genome, random BED12, narrowPeak, bedGraph and GTF, and the windows around their sites, for
tests/program/i40-sites.sh.

    python3 tests/oracle/sites.py tests/data/sites          (made with bedtools 2.30.0, samtools 1.16.1)

Sequences are cut by `bedtools getfasta -s` and, again, by `samtools faidx` (htslib), which must agree; what lies outside
of a chromosome is N. Places are worked out here, from the definitions of the formats alone.
"""
import os
import random
import subprocess
import sys

L, ANCHOR = 61, 30
random.seed(20261130)
where = sys.argv[1]
os.makedirs(where, exist_ok=True)


def path(name):
    return os.path.join(where, name)


# --- genome: lower case, runs of N, a chromosome that is shorter than the window ---
genome = {}
for name, n in (("chrA", 3000), ("chrB", 900), ("chrC", 45)):
    seq = [random.choice("ACGT") for _ in range(n)]
    for _ in range(n // 300):
        at, length = random.randrange(n), random.randrange(5, 60)
        seq[at:at + length] = [b.lower() for b in seq[at:at + length]]
    if n > 500:
        at = n // 2
        seq[at:at + 80] = "N" * 80
    genome[name] = "".join(seq[:n])
with open(path("genome.fa"), "w") as f:
    for name, seq in genome.items():
        f.write(f">{name} made by tests/oracle/sites.py\n")
        f.writelines(seq[i:i + 60] + "\n" for i in range(0, len(seq), 60))


def cut(windows):
    """Windows (chromosome, begin, strand), which may run over the edges, by two other programs."""
    inside = [(c, max(0, b), min(len(genome[c]), b + L), s) for c, b, s in windows]
    with open(path("tmp.bed"), "w") as f:
        f.writelines(f"{c}\t{b}\t{e}\tx\t0\t{s}\n" for c, b, e, s in inside)
    run = lambda *a: subprocess.run(a, check=True, capture_output=True, text=True).stdout
    by_bedtools = [line.split("\t")[1].upper() for line in
                   run("bedtools", "getfasta", "-s", "-tab", "-fi", path("genome.fa"), "-bed", path("tmp.bed")).splitlines()]
    by_samtools = []
    for c, b, e, s in inside:
        text = run("samtools", "faidx", *(["-i"] if s == "-" else []), path("genome.fa"), f"{c}:{b + 1}-{e}")
        by_samtools.append("".join(text.splitlines()[1:]).upper())
    assert by_bedtools == by_samtools
    os.remove(path("tmp.bed"))
    os.remove(path("genome.fa.fai"))
    out = []
    for (c, b, s), seq in zip(windows, by_bedtools):
        left, right = max(0, -b), max(0, b + L - len(genome[c]))
        if s == "-":
            left, right = right, left
        out.append("N" * left + seq + "N" * right)
    return out


def write(name, rows):
    """rows: (chromosome, base at the anchor, strand, prefix of the name, label)"""
    windows = [(c, at - ANCHOR if s == "+" else at + ANCHOR + 1 - L, s) for c, at, s, _, _ in rows]
    with open(path(name), "w") as f:
        for (c, at, s, prefix, label), (_, b, _), seq in zip(rows, windows, cut(windows)):
            if set(seq) != {"N"}:
                f.write(f"{prefix}{c}:{b}-{b + L}({s})\t{label}\t{seq}\n")


# --- BED12: the centre of the interval, on the strand of column 6 ---
rows, seen = [], set()
with open(path("regions.bed"), "w") as f:
    f.write("track name=\"made up\" description=\"type=bedGraph is only a name\"\n# a comment\n\n")
    for i in range(60):
        c = random.choice(["chrA"] * 6 + ["chrB"] * 3 + ["chrC"])
        n = random.randrange(1, 121 if c != "chrC" else 30)
        b = random.choice([0, len(genome[c]) - n, random.randrange(len(genome[c]) - n + 1)])
        s = random.choice("+-")
        n_blocks = random.randrange(1, 4) if n > 20 else 1
        sizes = [n] if n_blocks == 1 else [3] * (n_blocks - 1) + [2]
        begins = [0] if n_blocks == 1 else [5 * k for k in range(n_blocks - 1)] + [n - 2]
        line = [c, b, b + n, f"r{i}", random.randrange(1000), s, b, b + n, "0", n_blocks,
                ",".join(map(str, sizes)) + ",", ",".join(map(str, begins)) + ","]
        f.write("\t".join(map(str, line)) + ("\r\n" if i % 7 == 3 else "\n"))
        at = b + n // 2 if s == "+" else b + n - 1 - n // 2
        if (c, at, s) not in seen:
            rows.append((c, at, s, "", -1))
        seen.add((c, at, s))
write("regions.tsv", rows)

# --- narrowPeak: the summit; strand . is + ---
rows, seen = [], set()
with open(path("peaks.narrowPeak"), "w") as f:
    for i in range(20):
        c = random.choice(["chrA", "chrB"])
        n = random.randrange(10, 200)
        b, summit, s = random.randrange(len(genome[c]) - n), random.randrange(-1, n), random.choice("+-.")
        f.write(f"{c}\t{b}\t{b + n}\tp{i}\t100\t{s}\t4.5\t3.25\t2.5\t{summit}\n")
        strand = "-" if s == "-" else "+"
        at = b + summit if summit >= 0 else b + n // 2 if strand == "+" else b + n - 1 - n // 2
        if (c, at, strand) not in seen:
            rows.append((c, at, strand, "", -1))
        seen.add((c, at, strand))
write("peaks.tsv", rows)

# --- bedGraph: the middle of the highest stretch of each run above 0 ---
rows = []
with open(path("signal.bedGraph"), "w") as f:
    for c in ("chrA", "chrB"):
        at = random.randrange(50)
        while at < len(genome[c]) - 200:
            steps = [(random.randrange(5, 30), random.choice([1, 2, 2.5, 2.5])) for _ in range(random.randrange(1, 6))]
            best, best_from, best_to, here, last = 0, 0, 0, at, None
            for n, value in steps:
                f.write(f"{c}\t{here}\t{here + n}\t{value}\n")
                if value > best:
                    best, best_from, best_to = value, here, here + n
                elif value == best and best_to == here:
                    best_to = here + n
                here += n
            rows.append((c, best_from + (best_to - best_from) // 2, "+", "", -1))
            if random.random() < 0.5:
                f.write(f"{c}\t{here}\t{here + 20}\t0\n")
                here += 20
            else:
                here += random.randrange(1, 40)
            at = here + (0 if random.random() < 0.3 else 30)
            if at == here:
                at += 1
write("signal.tsv", rows)

# --- GTF: exons on both strands, isoforms that share sites ---
sites, order = {}, []


def put(kind, c, at, s):
    key = (kind, c, at, s)
    if key not in sites:
        order.append(key)
    sites[key] = True


with open(path("genes.gtf"), "w") as f:
    for g in range(7):
        c, s = ("chrB", "-+"[g % 2]) if g > 4 else ("chrA", "+-"[g % 2])
        begin = 20 + 420 * (g if c == "chrA" else g - 5)
        cuts = sorted(random.sample(range(begin, begin + 400, 4), 6))
        for t in range(2):
            exons = [(cuts[0], cuts[1]), (cuts[2], cuts[3]), (cuts[4], cuts[5])]
            if t == 1:
                exons = [exons[0], (exons[1][0], exons[1][1] + 1), exons[2]] if exons[1][1] + 5 < exons[2][0] else exons[:2]
            for b, e in exons:
                f.write(f"{c}\tmade\texon\t{b + 1}\t{e}\t.\t{s}\t.\tgene_id \"g{g}\"; transcript_id \"g{g}.{t}\";\n")
            for (_, b), (e, _) in zip(exons, exons[1:]):
                put("donor", c, b if s == "+" else e - 1, s)
                put("acceptor", c, e if s == "+" else b - 1, s)
            first, last = exons[0][0], exons[-1][1]
            put("tss", c, first if s == "+" else last - 1, s)
            put("tes", c, last if s == "+" else first - 1, s)
write("genes.tsv", [(c, at, s, kind + ":", 1) for kind, c, at, s in order])

# --- variants: windows of 203 with the site at 60, as tis-human takes, before and after ---
random.seed(7)
LENGTH, AT = 203, 60
upper = {c: seq.upper() for c, seq in genome.items()}
other = str.maketrans("ACGTN", "TGCAN")


def on_strand(c, s):
    return upper[c] if s == "+" else upper[c].translate(other)[::-1]


def window(seq, site):
    return "".join(seq[i] if 0 <= i < len(seq) else "N" for i in range(site - AT, site - AT + LENGTH))


def spellings(seq, begin, end, new):
    """All ways of writing an insertion or deletion, from the leftmost to the rightmost; an insertion is between two bases."""
    whole = seq[:begin] + new + seq[end:]
    found = []
    for b in range(max(0, begin - 150), min(len(seq), begin + 150) + 1):
        e = b + end - begin
        put = whole[b:b + len(new)]
        if begin == end and not 0 < b < len(seq):
            continue
        if e <= len(seq) and seq[:b] + put + seq[e:] == whole and "N" not in put:
            found.append((b, e, put))
    return found


sites_of = [(c, at, s) for c, at, s, _, _ in
            [(line.split("\t")[0], (int(line.split("\t")[1]) + int(line.split("\t")[2])) // 2, line.split("\t")[5], 0, 0)
             for line in open(path("regions.bed")) if line.startswith("chr")] if c != "chrC"][:14]
with open(path("some.bed"), "w") as f:
    for c, at, s in sites_of:
        f.write(f"{c}\t{at}\t{at + 1}\tx\t0\t{s}\n")
rows = []
with open(path("indels.vcf"), "w") as f:
    f.write("##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n")
    for k in range(160):
        c, at, s = random.choice(sites_of)
        near = random.choice([0, 0, -60, 142, 61, -142, random.randrange(-70, 150)])
        p = min(max(1, at + near + random.randrange(-12, 13)), len(upper[c]) - 60)
        if random.random() < 0.5:
            n = random.choice([1, 1, 2, 3, 7, 30, 50])
            ref, alt = upper[c][p - 1:p + n], upper[c][p - 1]
        else:
            n = random.choice([1, 2, 3, 8, 50])
            copy = upper[c][p:p + n] if random.random() < 0.6 else "".join(random.choice("ACGT") for _ in range(n))
            ref, alt = upper[c][p - 1], upper[c][p - 1] + copy
        if "N" in ref + alt:
            continue
        f.write(f"{c}\t{p}\tv{k}\t{ref}\t{alt}\t.\t.\t.\n")
        for c2, at2, s2 in sites_of:
            if c2 != c:
                continue
            seq = on_strand(c, s2)
            n_del, put = len(ref) - 1, alt[1:]
            site = at2 if s2 == "+" else len(seq) - 1 - at2
            begin = p if s2 == "+" else len(seq) - p - n_del
            put = put if s2 == "+" else put.translate(other)[::-1]
            ways = spellings(seq, begin, begin + n_del, put)
            pick = len(ways) - 1
            over = lambda w: w[0] <= site < w[1]  # takes the site's base out
            left = pick
            while left >= 0 and over(ways[left]):
                left -= 1
            b, e, put = ways[left if left >= 0 else pick]
            after = seq[:b] + put + seq[e:]
            moved = site + len(put) - (e - b) if e <= site else site if b > site or (b == site and e > b) else b
            if b == e and b <= site:
                moved = site + len(put)
            before, now = window(seq, site), window(after, moved)
            if before != now and not (max(b, site - AT) >= min(max(e, b + 1), site - AT + LENGTH)):
                begin_window = at2 - AT if s2 == "+" else at2 + AT + 1 - LENGTH
                place = b - site + (b >= site)
                rows.append(f"v{k}\t{c}:{begin_window}-{begin_window + LENGTH}({s2})\t{place}\t{before}\t{now}\n")
with open(path("indels.tsv"), "w") as f:
    f.writelines(sorted(set(rows)))
