#!/usr/bin/env python3
"""Oracle for variants of the small genome: what `mutagree score` must call them, and which windows they leave behind.

    cd tests/data && ../oracle/variants.py small.genome.fa small.gtf small.variants.vcf small.variants.tsv

Written apart from the program and in another way: a transcript is a list of (base, where it came from), a variant changes
the list, and names are worked out from the strings before and after. Draws substitutions, insertions and deletions around
the starts on either strand; leaves out what touches a start codon or crosses the end of an exon. Columns of the table:
chromosome, position, ref, alt, transcript, start, hgvs_c, hgvs_p, and the window (12 nt, codon at 4) after the variant,
of variants that change it.
"""
import random
import sys

from windows import COMPLEMENT, bases, read_genome, read_gtf, starts_of

LENGTH, ANCHOR, N_DRAWN = 12, 4, 60
LETTERS = "KNKNTTTTRSRSIIMIQHQHPPPPRRRRLLLLEDEDAAAAGGGGVVVV*Y*YSSSS*CWCLFLF"  # codons AAA AAC AAG AAT ACA ...
NAMES = dict(
    zip(
        "ACDEFGHIKLMNPQRSTVWY*",
        "Ala Cys Asp Glu Phe Gly His Ile Lys Leu Met Asn Pro Gln Arg Ser Thr Val Trp Tyr Ter".split(),
    )
)


def translate(sequence):
    protein = ""
    for i in range(0, len(sequence) - 2, 3):
        digits = ["ACGT".find(base) for base in sequence[i : i + 3]]
        protein += "X" if -1 in digits else LETTERS[digits[0] * 16 + digits[1] * 4 + digits[2]]
        if protein[-1] == "*":
            break
    return protein


def ends(one, other):
    """How many letters two strings have in common in front, and behind that at their ends."""
    n = 0
    while n < min(len(one), len(other)) and one[n] == other[n]:
        n += 1
    m = 0
    while m < min(len(one), len(other)) - n and one[-1 - m] == other[-1 - m]:
        m += 1
    return n, m


def coding_name(before, after, start, stop):
    def told(at):
        if stop is not None and at >= stop:
            return "*%d" % (at - stop + 1)
        return str(at - start + 1 if at >= start else at - start)

    def told_range(begin, end):
        return told(begin) + ("" if end - begin == 1 else "_" + told(end - 1))

    first, behind = ends(before, after)  # the common front is as long as can be: the 3' rule
    gone, come = before[first : len(before) - behind], after[first : len(after) - behind]
    if len(gone) == 1 and len(come) == 1:
        return "c.%s%s>%s" % (told(first), gone, come)
    if not come:
        return "c.%sdel" % told_range(first, first + len(gone))
    if not gone:
        if before[first - len(come) : first] == come and first >= len(come):
            return "c.%sdup" % told_range(first - len(come), first)
        return "c.%s_%sins%s" % (told(first - 1), told(first), come)
    return "c.%sdelins%s" % (told_range(first, first + len(gone)), come)


