#!/usr/bin/env python3
"""Oracle for insertions and deletions around the ends of exons: one event, written in two ways, and what it must be called.

    exon_edges.py make GENOME GTF                          a small genome full of repeats, and transcripts on it
    exon_edges.py sweep GENOME GTF LEFT RIGHT TABLE [EVERY]   events at all exon ends, or at every EVERY-th

Written apart from the program and in another way: every way to write an event is looked at, by the bases that stand
between two of them. LEFT and RIGHT are the same events in the same order as VCF, written leftmost and rightmost. TABLE has a
line for each transcript that an event concerns: ID, transcript, "inside" (it can be written inside one of its exons) or "partly"
(nor wholly outside either), and the hgvs_c of what is inside, counted from each start of the transcript.
Kept in tests/data: edges.genome.fa, edges.gtf, edges.left.vcf, edges.right.vcf, edges.tsv; the last three with EVERY 3.
"""
import random
import sys

from windows import COMPLEMENT, bases, read_genome, read_gtf, starts_of

STOPS = ("TAA", "TAG", "TGA")


def ways(sequence, kind, at, put):
    """All ways to write a deletion of sequence[at:at + put] or an insertion of `put` before `at`, from left to right."""
    n = put if kind == "del" else len(put)
    found = [(at, put)]
    for step in (-1, 1):
        there = at + step
        while 0 <= there and there + (n if kind == "del" else 0) <= len(sequence):
            low, high = min(at, there), max(at, there)
            if kind == "del":
                if "N" in sequence[low : high + n] or sequence[low:high] != sequence[low + n : high + n]:
                    break
                found.append((there, put))
            else:
                between = sequence[low:high]
                one = put + between if step > 0 else between + put
                other = one[: len(between)] if step > 0 else one[n:]
                if "N" in between or other != between:
                    break
                found.append((there, one[len(between) :] if step > 0 else one[:n]))
            there += step
    return sorted(found)


def record(sequence, kind, at, put):
    ref = sequence[at : at + put] if kind == "del" else ""
    alt = "" if kind == "del" else put
    if at > 0:
        return at, sequence[at - 1] + ref, sequence[at - 1] + alt
    after = sequence[at + len(ref)]
    return 1, ref + after, alt + after


def blocks_of(exons):
    """Exons as [begin, end) from 0; those that touch are one."""
    merged = []
    for begin, end, _ in sorted(exons):
        if merged and merged[-1][1] == begin - 1:
            merged[-1][1] = end
        else:
            merged.append([begin - 1, end])
    return merged


class Transcript:
    def __init__(self, genome, name, t):
        ((self.chromosome, strand),) = t["place"]
        self.name, self.reverse = name, strand == "-"
        self.blocks = blocks_of(t["exon"])
        self.where = bases(t["exon"], self.reverse)
        self.at = {p - 1: i for i, p in enumerate(self.where)}
        sequence = "".join(genome[self.chromosome][p - 1] for p in self.where)
        self.sequence = sequence.translate(COMPLEMENT) if self.reverse else sequence
        self.starts = [s for s in starts_of(t, {p: i for i, p in enumerate(self.where)}, self.reverse)]
        self.starts = [s for s in self.starts if self.sequence[s : s + 3] == "ATG"]
        self.stops = [self.stop(start) for start in self.starts]

    def stop(self, start):
        for i in range(start + 3, len(self.sequence) - 2, 3):
            if self.sequence[i : i + 3] in STOPS:
                return i + 3
        return len(self.sequence) + 1

    def number(self, start, stop, place):
        if place >= stop:
            return "*%d" % (place - stop + 1)
        return str(place - start + 1 if place >= start else place - start)

    def range(self, start, stop, places):
        places = sorted(self.at[p] for p in places)
        told = [self.number(start, stop, p) for p in (places[0], places[-1])]
        return told[0] if len(places) == 1 else "_".join(told)

    def names(self, kind, inside, all_ways, block):
        """hgvs_c from each start of an event that can be written in `block` in the ways `inside`."""
        last = inside[0] if self.reverse else inside[-1]  # the 3' rule
        doubled = []
        if kind == "ins":  # what stands in the exon, twice
            n = len(last[1])
            for at, put in all_ways:
                for begin in (at - n, at):
                    if block[0] <= begin and begin + n <= block[1] and self.forward[begin : begin + n] == put:
                        doubled.append(begin)
        for start, stop in zip(self.starts, self.stops):
            if kind == "del":
                yield "c.%sdel" % self.range(start, stop, range(last[0], last[0] + last[1]))
            elif doubled:
                begin = min(doubled) if self.reverse else max(doubled)
                yield "c.%sdup" % self.range(start, stop, range(begin, begin + n))
            else:
                put = last[1][::-1].translate(COMPLEMENT) if self.reverse else last[1]
                yield "c.%sins%s" % (self.range(start, stop, (last[0] - 1, last[0])), put)

    def concerns(self, kind, all_ways):
        """"inside" with the names, "partly", or nothing."""
        outside = False
        for block in self.blocks[:: 1 if self.reverse else -1]:
            inside = []
            for at, put in all_ways:
                low, high = (at, at + put) if kind == "del" else (at - 1, at + 1)
                if block[0] <= low and high <= block[1]:
                    inside.append((at, put))
            if inside:
                return "inside", list(self.names(kind, inside, all_ways, block))
        for at, put in all_ways:
            low, high = (at, at + put) if kind == "del" else (at - 1, at + 1)
            outside = outside or all(high <= block[0] or low >= block[1] for block in self.blocks)
        return (None if outside else "partly"), []


