#!/usr/bin/env python3
"""Oracle for transcripts spliced from a genome, their starts, and their ATG windows.

    windows.py GENOME GTF [--fasta OUT] [--bed OUT] [--windows OUT]

Written apart from the program and in another way: a transcript is the list of the chromosome positions of its bases, and
everything is looked up in that list. Prints counts and the sha256 of the table of windows as `mutagree windows` writes it
(203 nt, codon at 60). Values that tests lean on:

    tests/data/small.genome.fa, small.gtf: the files small.spliced.fa, small.starts.bed, small.windows.tsv beside them
    yeast R64-1-1, Ensembl 96: tests/oracle/yeast.windows.txt
"""
import argparse
import gzip
import hashlib
import re

LENGTH, ANCHOR = 203, 60
COMPLEMENT = str.maketrans("ACGT", "TGCA")


def lines(path):
    with (gzip.open if path.endswith(".gz") else open)(path, "rt") as file:
        yield from file


def read_genome(path):
    genome, name = {}, None
    for line in lines(path):
        if line.startswith(">"):
            name = line[1:].split()[0]
            genome[name] = []
        else:
            genome[name].append(line.strip())
    clean = {}
    for name, parts in genome.items():
        sequence = "".join(parts).upper().replace("U", "T")
        clean[name] = re.sub("[^ACGT]", "N", sequence)
    return clean


def read_gtf(path):
    transcripts = {}
    for line in lines(path):
        if line.startswith("#"):
            continue
        chromosome, _, kind, begin, end, _, strand, phase, rest = line.rstrip("\n").split("\t")
        if kind not in ("exon", "CDS", "start_codon"):
            continue
        said = re.findall(r'(\w+) (?:"([^"]*)"|([^";]+))', rest)
        said = [(key, quoted or plain) for key, quoted, plain in said]
        name = dict(said)["transcript_id"]
        t = transcripts.setdefault(name, {"place": set(), "exon": [], "CDS": [], "start_codon": [], "tags": set()})
        t["place"].add((chromosome, strand))
        t[kind].append((int(begin), int(end), phase))
        t["tags"] |= {value for key, value in said if key == "tag"}
    return transcripts


def bases(rows, reverse):
    return sorted({p for begin, end, _ in rows for p in range(begin, end + 1)}, reverse=reverse)


def starts_of(t, at, reverse):
    """Transcript positions of the first bases of start codons; at: chromosome position -> transcript position."""
    if t["start_codon"]:
        covered = sorted(at[p] for p in bases(t["start_codon"], False))
        firsts = [p for p in covered if p - 1 not in covered]
        return [p for p in firsts if p + 1 in covered and p + 2 in covered]
    if not t["CDS"] or t["tags"] & {"cds_start_NF", "mRNA_start_NF"}:
        return []
    first = max(t["CDS"], key=lambda r: r[1]) if reverse else min(t["CDS"])
    return [at[first[1] if reverse else first[0]]] if first[2] == "0" else []


def splice(genome, transcripts):
    for name, t in transcripts.items():
        if len(t["place"]) != 1 or not t["exon"]:
            continue
        ((chromosome, strand),) = t["place"]
        if chromosome not in genome or strand not in "+-":
            continue
        reverse = strand == "-"
        where = bases(t["exon"], reverse)
        sequence = "".join(genome[chromosome][p - 1] for p in where)
        if reverse:
            sequence = sequence.translate(COMPLEMENT)
        yield name, sequence, starts_of(t, {p: i for i, p in enumerate(where)}, reverse)


def windows(name, sequence, starts):
    padded = "-" * LENGTH + sequence + "-" * LENGTH
    for match in re.finditer("(?=ATG)", sequence):
        start = match.start()
        window = padded[LENGTH + start - ANCHOR :][:LENGTH]
        counts = window.count("-"), window.count("N")
        yield "%s\t%d\t%d\t%d\t%d\t%d\t%s\n" % (
            (name, start, start + 3, start in starts) + counts + (window.replace("-", "N"),)
        )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("genome")
    parser.add_argument("gtf")
    for option in "--fasta", "--bed", "--windows":
        parser.add_argument(option, type=argparse.FileType("w"))
    a = parser.parse_args()
    table = ["#transcript\tstart\tend\tlabel\tn_padded\tn_unknown\tsequence\n"]
    n_transcripts = n_bases = n_starts = n_not_atg = 0
    for name, sequence, starts in splice(read_genome(a.genome), read_gtf(a.gtf)):
        n_transcripts += 1
        n_bases += len(sequence)
        n_starts += len(starts)
        n_not_atg += sum(sequence[s : s + 3] != "ATG" for s in starts)
        table += windows(name, sequence, starts)
        if a.fasta:
            a.fasta.write(">%s\n%s\n" % (name, "\n".join(re.findall(".{1,60}", sequence))))
        if a.bed:
            a.bed.writelines("%s\t%d\t%d\n" % (name, s, s + 3) for s in starts)
    if a.windows:
        a.windows.writelines(table)
    print("transcripts", n_transcripts)
    print("bases", n_bases)
    print("starts", n_starts)
    print("not_atg", n_not_atg)
    print("windows", len(table) - 1)
    print("sha256", hashlib.sha256("".join(table).encode()).hexdigest())


if __name__ == "__main__":
    main()