def protein_name(before, after, at, shift):
    """Names of substitutions and frameshifts; "?" for all others, which are not compared."""
    if at <= 0 or at >= 3 * len(before):  # what stands at 0 is put in before the start codon
        return "."
    n, m = ends(before, after)
    if n == len(before) == len(after):
        return "p.(%s%d=)" % (NAMES[before[at // 3]], at // 3 + 1)
    if n >= len(after) or n >= len(before) or "X" in before[n] + after[n]:
        return "?"
    name = "%s%d%s" % (NAMES[before[n]], n + 1, NAMES[after[n]])
    if after[n] == "*":
        return "p.(%s)" % name
    if shift % 3 != 0 and before[n] != "*":
        return "p.(%sfsTer%s)" % (name, len(after) - n if after[-1] == "*" else "?")
    return "p.(%s)" % name if shift == 0 and before[n] != "*" else "?"


def draw(genome, chromosome, where):
    """A variant at a chromosome position: position, ref, alt (1-based; an insertion or deletion has a base before it)."""
    sequence = genome[chromosome]
    kind = random.random()
    n = random.randint(1, 5)
    if kind < 0.3:
        ref = sequence[where - 1]
        return where, ref, random.choice([b for b in "ACGT" if b != ref])
    if kind < 0.65:
        return where, sequence[where - 1 : where + n], sequence[where - 1]
    return where, sequence[where - 1], sequence[where - 1] + "".join(random.choice("ACGT") for _ in range(n))


def apply(chain, positions, position, ref, alt):
    """The chain of (base, position) after the variant on the forward strand; None where it is not inside one exon."""
    touched = range(position, position + len(ref))
    if any(p not in positions for p in touched) or (len(alt) > 1 and position + 1 not in positions):
        return None
    at = [i for i, (_, p) in enumerate(chain) if p == position][0]
    if len(ref) == len(alt):
        return chain[:at] + [(alt, position)] + chain[at + 1 :]
    return chain[: at + 1] + [(base, None) for base in alt[1:]] + chain[at + len(ref) :]


def cut(sequence, start):
    padded = "N" * LENGTH + sequence + "N" * LENGTH
    return padded[LENGTH + start - ANCHOR :][:LENGTH]


def rows(genome, name, t):
    ((chromosome, strand),) = t["place"]
    reverse = strand == "-"
    where = bases(t["exon"], reverse)
    forward = [(genome[chromosome][p - 1], p) for p in sorted(where)]

    def read(chain):
        chain = chain[::-1] if reverse else chain
        sequence = "".join(base for base, _ in chain)
        return sequence.translate(COMPLEMENT) if reverse else sequence, [p for _, p in chain]

    before, order = read(forward)
    for start in starts_of(t, {p: i for i, p in enumerate(where)}, reverse):
        if before[start : start + 3] != "ATG":
            continue
        for _ in range(N_DRAWN):
            position, ref, alt = draw(genome, chromosome, random.choice(where[max(start - 9, 0) : start + 16]))
            codon = where[start : start + 3]
            touched = set(range(position + (len(ref) > 1), position + len(ref))) | (
                {position, position + 1} if len(alt) > 1 else set()
            )
            if touched & set(codon) or "N" in ref:
                continue
            chain = apply(forward, set(where), position, ref, alt)
            if chain is None or any(abs(p - position) == 1 and p not in where for p in touched):
                continue
            after, places = read(chain)
            moved = places.index(codon[0])
            if cut(before, start) == cut(after, moved):
                continue
            one, other = translate(before[start:]), translate(after[moved:])
            stop = start + 3 * len(one) if one.endswith("*") else None
            first = ends(before, after)[0]
            yield chromosome, position, ref, alt, name, start, coding_name(before, after, start, stop), protein_name(
                one, other, first - start, len(after) - len(before)
            ), cut(after, moved)


def main():
    genome, transcripts = read_genome(sys.argv[1]), read_gtf(sys.argv[2])
    random.seed(24)
    found = set()
    for name, t in transcripts.items():
        if len(t["place"]) == 1 and t["exon"] and all(place[0] in genome for place in t["place"]):
            found |= set(rows(genome, name, t))
    with open(sys.argv[3], "w") as vcf, open(sys.argv[4], "w") as table:
        vcf.write("##fileformat=VCFv4.3\n##contig=<ID=chrA>\n##contig=<ID=chrB>\n")
        vcf.write("#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n")
        for variant in sorted({row[:4] for row in found}):
            vcf.write("%s\t%d\t.\t%s\t%s\t.\t.\t.\n" % variant)
        table.write("#chromosome\tposition\tref\talt\ttranscript\tstart\thgvs_c\thgvs_p\twindow\n")
        for row in sorted(found):
            table.write("%s\t%d\t%s\t%s\t%s\t%d\t%s\t%s\t%s\n" % row)


if __name__ == "__main__":
    main()