def events(sequence, edge):
    """Deletions and duplications of 1 to 3 nt around an end of an exon, and insertions of one base."""
    for n in (1, 2, 3):
        for at in range(edge - n - 1, edge + 2):
            if at >= 1 and at + n + 1 < len(sequence) and "N" not in sequence[at - 1 : at + n + 1]:
                yield "del", at, n
                yield "ins", at + n, sequence[at : at + n]
    for at in (edge - 1, edge, edge + 1):
        if 1 <= at < len(sequence) and "N" not in sequence[at - 1 : at + 1]:
            for base in "ACGT":
                yield "ins", at, base


def sweep(genome_path, gtf_path, left_path, right_path, table_path, every=1):
    genome = read_genome(genome_path)
    on = {}
    for name, t in read_gtf(gtf_path).items():
        if len(t["place"]) == 1 and t["exon"] and all(place[0] in genome for place in t["place"]):
            transcript = Transcript(genome, name, t)
            transcript.forward = genome[transcript.chromosome]
            on.setdefault(transcript.chromosome, []).append(transcript)
    number = 0
    with open(left_path, "w") as left, open(right_path, "w") as right, open(table_path, "w") as table:
        for vcf in left, right:
            vcf.write("##fileformat=VCFv4.3\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n")
        for chromosome, transcripts in on.items():
            sequence = genome[chromosome]
            edges = sorted({edge for t in transcripts for block in t.blocks for edge in block})
            near = [(min(b[0] for b in t.blocks), max(b[1] for b in t.blocks), t) for t in transcripts]
            near.sort(key=lambda row: row[0])
            seen = set()
            for edge in edges[:: int(every)]:
                for kind, at, put in events(sequence, edge):
                    all_ways = ways(sequence, kind, at, put)
                    if (kind, all_ways[0]) in seen:
                        continue
                    seen.add((kind, all_ways[0]))
                    number += 1
                    for vcf, way in (left, all_ways[0]), (right, all_ways[-1]):
                        vcf.write("%s\t%d\t%d\t%s\t%s\t.\t.\t.\n" % ((chromosome,) + (lambda r: (r[0], number) + r[1:])(record(sequence, kind, *way))))
                    for begin, end, t in near:
                        if begin - 60 > all_ways[-1][0]:
                            break
                        if end + 60 < all_ways[0][0]:
                            continue
                        state, names = t.concerns(kind, all_ways)
                        if state:
                            table.write("%d\t%s\t%s\t%s\n" % (number, t.name, state, ",".join(names) or "."))


def make(genome_path, gtf_path):
    """Few letters and doubled pieces, so that most events can be written in several ways, over the ends of exons too."""
    random.seed(12)

    def piece(n):
        text = ""
        while len(text) < n:
            unit = "".join(random.choice("ACGT") for _ in range(random.choice((1, 1, 2, 3))))
            text += unit * random.choice((1, 1, 2, 3))
        return text[:n]

    def gene():
        return [piece(random.randint(9, 40)) if k % 2 == 0 else piece(random.randint(6, 30)) for k in range(7)]

    with open(genome_path, "w") as fasta, open(gtf_path, "w") as gtf:
        for c in ("one", "two"):
            sequence = piece(30)
            for g in range(4):
                strand, at, exons = "+-"[g % 2], len(sequence), []
                parts = gene()
                parts[2] = parts[2][:4] + ("ATG" if strand == "+" else "CAT") + parts[2][4:]
                for k, part in enumerate(parts):
                    if k % 2 == 0:
                        exons.append((at + 1, at + len(part)))
                    at += len(part)
                if g == 2:  # two exons that touch
                    begin, end = exons.pop()
                    exons += [(begin, begin + 3), (begin + 4, end)]
                sequence += "".join(parts) + piece(random.randint(3, 40))
                name = 'gene_id "%s%d"; transcript_id "%s%d";' % (c, g, c, g)
                begin = exons[1][0] + 3 + 1
                for first, last in exons:
                    gtf.write("%s\tedges\texon\t%d\t%d\t.\t%s\t.\t%s\n" % (c, first, last, strand, name))
                gtf.write("%s\tedges\tstart_codon\t%d\t%d\t.\t%s\t0\t%s\n" % (c, begin, begin + 2, strand, name))
            fasta.write(">%s\n%s\n" % (c, sequence))


if __name__ == "__main__":
    {"make": make, "sweep": sweep}[sys.argv[1]](*sys.argv[2:])
